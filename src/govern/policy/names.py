"""The words of the language: names, texts, durations, and the base of every declared thing.

Pure. A declared thing remembers where it and each of its keys was written.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from govern.policy.nodes import Block, Word, unknown_key
from govern.problems import Place

NOWHERE = Place("-", 0, 0)
MAX_TEXT = 4000
MAX_DURATION = 100 * 365 * 86_400  # A longer one would end after the last year that a time can name.

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
_DURATION = r"([1-9][0-9]{0,5})([smhdw])"
_ZONE = r"[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,32}){0,2}"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
# File names that Windows gives to devices: an id may become a file name.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"`{value[:80]}`"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int):
        return f"the number {value}"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _word(value: object, wanted: str) -> str:
    if not isinstance(value, str):
        hint = 'quote it: "…"' if isinstance(value, int) else ""
        raise PydanticCustomError("wrong_word", "found {found}, wanted {wanted}", {"found": _described(value), "wanted": wanted, "hint": hint})
    if isinstance(value, Word) and value.ambiguous:
        found = str(value)[:80]
        raise PydanticCustomError(
            "ambiguous", "unquoted, `{found}` could be read as a number, a date or a boolean", {"found": found, "hint": f'write "{found}"'}
        )
    return value


def _matching(pattern: str, wanted: str) -> Callable[[object], str]:
    """Return the check of a word that wholly matches a pattern."""

    def check(value: object) -> str:
        word = _word(value, wanted)
        if not re.fullmatch(pattern, word, re.ASCII):
            raise PydanticCustomError("bad_name", "found `{found}`, wanted {wanted}", {"found": str(word)[:80], "wanted": wanted})
        if any(part.split(".")[0].lower() in _DEVICES for part in word.split("/")):
            raise PydanticCustomError("bad_name", "`{found}` is the name of a device on some systems", {"found": str(word)})
        return word

    return check


def _text(value: object) -> str:
    word = _word(value, "a text")
    if not word.strip() or len(word) > MAX_TEXT:
        raise PydanticCustomError("bad_text", "found a text of {size} characters, wanted 1 to {most}", {"size": len(word.strip()), "most": MAX_TEXT})
    return word


def _seconds(value: object) -> int:
    match = re.fullmatch(_DURATION, value, re.ASCII) if isinstance(value, str) else None
    if not match:
        raise PydanticCustomError("bad_duration", "found {found}, wanted a duration such as `90m`, `12h` or `14d`", {"found": _described(value)})
    seconds = int(match[1]) * _SECONDS[match[2]]
    if seconds > MAX_DURATION:
        raise PydanticCustomError("bad_duration", "found {found}, wanted a duration of at most 100 years", {"found": _described(value)})
    return seconds


def _one(value: object) -> int:
    # `true` equals 1 in Python, and "1" is no number.
    if isinstance(value, bool) or value != 1:
        raise PydanticCustomError("wrong_word", "found {found}, wanted the number 1", {"found": _described(value)})
    return 1


def _by_check(check: Callable[[Any], Any], as_written: core_schema.CoreSchema) -> GetPydanticSchema:
    """Validate with `check`, which keeps the place on the word; describe as what is written in the JSON Schema."""

    def schema(_source: object, _handler: object) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(check, json_schema_input_schema=as_written)

    return GetPydanticSchema(schema)


def word_like(pattern: str, wanted: str) -> GetPydanticSchema:
    """Validate a word by a pattern that it wholly matches, and describe it by that in the JSON Schema."""
    return _by_check(_matching(pattern, wanted), core_schema.str_schema(pattern=f"^({pattern})$"))


Name = Annotated[str, word_like(_NAME, "a name (letters, digits, `.`, `_`, `-`; no space)")]
FormerName = Annotated[Name | None, Field(description="The name it had until this version; then it is a rename, not one thing gone and another new.")]
LegPath = Annotated[str, word_like(f"{_NAME}/{_NAME}", "a leg as BLOCKER/LEG")]
OptionPath = Annotated[str, word_like(f"({_NAME}/)?{_NAME}", "an option as PACKET/OPTION or OPTION")]
FilePath = Annotated[str, word_like(f"{_NAME}(/{_NAME})*", "a relative path of plain names")]
Moment = Annotated[str, word_like("#[0-9]+|@[A-Za-z0-9._-]+", "a moment, #SEQ or @MARK")]
Zone = Annotated[str, word_like(_ZONE, "a time zone such as `Europe/Vienna`")]
Text = Annotated[str, _by_check(_text, core_schema.str_schema(min_length=1, max_length=MAX_TEXT))]
Duration = Annotated[int, _by_check(_seconds, core_schema.str_schema(pattern=f"^{_DURATION}$"))]
Language = Annotated[int, _by_check(_one, core_schema.literal_schema([1]))]


class Declared(BaseModel):
    """Something written in the policy: frozen, closed, and aware of its place."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    # By a factory: pydantic copies a default, for each part of a policy anew.
    _at: Place = PrivateAttr(default_factory=lambda: NOWHERE)
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
        where = re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
        assert info.context is not None
        info.context["problems"] += [unknown_key(key, known, block.keys_at[key], where) for key in unknown]
        rest = Block((key, value) for key, value in block.items() if key in known)
        rest.at, rest.keys_at = block.at, block.keys_at
        return rest

    @classmethod
    def __get_pydantic_json_schema__(cls, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what may be written: no null, which the language does not have, and no key beyond those that match."""
        reference = handler(core)
        for key in handler.resolve_ref_schema(reference).get("properties", {}).values():
            if key.get("default", "") is None:
                [written] = [form for form in key.pop("anyOf") if form != {"type": "null"}]
                key.update(written)
                del key["default"]
            if "patternProperties" in key:
                key["additionalProperties"] = False
        return reference

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
