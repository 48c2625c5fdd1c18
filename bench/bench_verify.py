"""A full verification: of a signed ledger against the bare signatures, of an unsigned one by records a second, and from a remembered head."""

import gc
import time
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha512
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from generate import START, Size, programme

from govern.canonical import digest, text_digest
from govern.engine.replay import Replay
from govern.ledger.keys import PublicKey
from govern.ledger.lines import Chain, Record, encode_line, namespace_of
from govern.ledger.merkle import root_of
from govern.ledger.statements import Basis, Statement
from govern.policy.load import load_policy
from govern.policy.model import Policy

SIGNED = 10_000
UNSIGNED = 100_000
ROUNDS = 5
GENESIS: dict[str, object] = {"programme": "BENCH", "version": 1, "templates": {}, "nonce": "0" * 64}


def strings(*contents: bytes) -> bytes:
    """Return strings, each behind its length."""
    return b"".join(len(content).to_bytes(4) + content for content in contents)


class Pen:
    """A key that signs as ssh-keygen does, and keeps what the library needs to verify it alone."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = PublicKey("ssh-ed25519", strings(b"ssh-ed25519", self.private.public_key().public_bytes_raw()))
        self.made: list[tuple[bytes, bytes]] = []

    def sign(self, text: str, namespace: str) -> str:
        """Return the signature of a text."""
        purpose = strings(namespace.encode(), b"", b"sha512")
        signed = b"SSHSIG" + purpose + strings(sha512(text.encode()).digest())
        value = self.private.sign(signed)
        self.made.append((value, signed))
        content = b64encode(b"SSHSIG\0\0\0\1" + strings(self.public.blob) + purpose + strings(strings(b"ssh-ed25519", value))).decode()
        lines = [content[at : at + 70] for at in range(0, len(content), 70)]
        return "\n".join(("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""))


def ledger(text: str, records: int, pen: Pen | None) -> list[bytes]:
    """Return the lines of a ledger: the owner's signed notes, or an agent's unsigned ones."""
    chain, lines, policy = Chain(), [], digest(text.encode())
    for seq in range(records):
        kind, actor = "note", "owner" if pen else "engineering"
        body: dict[str, object] = {"text": f"Run {seq} of the copy went well; nothing differed."}
        if seq == 0:
            kind, actor, body = "genesis", "owner", GENESIS
        if seq == 1 and pen:
            kind, body = "enroll", {"actor": "owner", "key": pen.public.line()}
        statement = Statement(chain.ledger, kind, actor, body, Basis(chain.size, chain.last), policy)
        armor = pen.sign(statement.text(), namespace_of(kind)) if pen and seq else None
        line = encode_line(chain, statement, START + seq, armor)[:-1]
        chain.take(Record(seq, line[7:27].decode(), START + seq, statement, text_digest(statement.text())), bytes.fromhex(digest(line)))
        lines.append(line)
    return lines


def verify(lines: list[bytes], policy: Policy, known: int = 0) -> None:
    """Do what `govern verify` does, without printing it."""
    replay = Replay(lambda _digest: policy, Chain(known))
    replay.take_all(lines)
    root_of(lines)


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print a ratio, and records a second."""
    text = programme(Size(1, 1, 2))
    policy, pen = load_policy(text.encode()), Pen()
    signed, unsigned = ledger(text, SIGNED, pen), ledger(text, UNSIGNED, None)
    public = pen.private.public_key()
    peers, ours, remembered, plain = [], [], [], []
    for _ in range(ROUNDS):
        peers.append(seconds(lambda: [public.verify(value, message) for value, message in pen.made]))
        ours.append(seconds(lambda: verify(signed, policy)))
        remembered.append(seconds(lambda: verify(signed, policy, len(signed))))
        plain.append(seconds(lambda: verify(unsigned, policy)))
    ratios = [own / peer for own, peer in zip(ours, peers, strict=True)]
    told = f"best {min(ours) / SIGNED * 1e6:.0f} µs a record; pairs: median {median(ratios):.2f}, min {min(ratios):.2f}, max {max(ratios):.2f}"
    print(f"full verification of {SIGNED} signed records: {min(ours) / min(peers):.2f} times the bare signatures ({told})")
    print(f"the same from a remembered head: {min(ours) / min(remembered):.1f} times as fast ({min(remembered) / SIGNED * 1e6:.0f} µs a record)")
    print(f"full verification of {UNSIGNED} unsigned records: best {UNSIGNED / min(plain):,.0f} a second, median {UNSIGNED / median(plain):,.0f}")


if __name__ == "__main__":
    main()
