"""A filter on system calls: sockets that no network namespace holds back, and keys that are the user's, are not to be had.

A virtual machine's host is reached by AF_VSOCK from any network namespace, and the session's keyring is inherited by
all that a user starts. io_uring opens sockets without the call that is filtered.
"""

import ctypes
import os
import struct
from collections.abc import Iterator

from govern.rehearsal import kernel

_ALLOWED_FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6: each lives in a network namespace."""

# Of linux/audit.h and each machine's table of system calls: its number, `socket`, and the calls for keys; `io_uring_setup` is 425 everywhere.
_MACHINES = {"x86_64": (0xC000003E, 41, (248, 249, 250)), "aarch64": (0xC00000B7, 198, (217, 218, 219)), "riscv64": (0xC00000F3, 198, (217, 218, 219))}
_IO_URING = 425
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97


def filter_calls() -> None:
    """Filter the calls of this process and of all that it starts; nothing takes that back.

    On a machine whose calls are not known nothing is filtered, and whoever judges the isolation sees that.
    """
    if known := _MACHINES.get(os.uname().machine):
        instructions = b"".join(_instructions(*known))
        program = ctypes.create_string_buffer(instructions, len(instructions))
        kernel.filter_calls(program, len(instructions) // 8)


def _instructions(machine: int, socket: int, keys: tuple[int, ...]) -> Iterator[bytes]:
    # A jump skips as many instructions as it says: 0 goes on with the next.
    yield _do(_LOAD, _MACHINE)
    yield from _unless(_EQUAL, machine, _KILL)
    yield _do(_LOAD, _NUMBER)
    yield from _when(_AT_LEAST, _X32, _FAIL | _ENOSYS)
    yield from _when(_EQUAL, _IO_URING, _FAIL | _ENOSYS)
    for key in keys:
        yield from _when(_EQUAL, key, _FAIL | _EPERM)
    yield from _unless(_EQUAL, socket, _ALLOW)
    yield _do(_LOAD, _FIRST_ARGUMENT)
    for family in _ALLOWED_FAMILIES:
        yield from _when(_EQUAL, family, _ALLOW)
    yield _do(_RETURN, _FAIL | _EAFNOSUPPORT)


def _when(test: int, value: int, answer: int) -> Iterator[bytes]:
    yield _do(test, value, 0, 1)
    yield _do(_RETURN, answer)


def _unless(test: int, value: int, answer: int) -> Iterator[bytes]:
    yield _do(test, value, 1, 0)
    yield _do(_RETURN, answer)


def _do(operation: int, value: int, when: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, when, otherwise, value)
