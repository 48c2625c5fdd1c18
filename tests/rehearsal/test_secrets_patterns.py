"""Secrets and personal data are found by their forms, in any text around them; what only looks alike is let pass."""

import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern.evidence.patterns import ASSIGNED, PERSONAL, SECRETS, search
from govern.evidence.sieve import words_in

FORMS = (*SECRETS, *ASSIGNED, *PERSONAL)

# Made up, put together here so that no scanner of this repository takes them for real.
PLANTED = {
    "a private key": [
        "-----BEGIN " + "PRIVATE KEY-----",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "PuTTY-User-Key-File-" + "3: ssh-ed25519",
        "AGE-SECRET-KEY-1" + "QZ" * 29,
    ],
    "an AWS access key": ["AKIA" + "ABCDEFGHIJKLMNOP", "ASIA" + "ABCDEFGHIJ234567"],
    "an Azure account key": ["AccountKey=" + "a1B2" * 21 + "=="],
    "a GitHub token": ["ghp_" + "a1B2" * 9, "github_pat_" + "a1B2" * 12],
    "a GitLab token": ["glpat-" + "a1B2" * 5],
    "a Slack token": ["xoxb-" + "1234567890-abc", "https://hooks.slack.com/services/T" + "ABC123/B" + "DEF456/" + "a1B2" * 6],
    "a Google API key": ["AIza" + "a1B2C" * 7, "GOCSPX-" + "a1B2" * 7],
    "a Stripe key": ["sk_live_" + "a1B2" * 6, "whsec_" + "a1B2" * 8],
    "an npm token": ["npm_" + "a1B2" * 9],
    "a PyPI token": ["pypi-AgE" + "a1B2" * 20],
    "a SendGrid key": ["SG." + "a1B2C" * 4 + "ab." + "a1B2C" * 8 + "abc"],
    "an OpenAI or Anthropic key": ["sk-proj-" + "a1B2" * 10, "sk-ant-" + "a1B2" * 10],
    "a Hugging Face token": ["hf_" + "aB" * 17],
    "a DigitalOcean token": ["dop_v1_" + "a1b2" * 16],
    "a Vault token": ["hvs." + "a1B2" * 6],
    "a Telegram bot token": ["123456789:AA" + "a1B" * 11],
    "a JSON Web Token": ["eyJ" + "hbGciOiJI" * 2 + ".eyJ" + "zdWIiOiIx" * 2 + "." + "c2lnbmF0dXJl"],
    "a password in an address": ["postgresql://" + "app:hunter2pass@db/x"],
    "a password hash": [
        "$2b$12$" + "abcdefghijklmnopqrstuv" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P",
        "$argon2id$v=19$m=65536,t=3,p=4$" + "c29tZXNhbHQ$aGFzaA",
        "$6$rounds=5000$" + "saltsalt$" + "a1B2" * 21,
        "pbkdf2_sha256$260000$" + "salt$" + "a1B2" * 10,
        "SCRAM-SHA-256$4096:" + "a1B2" * 6,
    ],
    "an assigned password or key": [
        "DB_PASSWORD=hunter2pass",
        "'api_key' => 'a8f7d9e6b5c4'",
        'say "secret": "x7Kp29qLmZ"',
        '{\\"token\\": \\"x7Kp29qLmZ\\"}',
        "Password: Tr0ub4dor&3",
    ],
    "an e-mail address": ["jane.doe@firm.de", "a+b@mail.firm.co.uk", "<o'neil_2@x-y.io>"],
    "a telephone number": ["+49 170 1234567", "+1 (212) 555-0187", "+43 (1) 58858-0", "212-555-0187", "(212) 555-0187", "+491701234567"],
    "a bank account (IBAN)": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
    "a payment card": ["5500 0055 5555 5559", "4012-8888-8888-1881", "378282246310005"],
    "a national number": ["SSN: 078-05-1120", "passport no. C01234567"],
}
CASES = [(kind, text) for kind, texts in PLANTED.items() for text in texts]

LOOKS_ALIKE = [
    "2024-01-02 03:04:05+00",
    "2024-01-02T03:04:05.123456+05:30",
    "2f9ac5ca-1c4e-4b1c-8f0e-000000000001",
    "-----BEGIN CERTIFICATE-----",
    "AKIA is a prefix",
    "postgresql://db/x as app",
    "person@example.org, admin@localhost, nobody@mail.test, x@y.invalid",
    "password: null, secret=*****, token: xxxxxxxxxxxx",
    "the secret: never tell",
    'api_key = "${API_KEY_FROM_VAULT}"',
    "4111 1111 1111 1112",
    "4242 4242 4242 4242 and 4111 1111 1111 1111, for tests",
    "DE89370400440532013001",
    "12345678901234567890123456789012345678901234567890",
    "v1.2.3-192.168.0.1-10.0.0.2",
    "https://docs.directus.io/self-hosted/config-options.html",
    "a8f7d9e6b5c4a8f7d9e6b5c4a8f7d9e6b5c4a8f7",
    "12.34500\t0.1\t+00\t1e-300",
]


