"""What the shape of a policy allows, each fault with its place, what was found and what was wanted."""

import pytest

from support.faults import SMALL, assert_faults, assert_right, changed

FORMS = "a guard is a mapping with one of all, any, at_least, not, grant, honoured, leg, blocker, lane, selected, done, finding"
GUARD = "requires: {grant: TRIAL}"
IN_GUARD = "in `packets.first.options.2.requires"
EMPTY = "nothing to check is never a pass; name at least one"


def test_faults_in_every_section_are_told_in_one_run() -> None:
    assert_faults(
        changed(
            ("govern: 1", "govern: §2"),
            ("version: 1", "version: §0"),
            ("kind: agent", "kind: §agnt"),
            ("members: [owner, second]", "§membrs: [owner, second]"),
            ("protected: true", "protected: §maybe"),
            ("- {state: open}", "- {state: open, §closed: true}"),
            ("lanes:\n", "§lans: {}\nlanes:\n"),
            ("board: {§membrs", "board: §{§membrs"),
        ),
        "POLICY_VALUE found the number 2, wanted the number 1 in `govern`",
        "POLICY_VALUE found `0`, wanted at least 1 in `programme.version`",
        "POLICY_VALUE found `agnt`, wanted `person`, `agent` or `service` in `actors.maker.kind`; did you mean `agent`?",
        "POLICY_MISSING_KEY `members` is missing in `roles.board`; add `members:`; see `govern explain members`",
        "POLICY_UNKNOWN_KEY unknown key `membrs` in role; did you mean `members`?",
        "POLICY_VALUE found `maybe`, wanted true or false in `scopes.live.protected`",
        "POLICY_UNKNOWN_KEY unknown key `closed` in blocker state; did you mean `closes`?",
        "POLICY_UNKNOWN_KEY unknown key `lans` in policy; did you mean `lanes`?",
    )


def test_the_words_of_python_are_no_keys() -> None:
    assert_faults(
        changed(("{rehearsal: copy}", "§{§dry_run: copy}"), ("is: closed", "§is_: closed"), ("requires: {blocker", "requires: §{blocker")),
        "POLICY_VALUE exactly one kind of evidence is wanted in `blockers.READY.legs.tried.evidence`",
        "POLICY_UNKNOWN_KEY unknown key `dry_run` in evidence; did you mean `dry-run`?",
        "POLICY_MISSING_KEY `is` is missing in `packets.second.options.2.requires`; add `is:`; see `govern explain is`",
        "POLICY_UNKNOWN_KEY unknown key `is_` in blocker fact; did you mean `is`?",
    )


def test_an_unknown_key_with_no_near_word_lists_what_is_known() -> None:
    assert_faults(
        changed(("{adopted_by: owner}", "{adopted_by: owner, §zzz: 1}")),
        "POLICY_UNKNOWN_KEY unknown key `zzz` in adoption; known here: adopted_by, loosened_by, signature_waiver",
    )


@pytest.mark.parametrize("section", ["govern", "programme", "policy", "actors", "scopes", "lifecycles", "blocker_states"])
def test_a_section_that_every_programme_has_must_not_be_missing(section: str) -> None:
    lines = SMALL.split("\n")
    start = next(index for index, line in enumerate(lines) if line.startswith(section))
    end = next(index for index in range(start + 1, len(lines)) if not lines[index].startswith(" "))
    left = "\n".join(lines[:start] + lines[end:])

    assert_faults(f"§{left}", f"POLICY_MISSING_KEY `{section}` is missing; add `{section}:`; see `govern explain {section}`")


@pytest.mark.parametrize(
    ("found", "described"), [('"1"', "`1`"), ("[1]", "a list"), ("{}", "a mapping"), ("one", "`one`"), ("0", "the number 0"), ("1.0", "`1.0`")]
)
def test_the_version_of_the_language_is_the_number_one(found: str, described: str) -> None:
    assert_faults(changed(("govern: 1", f"govern: §{found}")), f"POLICY_VALUE found {described}, wanted the number 1 in `govern`")


def test_true_is_not_the_number_one() -> None:
    assert_faults(changed(("govern: 1", "§govern: true")), "POLICY_VALUE found the boolean true, wanted the number 1 in `govern`")
    assert_faults(changed(("version: 1", "§version: true")), "POLICY_VALUE found `true`, wanted a whole number in `programme.version`")


@pytest.mark.parametrize(
    ("found", "described"), [('"2"', "`2`"), ("two", "`two`"), ("[]", "a list"), ("{}", "a mapping"), ("12345678901234567", "`12345678901234567`")]
)
def test_a_version_is_a_whole_number(found: str, described: str) -> None:
    assert_faults(changed(("version: 1", f"version: §{found}")), f"POLICY_VALUE found {described}, wanted a whole number in `programme.version`")


