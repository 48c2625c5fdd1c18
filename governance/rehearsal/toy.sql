-- A toy model of the register of births: as small as it can be, and shaped like the real one. The change brings its executor along.
CREATE TABLE birth_registry (
    id INTEGER PRIMARY KEY NOT NULL,
    registration_no VARCHAR(32) NOT NULL UNIQUE,
    child_name VARCHAR(255),
    birth_at TEXT,
    weight_g INTEGER,
    place VARCHAR(255),
    mother_ref TEXT,
    father_ref TEXT,
    notes TEXT
);
CREATE INDEX birth_registry_by_place ON birth_registry (place);
INSERT INTO birth_registry (id, registration_no, child_name, birth_at, weight_g, place) VALUES
    (1, 'BR-2026-0001', 'REDACTED', '2026-05-02T04:11:00Z', 3410, 'ward 1'),
    (2, 'BR-2026-0002', 'REDACTED', '2026-05-02T19:40:00Z', 2980, 'ward 1'),
    (3, 'BR-2026-0003', 'REDACTED', '2026-05-03T08:05:00Z', NULL, 'at home'),
    (4, 'BR-2026-0004', NULL, '2026-05-03T23:59:59Z', 3655, 'ward 2');
