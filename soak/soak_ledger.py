"""Mutants of a ledger by the hundred thousand: each is refused when it is read, or found by the checkpoint of the head that was."""

import json
import sys
import time
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from itertools import combinations, count, cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))

from generate import Size, ledger, programme

from govern.canonical import digest, text_digest
from govern.ledger.checkpoints import Checkpoint, Relation, checkpoint_of, compare
from govern.ledger.lines import Chain, read_records
from govern.ledger.merkle import leaf_hash
from govern.problems import GovernError

MUTANTS = 300_000
RECORDS = 60
SIZE = Size(blockers=20, grants=10, options=20)


class Mutant(NamedTuple):
    """A ledger of which the first `kept` lines are as they were; what stands behind them, in bytes."""

    kept: int
    rest: bytes


class Original(NamedTuple):
    """The ledger that is changed: its lines, where each begins, the chain before each, and the checkpoint of its head."""

    lines: list[bytes]
    content: bytes
    starts: list[int]
    chains: list[Chain]
    leaves: list[bytes]
    checkpoint: Checkpoint


def main(wanted: int) -> tuple[int, int]:
    """Return how many mutants were tried, no two alike, and how many were accepted; print that, what found them, and the time it took."""
    start = time.monotonic()
    original = make()
    found: Counter[str] = Counter()
    for mutant in islice(distinct(original), wanted):
        answer = judge(mutant, original)
        found[answer] += 1
        if answer == "accepted":
            print(f"accepted: other than the original from line {mutant.kept}: {mutant.rest[:2000]!r}")
    took = time.monotonic() - start
    tried, told = found.total(), ", ".join(f"{times} {answer}" for answer, times in sorted(found.items()) if answer != "accepted")
    print(f"{tried} mutants of {len(original.lines)} lines, {len(original.content)} bytes, in {took:.0f} s: {found['accepted']} accepted; {told}")
    return tried, found["accepted"]


def make() -> Original:
    """Return a generated ledger, with the chain as it stood before each line."""
    lines = ledger(programme(SIZE), SIZE, RECORDS)
    chain, chains = Chain(), []
    for line in lines:
        chains.append(twin(chain))
        list(read_records([line], chain))
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    assert chain.ledger is not None
    return Original(lines, joined(lines), starts, [*chains, chain], list(map(leaf_hash, lines)), checkpoint_of(chain.ledger, lines))


def judge(mutant: Mutant, original: Original) -> str:
    """Return what became of a mutant: `accepted` where it passes for the original, or for one that was only added to, and is neither."""
    before = original.content[: original.starts[mutant.kept]]
    *lines, torn = mutant.rest.split(b"\n")
    if torn:
        return "refused as torn"
    chain = twin(original.chains[mutant.kept])
    try:
        for _ in read_records(lines, chain):
            pass
    except GovernError as error:
        return f"refused as {error.problems[0].code}"
    leaves = original.leaves[: mutant.kept] + list(map(leaf_hash, lines))
    relation = compare(original.checkpoint, chain.ledger or "", leaves)
    content = before + mutant.rest
    if relation is Relation.BEHIND and content.startswith(original.content):
        return "only added to"
    return "accepted" if relation in {Relation.SAME, Relation.BEHIND} else f"found as {relation.value}"


def twin(chain: Chain) -> Chain:
    """Return a chain that stands where another does, and moves by itself."""
    twin = copy(chain)
    # What was nearby is shared: it saves time and decides nothing.
    twin.digests, twin.statements = chain.digests[:], chain.statements[:]
    return twin


def distinct(original: Original) -> Iterator[Mutant]:
    """Yield mutants of which no two are alike, and none is the original."""
    seen = {hash(Mutant(kept, original.content[start:])) for kept, start in enumerate(original.starts)}
    for mutant in mutants(original):
        if hash(mutant) not in seen:
            seen.add(hash(mutant))
            yield mutant


def mutants(original: Original) -> Iterator[Mutant]:
    """Yield three mutants with a bit changed, then one of each other kind, and so on until no kind has more."""
    flips = flipped(original)
    others = (replaced, inserted, removed, reordered, cut, respelled, rewritten)
    kinds = deque([flips, flips, flips, *(kind(original) for kind in others)])
    while kinds:
        kind = kinds.popleft()
        mutant = next(kind, None)
        if mutant is not None:
            kinds.append(kind)
            yield mutant


