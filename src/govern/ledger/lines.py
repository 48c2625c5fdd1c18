"""Ledger lines: one RFC 8785 object a record, chained by digest, read strictly.

Pure. `read_records` accepts exactly what `encode_line` writes; whatever differs is named with the record's number.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in the stubs
from json.encoder import encode_basestring
from typing import NamedTuple, NoReturn

from govern.canonical import NotCanonicalError, decode, digest, text_digest
from govern.ledger.moments import parse_stored, spell_time
from govern.ledger.statements import BODIES, SchemaUnknownError, Statement, is_time, parse_statement
from govern.problems import Exit, GovernError, Place, fault

MAX_LINE = 1024 * 1024
_LINE_FIELDS = ("at", "check", "kind", "ledger", "prev", "seq", "sigs", "stmt", "stmt_sha256", "v")
# Fixed widths of the canonical spelling: `{"at":"…20…","check":"…64…",` and `","stmt_sha256":"…64…","v":1}`.
_HEAD, _AFTER_CHECK, _TAIL = 29, 104, 89


class Record(NamedTuple):
    """One accepted line: its number, its time in the stored spelling, and what it says."""

    seq: int
    at: str
    statement: Statement
    stmt_digest: str
    sigs: tuple[str, ...]

    @property
    def seconds(self) -> int:
        """The time in seconds."""
        return parse_stored(self.at)


class Chain:
    """What the next line must follow: the last digest, the last time, the ledger id, and every digest so far."""

    __slots__ = ("at", "digests", "last", "ledger", "size", "statements")

    def __init__(self) -> None:
        self.ledger: str | None = None
        self.last = ""
        self.at = ""
        self.size = 0
        # Flat arrays, not sets of objects: a ledger of a million records is read whole.
        self.digests = bytearray()
        self.statements = array("Q")

    def digest_at(self, size: int) -> str:
        """Return the digest of the last line of the first `size`; of none, nothing."""
        return self.digests[32 * size - 32 : 32 * size].hex() if size else ""

    def take(self, record: Record, line_digest: bytes) -> None:
        """Move behind a line."""
        self.ledger = self.ledger or record.stmt_digest
        self.last, self.at = line_digest.hex(), record.at
        self.digests += line_digest
        self.statements.append(int(record.stmt_digest[:16], 16))
        self.size += 1


def encode_line(chain: Chain, statement: Statement, at: int) -> bytes:
    """Return the line, with its LF, that puts a statement behind the chain. The chain does not move."""
    stmt = statement.text()
    stmt_digest = text_digest(stmt)
    ledger = chain.ledger or stmt_digest
    prev = chain.last or stmt_digest
    rest = (
        f'"kind":"{statement.kind}","ledger":"{ledger}","prev":"{prev}","seq":{chain.size},"sigs":[],'
        f'"stmt":{encode_basestring(stmt)},"stmt_sha256":"{stmt_digest}","v":1}}'
    )
    start = f'{{"at":"{spell_time(at)}",'
    return f'{start}"check":"{text_digest(start + rest)}",{rest}\n'.encode()


def read_records(lines: Iterable[bytes], chain: Chain, file: str = "governance/ledger", stop: Callable[[Record], bool] | None = None) -> Iterator[Record]:
    """Yield the record of each line (without its LF) and move the chain behind it, up to the first that `stop` refuses.

    Raises:
        GovernError: the first line that is not what an honest writer would have put there, status 5.
    """
    for raw in lines:
        record = _read(raw, chain, file)
        if stop is not None and stop(record):
            break
        chain.take(record, hashlib.sha256(raw).digest())
        yield record
    if len(set(chain.statements)) != chain.size:
        raise _replayed(chain, file)


def _replayed(chain: Chain, file: str) -> GovernError:
    first: dict[int, int] = {}
    for seq, digest_start in enumerate(chain.statements):
        if first.setdefault(digest_start, seq) != seq:
            return _broken("STATEMENT_REPLAY", file, seq, f"its statement is that of record {first[digest_start]}", "a statement counts once")
    raise AssertionError("no statement stands twice")


def _read(raw: bytes, chain: Chain, file: str) -> Record:
    seq = chain.size
    try:
        text = raw.decode()
        parts = text.split('"', 24)
        rest = parts[24]
        stmt_digest = rest[-72:-8]
        sigs_end = rest.index('],"stmt":"')
        stmt, _end = scanstring(rest, sigs_end + 10)
        at, sigs_text = parts[3], rest[1 : sigs_end + 1]
        prev, ledger = chain.last or stmt_digest, chain.ledger or stmt_digest
        spelled = (
            f'{{"at":"{at}","check":"{parts[7]}","kind":"{parts[11]}","ledger":"{ledger}","prev":"{prev}","seq":{seq},'
            f'"sigs":{sigs_text},"stmt":{encode_basestring(stmt)},"stmt_sha256":"{stmt_digest}","v":1}}'
        )
        if (
            spelled != text
            or len(raw) > MAX_LINE
            or not is_time(at)
            or hashlib.sha256((text[:_HEAD] + text[_AFTER_CHECK:]).encode()).hexdigest() != parts[7]
            or hashlib.sha256(stmt.encode()).hexdigest() != stmt_digest
        ):
            _refuse(raw, chain, file)
        sigs = _signatures(sigs_text) if len(sigs_text) > 2 else ()
        statement = parse_statement(stmt)
    except SchemaUnknownError as error:
        raise _broken("SCHEMA_UNKNOWN", file, seq, str(error), "written by a newer govern, or by hand") from error
    except (ValueError, IndexError, RecursionError):
        _refuse(raw, chain, file)
    if statement.kind != parts[11] or (statement.ledger or stmt_digest) != ledger:
        _refuse_statement(statement, parts[11], ledger, file, seq)
    basis = statement.basis
    if basis.size > seq or chain.digest_at(basis.size) != basis.last:
        raise _broken("BASIS_MISMATCH", file, seq, f"it was made on another history of {basis.size} records", "an earlier line was changed, or this one copied")
    # Stored times have one width, so their order as texts is their order in time.
    if at < chain.at:
        raise _broken("TIME_ORDER", file, seq, f"its time {at} is before that of the record before it", "")
    return Record(seq, at, statement, stmt_digest, sigs)


def _signatures(text: str) -> tuple[str, ...]:
    sigs = decode(text)
    if not all(isinstance(sig, str) for sig in sigs):
        raise SchemaUnknownError("a signature that is not a text")
    return tuple(sigs)


def _broken(code: str, file: str, seq: int, message: str, help: str) -> GovernError:
    place = Place(file, seq + 1, 1)
    return fault(Exit.BROKEN, code, f"ledger record {seq}: {message}", place=place, help=help)


def _refuse_statement(statement: Statement, kind: str, ledger: str, file: str, seq: int) -> NoReturn:
    if statement.kind != kind:
        raise _broken("SCHEMA_UNKNOWN", file, seq, f"the line says `{kind}`, its statement `{statement.kind}`", "")
    if statement.ledger is None:
        raise _broken("SCHEMA_UNKNOWN", file, seq, "only the first record may name no ledger", "")
    raise _broken("LEDGER_MISMATCH", file, seq, f"its statement is of ledger {statement.ledger[:12]}, this is {ledger[:12]}", "copied from another ledger")


def _refuse(raw: bytes, chain: Chain, file: str) -> NoReturn:
    """Find out, slowly, what is wrong with a line that the fast reader did not take."""
    seq = chain.size
    if len(raw) > MAX_LINE:
        raise _broken("JSON_LIMIT", file, seq, f"a line of {len(raw)} bytes, at most {MAX_LINE}", "")
    if raw.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise _broken("TAMPER", file, seq, "a conflict marker of a merge", "take one side, then `govern verify`; set `merge=binary` for the ledger")
    if raw.endswith(b"\r"):
        raise _broken(
            "TAMPER",
            file,
            seq,
            "it ends in CR LF; without the CR it may match, and is not accepted",
            "set `-text` for the ledger in .gitattributes and check it out again",
        )
    try:
        value = decode(raw.decode())
    except UnicodeDecodeError as error:
        raise _broken("JSON_LIMIT", file, seq, "not UTF-8", "") from error
    except NotCanonicalError as error:
        code = "JSON_LIMIT" if "beyond" in str(error) or "recursion" in str(error) else "JSON_NOT_CANONICAL"
        raise _broken(code, file, seq, f"not in its one spelling: {error}", "edited by hand?") from error
    if not isinstance(value, dict) or tuple(value) != _LINE_FIELDS or value["v"] != 1 or value["kind"] not in BODIES:
        raise _broken("SCHEMA_UNKNOWN", file, seq, "a line with other fields, version or kind than are known", "")
    if value["seq"] != seq:
        raise _broken("SEQ", file, seq, f"it is numbered {value['seq']}", "a line was removed, added or moved")
    if value["ledger"] != (chain.ledger or value["stmt_sha256"]):
        raise _broken("LEDGER_MISMATCH", file, seq, "it is of another ledger", "copied from another programme?")
    if value["prev"] != (chain.last or value["stmt_sha256"]):
        follows = chain.last[:12] or "its own statement"
        raise _broken("CHAIN_BROKEN", file, seq, f"it does not follow {follows}", "the line before it was changed, or this one moved")
    _refuse_content(value, raw, file, seq)


def _refuse_content(value: dict[str, object], raw: bytes, file: str, seq: int) -> NoReturn:
    stmt = value["stmt"]
    if not isinstance(stmt, str) or text_digest(stmt) != value["stmt_sha256"]:
        raise _broken("CHAIN_BROKEN", file, seq, "its statement was changed after it was recorded", "restore the line from a clone or a backup")
    text = raw.decode()
    if digest((text[:_HEAD] + text[_AFTER_CHECK:]).encode()) != value["check"]:
        raise _broken("CHAIN_BROKEN", file, seq, "it was changed after it was recorded", "restore the line from a clone or a backup")
    try:
        decode(stmt)
    except NotCanonicalError as error:
        raise _broken("JSON_NOT_CANONICAL", file, seq, f"its statement is not in its one spelling: {error}", "") from error
    raise _broken("SCHEMA_UNKNOWN", file, seq, "its time is malformed", "")
