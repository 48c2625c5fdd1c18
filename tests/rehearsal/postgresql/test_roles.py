"""The roles that a statement names, and nothing that only looks like one."""

import pytest

from govern.rehearsal.postgresql.roles import roles_in


@pytest.mark.parametrize(
    ("statement", "owners", "others"),
    [
        (b"ALTER TABLE public.t OWNER TO Registry", {"registry"}, set()),
        (b'ALTER FUNCTION f(a integer) OWNER TO "The ""Owner"""', {'The "Owner"'}, set()),
        (b"ALTER SCHEMA s OWNER TO CURRENT_USER", set(), set()),
        (b"CREATE SCHEMA s AUTHORIZATION registry", {"registry"}, set()),
        (b'GRANT SELECT ON TABLE t TO a, "B", PUBLIC, GROUP c WITH GRANT OPTION', set(), {"a", "B", "c"}),
        (b"REVOKE ALL ON SCHEMA public FROM PUBLIC", set(), set()),
        (b"REVOKE ALL ON SCHEMA public FROM a CASCADE", set(), {"a"}),
        (b"GRANT SELECT ON t TO a GRANTED BY b", {"b"}, {"a"}),
        (b"GRANT ALL ON FUNCTION f(to_date text) TO a", set(), {"a"}),
        (b"ALTER DEFAULT PRIVILEGES FOR ROLE a, b IN SCHEMA public GRANT SELECT ON TABLES TO c", {"a", "b"}, {"c"}),
        (b"ALTER DEFAULT PRIVILEGES FOR USER a REVOKE ALL ON TABLES FROM b", {"a"}, {"b"}),
        (b"CREATE POLICY p ON t FOR SELECT TO a, b USING (x = 'TO c')", set(), {"a", "b"}),
        (b"ALTER POLICY p ON t TO a", set(), {"a"}),
        (b"SET SESSION AUTHORIZATION 'clerk'", {"clerk"}, set()),
        (b"SET SESSION AUTHORIZATION DEFAULT", set(), set()),
        (b"ALTER TABLE a RENAME TO b", set(), set()),
        (b"ALTER TABLE a ADD CHECK (v <> 'OWNER TO x') /* OWNER TO y */", set(), set()),
        (b"COMMENT ON TABLE t IS 'OWNER TO x'", set(), set()),
        (b"CREATE FUNCTION f() RETURNS void AS $$ ALTER TABLE t OWNER TO x $$ LANGUAGE sql", set(), set()),
        (b"SELECT extract(day FROM born) FROM people", set(), set()),
        (b"COPY t FROM stdin", set(), set()),
    ],
)
def test_roles_are_found_where_only_a_role_can_stand(statement: bytes, owners: set[str], others: set[str]) -> None:
    found = list(roles_in(statement))

    assert {each.name for each in found if each.owns} == owners
    assert {each.name for each in found if not each.owns} == others
