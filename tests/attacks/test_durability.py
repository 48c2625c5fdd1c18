"""Attacks on what was acknowledged: processes that are killed, disks that fail, two who write at once, caches that lie."""

import errno
import fcntl
import json
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from govern.cli import policy_cache
from govern.cli.memory import folder as memory_folder
from govern.policy.load import load_policy
from govern.problems import Exit
from support.attacks import Victim, own, pen, race
from support.cli import run_words

NOTE = ("note", "one more", "--as", "maker")
CALLS = ((os, "open"), (os, "write"), (os, "fsync"), (os, "ftruncate"), (os, "close"))


def fails(error: int) -> Callable[..., Any]:
    """Return a call that fails."""

    def call(*_words: object, **_more: object) -> Any:
        raise OSError(error, os.strerror(error))

    return call


@pytest.mark.parametrize(
    ("of", "name", "error"), [(os, "write", errno.EIO), (os, "write", errno.ENOSPC), (os, "fsync", errno.EIO), (os, "fsync", errno.ENOSPC)]
)
def test_row_50_what_a_disk_failed_on_is_not_acknowledged_and_can_be_repeated(
    of: Any, name: str, error: int, yard: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = yard.lines
    with monkeypatch.context() as broken:
        broken.setattr(of, name, fails(error))
        ran = yard.run(*NOTE, "--json")
    [told] = ran.answer["diagnostics"]
    assert (ran.status, told["code"], told["file"]) == (Exit.UNJUDGED, "APPEND_UNKNOWN", f"{yard.ledger}")
    assert os.strerror(error) in told["message"]
    assert yard.lines == before, "what was not made durable was taken back"
    yard.does(*NOTE)
    assert yard.lines[:-1] == before
    assert yard.does("verify").status == Exit.YES


def test_row_50_a_lock_that_cannot_be_had_stops_everything_that_writes(yard: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", fails(errno.ENOLCK))
    yard.meets("LEDGER_IO", by=NOTE, status=Exit.UNJUDGED, told=os.strerror(errno.ENOLCK))
    assert yard.does("status").status == Exit.YES


def test_row_50_a_write_that_takes_a_part_and_then_fails_leaves_nothing_to_build_on(yard: Victim, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write, calls = yard.lines, os.write, []

    def short(handle: int, content: bytes) -> int:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(handle, content[: len(content) // 2])

    with monkeypatch.context() as full:
        full.setattr(os, "write", short)
        ran = yard.run(*NOTE)
    assert (ran.status, ran.codes) == (Exit.UNJUDGED, ["APPEND_UNKNOWN"])
    if yard.lines != before:
        yard.meets("TORN_TAIL", by=NOTE)
        yard.does("ledger", "repair", *own("ann"))
    yard.does(*NOTE)
    assert yard.lines[: len(before)] == before
    assert yard.does("verify").status == Exit.YES


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """End this process with SIGKILL at a call that touches the disk, counted from when the lock is taken. Half of a write arrives."""
    count, flock = [-1], fcntl.flock

    def locked(handle: int, operation: int) -> None:
        flock(handle, operation)
        count[0] = 0

    def dying(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def counted(*words: Any, **more: Any) -> Any:
            if count[0] >= 0:
                count[0] += 1
            if count[0] == number:
                if name == "write":
                    call(words[0], words[1][: len(words[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*words, **more)

        return counted

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fcntl, "flock", locked)
        for of, name in CALLS:
            patched.setattr(of, name, dying(getattr(of, name), name))
        yield


def _killed(root: Path, number: int) -> None:
    with killed_at(number):
        os._exit(run_words("-C", str(root), *NOTE).status)


def test_row_50_a_process_that_is_killed_at_any_call_loses_nothing_that_was_acknowledged(yard: Victim) -> None:
    before, ended = yard.lines, []
    for number in range(1, 200):
        process = get_context("fork").Process(target=_killed, args=(yard.root, number))
        process.start()
        process.join(60)
        ended.append(process.exitcode)
        assert yard.lines[: len(before)] == before
        if not yard.ledger.read_bytes().endswith(b"\n"):
            yard.meets("TORN_TAIL", by=NOTE)
            yard.does("ledger", "repair", *own("ann"))
        assert yard.does("verify").status == Exit.YES
        before = yard.lines
        if process.exitcode == 0:
            break
    assert ended[-1] == 0
    assert set(ended[:-1]) == {-signal.SIGKILL}
    assert len(ended) > 5


def _decide(root: Path, actor: str, code: str, words: tuple[str, ...]) -> tuple[int, list[str]]:
    ran = run_words("-C", str(root), "decide", "ask/TRY", *words, "--confirm", code)
    return int(ran.status), ran.codes or [actor]


def test_row_51_of_two_who_decide_on_what_both_were_shown_the_second_is_judged_anew(yard: Victim) -> None:
    codes = {actor: yard.code("decide", "ask/TRY", *own(actor)) for actor in ("ann", "bob")}
    [first] = yard.does("decide", "ask/TRY", *own("ann"), "--confirm", codes["ann"]).seqs
    words = ("decide", "ask/TRY", *own("bob"))
    yard.meets("PACKET_DIGEST", by=(*words, "--confirm", codes["bob"]), status=Exit.REFUSED, told=f"#{first} decide by ann")
    yard.confirms(*words)
    assert yard.asks("log", "-n", "1")["records"][0]["body"]["supersedes"] == first


def test_row_51_of_two_who_decide_at_once_each_is_recorded_in_an_order_or_told_what_moved(yard: Victim) -> None:
    before = len(yard.lines)
    codes = {actor: yard.code("decide", "ask/TRY", *own(actor)) for actor in ("ann", "bob")}
    answers = race(*(partial(_decide, yard.root, actor, codes[actor], own(actor)) for actor in ("ann", "bob")))
    statuses = sorted(status for status, _codes in answers)  # type: ignore[misc, has-type]
    assert statuses == [Exit.YES, Exit.REFUSED]
    assert {tuple(codes) for status, codes in answers if status} <= {("PACKET_DIGEST",), ("STALE",)}  # type: ignore[misc, has-type]
    assert len(yard.lines) == before + 1
    assert yard.does("verify").status == Exit.YES


def test_row_53_a_cache_that_is_rubbish_or_another_ones_is_computed_anew(real: Victim, tmp_path: Path) -> None:
    wanted = real.does("why-blocked", "3").out
    cached = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert cached
    for content in (b"", b"verified", bytes(64) + pickle.dumps("verified"), cached[0].read_bytes()[:-1], cached[0].read_bytes()[::-1]):
        for path in cached:
            path.write_bytes(content)
        assert real.does("why-blocked", "3").out == wanted
    (real.root / ".govern-cache").write_text('{"verified": true, "allowed": true}', encoding="utf-8")
    assert real.does("why-blocked", "3").out == wanted


def test_row_53_a_cache_that_is_sealed_and_lies_decides_nothing(real: Victim, tmp_path: Path) -> None:
    real.does("status")
    [path] = [each for each in (tmp_path / "cache").rglob("policy-*") if each.is_file()]
    text = (
        real.policy.read_bytes()
        .replace(b"        requires: {grant: PRODUCTION_DRYRUN}\n", b"")
        .replace(b"    unless: {grant: PRODUCTION_DRYRUN}\n    scope: dry-run\n", b"    by: preparer\n")
        .replace(b"    result: unknown\n    by: operator", b"    result: unknown\n    by: owner")
    )
    path.write_bytes(policy_cache._sealed(path.name, pickle.dumps(load_policy(text), protocol=5)))
    words = ("decide", "3", *own("owner"))
    code = real.asks(*words, "--dry-run")["confirm"]
    assert code, "a question is answered from what is the user's own"
    real.meets("NOT_CONFIRMED", by=(*words, "--confirm", code), status=Exit.REFUSED, told="does not confirm this act as it stands")
    finding = ("finding", "ci-seal-vs-bytes", "pass", "--why", "x", *own("owner"))
    real.meets("UNAUTHORISED", by=finding, status=Exit.REFUSED, told="owner may not record it; that is for operator")


def test_row_53_a_memory_that_says_verified_decides_nothing(yard: Victim) -> None:
    said = yard.statement("grant", "ann", {"grant": "TRIAL", "scope": "work"})
    other = yard.line(said._replace(body={"grant": "SPARE", "scope": "work"}), pen("ann"))
    seq = yard.append(yard.line(said, json.loads(other)["sigs"][0]))
    [path] = memory_folder().glob("*.json")
    memory = json.loads(path.read_bytes())
    path.write_text(json.dumps({**memory, "size": seq + 1, "last": sha256(yard.lines[-1]).hexdigest()}), encoding="utf-8")
    yard.meets("SIG_INVALID", seq=seq)
    yard.meets("SIG_INVALID", by=NOTE, seq=seq)
