"""The calls of the Linux kernel that Python 3.11 has no function for: each raises OSError, naming what it was for."""

import ctypes
import os
from collections.abc import Callable

NEW_EVERYTHING = 0x10000000 | 0x00020000 | 0x40000000 | 0x08000000 | 0x20000000 | 0x04000000 | 0x02000000
"""CLONE_NEWUSER, NEWNS, NEWNET, NEWIPC, NEWPID, NEWUTS and NEWCGROUP (linux/sched.h)."""

NOSUID, NODEV, NOEXEC, BIND, RECURSIVE, PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
READ_ONLY_FROM_NOW = 0x1
_DETACH = 0x2
_MOUNT_SETATTR = 442
_HERE, _AT_RECURSIVE = -100, 0x8000
_DEATH_SIGNAL, _DUMPABLE, _DROP_BOUND, _NO_NEW_PRIVILEGES, _READ_BOUND = 1, 4, 24, 38, 23
_SECCOMP, _FILTER = 22, 2
_CAPABILITY_VERSION = 0x20080522


def unshare_everything() -> None:
    """Leave every namespace for a new one; the new process namespace is for children."""
    _call("unshare", _libc().unshare, NEW_EVERYTHING)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Attach a file system or a folder, or change how mounts spread; section 2 of the manual has the flags."""
    names = [name and os.fsencode(name) for name in (source, target, kind)]
    _call(f"mount {source or kind or ''} at {target}", _libc().mount, *names, ctypes.c_ulong(flags), options and options.encode())


def restrict(target: str, attributes: int, *, below: bool) -> None:
    """Add attributes to a mount, and to those below it: mount_setattr(2), which never takes one away. Linux 5.12."""
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if below else 0
    _call(f"restrict {target}", _libc().syscall, _MOUNT_SETATTR, _HERE, os.fsencode(target), flags, wanted, ctypes.c_size_t(ctypes.sizeof(wanted)))


def change_root(folder: str) -> None:
    """Make a mounted folder the root, and let go of the old root: pivot_root(2), "pivot_root(".", ".")"."""
    os.chdir(folder)
    _call("change the root", _libc().pivot_root, b".", b".")
    _call("let go of the old root", _libc().umount2, b".", _DETACH)
    os.chdir("/")


def name_host(name: str) -> None:
    """Name the host, in this namespace."""
    _call("name the host", _libc().sethostname, name.encode(), ctypes.c_size_t(len(name)))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    _prctl(_DEATH_SIGNAL, 9)


def hide_from_others() -> None:
    """Let no other process of the same user look into this one, or take over what it has open."""
    _prctl(_DUMPABLE, 0)


def give_up_privileges() -> None:
    """Hold no capability, and never get one: not by a program's owner, not by its file capabilities."""
    _prctl(_NO_NEW_PRIVILEGES, 1)
    for capability in range(64):
        if _libc().prctl(_READ_BOUND, capability, 0, 0, 0) >= 0:
            _prctl(_DROP_BOUND, capability)
    header, nothing = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _call("give up capabilities", _libc().capset, header, nothing)


def filter_calls(program: ctypes.Array[ctypes.c_char], length: int) -> None:
    """Filter the system calls of this process by a program of so many instructions: prctl(2), PR_SET_SECCOMP."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    pointed = Program(length, ctypes.addressof(program))
    _call("filter system calls", _libc().prctl, _SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(pointed), ctypes.c_ulong(0), ctypes.c_ulong(0))


def _prctl(option: int, value: int) -> None:
    _call(f"prctl {option}", _libc().prctl, option, *map(ctypes.c_ulong, (value, 0, 0, 0)))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(purpose: str, function: Callable[..., int], *arguments: object) -> None:
    if function(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot {purpose}: {os.strerror(number)}")
