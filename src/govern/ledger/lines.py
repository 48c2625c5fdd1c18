"""Ledger lines: one RFC 8785 object a record, chained by digest, read strictly.

Pure. `read_records` accepts exactly what `encode_line` writes; whatever differs is named with the record's number.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, NoReturn

from govern.canonical import decode, quote, spell_text, text_digest
from govern.ledger.line_faults import NEWER, fault_of
from govern.ledger.moments import parse_stored, spell_time
from govern.ledger.parsing import Nearby, parse_quoted
from govern.ledger.sshsig import SignatureError, Signer, check_signature, read_signer
from govern.ledger.statements import Basis, SchemaUnknownError, Statement
from govern.problems import Exit, GovernError, Place, fault

MAX_LINE = 1024 * 1024
SEGMENT_LINES = 4096
FOLDER = "governance/ledger"
# The canonical spelling has fixed widths: `{"at":"…20…","check":"…64…","kind":"` and `","stmt_sha256":"…64…","v":1}`.
_AT, _CHECK, _STMT_DIGEST = slice(7, 27), slice(38, 102), slice(-72, -8)
_KIND, _STMT_END = 112, -89
_SIGNATURES, _STATEMENT = ',"sigs":[', '],"stmt":"'
_BEFORE_CHECK, _AFTER_CHECK = slice(29), slice(104, None)
# A named tuple's own constructor takes twice as long.
_new = tuple.__new__
# So many lines are read, then what is signed of them is verified: to and fro for each line, neither would find in the processor's
# cache what it left there, and a signed ledger would take up to a tenth longer.
_TOGETHER = 32


def segment_name(number: int) -> str:
    """Return the name of a segment."""
    return f"{number:06d}.jsonl"


def place_of(seq: int) -> Place:
    """Return where a record stands: its segment, and its line there."""
    segment, line = divmod(seq, SEGMENT_LINES)
    return Place(f"{FOLDER}/{segment_name(segment)}", line + 1, 1)


class Record(NamedTuple):
    """One accepted line: its number, its time in the stored spelling and in seconds, what it says, and whose key signed it."""

    seq: int
    at: str
    seconds: int
    statement: Statement
    stmt_digest: str
    signer: Signer | None = None


# Verifies the signature of a text in a namespace, and returns whose key made it.
Verifier = Callable[[str, bytes, str], Signer]


def namespace_of(kind: str) -> str:
    """Return the namespace in which a record of a kind is signed: a signature made for one thing says nothing about another."""
    return f"govern-{kind}"


class Chain:
    """What the next line must follow: the last digest, the last time, the ledger id, and every digest so far.

    Signatures of the first `known` lines were verified before: there, only whose they are is read.
    """

    __slots__ = ("at", "digests", "known", "last", "ledger", "nearby", "size", "statements", "verify")

    def __init__(self, known: int = 0, verify: Verifier = check_signature) -> None:
        self.known = known
        self.verify = verify
        self.ledger: str | None = None
        self.last = ""
        self.at = ""
        self.size = 0
        # Flat arrays, not sets of objects: a ledger of a million records is read whole.
        self.digests = bytearray()
        self.statements = array("Q")
        self.nearby = Nearby()

    def digest_at(self, size: int) -> str:
        """Return the digest of the last line of the first `size`; of none, nothing."""
        return self.digests[32 * size - 32 : 32 * size].hex() if size else ""

    def has(self, basis: Basis) -> bool:
        """Whether a head that somebody saw is, or was, the head of this chain."""
        size, last = basis
        return last == self.last if size == self.size else size < self.size and last == self.digest_at(size)

    def take(self, record: Record, line_digest: bytes) -> None:
        """Move behind a line."""
        _seq, self.at, _seconds, _statement, stmt_digest, _signer = record
        if self.ledger is None:
            self.ledger = stmt_digest
        self.last = line_digest.hex()
        self.digests += line_digest
        self.statements.append(int(stmt_digest[:16], 16))
        self.size += 1

    def copied(self) -> "Chain":
        """Return a chain that stands behind the same lines, to be moved on by itself."""
        other = Chain(self.known, self.verify)
        other.ledger, other.last, other.at, other.size = self.ledger, self.last, self.at, self.size
        other.digests, other.statements = self.digests[:], self.statements[:]
        return other

    def back_to(self, size: int, at: str) -> None:
        """Move back behind the first `size` lines, the last of which was of the time `at`."""
        del self.digests[32 * size :]
        del self.statements[size:]
        self.size, self.at, self.last = size, at, self.digest_at(size)
        self.ledger = self.ledger if size else None


def encode_line(chain: Chain, statement: Statement, at: int, armor: str | None = None) -> bytes:
    """Return the line, with its LF, that puts a statement, signed or not, behind the chain. The chain does not move."""
    stmt = statement.text()
    stmt_digest = text_digest(stmt)
    start = f'{{"at":"{spell_time(at)}",'
    signatures = "" if armor is None else f'"{quote(armor)}"'
    rest = f'{_spell_middle(chain, statement.kind, stmt_digest)}{signatures}],"stmt":"{quote(stmt)}","stmt_sha256":"{stmt_digest}","v":1}}'
    return f'{start}"check":"{text_digest(start + rest)}",{rest}\n'.encode()


def _spell_middle(chain: Chain, kind: str, stmt_digest: str) -> str:
    """Return what stands between check and signatures. The first line has nothing to follow but its own statement."""
    return f'"kind":"{kind}","ledger":"{chain.ledger or stmt_digest}","prev":"{chain.last or stmt_digest}","seq":{chain.size},"sigs":['


def read_records(lines: Iterable[bytes], chain: Chain, stop: Callable[[Record], bool] | None = None) -> Iterator[Record]:
    """Yield the record of each line (without its LF) and move the chain behind it, up to the first that `stop` refuses.

    Some lines are read ahead: in between, the chain may stand behind more of them than were yielded.

    Raises:
        GovernError: the first line that is not what an honest writer would have put there, status 5.
    """
    rest, ended = iter(lines), False
    while not ended:
        at = chain.at
        records, error = _read_ahead(rest, chain)
        ended = len(records) < _TOGETHER
        for record in records:
            if stop is not None and stop(record):
                chain.back_to(record.seq, at)
                ended, error = True, None
                break
            at = record.at
            yield record
        if error:
            raise error
    if len(set(chain.statements)) != chain.size:
        raise _replayed(chain)


def _read_ahead(lines: Iterator[bytes], chain: Chain) -> tuple[list[Record], GovernError | None]:
    """Return the next records, with the chain behind the last of them, and what is wrong with the line that ended them."""
    records: list[Record] = []
    signed: list[tuple[int, str, bytes]] = []
    at, error, place = chain.at, None, 0
    try:
        for raw in islice(lines, _TOGETHER):
            record, armor, stmt = _read(raw, chain)
            chain.take(record, sha256(raw).digest())
            if armor is not None:
                signed.append((len(records), armor, stmt))
            records.append(record)
    except GovernError as found:
        error = found
    try:
        for place, armor, stmt in signed:
            record = records[place]
            records[place] = _new(Record, (*record[:-1], _signer_of(armor, stmt, record.statement.kind, record.seq, chain)))
    except GovernError as found:
        error = found
        chain.back_to(records[place].seq, records[place - 1].at if place else at)
        del records[place:]
    return records, error


def _replayed(chain: Chain) -> GovernError:
    first: dict[int, int] = {}
    for seq, digest_start in enumerate(chain.statements):
        if first.setdefault(digest_start, seq) != seq:
            return _broken("STATEMENT_REPLAY", seq, f"its statement is that of record {first[digest_start]}", "a statement counts once")
    raise AssertionError("no statement stands twice")


def _read(raw: bytes, chain: Chain) -> tuple[Record, str | None, bytes]:
    """Return the record of a line but for its signer, its signature, and the text that this is said to be of."""
    seq = chain.size
    try:
        text = raw.decode()
        at, check, stmt_digest = text[_AT], text[_CHECK], text[_STMT_DIGEST]
        kind = text[_KIND : text.index('"', _KIND)]
        middle, signatures, armor = _spell_middle(chain, kind, stmt_digest), "", None
        start = _AFTER_CHECK.start + len(middle)
        if not text.startswith(_STATEMENT, start):
            signatures, armor = _find_signature(text)
        quoted = text[start + len(signatures) + len(_STATEMENT) : _STMT_END]
        if (
            f'{{"at":"{at}","check":"{check}",{middle}{signatures}],"stmt":"{quoted}","stmt_sha256":"{stmt_digest}","v":1}}' != text
            or len(raw) > MAX_LINE
            or sha256(raw[_BEFORE_CHECK] + raw[_AFTER_CHECK]).hexdigest() != check
        ):
            _refuse(raw, chain)
        seconds = parse_stored(at)
        head = _new(Basis, (seq, chain.last))
        statement, text = parse_quoted(quoted, kind, head, chain.nearby)
        stmt = text.encode()
        if sha256(stmt).hexdigest() != stmt_digest:
            _refuse(raw, chain)
    except SchemaUnknownError as error:
        raise _broken("SCHEMA_UNKNOWN", seq, str(error), NEWER) from error
    except ValueError:
        _refuse(raw, chain)
    # Stored times have one width, so their order as texts is their order in time.
    said_ledger, said_kind, _actor, _body, basis, _policy, _subjects, _imported = statement
    if said_kind != kind or said_ledger != chain.ledger or at < chain.at or not (basis is head or chain.has(basis)):
        if armor is not None:
            _signer_of(armor, stmt, kind, seq, chain)
        _refuse_statement(statement, kind, at, chain)
    return _new(Record, (seq, at, seconds, statement, stmt_digest, None)), armor, stmt


def _find_signature(text: str) -> tuple[str, str | None]:
    """Return the signature of a line as it is spelled there, and its text.

    Raises:
        ValueError: it has none, or not in its one spelling.
    """
    start = text.index(_SIGNATURES) + len(_SIGNATURES)
    signatures = text[start : text.index(_STATEMENT, start)]
    if not signatures:
        return "", None
    armor = signatures[1:-1].replace("\\n", "\n")
    if spell_text(armor) != signatures:
        # Not one text in its one spelling: `decode` says why.
        decode(f"[{signatures}]")
        raise SchemaUnknownError("a line has one signature, a text")
    return signatures, armor


def _signer_of(armor: str, stmt: bytes, kind: str, seq: int, chain: Chain) -> Signer:
    namespace = namespace_of(kind)
    try:
        return read_signer(armor, namespace) if seq < chain.known else chain.verify(armor, stmt, namespace)
    except SignatureError as error:
        raise _broken(error.code, seq, f"its signature is not accepted: {error}", "no append would have written it") from error


def _broken(code: str, seq: int, message: str, help: str) -> GovernError:
    return fault(Exit.BROKEN, code, f"ledger record {seq}: {message}", place=place_of(seq), help=help)


def _refuse_statement(statement: Statement, kind: str, at: str, chain: Chain) -> NoReturn:
    seq, basis = chain.size, statement.basis
    if statement.kind != kind:
        raise _broken("SCHEMA_UNKNOWN", seq, f"the line says `{kind}`, its statement `{statement.kind}`", "")
    if statement.ledger is None and chain.ledger:
        raise _broken("SCHEMA_UNKNOWN", seq, "only the first record may name no ledger", "")
    if statement.ledger != chain.ledger:
        this = chain.ledger[:12] if chain.ledger else "the first record of a new one"
        raise _broken("LEDGER_MISMATCH", seq, f"its statement is of ledger {str(statement.ledger)[:12]}, this is {this}", "copied from another ledger")
    if not chain.has(basis):
        raise _broken("BASIS_MISMATCH", seq, f"it was made on another history of {basis.size} records", "an earlier line was changed, or this one copied")
    raise _broken("TIME_ORDER", seq, f"its time {at} is before that of the record before it", "")


def _refuse(raw: bytes, chain: Chain) -> NoReturn:
    """Find out, slowly, what is wrong with a line that the fast reader did not take."""
    if len(raw) > MAX_LINE:
        raise _broken("JSON_LIMIT", chain.size, f"a line of {len(raw)} bytes, at most {MAX_LINE}", "")
    code, message, help = fault_of(raw, chain.size, chain.ledger, chain.last)
    raise _broken(code, chain.size, message, help)
