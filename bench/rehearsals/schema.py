"""The definitions of a Directus project's tables: those of a dump at hand, without its data, or a few of the same shape."""

import re
from pathlib import Path

# A real dump may lie beside the repository.
DUMP = Path(__file__).parents[3] / "shared" / "dumps" / "directus-small.sql"
_COPIED = re.compile(r"^COPY [^\n]* FROM stdin;\n.*?^\\\.\n", re.MULTILINE | re.DOTALL)
_LEFT_OUT = re.compile(r"^(?:\\(?:un)?restrict .*|SELECT pg_catalog\.setval\(.*)\n", re.MULTILINE)
_CONSTRAINTS = re.compile(r"^ALTER TABLE ONLY [^\n]*\n    ADD CONSTRAINT ", re.MULTILINE)
# Name, type in PostgreSQL, what follows it; in SQLite the type is one of its own.
_TABLES: dict[str, tuple[str, ...]] = {
    "directus_roles": ("id uuid PRIMARY KEY", "name varchar(100) NOT NULL", "icon varchar(64)", "description text", "parent uuid REFERENCES directus_roles"),
    "directus_users": (
        *("id uuid PRIMARY KEY", "first_name varchar(50)", "last_name varchar(50)", "email varchar(128) UNIQUE", "location varchar(255)", "title varchar(50)"),
        *("tags json", "language varchar(255)", "status varchar(16) NOT NULL", "role uuid REFERENCES directus_roles", "last_access timestamptz"),
        "appearance varchar(255)",
    ),
    "directus_folders": ("id uuid PRIMARY KEY", "name varchar(255) NOT NULL", "parent uuid REFERENCES directus_folders"),
    "directus_files": (
        *(
            "id uuid PRIMARY KEY",
            "storage varchar(255) NOT NULL",
            "filename_disk varchar(255)",
            "filename_download varchar(255) NOT NULL",
            "title varchar(255)",
        ),
        *("type varchar(255)", "folder uuid REFERENCES directus_folders", "uploaded_by uuid REFERENCES directus_users", "created_on timestamptz NOT NULL"),
        *("modified_on timestamptz NOT NULL", "filesize bigint", "width integer", "height integer", "description text", "metadata json"),
    ),
    "directus_activity": (
        *("id integer PRIMARY KEY", "action varchar(45) NOT NULL", '"user" uuid', '"timestamp" timestamptz NOT NULL', "ip varchar(50)", "user_agent text"),
        *("collection varchar(64) NOT NULL", "item varchar(255) NOT NULL", "origin varchar(255)"),
    ),
    "directus_revisions": (
        *("id integer PRIMARY KEY", "activity integer NOT NULL REFERENCES directus_activity", "collection varchar(64) NOT NULL", "item varchar(255) NOT NULL"),
        *("data json", "delta json", "parent integer REFERENCES directus_revisions"),
    ),
    "birth_registry": (
        *("id integer PRIMARY KEY", "registration_no varchar(32) NOT NULL UNIQUE", "child_name varchar(255)", "sex varchar(1)", "birth_at timestamptz"),
        *("weight_g integer", "place varchar(255)", "mother_ref uuid", "father_ref uuid", "meta json", "notes text", "price numeric(10,5)", "score real"),
        "date_created timestamptz",
    ),
}


def postgresql() -> tuple[str, str]:
    """Return what is defined before the rows are there, and after: keys are made once, over all rows."""
    if not DUMP.is_file():
        return _definitions(), ""
    text = _LEFT_OUT.sub("", _COPIED.sub("", DUMP.read_text(encoding="utf-8")))
    first = _CONSTRAINTS.search(text)
    cut = first.start() if first else len(text)
    return text[:cut], text[cut:]


def sqlite() -> str:
    """Return the definitions for SQLite."""
    return _definitions()


def _definitions() -> str:
    return "".join(f"CREATE TABLE {name} ({', '.join(columns)});\n" for name, columns in _TABLES.items())