@pytest.mark.parametrize(("found", "described"), [("yes", "`yes`"), ("1", "`1`"), ('"true"', "`true`"), ("[true]", "a list")])
def test_a_boolean_is_true_or_false(found: str, described: str) -> None:
    assert_faults(changed(("standing: true", f"standing: §{found}")), f"POLICY_VALUE found {described}, wanted true or false in `lanes.bench.standing`")


@pytest.mark.parametrize(("found", "described"), [("[]", "a list"), ("person", "`person`"), ("1", "`1`")])
def test_a_thing_with_keys_is_a_mapping(found: str, described: str) -> None:
    assert_faults(changed(("second: {kind: person}", f"second: §{found}")), f"POLICY_VALUE found {described}, wanted a mapping in `actors.second`")
    assert_faults(changed(("\n  machine: {title: The machine}", f" §{found}")), f"POLICY_VALUE found {described}, wanted a mapping in `surfaces`")


@pytest.mark.parametrize(("found", "described"), [("owner", "`owner`"), ("{a: b}", "a mapping"), ("1", "`1`")])
def test_several_things_are_a_list(found: str, described: str) -> None:
    assert_faults(changed(("[owner, second]", f"§{found}")), f"POLICY_VALUE found {described}, wanted a list in `roles.board.members`")


def test_a_word_of_a_closed_set_is_told_with_the_set() -> None:
    wanted = "wanted `person`, `agent` or `service` in `actors.maker.kind`"

    assert_faults(changed(("kind: agent", "kind: §[agent]")), f"POLICY_VALUE found a list, {wanted}")
    assert_faults(changed(("kind: agent", "§kind: true")), f"POLICY_VALUE found `true`, {wanted}")
    hint = "wanted `pass`, `fail` or `unknown` in `findings.sound.result`; did you mean `unknown`?"
    assert_faults(changed(("result: unknown", "result: §unkown")), f"POLICY_VALUE found `unkown`, {hint}")


def test_what_must_not_be_empty_is_told_where_it_is() -> None:
    assert_faults(changed(("[owner, second]", "§[]")), f"POLICY_EMPTY empty in `roles.board.members`; {EMPTY}")
    assert_faults(changed(("issuer: board", "issuer: {all: §[]}")), f"POLICY_EMPTY empty in `grants.LEAVE.issuer.all`; {EMPTY}")
    actors = SMALL[SMALL.index("actors:") : SMALL.index("roles:")]
    assert_faults(changed((actors, "actors: §{}\n")), f"POLICY_EMPTY empty in `actors`; {EMPTY}")


def test_a_list_of_which_each_part_is_wrong_is_not_called_empty_too() -> None:
    fault = "POLICY_VALUE found a mapping, wanted a name (letters, digits, `.`, `_`, `-`; no space) in `roles.board.members.1`"

    assert_faults(changed(("[owner, second]", "[§{}]")), fault)


def test_a_key_whose_value_was_refused_is_not_called_missing_too() -> None:
    assert_faults(changed(("title: The machine}", "title: §~}")), "YAML_NULL a null value; leave the key out, or give it a value")


@pytest.mark.parametrize("guard", ["{}", "TRIAL", "[TRIAL]", "true", "1", "{zzzz: TRIAL}"])
def test_what_is_no_guard_is_told_with_the_forms_there_are(guard: str) -> None:
    mark = "§requires: " if guard == "true" else "requires: §"

    assert_faults(changed((GUARD, f"{mark}{guard}")), f"POLICY_GUARD not a guard {IN_GUARD}`; {FORMS}")


def test_a_misspelt_form_of_guard_gets_a_hint() -> None:
    assert_faults(changed((GUARD, "requires: §{grunt: TRIAL}")), f"POLICY_GUARD not a guard {IN_GUARD}`; did you mean `grant`?")


def test_two_forms_in_one_guard_are_refused_as_neither_and_nor_or_is_meant() -> None:
    hint = "one form a guard; join several with `all:` or `any:`"

    assert_faults(changed((GUARD, "requires: §{grant: TRIAL, honoured: TRIAL}")), f"POLICY_GUARD not a guard {IN_GUARD}`; {hint}")


@pytest.mark.parametrize(
    ("guard", "where"), [("{all: §[]}", "all"), ("{any: §[]}", "any"), ("{at_least: 1, of: §[]}", "of"), ("{all: [{any: §[]}]}", "all.1.any")]
)
def test_a_guard_over_nothing_is_refused(guard: str, where: str) -> None:
    assert_faults(changed((GUARD, f"requires: {guard}")), f"POLICY_EMPTY empty {IN_GUARD}.{where}`; {EMPTY}")


