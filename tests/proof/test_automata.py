"""One life as a small automaton, and many lives as one component: what is merged, what is counted, and what is never lost."""

from govern.proof.automata import Edge, Life, population, single
from govern.proof.formulas import FALSE
from govern.proof.system import Deed

COUNTS, NOTHING = frozenset(("counts",)), frozenset[str]()
ASK = Edge(Deed("request"), None, "asked", ("ann",))
GIVE = Edge(Deed("grant"), "asked", "given", ("owner",))
TAKE = Edge(Deed("revoke"), "given", "taken", ("owner",))
LIFE = Life({"asked": NOTHING, "given": COUNTS, "taken": NOTHING}, (ASK, GIVE, TAKE))


def test_a_state_that_shows_nothing_and_leads_nowhere_is_as_good_as_none() -> None:
    seen = LIFE.seen(COUNTS)

    assert dict(seen.labels) == {"asked": NOTHING, "given": COUNTS}
    assert [(edge.deed.kind, edge.source, edge.target) for edge in seen.edges] == [
        ("request", None, "asked"),
        ("grant", "asked", "given"),
        ("revoke", "given", None),
    ]


def test_a_state_from_which_anybody_who_may_begin_anew_could_go_on_is_as_good_as_none() -> None:
    anew = Edge(Deed("grant"), None, "given", ("owner", "ann"))

    seen = Life(LIFE.labels, (*LIFE.edges, anew)).seen(COUNTS)

    assert list(seen.labels) == ["given"]
    assert seen.unseen == {"grant"}


def test_a_beginning_under_a_guard_replaces_nothing() -> None:
    guarded = Edge(Deed("grant"), None, "given", ("owner",), FALSE)

    assert "asked" in Life(LIFE.labels, (*LIFE.edges, guarded)).seen(COUNTS).labels


def test_whoever_asks_for_no_label_sees_no_life() -> None:
    seen = LIFE.seen(NOTHING)

    assert (dict(seen.labels), seen.edges) == ({}, ())
    assert "grant" in seen.unseen


def test_states_with_the_same_labels_that_lead_to_the_same_are_one_and_time_between_them_is_no_step() -> None:
    waits = Edge(Deed("time"), "young", "old")
    life = Life(
        {"young": COUNTS, "old": COUNTS, "end": NOTHING},
        (Edge(Deed("grant"), None, "young"), waits, *(Edge(Deed("revoke"), each, "end") for each in ("young", "old"))),
    )

    seen = life.seen(COUNTS)

    assert list(seen.labels) == ["young"]
    assert "time" in seen.unseen
    assert not [edge for edge in seen.edges if edge.deed.kind == "time"]


def test_states_with_the_same_labels_that_lead_elsewhere_stay_apart() -> None:
    life = Life(
        {"a": COUNTS, "b": COUNTS, "c": frozenset(("kept",))}, (Edge(Deed("grant"), None, "a"), Edge(Deed("grant"), None, "b"), Edge(Deed("consume"), "b", "c"))
    )

    assert list(life.seen(COUNTS | {"kept"}).labels) == ["a", "b", "c"]


def test_what_only_documents_report_is_no_part_of_the_life_that_people_lead() -> None:
    reported = Edge(Deed("report grant"), None, "said", ("ann",))
    again = Edge(Deed("revoke"), "said", "unsaid", ("owner",))

    led = Life({**LIFE.labels, "said": COUNTS, "unsaid": NOTHING}, (*LIFE.edges, reported, again)).led_by_people()

    assert (set(led.labels), led.edges) == ({"asked", "given", "taken"}, LIFE.edges)


def test_a_life_with_too_many_states_is_merged_by_its_labels_alone() -> None:
    assert LIFE.at_most(3) is LIFE
    assert list(LIFE.at_most(2).labels) == ["asked", "given"]


def test_lives_are_counted_up_to_as_many_as_are_asked_for() -> None:
    life = Life({"given": COUNTS}, (Edge(Deed("grant"), None, "given"), Edge(Deed("revoke"), "given", None)))
    give, take = life.edges

    many = population(life, 2)

    assert many.states == ("none", "given", "2+ given")
    assert many.labels == {"none": NOTHING, "given": COUNTS, "2+ given": {"counts", "counts*2"}}
    assert many.moves[give] == {"none": {"given"}, "given": {"2+ given"}, "2+ given": {"2+ given"}}
    assert many.moves[take] == {"given": {"none"}, "2+ given": {"given", "2+ given"}}


def test_kinds_of_lives_that_nothing_tells_apart_are_one_state_of_a_population() -> None:
    life = Life({"a": COUNTS, "z": NOTHING}, (Edge(Deed("grant"), None, "a"), Edge(Deed("request"), None, "z")))
    give, ask = life.edges

    many = population(life, 1)

    assert many.states == ("none", "a")
    assert many.moves == {give: {"none": {"a"}, "a": {"a"}}, ask: {"none": {"none"}, "a": {"a"}}}


def test_of_one_life_only_the_steps_between_its_states_move_it() -> None:
    assert single(LIFE) == {GIVE: {"asked": {"given"}}, TAKE: {"given": {"taken"}}}
