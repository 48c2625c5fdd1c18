"""The words of the language: names, texts, durations, and the base of every declared thing.

Pure. A declared thing remembers where it and each of its keys was written.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, ModelWrapValidatorHandler, PrivateAttr, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError, core_schema

from govern.policy.tree import Block, Word, unknown_key
from govern.problems import Place

NOWHERE = Place("-", 0, 0)
MAX_TEXT = 4000

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_DURATION = r"([1-9][0-9]{0,5})([smhdw])"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
# File names that Windows gives to devices: an id may become a file name.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int):
        return f"the number {value}"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _word(value: object, wanted: str) -> str:
    if not isinstance(value, str):
        hint = '; quote it: "…"' if isinstance(value, int) else ""
        raise PydanticCustomError("wrong_word", "found {found}, wanted {wanted}{hint}", {"found": _described(value), "wanted": wanted, "hint": hint})
    if isinstance(value, Word) and value.ambiguous:
        raise PydanticCustomError("ambiguous", 'unquoted, `{found}` could be read as a number, a date or a boolean; write "{found}"', {"found": str(value)})
    return value


def _matching(pattern: str, wanted: str) -> Callable[[object], str]:
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> str:
        word = _word(value, wanted)
        if not compiled.fullmatch(word):
            raise PydanticCustomError("bad_name", "found `{found}`, wanted {wanted}", {"found": str(word)[:80], "wanted": wanted})
        if word.lower() in _DEVICES:
            raise PydanticCustomError("bad_name", "`{found}` is the name of a device on some systems", {"found": str(word)})
        return word

    return check


def _text(value: object) -> str:
    word = _word(value, "a text")
    if not word.strip() or len(word) > MAX_TEXT:
        raise PydanticCustomError("bad_text", "found a text of {size} characters, wanted 1 to {most}", {"size": len(word.strip()), "most": MAX_TEXT})
    return word


def _seconds(value: object) -> int:
    match = re.fullmatch(_DURATION, _word(value, "a duration such as `14d`"), re.ASCII)
    if not match:
        raise PydanticCustomError("bad_duration", "found {found}, wanted a duration such as `90m`, `12h` or `14d`", {"found": _described(value)})
    return int(match[1]) * _SECONDS[match[2]]


def _by(check: Callable[[Any], Any], **shape: Any) -> GetPydanticSchema:
    """Validate with `check`, which keeps the place on the word; describe as a string in the JSON Schema."""

    def schema(_source: object, _handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(check, json_schema_input_schema=core_schema.str_schema(**shape))

    return GetPydanticSchema(schema)


Name = Annotated[str, _by(_matching(_NAME, "a name (letters, digits, `.`, `_`, `-`; no space)"), pattern=f"^{_NAME}$")]
LegPath = Annotated[str, _by(_matching(f"{_NAME}/{_NAME}", "a leg as BLOCKER/LEG"), pattern=f"^{_NAME}/{_NAME}$")]
OptionPath = Annotated[str, _by(_matching(f"({_NAME}/)?{_NAME}", "an option as PACKET/OPTION or OPTION"), pattern=f"^({_NAME}/)?{_NAME}$")]
FilePath = Annotated[str, _by(_matching(rf"{_NAME}(/{_NAME})*", "a relative path of plain names"), pattern=f"^{_NAME}(/{_NAME})*$")]
Moment = Annotated[str, _by(_matching(r"#[0-9]+|@[A-Za-z0-9._-]+", "a moment, #SEQ or @MARK"), pattern=r"^(#[0-9]+|@[A-Za-z0-9._-]+)$")]
Text = Annotated[str, _by(_text, min_length=1, max_length=MAX_TEXT)]
Duration = Annotated[int, _by(_seconds, pattern=f"^{_DURATION}$")]


class Declared(BaseModel):
    """Something written in the policy: frozen, closed, and aware of its place."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    _at: Place = PrivateAttr(default=NOWHERE)
    _keys_at: Mapping[str, Place] = PrivateAttr(default_factory=dict)

    @property
    def at(self) -> Place:
        """Where it was written."""
        return self._at

    def at_key(self, key: str) -> Place:
        """Where `key` of it was written, or the whole where the key was left out."""
        return self._keys_at.get(key, self._at)

    @model_validator(mode="wrap")
    @classmethod
    def _located(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(value, Block):
            return handler(value)
        model = handler(cls._known_part(value, info))
        model._at, model._keys_at = value.at, value.keys_at  # noqa: SLF001 - the model is ours, just made
        return model

    @classmethod
    def _known_part(cls, block: Block, info: ValidationInfo) -> Block:
        """Set unknown keys aside as problems, so that the rest is judged in the same run."""
        known = cls.key_names()
        unknown = [key for key in block if key not in known]
        if not unknown:
            return block
        where = cls.__name__.lower()
        assert info.context is not None
        info.context["problems"] += [unknown_key(key, known, block.keys_at[key], where) for key in unknown]
        rest = Block((key, value) for key, value in block.items() if key in known)
        rest.at, rest.keys_at = block.at, block.keys_at
        return rest

    @classmethod
    def key_names(cls) -> list[str]:
        """Return the keys that may be written, in the order of the documentation."""
        return [field.alias or name for name, field in cls.model_fields.items()]


def spell_duration(seconds: int) -> str:
    """Return the shortest spelling of a duration, such as `14d`."""
    for unit in ("w", "d", "h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return f"{seconds // _SECONDS[unit]}{unit}"
    return f"{seconds}s"
