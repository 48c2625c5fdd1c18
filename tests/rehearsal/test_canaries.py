import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import govern
from govern.problems import GovernError
from govern.rehearsal.canaries import NAMES, Canaries, reach
from govern.rehearsal.confine import confine
from govern.rehearsal.inside import namespaces
from govern.rehearsal.isolation import judge
from govern.rehearsal.sandbox import View
from rehearsal.conftest import TASKS

SOURCE = Path(govern.__path__[0]).parent


class NoSandbox:
    """Starts the program as it is, on the host."""

    name = "none"

    def wrap(self, view: View, argv: Sequence[str], info: int) -> list[str]:
        """Return the command, with the paths that it has outside."""
        announce = f'echo "{{\\"child-pid\\": $$}}" > /proc/self/fd/{info}; exec "$@"'
        return ["/bin/sh", "-c", announce, "sh"] + [
            each.replace("'/app'", repr(str(SOURCE))).replace("/app/modules", str(view.readable.get("/app/modules"))) for each in argv
        ]


class SharingTheNetwork(NoSandbox):
    """Bubblewrap, asked to isolate all but the network, and to show one folder of the host."""

    name = "leaky"

    def __init__(self, *shown: Path) -> None:
        self._shown = shown

    def wrap(self, view: View, argv: Sequence[str], info: int) -> list[str]:
        """Return the command."""
        from govern.rehearsal.bubblewrap import Bubblewrap

        found = Bubblewrap().wrap(view, argv, info)
        at = found.index("--chdir")
        found[at:at] = [word for path in self._shown for word in ("--ro-bind", str(path), str(path))]
        found[found.index("--unshare-all")] = "--unshare-pid"
        found[1:1] = ["--unshare-ipc", "--unshare-uts"]
        return found


needs_bubblewrap = pytest.mark.skipif(not Path("/usr/bin/bwrap").exists(), reason="bubblewrap is not installed")


def _good() -> dict[str, Any]:
    status = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0000000000000000") | {"NoNewPrivs": "1", "Seccomp": "2"}
    return {
        "namespaces": {name: inode + 1 for name, inode in namespaces().items()},
        "interfaces": ["lo"],
        "routes": [],
        "sockets": [],
        "environment": ["HOME", "PATH"],
        "status": status,
        "mounts": ["1 2 0:3 / /usr ro,nosuid - ext4 /dev/vda ro", "1 2 0:4 / /rehearsal rw,nosuid - ext4 /dev/vda rw"],
        "reached": dict.fromkeys(NAMES, False),
    }


def test_every_canary_answers_outside_and_counts_who_called(place: Path) -> None:
    with Canaries() as canaries:
        canaries.demand_control()
        canaries.silence()
        assert {name: canaries.heard(name) for name in NAMES} == {"tcp": 1, "dns": 1, "unix": 1, "abstract": 1}
        assert Path(str(canaries.addresses["unix"])).is_relative_to(place)
    assert list(place.iterdir()) == []


def test_another_song_is_not_the_canarys() -> None:
    with Canaries() as canaries, Canaries() as others:
        for name in NAMES:
            assert reach(name, others.addresses[name], others.song)
            assert not reach(name, others.addresses[name], canaries.song)


@pytest.mark.parametrize("mute", NAMES)
def test_a_canary_that_is_silent_outside_proves_nothing(mute: str) -> None:
    with Canaries() as canaries, Canaries() as others:
        others.__exit__(None, None, None)
        canaries.addresses = {**canaries.addresses, mute: others.addresses[mute]}
        with pytest.raises(GovernError, match=f"the {mute} canary does not answer outside the sandbox either") as error:
            canaries.demand_control()
    assert [problem.code for problem in error.value.problems] == ["CANARY_MUTE"]


def test_where_a_canary_is_reached_the_task_never_runs(place: Path, tmp_path: Path) -> None:
    order = {"path": str(tmp_path / "ran")}
    with pytest.raises(GovernError, match="the sandbox reached the tcp canary outside") as error:
        confine("tasks:mark", order, inputs={}, sandbox=NoSandbox(), modules=TASKS)
    codes = [problem.code for problem in error.value.problems]
    assert codes[:4] == ["CANARY_REACHED"] * 4
    assert set(codes[4:]) == {"NOT_ISOLATED"}
    said = str(error.value)
    for reason in (*(f"the {name} namespace is the one outside" for name in namespaces()), "/ can be written"):
        assert reason in said
    assert int(error.value.status) == 3
    assert not (tmp_path / "ran").exists()
    assert list(place.iterdir()) == []


