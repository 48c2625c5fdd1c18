"""Who can act today: of the actors who could clear a requirement, whose record would be taken, and what keeps the others out.

Pure. The evaluator of acts itself is asked, for each actor as if they signed with a key of theirs; nothing is decided here.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from govern.engine.acts import Act, judge_act
from govern.engine.bindings import intakes_awaited, wanted_bindings
from govern.engine.signed import fits, live_keys, must_sign
from govern.engine.view import View
from govern.ledger.sshsig import Signer
from govern.policy import find

# What stands against the actor, and not against the act: another's record would be taken, or this one's another time.
_ANOTHERS = ("authority:", "separation:")
AGAINST_ACTOR = (*_ANOTHERS, "signature:")
_DIGEST = "0" * 64
_WHY = "…"


@dataclass(frozen=True, slots=True)
class Hand:
    """An actor who could act, and why their record would be refused today, or nothing.

    `excluded` says that it takes another's, whatever keys there are.
    """

    actor: str
    against: str = ""
    excluded: bool = False

    @property
    def able(self) -> bool:
        """Whether nothing keeps the actor out."""
        return not self.against


def hands(command: str, by: tuple[str, ...], view: View) -> tuple[Hand, ...]:
    """Return who could do what a command records, each with what keeps them out of it."""
    asked = act_of(command, view)
    return tuple(_hand(asked, actor, view) for actor in by)


def _hand(asked: tuple[str, Mapping[str, Any]] | None, actor: str, view: View) -> Hand:
    if actor not in view.policy.actors:
        return Hand(actor, f"{actor} is no actor under the policy in force", excluded=True)
    # What no record of one kind does is asked for as a note: then only the signature can be wanting.
    kind, body = asked or ("note", {"text": _WHY})
    refusals = judge_act(Act(kind, actor, body, None, signer_of(actor, view)), view)
    against = [each for each in refusals if each.id.startswith(AGAINST_ACTOR)]
    return Hand(actor, "; ".join(each.why for each in against), excluded=any(each.id.startswith(_ANOTHERS) for each in against))


def signer_of(actor: str, view: View) -> Signer | None:
    """Return the key that an actor would sign with: one that fits what is asked of them, else any of theirs."""
    keys = live_keys(view.state, actor) if must_sign(view.policy, view.state, actor) else []
    fitting = [key for key in keys if fits(view.policy, actor, key.key)] or keys
    hardware = bool(fitting) and fitting[0].key.startswith("sk-")
    return Signer(fitting[0].fingerprint, hardware=hardware, verified=hardware) if fitting else None


def act_of(command: str, view: View) -> tuple[str, Mapping[str, Any]] | None:
    """Return the kind and the body that a printed command would record, as far as they are known before; None for a question."""
    match _words(command):
        case ["grant", "record", target, *_]:
            name, _, seq = target.partition("#")
            return "grant", {"grant": name, "scope": view.policy.grants[name].scope, **({"instance": int(seq)} if seq else {})}
        case ["grant", "revoke", target, *_] if seq := target.partition("#")[2]:
            return "revoke", {"record": int(seq), "reason": _WHY}
        case ["blocker", "discharge", path, *_]:
            return "discharge", {"leg": path, "evidence": wanted_evidence(path, view)}
        case ["blocker", "reopen", path, *_]:
            return "reopen", {"leg": path, "reason": _WHY}
        case ["lane", "open" | "close" as kind, name, *_]:
            return kind, {"lane": name}
        case ["packet", "issue", name, *_]:
            return "issue", {"packet": name}
        case ["finding", name, result, *_]:
            return "finding", {"finding": name, "result": result, "why": _WHY}
        case ["decide", address, *rest]:
            packet, option = find.option(view.policy, address)
            named = re.findall(r"--supersedes ([0-9]+)", " ".join(rest))
            superseded = int(named[0]) if named else view.packet(packet).decision
            more = {} if superseded is None else {"supersedes": superseded}
            return "decide", {"packet": packet, "option": option.id, "packet_sha256": _DIGEST, **more}
        case _:
            return None


@lru_cache(4096)
def _words(command: str) -> tuple[str, ...]:
    """Return the words of a printed command: the same few are asked about again and again, and to take a text apart takes long."""
    return tuple(shlex.split(command)[1:])


def wanted_evidence(path: str, view: View) -> dict[str, str]:
    """Return the evidence that a leg asks for, as a record would bind it; of a leg that no evidence proves, a word that proves nothing."""
    declared = find.leg(view.policy, path)
    wanted = declared.evidence
    if wanted is None or wanted.kind == "attest":
        return {"kind": "attest", "of": wanted.of if wanted else "nothing", "says": _WHY}
    file = {"sha256": _DIGEST, "path": f"governance/evidence/{_DIGEST[:16]}.json"}
    # What is taken in, and what a rehearsal that waits for it will have been on.
    taken = {"source": _DIGEST} if wanted.kind == "intake" or intakes_awaited(wanted.of, declared, view) else {}
    on = {"data": "handed-over"} if wanted.kind == "dry-run" else {}
    return {"kind": wanted.kind, "of": wanted.of, **file, **taken, **on, **dict(wanted_bindings(wanted.of, declared, view))}
