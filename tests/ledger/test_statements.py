import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govern.canonical import BeyondLimitError, NotCanonicalError, quote
from govern.ledger import parsing
from govern.ledger.parsing import Nearby, parse_quoted, parse_statement
from govern.ledger.statements import BODIES, PREDICATE_TYPE, STATEMENT_TYPE, Basis, Imported, SchemaUnknownError, Statement, check_body
from support.bodies import HEX, WRONG, bodies, counts, digests, names, texts
from support.ledgers import POLICY, spelled, statement_text

bases = st.one_of(st.just(Basis(0, "")), st.builds(Basis, st.integers(min_value=0, max_value=999_999_999), digests))
statements = st.sampled_from(sorted(BODIES)).flatmap(
    lambda kind: st.builds(
        Statement,
        st.none() | digests,
        st.just(kind),
        names,
        bodies(kind),
        bases,
        digests,
        st.lists(st.tuples(texts, digests), max_size=2).map(tuple),
        st.none() | st.builds(Imported, texts, digests),
    )
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(statements)
def test_what_is_parsed_is_what_was_said(statement: Statement) -> None:
    assert parse_statement(statement.text()) == statement


@settings(deadline=None, derandomize=True, max_examples=150)
@given(statements, st.data())
def test_a_changed_text_is_refused_or_says_what_it_says_in_its_one_spelling(statement: Statement, data: st.DataObject) -> None:
    text = statement.text()
    at = data.draw(st.integers(min_value=0, max_value=len(text)))
    removed = data.draw(st.integers(min_value=0, max_value=2))
    text = text[:at] + data.draw(st.text(max_size=2)) + text[at + removed :]
    try:
        parsed = parse_statement(text)
    except (SchemaUnknownError, NotCanonicalError):
        return
    assert parsed.text() == text


def answer(quoted: str, kind: str, likely: Basis, nearby: Nearby) -> tuple[object, str]:
    try:
        return parse_quoted(quoted, kind, likely, nearby)
    except (SchemaUnknownError, NotCanonicalError) as error:
        return type(error), str(error)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(statements, statements, st.data())
def test_what_was_read_before_and_what_is_likely_change_no_answer(one: Statement, other: Statement, data: st.DataObject) -> None:
    nearby = Nearby()
    texts_around = [one.text(), other.text(), other._replace(body=one.body, kind=one.kind).text(), one._replace(basis=other.basis).text()]
    for text in [*texts_around, *(text[: data.draw(st.integers(0, len(text)))] + text[data.draw(st.integers(0, len(text))) :] for text in texts_around)]:
        alone = answer(quote(text), "", Basis(0, ""), Nearby())
        for kind in (one.kind, other.kind):
            for likely in (one.basis, other.basis):
                assert answer(quote(text), kind, likely, nearby) == alone


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.text(st.sampled_from('ab "\\\\/{}:,\n\t\x00\x1f\x7fé€😀\u2028'), max_size=6), st.text(st.sampled_from('"\\\\ \n}u0'), max_size=2), st.data())
def test_a_note_is_read_in_a_shorter_way_with_the_same_answer(text: str, put: str, data: st.DataObject) -> None:
    said = quote(Statement(HEX, "note", "owner", {"text": text}, Basis(1, HEX), POLICY).text())
    start, end = said.index('{\\"text'), said.index(',\\"kind')
    body = said[start:end]
    # The brace in front is part of what surrounds a body.
    at = data.draw(st.integers(1, len(body) - 1))
    for other in (body, body[:at] + put + body[at:], body[:at] + body[at + 1 :]):
        try:
            longer: object = parsing._parse_body(other, "note")[0]
        except (SchemaUnknownError, NotCanonicalError) as error:
            longer = type(error), str(error)
        answered = answer(said[:start] + other + said[end:], "note", Basis(1, HEX), Nearby())
        assert longer == (answered[0].body if isinstance(answered[0], Statement) else answered)


def test_a_statement_has_the_shape_of_an_in_toto_statement() -> None:
    statement = Statement(HEX, "note", "owner", {"text": 'a "word"'}, Basis(7, HEX), POLICY, (("packet", HEX),), Imported("minutes.md", HEX))

    assert json.loads(statement.text()) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "states.yaml", "digest": {"sha256": POLICY}}, {"name": "packet", "digest": {"sha256": HEX}}],
        "predicateType": "urn:govern:record:1",
        "predicate": {
            "actor": "owner",
            "basis": {"last": HEX, "size": 7},
            "body": {"text": 'a "word"'},
            "imported": {"document": "minutes.md", "sha256": HEX},
            "kind": "note",
            "ledger": HEX,
        },
    }