def places(original: Original, step: int) -> Iterator[int]:
    """Yield every place of the ledger, and again without end. The step is a prime that does not divide the number of bytes."""
    for number in count():
        yield number * step % len(original.content)


def flipped(original: Original) -> Iterator[Mutant]:
    """Yield the ledger with one bit changed: one of each byte, then the next of each."""
    for turn in range(8):
        for at in range(len(original.content)):
            yield spliced(original, at, bytes([original.content[at] ^ 1 << (at + turn) % 8]), 1)


def replaced(original: Original) -> Iterator[Mutant]:
    """Yield the ledger with one byte replaced by one that has a meaning in JSON, or by another digit."""
    for at, put in zip(places(original, 7919), cycle(b'0123456789abcdef"\\{}[],: \t\r\n\x00\xff-+.eEuT'), strict=False):
        if original.content[at] != put:
            yield spliced(original, at, bytes([put]), 1)


def inserted(original: Original) -> Iterator[Mutant]:
    """Yield the ledger with something put in between: spaces, line ends, marks, escapes."""
    puts = (b" ", b"\n", b"\r", b"\t", b"\xef\xbb\xbf", b"0", b"-", b"\\u0041", b",", b"\x00", b"\xc2\xa0", b'"', b"\n\n", b"  ", b"\\", b"\xed\xa0\x80")
    for at, put in zip(places(original, 6113), cycle(puts), strict=False):
        yield spliced(original, at, put, 0)


def removed(original: Original) -> Iterator[Mutant]:
    """Yield the ledger without some bytes."""
    for at, gone in zip(places(original, 4999), cycle((1, 1, 2, 3, 8, 65, 700)), strict=False):
        yield spliced(original, at, b"", gone)


def spliced(original: Original, at: int, put: bytes, gone: int) -> Mutant:
    """Return the ledger with some bytes replaced by others."""
    kept = bisect_right(original.starts, at) - 1
    start = original.starts[kept]
    return Mutant(kept, original.content[start:at] + put + original.content[at + gone :])


def reordered(original: Original) -> Iterator[Mutant]:
    """Yield the ledger with lines swapped, moved, doubled, removed, turned round, or each ending in CR LF."""
    lines = original.lines
    changes: tuple[Callable[[int, int], list[bytes]], ...] = (
        lambda a, b: [*lines[:a], lines[b], *lines[a + 1 : b], lines[a], *lines[b + 1 :]],
        lambda a, b: [*lines[:a], *lines[a + 1 : b + 1], lines[a], *lines[b + 1 :]],
        lambda a, b: [*lines[:b], lines[a], *lines[b:]],
        lambda a, b: [*lines[:a], *lines[b:]],
        lambda a, b: [*lines[:a], *reversed(lines[a : b + 1]), *lines[b + 1 :]],
        lambda a, b: [*lines[: b + 1], *lines[a:]],
        lambda a, b: [*lines[:a], *(line + b"\r" for line in lines[a:b]), *lines[b:]],
    )
    for first, second in combinations(range(len(lines)), 2):
        for change in changes:
            yield whole(original, change(first, second))


def cut(original: Original) -> Iterator[Mutant]:
    """Yield the ledger cut at each line end, then at every place in between."""
    for at in (*original.starts[:-1], *islice(places(original, 3571), len(original.content))):
        yield spliced(original, at, b"", len(original.content))


def whole(original: Original, lines: Sequence[bytes]) -> Mutant:
    """Return a ledger of other lines."""
    same = zip(lines, original.lines, strict=False)
    kept = next((seq for seq, (line, old) in enumerate(same) if line != old), min(len(lines), len(original.lines)))
    return Mutant(kept, joined(lines[kept:]))


def joined(lines: Iterable[bytes]) -> bytes:
    """Return the bytes of lines in a file."""
    return b"".join(line + b"\n" for line in lines)


