"""Surfaces: each is untouched, not requested or unknown, by what is shown; a change that names one is refused."""

from typing import Any

import pytest

from govern.policy.load import load_policy
from govern.policy.model import Policy
from govern.problems import GovernError
from govern.rehearsal.surfaces import judge_surfaces, refuse_reaching
from support.policies import one_option

SURFACES = """
  net: {title: The network, reached_by: network}
  disk: {title: The files, reached_by: file}
  live: {title: The live table, reached_by: network, named: [live_table]}
  switch: {title: The switch, reached_by: act, named: [SWITCH_ON]}
  other: {title: Whatever}"""
ISOLATION: dict[str, Any] = {
    "namespaces": {"mnt": {"inside": 2, "outside": 1}},
    "interfaces": ["lo"],
    "routes": [],
    "canaries": [{"name": "tcp", "control": True, "reached": False}],
}


def _policy() -> Policy:
    return load_policy(one_option(surfaces=SURFACES).encode())


def _status(changed: tuple[str, ...] = (), begun: dict[str, int] | None = None, **isolation: Any) -> dict[str, str]:
    found = judge_surfaces(_policy(), {**ISOLATION, **isolation}, changed, begun or {})
    return {str(each["surface"]): str(each["status"]) for each in found}


def test_what_nothing_could_reach_is_untouched_and_what_nobody_asked_for_was_not_requested() -> None:
    assert _status() == {"net": "untouched", "disk": "untouched", "live": "untouched", "switch": "not-requested", "other": "UNKNOWN"}


@pytest.mark.parametrize(
    "isolation",
    [
        {"interfaces": ["lo", "eth0"]},
        {"routes": ["default"]},
        {"canaries": [{"name": "tcp", "control": True, "reached": True}]},
        {"canaries": [{"name": "tcp", "control": False, "reached": False}]},
        {"canaries": []},
    ],
)
def test_a_network_that_was_not_shown_to_be_out_of_reach_is_unknown(isolation: dict[str, Any]) -> None:
    assert _status(**isolation) == {"net": "UNKNOWN", "disk": "untouched", "live": "UNKNOWN", "switch": "not-requested", "other": "UNKNOWN"}


def test_files_of_the_same_tree_are_unknown() -> None:
    assert _status(namespaces={"mnt": {"inside": 1, "outside": 1}})["disk"] == "UNKNOWN"


def test_a_surface_that_the_change_moved_is_unknown() -> None:
    assert _status(("schema", "table public.LIVE_TABLE"))["live"] == "UNKNOWN"
    assert _status(("table public.live_table_2",))["live"] == "untouched"


def test_an_act_that_has_begun_is_no_longer_unrequested() -> None:
    assert _status(begun={"switch": 7})["switch"] == "UNKNOWN"


@pytest.mark.parametrize("script", [b"UPDATE live_table SET x = 1;", b'UPDATE "Live_Table" SET x = 1;', b"SELECT 1;\nSELECT switch_on();"])
def test_a_change_that_names_a_surface_is_refused_with_its_line(script: bytes) -> None:
    with pytest.raises(GovernError, match=r"and surface (live|switch) must not be touched") as caught:
        refuse_reaching(_policy(), {"a.sql": script})
    [problem] = caught.value.problems
    assert problem.code == "SURFACE_REACHED"
    assert problem.place is not None
    assert problem.place.line == 1 + script.count(b"\n")


def test_a_change_that_names_something_like_a_surface_is_let_pass() -> None:
    refuse_reaching(_policy(), {"a.sql": b"UPDATE alive_table SET x = 'switch_on_later';"})