def test_the_text_is_the_one_spelling() -> None:
    statement = Statement(HEX, "note", "owner", {"text": "ä\t"}, Basis(7, HEX), POLICY)

    assert statement.text() == statement_text(body={"text": "ä\t"}, basis={"last": HEX, "size": 7}, ledger=HEX)
    assert "ä\\t" in statement.text()


@pytest.mark.parametrize("kind", ["", "Note", "grants", "note ", "unknown", "decide2", "sig", "a" * 200])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(SchemaUnknownError, match=r"^(unknown kind `[a-z]+`|not a statement of this version)$"):
        parse_statement(statement_text(kind=kind, body={}))
    with pytest.raises(SchemaUnknownError, match=f"^unknown kind `{kind}`$"):
        check_body(kind, {})


def with_top(**fields: Any) -> str:
    top: dict[str, Any] = json.loads(statement_text())
    return spelled({**top, **fields}).decode()


def without(text: str, *path: str) -> str:
    value = json.loads(text)
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return spelled(value).decode()


NO_STATEMENT = {
    "another type": with_top(_type="https://in-toto.io/Statement/v0.1"),
    "another predicate type": with_top(predicateType="urn:govern:record:2"),
    "a field at the top": with_top(more=1),
    "a field of the predicate": statement_text(more=1),
    "a field of the basis": statement_text(basis={"last": "", "size": 0, "root": ""}),
    "no predicate": with_top(predicate={}),
    "a list": "[]",
    "a number": "7",
    "no subject": with_top(subject=[]),
    "another first subject": with_top(subject=[{"name": "policy.yaml", "digest": {"sha256": POLICY}}]),
    "a subject without a digest": with_top(subject=[{"name": "states.yaml"}]),
    "a weaker digest": with_top(subject=[{"name": "states.yaml", "digest": {"sha1": "0" * 40}}]),
    "two digests": with_top(subject=[{"name": "states.yaml", "digest": {"sha256": POLICY, "sha512": "0" * 128}}]),
    "a subject that is a text": with_top(subject="states.yaml"),
    "a digest in upper case": with_top(subject=[{"name": "states.yaml", "digest": {"sha256": "A" * 64}}]),
    "a body that is a list": statement_text(body=[]),
    "a body that is a text": statement_text(body="text"),
    "a body that is null": statement_text(body=None),
    "an actor that is no name": statement_text(actor="the owner"),
    "an actor that is a number": statement_text(actor=1),
    "an actor that is too long": statement_text(actor="x" * 129),
    "a ledger that is no digest": statement_text(ledger="0" * 63),
    "a ledger that is a number": statement_text(ledger=0),
    "a kind that is a number": statement_text(kind=1),
    "a basis that is no digest": statement_text(basis={"last": "0" * 63, "size": 1}),
    "a basis of fewer than no records": statement_text(basis={"last": "", "size": -1}),
    "a basis of too many records": statement_text(basis={"last": "", "size": 10**9}),
    "a basis of yes": statement_text(basis={"last": "", "size": True}),
    "a basis that is a text": statement_text(basis={"last": "", "size": "1"}),
    **{f"without {'.'.join(path)}": without(statement_text(), *path) for path in (("_type",), ("predicate",), ("predicateType",), ("subject",))},
    **{f"without {key}": without(statement_text(), "predicate", key) for key in ("actor", "basis", "body", "kind", "ledger")},
    "without the basis's size": without(statement_text(), "predicate", "basis", "size"),
}


@pytest.mark.parametrize("text", NO_STATEMENT.values(), ids=NO_STATEMENT.keys())
def test_a_statement_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(SchemaUnknownError, match=r"^not a statement of this version$"):
        parse_statement(text)


@pytest.mark.parametrize(
    "subject",
    [
        "packet",
        {},
        {"name": "packet"},
        {"name": "packet", "digest": HEX},
        {"name": "packet", "digest": {"sha1": HEX}},
        {"name": "packet", "digest": {"sha256": HEX, "sha512": HEX}},
        {"name": "packet", "digest": {"sha256": "0"}},
        {"name": "packet", "digest": {"sha256": HEX}, "uri": "x"},
        *({"name": wrong, "digest": {"sha256": HEX}} for wrong in WRONG["text"]),
    ],
)
def test_a_further_subject_of_another_form_is_refused(subject: Any) -> None:
    first = {"name": "states.yaml", "digest": {"sha256": POLICY}}

    with pytest.raises(SchemaUnknownError, match=r"^a subject is malformed$"):
        parse_statement(with_top(subject=[first, subject]))