def kinds(text: bytes) -> set[str]:
    return {seen.form.kind for seen in search(text, FORMS) if seen.held > seen.form.share * seen.matched}


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_each_form_is_found_alone_and_in_the_middle_of_a_text(kind: str, text: str) -> None:
    assert kinds(text.encode()) == {kind}
    assert kind in kinds(f"Ünrelated words, 12:30.\n{text}\nmore, 2024-05-06".encode())


@pytest.mark.parametrize("text", LOOKS_ALIKE)
def test_what_only_looks_alike_is_let_pass(text: str) -> None:
    assert kinds(text.encode()) == set()


def test_each_form_of_the_list_has_a_case_that_only_it_finds() -> None:
    assert {seen.form for _kind, text in CASES for seen in search(text.encode(), FORMS) if seen.held} == set(FORMS)


@given(st.sampled_from(CASES), st.binary(max_size=60), st.binary(max_size=60))
def test_no_text_around_it_hides_a_secret_that_stands_on_lines_of_its_own(case: tuple[str, str], before: bytes, after: bytes) -> None:
    kind, text = case

    assert kind in kinds(before + b"\n" + text.encode() + b"\n" + after)


@given(st.lists(st.sampled_from(CASES), max_size=8))
def test_every_one_of_many_is_counted(cases: list[tuple[str, str]]) -> None:
    text = "\n".join(text for _kind, text in cases).encode()

    found = sum(seen.held for seen in search(text, FORMS) if seen.form.kind == "a GitHub token")

    assert found == sum(kind == "a GitHub token" for kind, _text in cases)


LITERALS = tuple(dict.fromkeys(literal for form in FORMS for literal in form.literals if literal != b"_"))


@given(st.lists(st.sampled_from(LITERALS)), st.lists(st.binary(max_size=20), min_size=1), st.booleans())
def test_no_word_that_stands_in_a_text_is_missed(words: list[bytes], around: list[bytes], sift: bool) -> None:  # noqa: FBT001 - a parameter of the test
    text = b"".join(chain.from_iterable(zip(around, [*words, b""], strict=False))) + b"".join(words)

    found = words_in(text, LITERALS, sift=sift)

    assert {word for word in LITERALS if word in text} <= found


def test_words_are_told_apart_though_the_same_is_left_of_them() -> None:
    assert words_in(b"a hvs.x, an AK of = and -- k--", (b"hvs.", b"hvb.", b"AccountKey=", b"sk-ant-"), sift=True) == {b"hvs."}


def test_a_word_with_an_underline_counts_where_what_could_be_a_token_follows() -> None:
    assert [bool(words_in(text, (b"_",), sift=True)) for text in (b"a_column", b"ghp_" + b"a1B2" * 4)] == [False, True]


@given(st.lists(st.one_of(st.sampled_from(CASES).map(lambda case: case[1].encode()), st.binary(max_size=30)), max_size=12), st.sampled_from([b"\t", b"\n"]))
def test_what_stands_in_one_of_many_values_is_found_in_all_of_them_together(values: list[bytes], between: bytes) -> None:
    apart = {seen.form for value in values for seen in search(value, FORMS)}

    assert bool(apart) <= any(search(between.join(values), FORMS))


def test_numbers_that_pass_a_check_digit_by_accident_are_no_payment_cards() -> None:
    by_accident = "\n".join(str(4_000_000_000_000_000 + 37 * each) for each in range(400)).encode()
    all_valid = "\n".join(["4012888888881881", "5500005555555559"] * 20).encode()

    assert kinds(by_accident) == set()
    assert kinds(all_valid) == {"a payment card"}


@pytest.mark.parametrize(
    "text",
    [
        b"@" * 200_000,
        b"+1" * 100_000,
        b"passpass" * 25_000,
        b"AA00" * 50_000,
        b"0" * 200_000,
        b"://" * 70_000,
        b"_a" * 100_000,
        b"$" * 200_000,
        b"a@" + b"a." * 100_000,
    ],
)
def test_no_text_makes_the_search_slow(text: bytes) -> None:
    began = time.perf_counter()
    kinds(text)

    assert time.perf_counter() - began < 5  # A form that looked back over the text would take minutes.
