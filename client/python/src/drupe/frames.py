"""Frames of the wire, without input and output. Large typed arrays stay in the buffer that they were read into."""

from __future__ import annotations

import contextlib
import mmap
import struct
from typing import Any

import msgpack

from .errors import ProtocolError
from .values import Leaves, finish_values

MAX_FRAME = 134_217_728
_SMALL = 1 << 16
_HEAD = 8192  # bytes in which the first large payload of a frame is looked for
_LARGE = 1 << 16
_STEPS = 4096  # objects that are walked over to find large payloads
_ALIGNMENT = 16
# For each first byte of an object: bytes of its length, and bytes of the extension's type.
_SIZED = {
    0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1),
    0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0), 0xDC: (2, 0), 0xDD: (4, 0), 0xDE: (2, 0), 0xDF: (4, 0),
}  # fmt: skip
_FIXED = {
    0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
    0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17,
}  # fmt: skip
_FIXED |= {first: first & 0x1F for first in range(0xA0, 0xC0)}


def frame(name: str, body: dict[str, Any]) -> bytes:
    """The frame of a message. Raises ValueError if msgpack cannot hold it."""
    payload: bytes = msgpack.packb([name, body])
    if len(payload) > MAX_FRAME:
        raise ValueError(f"a message of {len(payload)} bytes exceeds the limit of {MAX_FRAME}")
    return struct.pack("<I", len(payload)) + payload


class Frames:
    """Cuts a byte stream into payloads. Read into `buffer()`, then tell `filled` how much came."""

    def __init__(self) -> None:
        self._small = memoryview(bytearray(_SMALL))
        self._large: memoryview | None = None
        self._have = 0

    def buffer(self) -> memoryview:
        """Where the next bytes belong. It is never empty."""
        return (self._large or self._small)[self._have :]

    def filled(self, count: int) -> list[bytes | memoryview]:
        """Takes `count` bytes that were put into the buffer. Returns the payloads that are complete."""
        self._have += count
        if self._large is not None:
            if self._have < len(self._large):
                return []
            payload, self._large, self._have = self._large, None, 0
            return [payload]
        payloads: list[bytes | memoryview] = []
        data, at = self._small[: self._have], 0
        while len(data) - at >= 4:
            length = int.from_bytes(data[at : at + 4], "little")
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length} bytes exceeds the limit of {MAX_FRAME}")
            end = at + 4 + length
            if end > len(data):
                if length + 4 > _SMALL and len(data) - at - 4 >= _HEAD:
                    self._begin_large(data[at + 4 :], length)
                    return payloads
                break
            payloads.append(bytes(data[at + 4 : end]))
            at = end
        self._have = len(data) - at
        self._small[: self._have] = bytes(data[at:])
        return payloads

    def _begin_large(self, head: memoryview, length: int) -> None:
        found = _large_payloads(head)
        pad = -found[0][1] % _ALIGNMENT if found else 0  # elements lie where processors like them
        area = mmap.mmap(-1, length + pad, mmap.MAP_PRIVATE)  # pages are taken as bytes come
        with contextlib.suppress(AttributeError, OSError):  # huge ones, where the system has them, are twice as fast
            area.madvise(mmap.MADV_HUGEPAGE)
        self._large = memoryview(area)[pad:]
        self._large[: len(head)] = head
        self._have = len(head)


def _large_payloads(data: memoryview) -> list[tuple[int, int, int, int]]:
    """Large extensions near the beginning of a payload: offset, offsets of data and its end, and type of each."""
    found: list[tuple[int, int, int, int]] = []
    at = 0
    for _ in range(_STEPS):
        if at >= len(data):
            break
        first = data[at]
        width, kind = _SIZED.get(first, (0, 0))
        body = at + 1 + width + kind
        if body > len(data):
            break
        length = int.from_bytes(data[at + 1 : at + 1 + width], "big") if first < 0xDC else 0
        if kind and length >= _LARGE:
            found.append((at, body, body + length, data[body - 1]))
        at = body + length + _FIXED.get(first, 0)
    return found


def decode(payload: bytes | memoryview, numpy: bool = False) -> tuple[str, dict[str, Any]]:
    """The name and body of a message. Raises ProtocolError if it is none."""
    data = memoryview(payload)
    parts: list[bytes | memoryview] = []
    views, start = [], 0
    for header, body, end, code in _large_payloads(data) if len(data) >= _LARGE else ():
        if end <= len(data):  # a small extension of type 0x7f takes its place, so that msgpack does not copy it
            parts += [data[start:header], b"\xd4\x7f\x00"]
            views.append((code, data[body:end]))
            start = end
    leaves = Leaves(views, numpy)
    try:
        name, fields = msgpack.unpackb(b"".join([*parts, data[start:]]) if parts else payload, ext_hook=leaves)
        if type(name) is str and type(fields) is dict:
            if leaves.special:
                finish_values(fields)
            return name, fields
    except Exception as error:  # msgpack raises many classes
        raise ProtocolError(f"the server sent no message ({type(error).__name__}: {error})") from error
    raise ProtocolError("the server sent no message")
