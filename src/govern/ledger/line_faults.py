"""What is wrong with a line that the fast reader did not take: found out slowly, field by field.

Pure. Each fault is a code, what is said of the line, and a hint; `lines` adds which record it is, and where.
"""

from typing import TypeAlias

from govern.canonical import BeyondLimitError, NotCanonicalError, decode, text_digest

Fault: TypeAlias = tuple[str, str, str]

_LINE_FIELDS = ("at", "check", "kind", "ledger", "prev", "seq", "sigs", "stmt", "stmt_sha256", "v")
_RESTORE = "restore the line from a clone or a backup"
NEWER = "written by a newer govern, or by hand"


def fault_of(raw: bytes, seq: int, ledger: str | None, last: str) -> Fault:
    """Return the first fault of a line that should be number `seq` of a ledger, behind the one with the digest `last`."""
    if raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        return "TAMPER", "a conflict marker of a merge", "take one side, then `govern verify`; set `merge=binary` for the ledger"
    if raw.endswith(b"\r"):
        help = "set `-text` for the ledger in .gitattributes and check it out again"
        return "TAMPER", "it ends in CR LF; without the CR it may match, and is not accepted", help
    try:
        value = decode(raw.decode())
    except UnicodeDecodeError:
        return "JSON_LIMIT", "not UTF-8", ""
    except NotCanonicalError as error:
        return _code_of(error), f"not in its one spelling: {error}", "edited by hand?"
    if not isinstance(value, dict) or tuple(value) != _LINE_FIELDS:
        return "SCHEMA_UNKNOWN", "a line with other fields than are known", NEWER
    return _fault_of_place(value, seq, ledger, last) or _fault_of_content(value, raw)


def _fault_of_place(value: dict[str, object], seq: int, ledger: str | None, last: str) -> Fault | None:
    if value["v"] is True or value["v"] != 1:
        return "SCHEMA_UNKNOWN", f"a line of version {value['v']}", NEWER
    if isinstance(value["seq"], bool) or value["seq"] != seq:
        return "SEQ", f"it is numbered {value['seq']}", "a line was removed, added or moved"
    if value["ledger"] != (ledger or value["stmt_sha256"]):
        return "LEDGER_MISMATCH", "it is of another ledger", "copied from another programme?"
    if value["prev"] != (last or value["stmt_sha256"]):
        return "CHAIN_BROKEN", f"it does not follow {last[:12] or 'its own statement'}", "the line before it was changed, or this one moved"
    return None


def _fault_of_content(value: dict[str, object], raw: bytes) -> Fault:
    stmt = value["stmt"]
    if not isinstance(stmt, str) or text_digest(stmt) != value["stmt_sha256"]:
        return "CHAIN_BROKEN", "its statement was changed after it was recorded", _RESTORE
    # Not by the fixed widths: what is wrong may be the width.
    if text_digest(raw.decode().replace(f'"check":"{value["check"]}",', "", 1)) != value["check"]:
        return "CHAIN_BROKEN", "it was changed after it was recorded", _RESTORE
    try:
        decode(stmt)
    except NotCanonicalError as error:
        return _code_of(error), f"its statement is not in its one spelling: {error}", ""
    if value["sigs"] != [] and not (isinstance(value["sigs"], list) and len(value["sigs"]) == 1):
        return "SCHEMA_UNKNOWN", "its `sigs` is no list of one signature", NEWER
    return "SCHEMA_UNKNOWN", f"its time `{value['at']}` or its kind `{value['kind']}` is malformed", ""


def _code_of(error: NotCanonicalError) -> str:
    return "JSON_LIMIT" if isinstance(error, BeyondLimitError) else "JSON_NOT_CANONICAL"
