"""Rows of a Directus project in which nothing is real, of any number; the same number and seed give the same rows.

Shaped like what such a project holds: a log and revisions that outweigh everything, few users and files, texts that are
stored out of line, NULLs, JSON, and text beyond ASCII. Values are those of Python: an engine spells them as it does.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

Value = str | int | float | bool | None
Row = tuple[Value, ...]

_BEGUN = datetime(2023, 3, 1, tzinfo=UTC)
# fmt: off
_GIVEN = (
    "Åsa", "Bùi", "Chiara", "Đặng", "Eîlidh", "Farah", "Gülşen", "Hana", "Iñaki",
    "Jörg", "Каріна", "Łucja", "Mäns", "Ngọc", "Ólafur", "Peļķe", "Quỳnh", "Rania",
    "Søren", "Théo", "Ülkü", "Väinö", "Wanjiru", "Xoán", "Ýr", "Živa", "小夜子",
    "نور",
)
_FAMILY = (
    "Andersson", "Brânză", "Chandra", "Dvořák", "Estévez", "Færøy", "García", "Håkansson", "İnönü",
    "Jovanović", "Kowalska", "Lindström", "Müller", "Nguyễn", "Ó'Brien", "Pérez", "Quist", "Rossi",
    "Szabó", "Türk", "山田",
)
_PLACES = ("Göteborg", "São Luís", "Łódź", "Hà Nội", "Reykjavík", "Nairobi", "Kraków", "Århus", "Osaka 大阪", "Leeds", "Çanakkale", "Zürich")
_WORDS = (
    "delivery", "register", "midwife", "ward", "transfer", "observed", "stable", "weight", "length",
    "apgar", "discharge", "follow-up", "vaccination", "mother", "father", "signed", "clerk", "corrected",
    "duplicate", "amended", "certificate", "issued", "naïve", "façade", "übergeben", "größe", "récépissé",
    "nåde", "čtvrtek", "🍼", "pending", "approved", "night", "shift", "scanned", "page",
    "folio",
)
# fmt: on
_AGENTS = tuple(f"Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0" for version in range(115, 145))
_COLLECTIONS = ("birth_registry", "directus_files", "directus_users", "directus_fields")
_ACTIONS = ("update",) * 11 + ("create",) * 5 + ("login",) * 3 + ("delete",)
_ROLES, _FOLDERS = 5, 40
# Every text is a piece of this one.
_LONG = " ".join(Random(0).choices(_WORDS, k=60_000))  # noqa: S311 - no secrets
_LETTERS = 350_000
# Of a hundred rows, as many are of these tables; what is left of the whole are revisions.
_REGISTERED, _LOGGED, _FILED, _USERS = 30, 40, 2, 1
# Of so many revisions one is of a scanned page: its text is longer than a page of the database.
_LONG_EVERY = 150


@dataclass(frozen=True, slots=True)
class Table:
    """A table that gets rows: its columns, how many rows it has, and the rows."""

    name: str
    columns: tuple[str, ...]
    count: int
    rows: Callable[[], Iterator[Row]]


def tables(rows: int, seed: int) -> tuple[Table, ...]:
    """Return the tables that together hold so many rows, each after those that it refers to."""
    names = ("birth_registry", "directus_activity", "directus_files", "directus_users")
    count = dict(zip(names, (rows * share // 100 for share in (_REGISTERED, _LOGGED, _FILED, _USERS)), strict=True))
    count |= {"directus_roles": _ROLES, "directus_folders": _FOLDERS}
    count["directus_revisions"] = rows - sum(count.values())
    makers = {
        "directus_roles": _roles,
        "directus_users": _users,
        "directus_folders": _folders,
        "directus_files": _files,
        "directus_activity": _activity,
        "directus_revisions": _revisions,
        "birth_registry": _registry,
    }

    def table(name: str) -> Table:
        # Each table has randomness of its own: another number of rows in one does not move the others.
        return Table(name, _COLUMNS[name], count[name], lambda: makers[name](Random(f"{seed} {name}"), count))  # noqa: S311 - no secrets

    return tuple(map(table, makers))


_COLUMNS = {
    "directus_roles": ("id", "name", "icon", "description", "parent"),
    "directus_users": ("id", "first_name", "last_name", "email", "location", "title", "tags", "language", "status", "role", "last_access", "appearance"),
    "directus_folders": ("id", "name", "parent"),
    "directus_files": (
        *("id", "storage", "filename_disk", "filename_download", "title", "type", "folder", "uploaded_by", "created_on", "modified_on"),
        *("filesize", "width", "height", "description", "metadata"),
    ),
    "directus_activity": ("id", "action", "user", "timestamp", "ip", "user_agent", "collection", "item", "origin"),
    "directus_revisions": ("id", "activity", "collection", "item", "data", "delta", "parent"),
    "birth_registry": (
        *("id", "registration_no", "child_name", "sex", "birth_at", "weight_g", "place", "mother_ref", "father_ref", "meta", "notes"),
        *("price", "score", "date_created"),
    ),
}


def _roles(_random: Random, _count: dict[str, int]) -> Iterator[Row]:
    for number in range(_ROLES):
        yield _id("role", number), f"Clerk {number}", "badge", None, _id("role", 0) if number else None


def _users(random: Random, count: dict[str, int]) -> Iterator[Row]:
    for number in range(count["directus_users"]):
        given, family = random.choice(_GIVEN), random.choice(_FAMILY)
        tags = _json(sorted(random.sample(_WORDS, 3))) if random.random() < 0.2 else None
        seen = _moment(random.random()) if random.random() < 0.8 else None
        standing = "active" if random.random() < 0.9 else "suspended"
        yield (
            *(_id("user", number), given, family, None, random.choice(_PLACES), None, tags, random.choice(("en-GB", "sv-SE", "pl-PL")), standing),
            *(_id("role", number % _ROLES), seen, "auto"),
        )


def _folders(_random: Random, _count: dict[str, int]) -> Iterator[Row]:
    for number in range(_FOLDERS):
        yield _id("folder", number), f"Scans {2023 + number // 12}-{number % 12 + 1:02}", None


def _files(random: Random, count: dict[str, int]) -> Iterator[Row]:
    for number in range(count["directus_files"]):
        id, taken = _id("file", number), _moment(number / count["directus_files"])
        size = int(random.lognormvariate(13, 1))
        meta = _json({"iso": random.choice((100, 200, 400)), "exif": {"lens": random.choice(_WORDS), "f": round(random.uniform(1.4, 11), 1)}})
        yield (
            *(id, "local", f"{id}.jpg", f"folio-{number:06}.jpg", f"Folio {number}", "image/jpeg", _id("folder", random.randrange(_FOLDERS))),
            *(_id("user", _few(random, count["directus_users"])), taken, taken, size, random.choice((1240, 2480)), 3508, None, meta),
        )


def _activity(random: Random, count: dict[str, int]) -> Iterator[Row]:
    whole = count["directus_activity"]
    for number in range(whole):
        action = random.choice(_ACTIONS)
        item = str(random.randrange(max(1, count["birth_registry"])) + 1)
        collection = "directus_users" if action == "login" else random.choice(_COLLECTIONS) if random.random() < 0.1 else "birth_registry"
        address = f"192.0.2.{random.randrange(1, 255)}"
        user = _id("user", _few(random, count["directus_users"]))
        yield number + 1, action, user, _moment(number / whole), address, _AGENTS[_few(random, len(_AGENTS))], collection, item, None


def _revisions(random: Random, count: dict[str, int]) -> Iterator[Row]:
    whole, logged = count["directus_revisions"], count["directus_activity"]
    for number in range(whole):
        item = random.randrange(max(1, count["birth_registry"])) + 1
        delta = {"weight_g": random.randrange(1800, 4900), "notes": _text(random, 4), "place": random.choice(_PLACES)}
        data = {"id": item, "registration_no": _registration(item), **delta, "sex": random.choice("FMX"), "price": f"{random.random() * 900:.5f}"}
        if number % _LONG_EVERY == 7:
            data["scan"] = _text(random, random.randrange(900, 4000))
        earlier = number if number and random.random() < 0.3 else None
        yield number + 1, number * logged // whole + 1, "birth_registry", str(item), _json(data), _json(delta), earlier


def _registry(random: Random, count: dict[str, int]) -> Iterator[Row]:
    whole = count["birth_registry"]
    for number in range(whole):
        born = _moment(number / whole)
        name = f"{random.choice(_GIVEN)} {random.choice(_FAMILY)}"
        meta = _json({"source": random.choice(("api", "paper", "import")), "folio": number // 25, "checked": random.random() < 0.7})
        # One note in twenty has several lines, a tab and a backslash: what COPY has to escape.
        notes = None if random.random() < 0.25 else _text(random, 14) if random.random() < 0.95 else "\n".join(("C:\\scans\\", "\t" + _text(random, 20), "—"))
        father = _uuid(random) if random.random() < 0.85 else None
        price = f"{random.randrange(10**8) / 10**5:.5f}" if random.random() < 0.9 else None
        yield (
            *(number + 1, _registration(number + 1), name, random.choice("FFFFFMMMMMX"), born, int(random.gauss(3400, 500)), random.choice(_PLACES)),
            *(_uuid(random), father, meta, notes, price, round(random.random() * 10, 3), born),
        )


def _registration(number: int) -> str:
    return f"REG-{number % 97:02}-{number:08}"


def _text(random: Random, words: int) -> str:
    """Return about so many words: a piece of a long text, cut anywhere."""
    begin = int(random.random() * _LETTERS)
    return _LONG[begin : begin + 9 * words]


def _few(random: Random, among: int) -> int:
    """Return a number below `among`; a few of them are most of all, as users are."""
    return int(among * random.random() ** 3)


def _moment(part: float) -> str:
    """Return the time at this part of three years."""
    return (_BEGUN + timedelta(milliseconds=int(part * 94_608_000_000))).isoformat(" ", "milliseconds")


def _id(kind: str, number: int) -> str:
    """Return the id of the so-many-th of a kind, in the form of a UUID."""
    return f"{kind.encode().hex():0<8.8}-0000-4000-8000-{number:012x}"


def _uuid(random: Random) -> str:
    found = f"{random.getrandbits(128):032x}"
    return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-9{found[17:20]}-{found[20:]}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
