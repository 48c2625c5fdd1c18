from typing import Any

import pytest

from govern.ledger.parsing import parse_statement
from govern.ledger.statements import BODIES, SchemaUnknownError
from support.bodies import FIELDS, OPTIONAL, REQUIRED, RIGHT, WRONG, body_of, type_of
from support.ledgers import statement_text

CASES = [(kind, field, wrong) for kind, field in FIELDS for wrong in WRONG[type_of(kind, field)]]


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_with_every_field_of_its_kind_is_read_as_written(kind: str) -> None:
    assert parse_statement(statement_text(kind=kind, body=body_of(kind))).body == body_of(kind)


@pytest.mark.parametrize(("kind", "field"), OPTIONAL)
def test_an_optional_field_may_be_left_out(kind: str, field: str) -> None:
    body = {key: value for key, value in body_of(kind).items() if key != field}

    assert parse_statement(statement_text(kind=kind, body=body)).body == body


@pytest.mark.parametrize(("kind", "field"), REQUIRED)
def test_a_required_field_may_not_be_left_out(kind: str, field: str) -> None:
    body = {key: value for key, value in body_of(kind).items() if key != field}

    with pytest.raises(SchemaUnknownError, match=f"^`{field}` is missing in a record of kind `{kind}`$"):
        parse_statement(statement_text(kind=kind, body=body))


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("field", ["more", "Reason", "reason?", "text ", ""])
def test_an_unknown_field_is_refused_in_every_kind(kind: str, field: str) -> None:
    with pytest.raises(SchemaUnknownError) as caught:
        parse_statement(statement_text(kind=kind, body={**body_of(kind), field: "x"}))

    assert str(caught.value) == f"unknown field `{field}` in a record of kind `{kind}`"


@pytest.mark.parametrize(("kind", "field", "wrong"), CASES)
def test_a_field_of_another_form_is_refused_in_every_kind(kind: str, field: str, wrong: Any) -> None:
    with pytest.raises(SchemaUnknownError, match=f"^`{field}` is malformed in a record of kind `{kind}`$"):
        parse_statement(statement_text(kind=kind, body={**body_of(kind), field: wrong}))


def test_every_type_of_field_is_tried_with_right_and_wrong_values() -> None:
    assert RIGHT.keys() == WRONG.keys() == {type_of(kind, field) for kind, field in FIELDS}


@pytest.mark.parametrize("length", [128, 1])
def test_a_name_has_up_to_128_characters(length: int) -> None:
    body = {"name": "x" * length}

    assert parse_statement(statement_text(kind="mark", body=body)).body == body


@pytest.mark.parametrize("length", [4000, 1])
def test_a_text_has_up_to_4000_characters(length: int) -> None:
    body = {"text": "ä" * length}

    assert parse_statement(statement_text(kind="note", body=body)).body == body


@pytest.mark.parametrize("size", [0, 2**53 - 1])
def test_a_count_goes_from_nothing_to_the_largest_exact_integer(size: int) -> None:
    body = {"begin": 0, "status": size}

    assert parse_statement(statement_text(kind="end", body=body)).body == body


def test_a_genesis_may_adopt_no_templates() -> None:
    body = {**body_of("genesis"), "templates": {}}

    assert parse_statement(statement_text(kind="genesis", body=body)).body == body


@pytest.mark.parametrize("length", [512, 513])
def test_a_path_has_up_to_512_characters(length: int) -> None:
    body = {**body_of("genesis"), "templates": {"a" * length: "0" * 64}}

    if length == 512:
        assert parse_statement(statement_text(kind="genesis", body=body)).body == body
        return
    with pytest.raises(SchemaUnknownError, match=r"^`templates` is malformed"):
        parse_statement(statement_text(kind="genesis", body=body))