@needs_bubblewrap
def test_a_sandbox_that_shares_the_network_is_betrayed_by_three_canaries(place: Path) -> None:
    with pytest.raises(GovernError, match="canary outside") as error:
        confine("tasks:answer", {"word": ""}, inputs={}, sandbox=SharingTheNetwork(), modules=TASKS)
    reached = [problem.message.split()[4] for problem in error.value.problems if problem.code == "CANARY_REACHED"]
    assert reached == ["tcp", "dns", "abstract"]
    assert "the net namespace is the one outside" in str(error.value)
    assert list(place.iterdir()) == []


@needs_bubblewrap
def test_a_sandbox_that_shows_a_folder_with_a_server_is_betrayed_by_the_fourth(place: Path) -> None:
    with pytest.raises(GovernError, match="canary outside") as error:
        confine("tasks:answer", {"word": ""}, inputs={}, sandbox=SharingTheNetwork(place), modules=TASKS)
    assert [problem.code for problem in error.value.problems].count("CANARY_REACHED") == 4


@pytest.mark.parametrize("name", NAMES)
def test_either_side_is_enough_to_betray(name: str) -> None:
    inside = _good()
    with Canaries() as canaries:
        canaries.demand_control()
        assert reach(name, canaries.addresses[name], canaries.song)
        with pytest.raises(GovernError, match=f"^the sandbox reached the {name} canary outside; nothing was run"):
            judge("one", inside, canaries)
    inside["reached"][name] = True
    with Canaries() as canaries:
        canaries.demand_control()
        with pytest.raises(GovernError, match=f"^the sandbox reached the {name} canary outside; nothing was run"):
            judge("one", inside, canaries)


def test_without_the_control_nothing_is_judged_isolated() -> None:
    with Canaries() as canaries, pytest.raises(GovernError, match="nobody called the tcp canary outside first: its silence proves nothing") as error:
        judge("one", _good(), canaries)
    assert [problem.code for problem in error.value.problems] == ["CANARY_MUTE"] * 4


def test_evidence_says_what_was_found() -> None:
    with Canaries() as canaries:
        canaries.demand_control()
        found = judge("one", _good(), canaries)
    assert found == {
        "sandbox": "one",
        "namespaces": {name: {"inside": inode + 1, "outside": inode} for name, inode in namespaces().items()},
        "interfaces": ["lo"],
        "routes": [],
        "sockets": [],
        "environment": ["HOME", "PATH"],
        "canaries": [{"name": name, "control": True, "reached": False} for name in NAMES],
    }


@pytest.mark.parametrize(
    ("where", "what", "why"),
    [
        *((("namespaces", name), inode, f"the {name} namespace is the one outside") for name, inode in namespaces().items()),
        (("interfaces",), ["lo", "eth0"], "there is a network interface `eth0`"),
        (("routes",), ["eth0 00000000"], "there is a route"),
        (("sockets",), ["tcp 0100007F:1538"], "a socket is open"),
        (("environment",), ["HOME", "PGHOST"], "the environment has PGHOST"),
        (("mounts",), ["1 2 0:3 / /home rw - ext4 /dev/vda rw"], "/home can be written"),
        *((("status", name), "0000000000000001", rf"the process has capabilities \({name}\)") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")),
        (("status", "NoNewPrivs"), "0", "the process may gain privileges"),
        (("status", "Seccomp"), "0", "system calls are not filtered"),
    ],
)
def test_whatever_is_not_isolated_is_refused_by_name(where: Sequence[str], what: Any, why: str) -> None:
    inside = copy.deepcopy(_good())
    part = inside if len(where) == 1 else inside[where[0]]
    part[where[-1]] = what
    with Canaries() as canaries:
        canaries.demand_control()
        with pytest.raises(GovernError, match=f"^{why}") as error:
            judge("one", inside, canaries)
    assert [problem.code for problem in error.value.problems] == ["NOT_ISOLATED"]
