"""The scripts of a packet: what repeats its checks, what repeats those in a fresh copy, and what they must print.

Pure but for the two scripts of this package, into which the checks of one packet are written. Nothing in them names a machine.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

_CHECKS = "#CHECKS#\n"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Evidence of a rehearsal in a packet, and the parts that it takes to repeat it, where they are in the packet."""

    path: str
    source: str | None = None
    apply: str | None = None
    revert: str | None = None

    @property
    def replay(self) -> str:
        """The words of `govern validate` that repeat it, as the shell takes them; none where a part is missing."""
        if self.source is None or self.apply is None:
            return ""
        words = f"{_here(self.path)} --replay {_here(self.source)} --change {_here(self.apply)}"
        return f"{words} --revert {_here(self.revert)}" if self.revert else words


def _here(path: str) -> str:
    return f'"$here"/{shlex.quote(path)}'


def commands(rehearsed: Iterable[Rehearsed], scripts: Iterable[str]) -> str:
    """Return `commands.sh` of a packet with this evidence, and these scripts of its own."""
    found = tuple(rehearsed)
    required = [f"check 1 {shlex.quote(what)} validator {shlex.quote(argument)}" for what, argument in _validated(found)]
    replays = [f"check 0 {shlex.quote(f'replay {each.path}')} replay {each.replay}" for each in found if each.replay]
    own = [f"check 0 {shlex.quote(f'script {path}')} script {shlex.quote(f'./{path}')}" for path in scripts]
    more = ['if [ "$mode" != --reproducible ]; then', *(f"  {each}" for each in (*replays, *own)), "fi"] if replays or own else []
    text = _script("commands.sh")
    return text.replace(_CHECKS, "".join(f"  {each}\n" for each in (*required, *more)))


def rerun() -> str:
    """Return `RERUN.sh`, which is the same for every packet."""
    return _script("RERUN.sh")


def expected(rehearsed: Iterable[Rehearsed]) -> str:
    """Return what the reproducible part of `commands.sh` prints where every byte is as sealed."""
    lines = ["only plain files", "digests", "tree", *(what for what, _argument in _validated(tuple(rehearsed)))]
    return "".join(f"PASS {each}\n" for each in lines) + f"{len(lines)} passed, 0 failed, 0 unknown\nOVERALL PASS\n"


def _validated(rehearsed: tuple[Rehearsed, ...]) -> list[tuple[str, str]]:
    """Return what is asked of the validator, each with its argument."""
    return [("selftest of validator.py", "--selftest"), *((f"evidence {each.path}", f"./{each.path}") for each in rehearsed)] if rehearsed else []


def _script(name: str) -> str:
    return (files("govern.evidence") / "packet" / name).read_text(encoding="utf-8")