def test_a_guard_inside_a_guard_is_told_with_its_own_place() -> None:
    parts = "[{grant: §5}, {blocker: READY, is: §2026-01-01}, {finding: sound, is: §maybe}, {leg: §READY}, {at_least: §0, of: [{lane: §[]}]}]"

    assert_faults(
        changed((GUARD, f"requires: {{at_least: 1, of: {parts}}}")),
        f'POLICY_VALUE found the number 5, wanted a name (letters, digits, `.`, `_`, `-`; no space) {IN_GUARD}.of.1.grant`; quote it: "…"',
        f'YAML_AMBIGUOUS unquoted, `2026-01-01` could be read as a number, a date or a boolean {IN_GUARD}.of.2.is`; write "2026-01-01"',
        f"POLICY_VALUE found `maybe`, wanted `pass`, `fail` or `unknown` {IN_GUARD}.of.3.is`",
        f"POLICY_VALUE found `READY`, wanted a leg as BLOCKER/LEG {IN_GUARD}.of.4.leg`",
        f"POLICY_VALUE found `0`, wanted at least 1 {IN_GUARD}.of.5.at_least`",
        f"POLICY_VALUE found a list, wanted a name (letters, digits, `.`, `_`, `-`; no space) {IN_GUARD}.of.5.of.1.lane`",
    )


def test_a_scope_cannot_be_written_into_a_fact() -> None:
    assert_faults(changed((GUARD, "requires: {grant: TRIAL, §scope: live}")), "POLICY_UNKNOWN_KEY unknown key `scope` in grant fact; known here: grant")


@pytest.mark.parametrize(
    "fact", ["{leg: READY/tried}", "{done: change}", "{finding: sound, is: pass}", "{selected: CHANGE}", "{all: [{grant: TRIAL}]}", "{not: {grant: TRIAL}}"]
)
def test_only_grants_lanes_and_blockers_can_be_denied(fact: str) -> None:
    fault = f"POLICY_GUARD not a fact that can be denied {IN_GUARD}.not`; known here: `grant`, `honoured`, `lane`, `blocker`"

    assert_faults(changed((GUARD, f"requires: {{not: §{fact}}}")), fault)


@pytest.mark.parametrize("fact", ["{grant: TRIAL}", "{honoured: TRIAL}", "{lane: gate}", "{finding: sound, is: fail}"])
def test_a_fact_of_each_kind_can_stand_in_a_guard(fact: str) -> None:
    denied = f"{{not: {fact}}}" if "finding" not in fact else fact

    assert_right(changed((GUARD, f"requires: {{any: [{denied}, {{lane: bench}}]}}")))


def test_an_authority_is_a_name_or_a_quorum() -> None:
    name = "wanted a name (letters, digits, `.`, `_`, `-`; no space) in `grants.LEAVE.issuer`"

    assert_faults(changed(("issuer: board", "issuer: §5")), f'POLICY_VALUE found the number 5, {name}; quote it: "…"')
    assert_faults(changed(("issuer: board", "issuer: §[board]")), f"POLICY_VALUE found a list, {name}")
    assert_faults(
        changed(("issuer: board", "issuer: §{§any: [{of: board}]}")),
        "POLICY_MISSING_KEY `all` is missing in `grants.LEAVE.issuer`; add `all:`; see `govern explain all`",
        "POLICY_UNKNOWN_KEY unknown key `any` in quorum; known here: all",
    )


def test_a_group_gives_one_person_at_least_and_ninety_nine_at_most() -> None:
    where = "in `grants.LEAVE.issuer.all.1.at_least`"

    assert_faults(changed(("issuer: board", "issuer: {all: [{of: board, at_least: §0}]}")), f"POLICY_VALUE found `0`, wanted at least 1 {where}")
    assert_faults(changed(("issuer: board", "issuer: {all: [{of: board, at_least: §100}]}")), f"POLICY_VALUE found `100`, wanted at most 99 {where}")
    assert_right(changed(("issuer: board", "issuer: {all: [{of: board, at_least: 2}]}")))


@pytest.mark.parametrize("evidence", ["{}", "{rehearsal: copy, intake: copy}"])
def test_a_leg_is_proven_by_exactly_one_kind_of_evidence(evidence: str) -> None:
    fault = "POLICY_VALUE exactly one kind of evidence is wanted in `blockers.READY.legs.tried.evidence`"

    assert_faults(changed(("{rehearsal: copy}", f"§{evidence}")), fault)


