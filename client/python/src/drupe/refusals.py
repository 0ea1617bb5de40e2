"""What is said of values that JavaScript has not: which it is, and where it stands."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from typing import Any

# Those of NumPy's arrays and scalars, in the byte order of this machine.
_DTYPES = (
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64",
)  # fmt: skip


def check_numpy(value: Any) -> None:
    """Raises TypeError for one of NumPy's arrays or scalars that JavaScript has not."""
    is_numpy = any(kind.__module__.partition(".")[0] == "numpy" for kind in type(value).__mro__)
    if not (is_numpy and hasattr(value, "dtype") and hasattr(value, "item")) or isinstance(value, bytes):
        return
    name = str(value.dtype)
    if name not in _DTYPES:
        known = f"it has {', '.join(_DTYPES)}, in the byte order of this machine"
        raise TypeError(f"JavaScript has no value for NumPy's dtype {reprlib.repr(name)}: {known}")
    if hasattr(value, "mask"):
        raise TypeError("JavaScript has no value for NumPy's masked arrays: give value.filled() or value.tolist()")
    if len(value.shape) > 1:
        advice = "give value.tolist() or value.ravel()"
        raise TypeError(f"JavaScript has no typed array of {len(value.shape)} dimensions: {advice}")


def place_of(wanted: Any, value: Any) -> str | None:
    """Where one value stands in another. It is the one at which an encoder has stopped."""
    return _place(value, wanted, set())


def _place(value: Any, wanted: Any, seen: set[int]) -> str | None:
    if value is wanted:
        return ""
    if id(value) not in seen:
        seen.add(id(value))
        for step, part in _parts(value):
            if (rest := _place(part, wanted, seen)) is not None:
                return step + rest
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a container, and how Python gets them from it, in the order in which they are encoded."""
    from .values import JSError  # which has loaded this module

    if isinstance(value, BaseException):
        js = JSError.of(value)
        yield from ((".cause", js.cause), (".errors", js.errors))
    elif isinstance(value, dict):
        for key, item in value.items():
            shown = reprlib.repr(key)
            yield from ((f"<key {shown}>", key), (f"[{shown}]", item))
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, (set, frozenset)):
        yield from (("<item>", item) for item in value)
