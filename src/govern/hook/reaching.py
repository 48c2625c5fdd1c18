"""What a command takes away or writes over without naming it: from above, by copying into a folder, or through `find`.

Pure.
"""

from govern.hook.shell import Word
from govern.hook.words import SHELLS, WRITES, base_of, only_talks

_COPIES = frozenset(["cp", "install"])
_DESTROYS = frozenset(["rm", "mv", "rmdir", "unlink", "shred", "chmod", "chown", "rsync", "ln"])
_RUNS = ("-exec", "-execdir", "-ok", "-okdir")


def destroys(base: str, arguments: tuple[Word, ...]) -> bool:
    """Whether what is named is taken away with all that is below it, by the program itself or by one that it runs."""
    return base in ("git", *_DESTROYS) or (base != "find" and any(base_of(each.text) in _DESTROYS for each in arguments))


def copied(base: str, arguments: tuple[Word, ...]) -> list[tuple[Word, Word, bool]]:
    """Return what is copied, each with its place in the folder that it is copied into, and whether with all that is below it."""
    if base not in _COPIES:
        behind = next((at for at, each in enumerate(arguments) if base_of(each.text) == "cp"), len(arguments))
        arguments = arguments[behind + 1 :]
    named = [each for each in arguments if not each.text.startswith("-")]
    options = [each.text for each in arguments if each.text.startswith("-")]
    at = next((index for index, each in enumerate(arguments) if each.text in ("-t", "--target-directory")), len(arguments))
    into = arguments[at + 1] if at + 1 < len(arguments) else named[-1] if named else None
    given = next((each.partition("=")[2] for each in options if each.startswith("--target-directory=")), None)
    if given is not None:
        into = Word(given)
    if into is None:
        return []
    deep = any(each == "--recursive" or (not each.startswith("--") and {"r", "R", "a"} & set(each)) for each in options)
    brought = [each for each in named if each is not into]
    return [(each, Word(f"{into.text}/{each.text.rstrip('/').rsplit('/', 1)[-1]}", max(into.live, each.live)), deep) for each in brought]


def swept(arguments: tuple[Word, ...]) -> bool:
    """Whether `find` deletes what it finds, or runs what may change it."""
    if any(each.text == "-delete" for each in arguments):
        return True
    runs = [arguments[at + 1 :] for at, each in enumerate(arguments) if each.text in _RUNS]
    return any(_changes(base_of(rest[0].text), list(rest[1:])) for rest in runs if rest)


def _changes(base: str, arguments: list[Word]) -> bool:
    known = {*_DESTROYS, *WRITES, *SHELLS, "sed", "perl"}
    return not only_talks(base, arguments) and (base in known or any(base_of(each.text) in known for each in arguments))


def roots_of(arguments: tuple[Word, ...]) -> list[tuple[Word, list[str]]]:
    """Return each folder that `find` looks through, with the patterns of names that it looks for; none where it may be any name."""
    texts = [each.text for each in arguments]
    end = next((at for at, text in enumerate(texts) if text in ("(", "!") or (text.startswith("-") and text not in ("-H", "-L", "-P"))), len(texts))
    roots = [each for each in arguments[:end] if not each.text.startswith("-")]
    names = [texts[at + 1] for at, text in enumerate(texts[:-1]) if text in ("-name", "-iname")]
    if {"!", "-not"} & set(texts) or len(names) <= sum(text in ("-o", "-or") for text in texts):
        names = []
    return [(root, names) for root in roots or [Word(".")]]