@pytest.mark.parametrize(
    "imported",
    [
        {},
        [],
        "minutes.md",
        None,
        {"document": "minutes.md"},
        {"sha256": HEX},
        {"document": "minutes.md", "sha256": "0"},
        {"document": "minutes.md", "sha256": HEX, "page": 1},
        *({"document": wrong, "sha256": HEX} for wrong in WRONG["text"]),
    ],
)
def test_an_imported_document_of_another_form_is_refused(imported: Any) -> None:
    with pytest.raises(SchemaUnknownError, match=r"^the imported document is malformed$"):
        parse_statement(statement_text(imported=imported))


TEXT = statement_text(kind="end", body={"begin": 100, "status": 0})
OTHER_SPELLINGS = {
    "spaces": json.dumps(json.loads(TEXT), sort_keys=True),
    "keys in another order": TEXT.replace('"begin":100,"status":0', '"status":0,"begin":100'),
    "a key twice": TEXT.replace('"begin":100', '"begin":7,"begin":100'),
    "a key twice, once escaped": TEXT.replace('"begin":100', '"\\u0062egin":7,"begin":100'),
    "an escaped letter": TEXT.replace('"owner"', '"\\u006fwner"'),
    "an escaped slash": TEXT.replace("https://", "https:\\/\\/"),
    "an integer as a float": TEXT.replace('"begin":100', '"begin":100.0'),
    "an integer as a power": TEXT.replace('"begin":100', '"begin":1e2'),
    "minus zero": TEXT.replace('"status":0', '"status":-0'),
    "a leading zero": TEXT.replace('"begin":100', '"begin":0100'),
    "a plus sign": TEXT.replace('"begin":100', '"begin":+100'),
    "no number": TEXT.replace('"begin":100', '"begin":NaN'),
    "infinity": TEXT.replace('"begin":100', '"begin":Infinity'),
    "minus infinity": TEXT.replace('"begin":100', '"begin":-Infinity'),
    "a byte-order mark": "\ufeff" + TEXT,
    "a space before": " " + TEXT,
    "a line end behind": TEXT + "\n",
    "something behind": TEXT + "{}",
    "a comment": TEXT.replace('"body"', '/**/"body"'),
    "a comma too many": TEXT.replace('"status":0', '"status":0,'),
    "cut short": TEXT[:-1],
    "nothing": "",
    "single quotes": TEXT.replace('"', "'"),
    "a raw control character": TEXT.replace('"owner"', '"ow\tner"'),
    "a raw control character in the body": statement_text(body={"text": "a§b"}).replace("§", "\n"),
}


@pytest.mark.parametrize("text", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS.keys())
def test_another_spelling_of_the_same_statement_is_refused(text: str) -> None:
    assert text not in (TEXT, statement_text())
    with pytest.raises(NotCanonicalError) as caught:
        parse_statement(text)
    assert not isinstance(caught.value, BeyondLimitError)


BEYOND = {
    "an integer beyond 2^53-1": TEXT.replace('"begin":100', f'"begin":{2**53}'),
    "an integer of 5,000 digits": TEXT.replace('"begin":100', f'"begin":{"9" * 5000}'),
    "a lone surrogate": TEXT.replace('"owner"', '"\\ud800"'),
    "a lone surrogate in the body": statement_text(body={"text": "§"}).replace("§", "\\udfff"),
    "200,000 levels": TEXT.replace('"begin":100', f'"begin":{"[" * 200_000}{"]" * 200_000}'),
}


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND.keys())
def test_what_is_too_large_too_deep_or_half_a_character_is_beyond_the_limit(text: str) -> None:
    with pytest.raises(BeyondLimitError, match=r"beyond 2\^53-1|a lone surrogate|nested too deep"):
        parse_statement(text)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(counts)
def test_the_types_of_the_format_do_not_change(size: int) -> None:
    text = statement_text(kind="end", body={"begin": size, "status": 0})

    assert parse_statement(text).body["begin"] == size
    assert (STATEMENT_TYPE, PREDICATE_TYPE) == ("https://in-toto.io/Statement/v1", "urn:govern:record:1")
