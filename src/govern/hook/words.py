"""What words of a command line mean to the hook: names of programs, and texts as a file system that folds case takes them.

Pure.
"""

from govern.hook.shell import VALUE, Command, Word

SHELLS = frozenset(["sh", "bash", "zsh", "dash", "ksh", "fish", "busybox", "pwsh", "powershell", "cmd"])
# What runs no other program, whatever its arguments say.
TALKS = frozenset(
    [
        "echo",
        "printf",
        "cat",
        "head",
        "tail",
        "less",
        "more",
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "ag",
        "ls",
        "wc",
        "cut",
        "tr",
        "diff",
        "cmp",
        "comm",
        "man",
        "which",
        "whereis",
        "type",
        "file",
        "stat",
        "test",
        "[",
        "[[",
        "true",
        "false",
        "pwd",
        "cd",
        "date",
        "sleep",
        "du",
        "df",
        "jq",
        "basename",
        "dirname",
        "realpath",
        "readlink",
        "sha256sum",
        "md5sum",
        "nl",
        "od",
        "hexdump",
        "column",
    ]
)
# These run no other program either, and they write.
WRITES = frozenset(
    ["cp", "mv", "rm", "mkdir", "rmdir", "touch", "tee", "ln", "chmod", "chown", "unlink", "shred", "truncate", "install", "sort", "uniq", "tree", "yq"]
)
DESTROYS = frozenset(["rm", "mv", "rmdir", "unlink", "shred", "chmod", "chown", "rsync", "ln", "git"])
_GIT_TALKS = frozenset(
    [
        "status",
        "diff",
        "log",
        "show",
        "add",
        "commit",
        "blame",
        "ls-files",
        "grep",
        "rev-parse",
        "branch",
        "fetch",
        "describe",
        "cat-file",
        "shortlog",
        "tag",
        "remote",
        "push",
    ]
)


def fold(text: str) -> str:
    """Return a text as a file system that folds case, and a reader, would take it."""
    if text.isascii():
        return text.lower()
    import unicodedata

    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(each) != "Cf")


def base_of(text: str) -> str:
    """Return the name of a program without its folder."""
    base = fold(text.replace("\\", "/").rsplit("/", 1)[-1])
    return base.removesuffix(".exe")


def split(command: Command) -> tuple[Word | None, list[Word]]:
    """Return the program that a command names, behind assignments, and its arguments."""
    for index, word in enumerate(command.words):
        name, equals, _value = word.text.partition("=")
        if not (equals and name.replace("_", "a").removesuffix("+").isalnum()):
            return word, command.words[index + 1 :]
    return None, []


def mentions(text: str, words: list[str]) -> bool:
    """Whether every one of some words stands in a text."""
    return all(mentioned(text, word) for word in words)


def mentioned(text: str, word: str) -> bool:
    """Whether a word stands in a text by itself, not inside a longer one."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        at = text.find(word, at + 1)
    return False


def only_talks(base: str, arguments: list[Word]) -> bool:
    """Whether a program, as it is called, runs no other and changes no file that its arguments name."""
    if base == "git":
        output = any(each.text.startswith("--output") for each in arguments)
        return bool(arguments) and not arguments[0].live and arguments[0].text in _GIT_TALKS and not output
    if base == "command":
        return bool(arguments) and arguments[0].text in ("-v", "-V")
    if base == "rg":
        return not any(each.text.startswith("--pre") for each in arguments)
    if base == "sed":
        return not any(each.text.startswith(("-i", "--in-place")) for each in arguments)
    if base == "find":
        return not any(each.text.startswith(("-exec", "-ok", "-delete", "-fprint", "-fls")) or each.live & VALUE for each in arguments)
    return base in TALKS
