"""The check of a signature against the least that any verifier must do: the library's own verification of the same bytes."""

import gc
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha512
from statistics import median

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govern.ledger.sshsig import check_signature, read_signer

SIGNATURES = 100
ROUNDS = 101
MESSAGE = b'{"_type":"https://in-toto.io/Statement/v1","predicate":{}}'.ljust(600, b" ")
NAMESPACE = "govern"


def strings(*contents: bytes) -> bytes:
    """Return strings, each behind its length."""
    return b"".join(len(content).to_bytes(4) + content for content in contents)


def armored(key: Ed25519PrivateKey) -> tuple[str, bytes, bytes]:
    """Return a signature as `ssh-keygen` writes it, its own bytes, and the bytes that were signed."""
    purpose = strings(NAMESPACE.encode(), b"", b"sha512")
    signed = b"SSHSIG" + purpose + strings(sha512(MESSAGE).digest())
    value = key.sign(signed)
    blob = strings(b"ssh-ed25519", key.public_key().public_bytes_raw())
    text = b64encode(b"SSHSIG\0\0\0\1" + strings(blob) + purpose + strings(strings(b"ssh-ed25519", value))).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join(("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", "")), value, signed


def seconds(work: Callable[[], object], times: int) -> float:
    """Return how long so many calls take."""
    gc.collect()
    start = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - start


def main(signatures: int) -> None:
    """Print ratios."""
    private = Ed25519PrivateKey.generate()
    public, (armor, value, signed) = private.public_key(), armored(private)
    peers, ours, unverified = [], [], []
    for _ in range(ROUNDS):
        peers.append(seconds(lambda: public.verify(value, signed), signatures))
        ours.append(seconds(lambda: check_signature(armor, MESSAGE, NAMESPACE), signatures))
        unverified.append(seconds(lambda: read_signer(armor, NAMESPACE), signatures))
    ratios = [own / peer for own, peer in zip(ours, peers, strict=True)]
    told = f"best {min(ours) / signatures * 1e6:.1f} µs; pairs: median {median(ratios):.2f}, min {min(ratios):.2f}, max {max(ratios):.2f}"
    print(f"check of an Ed25519 signature: {min(ours) / min(peers):.2f} times the library's verification ({told})")
    print(f"signer of a signature that was verified before: {min(unverified) / signatures * 1e6:.1f} µs")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNATURES)