@pytest.mark.parametrize("kind", ["rehearsal", "intake", "attest", "packet", "dry-run"])
def test_evidence_knows_its_kind_and_of_what_it_is(kind: str) -> None:
    evidence = assert_right(changed(("{rehearsal: copy}", f"{{{kind}: the-copy}}"))).blockers["READY"].legs["tried"].evidence

    assert evidence is not None
    assert (evidence.kind, evidence.of) == (kind, "the-copy")


@pytest.mark.parametrize("line", ["{scope: work}", "{label: a, never_presented_as: b, scope: work}", "{}", "{does_not_authorize: live, label: a}"])
def test_a_boundary_has_one_of_three_forms(line: str) -> None:
    wanted = "wanted scope + does_not_authorize, label + never_presented_as, or forbidden_until_own_grant"

    assert_faults(changed(("continues:", f"boundaries: [§{line}]\n    continues:")), f"POLICY_VALUE {wanted} in `packets.second.boundaries.1`")


@pytest.mark.parametrize("line", ["{scope: work, does_not_authorize: live}", "{label: a, never_presented_as: b}", "{forbidden_until_own_grant: [erase]}"])
def test_each_form_of_a_boundary_is_taken(line: str) -> None:
    assert_right(changed(("continues:", f"boundaries: [{line}]\n    continues:")))


@pytest.mark.parametrize(
    "promise",
    [
        "{}",
        "{never: {selecting: CHANGE}}",
        "{unless: {lane: gate}}",
        "{always_possible: {decide: first/STAY}, unless: {lane: gate}}",
        "{never: {selecting: CHANGE}, by: preparer, first_hand: true}",
        "{never: {selecting: CHANGE}, unless: {lane: gate}, by: preparer}",
        "{only_by: owner}",
        "{acts: {adopt: true}}",
        "{distinct: {selecting: CHANGE}, scope: live}",
    ],
)
def test_an_invariant_has_one_of_six_forms(promise: str) -> None:
    wanted = "never + unless, never + by, always_possible, reachable, only_by + acts, or distinct"
    assert_faults(changed(("{always_possible: {decide: first/STAY}}", f"§{promise}")), f"POLICY_VALUE wanted {wanted} in `invariants.free`")


@pytest.mark.parametrize(
    "promise",
    [
        "{never: {selecting: CHANGE}, unless: {lane: gate}, scope: live, first_hand: true}",
        "{never: {selecting: CHANGE}, by: preparer}",
        "{reachable: [CHANGE]}",
        "{only_by: owner, acts: {decide: [CHANGE], open: [gate], adopt: true}}",
        "{distinct: {selecting: CHANGE}}",
    ],
)
def test_each_form_of_an_invariant_is_taken(promise: str) -> None:
    assert_right(changed(("{always_possible: {decide: first/STAY}}", promise)))


@pytest.mark.parametrize(
    ("promise", "fault"),
    [
        ("{reachable: [§CHANGED]}", "POLICY_DANGLING unknown option `CHANGED`; did you mean `CHANGE`?"),
        ("{distinct: {selecting: §CHANGED}}", "POLICY_DANGLING unknown option `CHANGED`; did you mean `CHANGE`?"),
        ("{§distinct: {selecting: first/STAY}}", "POLICY_INVARIANT invariant `free` is about a HOLD, which requires nothing"),
        ("{never: {selecting: CHANGE}, unless: {lane: gate}, scope: §lived}", "POLICY_DANGLING unknown scope `lived`; did you mean `live`?"),
        ("{only_by: §ownar, acts: {adopt: true}}", "POLICY_DANGLING unknown actor or role `ownar`; did you mean `owner`?"),
        ("{only_by: owner, acts: {decide: [§CHANGED]}}", "POLICY_DANGLING unknown option `CHANGED`; did you mean `CHANGE`?"),
        ("{only_by: owner, acts: {grant: [§LEAV]}}", "POLICY_DANGLING unknown grant `LEAV`; did you mean `LEAVE`?"),
        ("{only_by: owner, acts: {open: [§gat]}}", "POLICY_DANGLING unknown lane `gat`; did you mean `gate`?"),
        ("{only_by: owner, acts: {open: [§bench]}}", "POLICY_INVARIANT invariant `free`: no record opens lane `bench`; name a lane with `opened_by`"),
    ],
)
def test_what_an_invariant_names_is_declared(promise: str, fault: str) -> None:
    assert_faults(changed(("{always_possible: {decide: first/STAY}}", promise)), fault)


def test_acts_that_are_somebodys_alone_name_one() -> None:
    policy = changed(("{always_possible: {decide: first/STAY}}", "{only_by: owner, acts: §{}}"))
    assert_faults(policy, "POLICY_VALUE name an act: decide, grant, open or adopt in `invariants.free.acts`")
