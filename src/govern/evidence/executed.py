"""The validator, run from exactly the bytes whose digest was taken: no module that was imported before, no file that is read twice."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from govern.canonical import digest

VALIDATOR = Path(__file__).with_name("validator.py")


@dataclass(frozen=True, slots=True)
class Validator:
    """A validator by its digest, and what it does."""

    sha256: str
    module: ModuleType

    def judge(self, content: bytes, **given: Any) -> list[tuple[str, str]]:
        """Return every failure of an evidence file, by the name of its check, and in a sentence; `given` is as in `validator.judge`."""
        judge: Callable[..., Iterable[Any]] = self.module.judge
        return [(str(name), str(message)) for name, message in judge(content, **given)]

    def status_of(self, failures: list[tuple[str, str]]) -> int:
        """Return the exit status of what was found: 0 passes, 1 fails, 3 could not be judged."""
        proven: Mapping[str, Any] = self.module.PROVEN
        return 0 if not failures else 1 if failures[0][0] in proven else 3

    def fabricate(self, engine: str, script: Iterable[Any]) -> tuple[bytes, dict[str, Any]]:
        """Return good evidence to which a script was done, and what is given to the judge with it; see `validator.fabricate`."""
        content, given = self.module.fabricate(engine, script)
        return bytes(content), dict(given)


def read_validator() -> bytes:
    """Return the bytes of the validator that is shipped with this program, read anew."""
    return VALIDATOR.read_bytes()


def own_validator() -> Validator:
    """Return the validator that is shipped with this program."""
    return execute(read_validator())


def execute(content: bytes) -> Validator:
    """Return the validator of these bytes."""
    module = ModuleType("validator")
    exec(compile(content, "validator.py", "exec"), module.__dict__)  # noqa: S102 - the bytes were digested, and compared with what is pinned
    return Validator(digest(content), module)
