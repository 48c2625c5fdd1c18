"""Which acts the rules allow and what they change, a second time, over the plain state of `reference`."""

from collections.abc import Iterator
from datetime import datetime

from engine.reference import Body, Reference


def seconds(text: str | None) -> int | None:
    """The seconds of a moment, or None where there is none."""
    return None if text is None else int(datetime.fromisoformat(text).timestamp())


class ReferenceProgramme(Reference):
    """A programme to which acts are put."""

    def allows(self, kind: str, actor: str, body: Body) -> bool:
        """Whether an act may be recorded."""
        if actor not in self.policy["actors"] or not self._known(body):
            return False
        return bool(getattr(self, f"may_{kind}", lambda _actor, _body: True)(actor, body))

    def take(self, kind: str, actor: str, body: Body) -> None:
        """Change the state by an act that was allowed."""
        getattr(self, f"take_{kind}", lambda _actor, _body: None)(actor, body)
        self.size += 1

    def _known(self, body: Body) -> bool:
        sections = {"packet": "packets", "lane": "lanes", "finding": "findings", "action": "actions", "to": "actors"}
        if any(key in body and body[key] not in self.policy[section] for key, section in sections.items()):
            return False
        if isinstance(body.get("grant"), str) and body["grant"] not in self.policy["grants"]:
            return False
        legs = {f"{name}/{leg}" for name, blocker in self.policy["blockers"].items() for leg in blocker["legs"]}
        ids = {option["id"] for option in self.policy["packets"][body["packet"]]["options"]} if "packet" in body else set()
        return body.get("leg", min(legs)) in legs and {body[key] for key in ("option",) if key in body} | set(body.get("options", [])) <= ids

    # Packets

    def may_mark(self, _actor: str, body: Body) -> bool:
        return body["name"] not in self.marks

    def take_mark(self, _actor: str, body: Body) -> None:
        self.marks.add(body["name"])

    def may_genesis(self, _actor: str, _body: Body) -> bool:
        return False

    def may_quote(self, _actor: str, _body: Body) -> bool:
        return False

    def may_prepare(self, _actor: str, body: Body) -> bool:
        return bool(self.packets[body["packet"]]["state"] == "draft")

    def take_prepare(self, actor: str, body: Body) -> None:
        self.packets[body["packet"]]["prepared"].add(actor)

    def may_issue(self, _actor: str, body: Body) -> bool:
        consumes = self.policy["packets"][body["packet"]].get("consumes")
        if self.packets[body["packet"]]["state"] != "draft" or consumes is None:
            return bool(self.packets[body["packet"]]["state"] == "draft")
        parent, option = self.option(consumes)
        return self.packets[parent]["selected"] == option["id"] and self.in_force(parent, option) is True

    def take_issue(self, _actor: str, body: Body) -> None:
        self.packets[body["packet"]]["state"] = "issued"
        consumes = self.policy["packets"][body["packet"]].get("consumes")
        if consumes:
            self.packets[self.option(consumes)[0]]["state"] = "consumed"

    def _speaker(self, actor: str, body: Body) -> str | None:
        """Whose word a decision is: the actor's own, or that of who delegated it; None where it is nobody's."""
        decided_by = self.policy["packets"][body["packet"]]["decided_by"]
        if "delegation" not in body:
            return actor if self.entitled(decided_by, actor) else None
        given = self.delegations.get(body["delegation"])
        if given is None or given["to"] != actor or (given["packet"], body["option"] in given["options"]) != (body["packet"], True):
            return None
        option = self.option(f"{body['packet']}/{body['option']}")[1]
        started = given["start"] is None or self.now >= given["start"]
        ended = given["end"] is not None and self.now >= given["end"]
        counts = started and not ended and not given["revoked"] and given["used"] < given["uses"] and self.entitled(decided_by, given["giver"])
        return given["giver"] if counts and option.get("delegable") and option["scope"] == given["scope"] else None

    def may_decide(self, actor: str, body: Body) -> bool:
        address = f"{body['packet']}/{body['option']}"
        option, state = self.option(address)[1], self.packets[body["packet"]]
        speaker, named = self._speaker(actor, body), body.get("supersedes")
        if speaker is None or named != state["refused"].get(option["id"], state["decision"]):
            return False
        if option.get("hold"):
            return True
        prepared = self._preparers(body["packet"], option)
        separate = "separation_waiver" in self.policy["packets"][body["packet"]] or not {actor, speaker} & prepared
        return separate and speaker not in state["words"].get(option["id"], []) and self.open(address, named)

    def _preparers(self, packet: str, option: Body) -> set[str]:
        proofs = [self.proofs[path] for path in self._legs(option.get("requires", {})) if path in self.proofs]
        return {*self.packets[packet]["prepared"], *(proof["actor"] for proof in proofs if proof["kind"] != "attest")}

    def _legs(self, guard: Body) -> Iterator[str]:
        for part in [*guard.get("all", []), *guard.get("any", []), *guard.get("of", []), *([guard["not"]] if "not" in guard else [])]:
            yield from self._legs(part)
        paths = [guard["leg"]] if "leg" in guard else []
        if "blocker" in guard:
            paths = [f"{guard['blocker']}/{leg}" for leg in self.policy["blockers"][guard["blocker"]]["legs"]]
        for path in paths:
            yield path
            yield from self._legs(self.leg(path).get("requires", {}))

    def decides(self, actor: str, body: Body) -> bool:
        """Whether a decision that is allowed is the last word that was wanted; for HOLD, one is enough."""
        state, speaker = self.packets[body["packet"]], self._speaker(actor, body)
        words = [*state["words"].get(body["option"], []), *([speaker] if speaker else [])]
        hold = self.option(f"{body['packet']}/{body['option']}")[1].get("hold")
        return bool(hold) or self.complete(self.policy["packets"][body["packet"]]["decided_by"], words)

    def take_decide(self, actor: str, body: Body) -> None:
        state, option = self.packets[body["packet"]], body["option"]
        if self.decides(actor, body):
            state["refused"].pop(option, None)
            state.update(selected=option, decision=self.size, words={})
        else:
            state["words"].setdefault(option, []).append(self._speaker(actor, body))
        if "delegation" in body:
            self.delegations[body["delegation"]]["used"] += 1

    def may_refuse(self, actor: str, body: Body) -> bool:
        state, option = self.packets[body["packet"]], self.option(f"{body['packet']}/{body['option']}")[1]
        entitled = self.entitled(self.policy["packets"][body["packet"]]["decided_by"], actor)
        return entitled and not option.get("hold") and state["selected"] != option["id"] and state["state"] == "issued"

    def take_refuse(self, _actor: str, body: Body) -> None:
        self.packets[body["packet"]]["refused"][body["option"]] = self.size
        self.packets[body["packet"]]["words"].pop(body["option"], None)

    def may_delegate(self, actor: str, body: Body) -> bool:
        options = [self.option(f"{body['packet']}/{name}")[1] for name in body["options"]]
        start, end = seconds(body.get("not_before")), seconds(body.get("expires"))
        may = self.entitled(self.policy["packets"][body["packet"]]["decided_by"], actor) and self.policy["actors"][body["to"]].get("may_receive_from") == actor
        window = start is None or end is None or start < end
        return may and window and body["uses"] > 0 and all(each.get("delegable") and each["scope"] == body["scope"] for each in options)

    def take_delegate(self, actor: str, body: Body) -> None:
        window = {"start": seconds(body.get("not_before")), "end": seconds(body.get("expires"))}
        self.delegations[self.size] = {**body, **window, "giver": actor, "used": 0, "revoked": False}

    # Grants

    def take_request(self, actor: str, body: Body) -> None:
        self.grants[self.size] = {"grant": body["grant"], "state": "requested", "words": [], "asked_by": actor, "start": None, "end": None}

    def may_grant(self, actor: str, body: Body) -> bool:
        declared, instance = self.policy["grants"][body["grant"]], self.grants.get(body.get("instance", -1))
        if "instance" in body and (instance is None or instance["grant"] != body["grant"] or instance["state"] != "requested"):
            return False
        start, end = seconds(body.get("not_before")), seconds(body.get("expires"))
        window = end is None or (end > max(self.now, start or 0) and ("expires_after" not in declared or end <= self.now + 60))
        word = (
            self.entitled(declared["issuer"], actor)
            and actor not in (instance["words"] if instance else [])
            and self.policy["actors"][actor]["kind"] == "person"
        )
        return word and (instance is None or instance["asked_by"] != actor) and body["scope"] == declared["scope"] and window

    def take_grant(self, actor: str, body: Body) -> None:
        declared = self.policy["grants"][body["grant"]]
        fresh = {"grant": body["grant"], "state": "requested", "words": [], "asked_by": None, "start": None, "end": None}
        instance = self.grants[body["instance"]] if "instance" in body else self.grants.setdefault(self.size, fresh)
        instance["words"] = [*instance["words"], actor]
        ends = [each for each in (instance["end"], seconds(body.get("expires"))) if each is not None]
        starts = [each for each in (instance["start"], seconds(body.get("not_before"))) if each is not None]
        if self.complete(declared["issuer"], instance["words"]):
            instance["state"] = "recorded"
            ends += [self.now + 60] if "expires_after" in declared else []
        instance["start"], instance["end"] = max(starts, default=None), min(ends, default=None)

    def may_revoke(self, actor: str, body: Body) -> bool:
        instance, given = self.grants.get(body["record"]), self.delegations.get(body["record"])
        if instance:
            revocable = instance["state"] in ("requested", "recorded", "consumed", "completed", "used-unknown")
            return revocable and self.entitled(self.policy["grants"][instance["grant"]]["issuer"], actor)
        return given is not None and given["giver"] == actor and not given["revoked"]

    def take_revoke(self, _actor: str, body: Body) -> None:
        if body["record"] in self.grants:
            self.grants[body["record"]]["state"] = "revoked"
        else:
            self.delegations[body["record"]]["revoked"] = True

    def may_begin(self, _actor: str, body: Body) -> bool:
        consumes = self.policy["actions"][body["action"]].get("consumes")
        if not self.can(body["action"]) or consumes is None:
            return self.can(body["action"]) and "grant" not in body
        instance = self.grants.get(body.get("grant", -1))
        return instance is not None and instance["grant"] == consumes and self._usable(instance)

    def take_begin(self, _actor: str, body: Body) -> None:
        self.runs[self.size] = {"action": body["action"], "state": "begun", "grant": body.get("grant"), "status": None}
        if "grant" in body:
            self.grants[body["grant"]]["state"] = "consumed"

    def _may_finish(self, body: Body, run_state: str, grant_state: str) -> bool:
        run = self.runs.get(body["begin"])
        return run is not None and run["state"] == run_state and (run["grant"] is None or self.grants[run["grant"]]["state"] == grant_state)

    def _finish(self, body: Body, run_state: str, grant_state: str) -> None:
        run = self.runs[body["begin"]]
        run.update(state=run_state, status=body.get("status"))
        if run["grant"] is not None:
            self.grants[run["grant"]]["state"] = grant_state

    def may_end(self, _actor: str, body: Body) -> bool:
        return self._may_finish(body, "begun", "consumed")

    def take_end(self, _actor: str, body: Body) -> None:
        self._finish(body, "ended", "completed")

    def may_lose(self, _actor: str, body: Body) -> bool:
        return self._may_finish(body, "begun", "consumed")

    def take_lose(self, _actor: str, body: Body) -> None:
        self._finish(body, "lost", "used-unknown")

    def may_resolve(self, actor: str, body: Body) -> bool:
        if not self._may_finish(body, "lost", "used-unknown"):
            return False
        grant = self.runs[body["begin"]]["grant"]
        who = "owner" if grant is None else self.policy["grants"][self.grants[grant]["grant"]]["issuer"]
        return self.entitled(who, actor)

    def take_resolve(self, _actor: str, body: Body) -> None:
        self._finish(body, "ended", "completed")

    # Legs, lanes, findings

    def may_discharge(self, actor: str, body: Body) -> bool:
        declared, given = self.leg(body["leg"]), body["evidence"]
        right = declared.get("evidence") == {given["kind"]: given["of"]} and (given["kind"] == "attest" or "sha256" in given)
        right = right and (given["kind"] != "dry-run" or given.get("data") not in (None, "toy", "surrogate"))
        return right and actor in self.members(declared["by"])

    def take_discharge(self, actor: str, body: Body) -> None:
        self.proofs[body["leg"]] = {"seq": self.size, "at": self.now, "actor": actor, "kind": body["evidence"]["kind"], "proven": True}

    def may_reopen(self, _actor: str, body: Body) -> bool:
        return bool(self.proofs.get(body["leg"], {"proven": False})["proven"])

    def take_reopen(self, _actor: str, body: Body) -> None:
        self.proofs[body["leg"]]["proven"] = False

    def may_open(self, actor: str, body: Body) -> bool:
        who, lane = self.policy["lanes"][body["lane"]].get("opened_by"), self.lanes[body["lane"]]
        return who is not None and not lane["open"] and self.entitled(who, actor) and actor not in lane["words"]

    def take_open(self, actor: str, body: Body) -> None:
        lane = self.lanes[body["lane"]]
        words = [*lane["words"], actor]
        complete = self.complete(self.policy["lanes"][body["lane"]]["opened_by"], words)
        lane.update(open=complete, words=[] if complete else words, seq=self.size)

    def may_close(self, _actor: str, body: Body) -> bool:
        return "opened_by" in self.policy["lanes"][body["lane"]] and bool(self.lanes[body["lane"]]["open"])

    def take_close(self, _actor: str, body: Body) -> None:
        self.lanes[body["lane"]] = {"open": False, "words": [], "seq": self.size}

    def may_finding(self, actor: str, body: Body) -> bool:
        return actor in self.members(self.policy["findings"][body["finding"]]["by"])

    def take_finding(self, _actor: str, body: Body) -> None:
        self.findings[body["finding"]] = body["result"]
