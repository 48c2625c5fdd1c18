"""Who holds which key: keys that a name alone makes, and what is signed with them in a world in memory."""

from collections.abc import Iterable
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from govern.engine.causes import Requirement, problem_of
from govern.ledger.keys import PublicKey
from govern.ledger.sshsig import Signer
from support.policies import one_option
from support.world import World


def key_named(name: str, *, hardware: bool = False) -> PublicKey:
    """Return a key that a name alone makes: a point of the curve, which nobody has the secret of."""
    raw = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()).public_key().public_bytes_raw()
    type_ = "sk-ssh-ed25519@openssh.com" if hardware else "ssh-ed25519"
    parts = [type_.encode(), raw, *([b"ssh:"] if hardware else [])]
    return PublicKey(type_, b"".join(len(part).to_bytes(4) + part for part in parts))


def made_by(key: PublicKey, *, verified: bool = False) -> Signer:
    """Return who a signature by a key names."""
    return Signer(key.fingerprint, key.hardware, verified)


def codes(refusals: Iterable[Requirement]) -> dict[str, str]:
    """Return the code of each refusal, by its id."""
    return {each.id: problem_of(each).code for each in refusals}


OWNER, ANN, AGENT = key_named("owner"), key_named("ann"), key_named("agent")


def founded(text: str | None = None) -> World:
    """Return a world in which the owner has enrolled the first key, and nobody else one."""
    world = World(text or one_option(), keyless=True)
    assert world.sign(made_by(OWNER), "enroll", "owner", actor="owner", key=OWNER.line()) == ()
    return world