def respelled(original: Original) -> Iterator[Mutant]:
    """Yield the ledger with a line that says the same in another spelling, with or without its check made right."""
    for seq, line in enumerate(original.lines):
        value = json.loads(line)
        for other in (
            json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode(),
            json.dumps(value).encode(),
            json.dumps(dict(reversed(value.items())), separators=(",", ":")).encode(),
            line.replace(b'"v":1}', b'"v":1,"v":1}'),
            line.replace(b'"v":1}', b'"v":1.0}'),
            line.replace(b'"v":1}', b'"v":true}'),
            line.replace(b'"sigs":[]', b'"sigs":[ ]'),
            line.replace(b"genesis", b"gen\\u0065sis").replace(b"note", b"not\\u0065"),
            line + b" ",
            b" " + line,
        ):
            yield whole(original, [*original.lines[:seq], other, *original.lines[seq + 1 :]])
            yield whole(original, [*original.lines[:seq], *relinked([checked(other, value)], original.lines[seq + 1 :])])


def checked(line: bytes, value: dict[str, Any]) -> bytes:
    """Return a line with the check that its own bytes call for."""
    field = f'"check":"{value["check"]}",'.encode()
    return line.replace(field, b'"check":"%s",' % digest(line.replace(field, b"", 1)).encode(), 1)


def rewritten(original: Original) -> Iterator[Mutant]:
    """Yield histories by one who knows the format: a record says something else, and more or less of what depends on it is made right."""
    for turn in range(10_000):
        for seq, line in enumerate(original.lines):
            before, after = original.lines[:seq], original.lines[seq + 1 :]
            for stmt in restated(json.loads(line)["stmt"], turn):
                value = {**json.loads(line), "stmt": stmt}
                own = text_digest(stmt)
                right = sealed({**value, "stmt_sha256": own, **({} if before else {"ledger": own, "prev": own})})
                for lines in (
                    [sealed(value), *after],
                    [right, *after],
                    relinked([right], after),
                    rebased(before, right, after, original),
                    [right],
                ):
                    yield whole(original, [*before, *lines])
            for name, other in (("seq", seq + 1 + turn), ("v", 2), ("kind", "mark"), ("at", "2031-01-01T00:00:00Z"), ("ledger", "a" * 64), ("prev", "a" * 64)):
                yield whole(original, [*before, *relinked([sealed({**json.loads(line), name: other})], after)])


def restated(stmt: str, turn: int) -> Iterator[str]:
    """Yield statements that say something else."""
    value = json.loads(stmt)
    predicate = value["predicate"]
    yield spelled({**value, "predicate": {**predicate, "actor": f"mallory-{turn}"}})
    yield spelled({**value, "predicate": {**predicate, "body": {**predicate["body"], "reason": f"because of {turn}"}}})
    yield spelled({**value, "predicate": {**predicate, "basis": {"last": "", "size": turn}}})
    yield spelled({**value, "subject": [{"digest": {"sha256": f"{turn:064x}"}, "name": "states.yaml"}]})


def spelled(value: Any) -> str:
    """Return the one spelling of a value; faster than `govern.canonical`, which also looks for what is not found here."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def sealed(value: dict[str, Any]) -> bytes:
    """Return the line of these fields, with the check that they call for."""
    rest = {name: field for name, field in value.items() if name != "check"}
    return spelled({**rest, "check": text_digest(spelled(rest))}).encode()


def relinked(start: list[bytes], lines: Iterable[bytes]) -> list[bytes]:
    """Return lines, each made to follow the one before; what their authors say they saw stays as it was."""
    done = list(start)
    for line in lines:
        done.append(sealed({**json.loads(line), "prev": digest(done[-1])}))
    return done


def rebased(before: list[bytes], changed: bytes, lines: Iterable[bytes], original: Original) -> list[bytes]:
    """Return lines that follow the one before, and whose authors say that they saw it: another history, sound in itself."""
    done = [changed]
    named = original.checkpoint.origin.removeprefix("govern/")
    this = named if before else json.loads(changed)["stmt_sha256"]
    for size, line in enumerate(lines, len(before) + 1):
        value = json.loads(line)
        stmt = json.loads(value["stmt"])
        stmt["predicate"] |= {"basis": {"last": digest(done[-1]), "size": size}, "ledger": this}
        text = spelled(stmt)
        done.append(sealed({**value, "ledger": this, "prev": digest(done[-1]), "stmt": text, "stmt_sha256": text_digest(text)}))
    return done


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MUTANTS)[1] != 0)
