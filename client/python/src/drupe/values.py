"""JavaScript values as Python values, and back (WIRE.md, section 10)."""

from __future__ import annotations

import inspect
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

from msgpack import ExtType

from .portable import Portable
from .refusals import check_numpy, place_of

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_EXACT = 2**53 - 1
_MAX_DEPTH = 60
_MAX_OBJECTS = 2_097_152
# Extension types that hold, or stand for, other values.
_REFERENCE, _MAP, _SET, _ERROR, _REGEXP, _OPAQUE = 0x06, *range(0x20, 0x25)
# The element formats of typed arrays, by extension type. memoryview has no clamped bytes.
_FORMATS = {
    0x10: "b", 0x11: "B", 0x12: "B", 0x13: "h", 0x14: "H", 0x15: "i", 0x16: "I",
    0x17: "q", 0x18: "Q", 0x19: "e", 0x1A: "f", 0x1B: "d",
}  # fmt: skip
# The extension types of typed arrays, by the formats of elements, then by their size.
_TYPES = {
    "bhilqn": {1: 0x10, 2: 0x13, 4: 0x15, 8: 0x17},
    "BHILQN?c": {1: 0x11, 2: 0x14, 4: 0x16, 8: 0x18},
    "efd": {2: 0x19, 4: 0x1A, 8: 0x1B},
}


class Undefined(Enum):
    """The type of `undefined`, JavaScript's value of what is not there. It is false."""

    undefined = "undefined"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"

    __str__ = __repr__


undefined = Undefined.undefined


class BigInt(int):
    """A JavaScript BigInt. It is an int that stays a BigInt on its way back."""


class Map(dict[Any, Any]):
    """A JavaScript Map whose keys Python can hash and tell apart. It stays a Map on its way back."""


class MapEntries(list[Any]):
    """The pairs of a JavaScript Map that no dict can hold, such as one with objects as keys."""


class SetItems(list[Any]):
    """The items of a JavaScript Set that no set can hold, such as one of objects."""


@dataclass(frozen=True)
class JSDate:
    """A Date that datetime cannot hold. `ms` counts from the Unix epoch, and is NaN if the Date is invalid."""

    ms: float


@dataclass(frozen=True)
class RegExp:
    """A JavaScript regular expression."""

    source: str
    flags: str = ""


@dataclass(frozen=True)
class Opaque:
    """A value that is no data, such as a function, or that lies too deep. `text` is what a console prints."""

    type: str
    text: str

    def __str__(self) -> str:
        return self.text


class JSError(Portable, Exception):
    """A JavaScript Error as a value. `cause` and `errors` are `undefined` where there are none."""

    def __init__(
        self,
        message: str = "",
        name: str = "Error",
        stack: str | None = None,
        *,
        cause: Any = undefined,
        errors: Any = undefined,
    ) -> None:
        super().__init__(message)
        self.message, self.name, self.stack = message, name, stack
        self.cause, self.errors = cause, errors

    @classmethod
    def of(cls, error: BaseException) -> JSError:
        """An exception as JavaScript sees it: with what it was raised from, and with those of a group."""
        cause = undefined if error.__cause__ is None else error.__cause__
        if not isinstance(error, JSError):
            errors = getattr(error, "exceptions", undefined)
            return cls(str(error), type(error).__name__, cause=cause, errors=errors)
        if error.cause is not undefined or cause is undefined:
            return error
        return cls(error.message, error.name, error.stack, cause=cause, errors=error.errors)

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


class Leaves:
    """Decodes the extensions of one message. `special` tells whether `finish_values` has work to do."""

    def __init__(self, views: list[tuple[int, memoryview]], numpy: bool) -> None:
        self.special, self.views, self.numpy = False, views, numpy

    def __call__(self, code: int, data: bytes) -> Any:
        if code in (_REFERENCE, _MAP, _SET, _ERROR, _REGEXP, _OPAQUE):
            self.special = True
            return ExtType(code, data)
        if code in (0x01, 0x02):
            return undefined
        if code == 0x03:
            magnitude = int.from_bytes(data[1:], "little")
            return BigInt(-magnitude if data[0] else magnitude)
        if code == 0x04:
            return data.decode("utf-16-le", "surrogatepass")
        if code == 0x05:
            return _date(struct.unpack("<d", data)[0])
        if code == 0x7F and self.views:  # a large payload that was left where it is
            return self._array(*self.views.pop(0))
        return self._array(code, memoryview(bytearray(data)))

    def _array(self, code: int, view: memoryview) -> Any:
        if code in (0x0F, 0x1C):
            return bytes(view)
        if code not in _FORMATS:
            raise ValueError(f"unknown extension type {code}")
        if self.numpy:
            import numpy

            return numpy.frombuffer(view, numpy.dtype(_FORMATS[code]).newbyteorder("<"))
        try:
            return view.cast("B").cast(_FORMATS[code])  # type: ignore[call-overload]
        except ValueError:  # no Float16 in memoryviews of this Python
            return view


def _date(ms: float) -> datetime | JSDate:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except (OverflowError, ValueError):
        return JSDate(ms)


def finish_values(body: dict[str, Any]) -> None:
    """Puts references, Maps, Sets and errors in place, in the values of a message that msgpack has decoded."""
    for holder in (body, body.get("exception")):
        if isinstance(holder, dict) and "value" in holder:
            holder["value"] = _finish(holder["value"], [])
    if "args" in body:
        body["args"] = [_finish(argument, []) for argument in body["args"]]


