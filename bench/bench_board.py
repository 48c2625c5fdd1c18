"""`govern board` over many programmes: all of them judged for the first time, again from what was kept, and after some have moved.

python bench/bench_board.py [PROGRAMMES]      # 1,000 if left out

Each programme has a policy, templates, evidence and a ledger of its own; the processes are those that a person starts.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generate import START, Size, programme

from govern.canonical import digest, text_digest
from govern.ledger.lines import Chain, Record, encode_line
from govern.ledger.statements import Basis, Statement

SIZE = Size(20, 10, 20)
RECORDS = 100
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
EVIDENCE = b'{"kind":"rehearsal","of":"data-0"}\n'
ROUNDS = 3


def acts(records: int) -> list[tuple[str, str, dict[str, object]]]:
    """Return what is recorded behind a genesis: two packets, a proof, a grant that is asked for and one that is given, and notes."""
    file = {"path": "governance/evidence/run.json", "sha256": digest(EVIDENCE)}
    first: list[tuple[str, str, dict[str, object]]] = [
        ("issue", "engineering", {"packet": "packet-0"}),
        ("issue", "engineering", {"packet": "packet-1"}),
        ("discharge", "engineering", {"leg": "B0/rehearsed", "evidence": {"kind": "rehearsal", "of": "data-0", **file}}),
        ("request", "operator", {"grant": "G1", "reason": "It is the first that is missing."}),
        ("grant", "owner", {"grant": "G0", "scope": "change", "expires": "2031-01-01T00:00:00Z"}),
    ]
    return first + [
        ("note", "engineering", {"text": f"Stage {number} was looked at, and nothing in it differed from the plan."}) for number in range(records - 6)
    ]


def lay_out(root: Path, number: int, templates: dict[str, bytes]) -> None:
    """Write a programme to a folder."""
    text = programme(SIZE).replace("A programme of a chosen size", f"Programme {number}").encode()
    digests: dict[str, object] = {name: digest(content) for name, content in templates.items()}
    chain, lines, policy = Chain(), list[bytes](), digest(text)
    genesis: dict[str, object] = {"programme": "BENCH", "version": 1, "templates": digests, "nonce": text_digest(str(number))}
    for seq, (kind, actor, body) in enumerate([("genesis", "owner", genesis), *acts(RECORDS)]):
        statement = Statement(chain.ledger, kind, actor, body, Basis(chain.size, chain.last), policy)
        line = encode_line(chain, statement, START + 60 * seq)
        chain.take(Record(seq, line[7:27].decode(), START + 60 * seq, statement, text_digest(statement.text())), bytes.fromhex(digest(line[:-1])))
        lines.append(line)
    files = {
        "states.yaml": text,
        f"governance/policy/{policy}.yaml": text,
        "governance/ledger/000000.jsonl": b"".join(lines),
        "governance/evidence/run.json": EVIDENCE,
        **{f"templates/{name}": content for name, content in templates.items()},
        **{f"governance/policy/{digest(content)}.j2": content for content in templates.values()},
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def measured(folder: Path, *words: str) -> tuple[float, float, int]:
    """Return the seconds, the CPU seconds and the peak memory in bytes of one process, started by a small one."""
    script = "import os, sys; os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]), 0)"
    script += "; import resource; used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss)"
    start = time.perf_counter()
    command = [sys.executable, "-I", "-S", "-c", script, sys.executable, "-m", "govern", "board", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu, peak = done.stdout.split()
    return time.perf_counter() - start, float(cpu), int(peak) * 1024


def told(what: str, found: tuple[float, float, int]) -> None:
    """Print what was measured."""
    print(f"  {what}: {found[0]:.2f} s ({found[1]:.2f} s of CPU), peak memory {found[2] / 2**20:.0f} MiB", flush=True)


def run(folder: Path, count: int) -> None:
    """Lay out the programmes and print what boards over them take."""
    templates = {path.name: path.read_bytes() for path in sorted(TEMPLATES.glob("*.j2"))}
    for number in range(count):
        lay_out(folder / f"programme-{number:05d}", number, templates)
    print(f"board over {count:,} programmes of {RECORDS} records each, a policy of its own each")
    told("the first time", measured(folder))
    for _ in range(ROUNDS):
        told("again, for an auditor", measured(folder))
    told("for a person, the first time", measured(folder, "--as", "owner"))
    told("again, for a person", measured(folder, "--as", "owner"))
    told("again, for a person for whom little waits", measured(folder, "--as", "operator"))
    told("again, as JSON", measured(folder, "--json"))
    for number in range(0, count, 100):
        subprocess.run(
            [sys.executable, "-m", "govern", "-C", str(folder / f"programme-{number:05d}"), "note", "more", "--as", "engineering"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
    told("after one in a hundred has moved", measured(folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"], os.environ["XDG_CACHE_HOME"] = f"{name}/state", f"{name}/cache"
        run(Path(name) / "programmes", int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
