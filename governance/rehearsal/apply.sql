-- The change that is rehearsed: an executor comes with it, registers one birth, and keeps a record of its run.
CREATE TABLE executor_run (id INTEGER PRIMARY KEY NOT NULL, registration_no VARCHAR(32) NOT NULL, outcome VARCHAR(32) NOT NULL);
INSERT INTO birth_registry (id, registration_no, birth_at, weight_g, place)
    SELECT max(id) + 1, 'BR-REHEARSAL', '2026-06-12T12:00:00Z', 3200, 'ward 1' FROM birth_registry;
INSERT INTO executor_run (id, registration_no, outcome) VALUES (1, 'BR-REHEARSAL', 'registered');