def _finish(raw: Any, seen: list[Any]) -> Any:
    kind = type(raw)
    if kind is dict:
        seen.append(raw)
        for key, item in raw.items():
            raw[key] = _finish(item, seen)
    elif kind is list:
        if raw and type(raw[0]) is ExtType and raw[0].code != _REFERENCE:
            return _structure(raw[0].code, raw[1:], seen)
        seen.append(raw)
        raw[:] = [_finish(item, seen) for item in raw]
    elif kind is ExtType:
        return seen[int.from_bytes(raw.data, "little")]
    return raw


def _structure(code: int, raw: list[Any], seen: list[Any]) -> Any:
    if code == _REGEXP:
        return RegExp(*raw)
    if code == _OPAQUE:
        return Opaque(*raw)
    if code == _ERROR:
        error = JSError(raw[1], raw[0], raw[2])
        seen.append(error)
        error.cause, error.errors = _finish(raw[3], seen), _finish(raw[4], seen)
        return error
    is_map = code == _MAP
    distinct = _distinct(raw[::2] if is_map else raw)
    target: Any = (Map() if distinct else MapEntries()) if is_map else (set() if distinct else SetItems())
    seen.append(target)
    items = [_finish(item, seen) for item in raw]
    new = zip(items[::2], items[1::2], strict=True) if is_map else items
    target.update(new) if distinct else target.extend(new)
    return target


def _distinct(keys: list[Any]) -> bool:
    """Whether the keys hash, and none equals another in Python (as 1 and True do)."""
    if any(type(key) in (dict, list, ExtType, memoryview) or hasattr(key, "dtype") for key in keys):
        return False
    return len(set(keys)) == len(keys)


class _Encoder:
    """Turns one Python value into one that msgpack packs. Keeps the identity of mutable containers."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.opened = 0
        self.objects = 0
        self.refused: Any = self  # the value that JavaScript has not

    def encode(self, value: Any, depth: int = 1) -> Any:
        self.objects += 1
        if depth > _MAX_DEPTH or self.objects > _MAX_OBJECTS:
            raise ValueError(f"a value has at most {_MAX_DEPTH} levels and {_MAX_OBJECTS} objects")
        if value is None or value is True or value is False or isinstance(value, float):
            return value
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, int):
            return int(value) if type(value) is not BigInt and -_EXACT <= value <= _EXACT else _bigint(value)
        if value is undefined:
            return ExtType(0x01, b"")
        if isinstance(value, (dict, list, tuple, set, frozenset, BaseException)):
            return self._container(value, depth)
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.astimezone()
            return ExtType(0x05, struct.pack("<d", (moment - _EPOCH) // _MILLISECOND))
        if isinstance(value, JSDate):
            return ExtType(0x05, struct.pack("<d", value.ms))
        if isinstance(value, RegExp):
            return [ExtType(_REGEXP, b""), value.source, value.flags]
        return self._other(value)

    def _other(self, value: Any) -> Any:
        try:
            return self._array(value)
        except TypeError:
            self.refused = value
            raise

    def _array(self, value: Any) -> Any:
        check_numpy(value)
        if hasattr(value, "item") and getattr(value, "shape", None) == ():  # one of NumPy's scalars, or the like
            item = value.item()
            if type(item) in (bool, int, float):
                return self.encode(item)
        try:
            view = memoryview(value)
        except (TypeError, ValueError, BufferError):
            advice = ": await it first" if inspect.isawaitable(value) else ""
            raise TypeError(f"JavaScript has no value for a Python {type(value).__name__}{advice}") from None
        form = view.format.lstrip("@=<")
        code = next((sizes.get(view.itemsize) for forms, sizes in _TYPES.items() if form in forms), None)
        if view.ndim != 1 or code is None:
            raise TypeError(f"JavaScript has no typed array of {view.ndim} dimensions and format {view.format!r}")
        return ExtType(code, view.tobytes())

    def _container(self, value: Any, depth: int) -> Any:
        if id(value) in self.numbers:
            return ExtType(_REFERENCE, struct.pack("<I", self.numbers[id(value)]))
        if not isinstance(value, (tuple, frozenset)):  # equal constants share one object in Python
            self.numbers[id(value)] = self.opened
        self.opened += 1
        if isinstance(value, BaseException):
            return self._error(value, depth + 1)
        if isinstance(value, dict) and type(value) is not Map and all(isinstance(key, str) for key in value):
            return {str.__str__(key): self.encode(item, depth + 1) for key, item in value.items()}
        head, items = [], value
        if isinstance(value, (set, frozenset, SetItems)):
            head = [ExtType(_SET, b"")]
        elif isinstance(value, (dict, MapEntries)):
            pairs: Iterable[Any] = value.items() if isinstance(value, dict) else value
            head, items = [ExtType(_MAP, b"")], (part for pair in pairs for part in pair)
        return [*head, *(self.encode(item, depth + 1) for item in items)]

    def _error(self, error: BaseException, depth: int) -> list[Any]:
        js = JSError.of(error)
        rest = (js.cause, js.errors)
        parts = [ExtType(0x02, b"") if part is undefined else self.encode(part, depth) for part in rest]
        return [ExtType(_ERROR, b""), js.name, js.message, js.stack, *parts]


def _text(value: str) -> Any:
    text = str.__str__(value)  # and not what a class makes of it, such as an enumeration
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return ExtType(0x04, text.encode("utf-16-le", "surrogatepass"))
    return text


def _bigint(value: int) -> ExtType:
    magnitude = abs(value)
    return ExtType(0x03, bytes([value < 0]) + magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "little"))


def encode(value: Any) -> Any:
    """Turns a Python value into one that msgpack packs. Raises TypeError or ValueError if there is none."""
    encoder = _Encoder()
    try:
        return encoder.encode(value)
    except TypeError as error:
        place = place_of(encoder.refused, value)
        if not place:
            raise
        raise TypeError(f"{error} (at {place})") from None
