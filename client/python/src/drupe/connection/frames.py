"""Frames of the wire, without input and output. Large typed arrays stay in the buffer that they were read into."""

from __future__ import annotations

import contextlib
import mmap
import struct
from typing import Any

import msgpack

from ..errors import ProtocolError
from ..values import Leaves

MAX_FRAME = 134_217_728
_SMALL = 1 << 16
_HEAD = 8192  # bytes in which the first large payload of a frame is looked for
_LARGE = 1 << 16
_HUGE = 1 << 22
_STEPS = 4096  # objects that are walked over to find large payloads
_ALIGNMENT = 16
# For each first byte of an object: bytes of its length, bytes before its data, whether it is an extension.
_SIZED = {
    0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1),
    0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0), 0xDC: (2, 0), 0xDD: (4, 0), 0xDE: (2, 0), 0xDF: (4, 0),
}  # fmt: skip
_FIXED = {
    0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
    0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17,
}  # fmt: skip


def frame(message: list[Any]) -> bytes:
    """The frame of a message. Raises ValueError if msgpack cannot hold it."""
    payload: bytes = msgpack.packb(message)
    if len(payload) > MAX_FRAME:
        raise ValueError(f"a message of {len(payload)} bytes exceeds the limit of {MAX_FRAME}")
    return struct.pack("<I", len(payload)) + payload


class Frames:
    """Cuts a byte stream into payloads. Read into `buffer()`, then tell `filled` how much came."""

    def __init__(self) -> None:
        self._small = memoryview(bytearray(_SMALL))
        self._have = 0
        self._large: memoryview | None = None
        self._wanted = 0

    @property
    def torn(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return self._large is not None or self._have > 0

    def buffer(self) -> memoryview:
        """Where the next bytes belong. It is never empty."""
        if self._large is not None:
            return self._large[self._wanted :]
        return self._small[self._have :]

    def filled(self, count: int) -> list[bytes | memoryview]:
        """Takes `count` bytes that were put into the buffer. Returns the payloads that are complete."""
        if self._large is not None:
            self._wanted += count
            if self._wanted < len(self._large):
                return []
            payload, self._large = self._large, None
            return [payload]
        self._have += count
        payloads: list[bytes | memoryview] = []
        at = 0
        while self._have - at >= 4:
            length = int.from_bytes(self._small[at : at + 4], "little")
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length} bytes exceeds the limit of {MAX_FRAME}")
            if self._have - at - 4 < length:
                if length + 4 > _SMALL and self._have - at - 4 >= _HEAD:
                    self._begin_large(at + 4, length)
                    at = self._have
                break
            payloads.append(bytes(self._small[at + 4 : at + 4 + length]))
            at += 4 + length
        if at:
            rest = bytes(self._small[at : self._have])
            self._small[: len(rest)] = rest
            self._have = len(rest)
        return payloads

    def _begin_large(self, start: int, length: int) -> None:
        head = self._small[start : self._have]
        found = large_payloads(head)
        pad = -found[0][1] % _ALIGNMENT if found else 0  # elements lie where processors like them
        self._large = _room(length + pad)[pad:]
        self._large[: len(head)] = head
        self._wanted = len(head)


def _room(size: int) -> memoryview:
    """Memory for a large frame. Pages are taken as bytes arrive, and huge ones where the system has them."""
    if size < _HUGE or not hasattr(mmap, "MAP_PRIVATE"):
        return memoryview(bytearray(size))
    area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):
            area.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(area)


def large_payloads(data: memoryview) -> list[tuple[int, int, int, int]]:
    """Large extensions near the beginning of a payload: header and data offset, length, and type of each."""
    found: list[tuple[int, int, int, int]] = []
    at = 0
    for _ in range(_STEPS):
        if at >= len(data):
            break
        first = data[at]
        if first in _SIZED:
            width, kind = _SIZED[first]
            length = int.from_bytes(data[at + 1 : at + 1 + width], "big")
            body = at + 1 + width + kind
            if body > len(data):
                break
            if kind and length >= _LARGE:
                found.append((at, body, length, data[body - 1]))
            at = body if first >= 0xDC else body + length
        elif 0xA0 <= first <= 0xBF:
            at += 1 + (first & 0x1F)
        else:
            at += 1 + _FIXED.get(first, 0)
    return found


def decode(payload: bytes | memoryview, numpy: bool = False) -> tuple[str, dict[str, Any], bool]:
    """The name and body of a message, and whether values in it need `finish`."""
    views: list[tuple[int, memoryview]] = []
    if len(payload) >= _LARGE:
        payload, views = _set_aside(memoryview(payload))
    leaves = Leaves(views, numpy)
    try:
        message = msgpack.unpackb(payload, ext_hook=leaves)
        name, body = message
        if type(name) is str and type(body) is dict:
            return name, body, leaves.special
    except Exception as error:  # msgpack raises many classes
        raise ProtocolError(f"the server sent no message ({type(error).__name__}: {error})") from error
    raise ProtocolError("the server sent no message")


def _set_aside(data: memoryview) -> tuple[bytes | memoryview, list[tuple[int, memoryview]]]:
    """Replaces large extensions by small ones of type 0x7f, so that msgpack does not copy them."""
    found = [item for item in large_payloads(data) if item[1] + item[2] <= len(data)]
    if not found:
        return data, []
    parts: list[bytes | memoryview] = []
    views = []
    start = 0
    for header, body, length, code in found:
        parts += (data[start:header], b"\xd4\x7f\x00")
        views.append((code, data[body : body + length]))
        start = body + length
    parts.append(data[start:])
    return b"".join(parts), views
