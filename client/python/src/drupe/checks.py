"""What options may be. A check gives the field of a message for a value, or raises an error that names the option."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from numbers import Integral, Real
from typing import Any

from .values import encode

Check = Callable[[str, Any], Any]
_PERMISSIONS = ("read", "write", "net", "env", "run", "import")
_QUESTIONS = ("permission", "alert", "confirm", "prompt")
_U64 = 2**64


def wrong(name: str, expected: str, value: Any, error: type[Exception] = TypeError) -> Exception:
    """The error for a value that does not fit."""
    return error(f"{name} must be {expected}, not {reprlib.repr(value)}")


def _kind(expected: str, *kinds: type) -> Check:
    """A check of the class alone. A bool is no number."""

    def check(name: str, value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise wrong(name, expected, value)
        return value

    return check


flag = _kind("True or False", bool)
text = _kind("text", str)
function = _kind("a function", Callable)  # type: ignore[arg-type]  # it is a class for isinstance
_number = _kind("a number", Real)


def _size(least: int) -> Callable[[str, Any], int]:
    expected = "a whole number, such as 256 << 20 for 256 MiB"

    def check(name: str, value: Any) -> int:
        number = int(_kind(expected, Integral)(name, value))
        if not least <= number < _U64:
            raise wrong(name, f"{expected}, from {least} on", value, ValueError)
        return number

    return check


size = _size(0)  # a number of bytes, events or the like
heap, journal = _size(8388608), _size(4096)  # the server takes no smaller ones


def seconds(least: float) -> Callable[[str, Any], float]:
    """A time that is at least so long."""
    expected = f"seconds, such as 1.5, or a timedelta, of at least {least:g} s"

    def check(name: str, value: Any) -> float:
        given = value.total_seconds() if isinstance(value, timedelta) else value
        time = float(_kind(expected, Real)(name, given))
        if not least <= time < _U64 / 1000:  # neither is NaN
            raise wrong(name, expected, value, ValueError)
        return time

    return check


def milliseconds(least: float, whole: bool = False) -> Check:
    """A time, as fields of messages have it."""
    check = seconds(least)
    return lambda name, value: round(check(name, value) * 1000) if whole else check(name, value) * 1000.0


def words(*known: str) -> Check:
    """One of these words."""

    def check(name: str, value: Any) -> str:
        if value not in known:
            error = ValueError if isinstance(value, str) else TypeError
            raise wrong(name, "one of " + ", ".join(map(repr, known)), value, error)
        return str(value)

    return check


def path(name: str, value: Any) -> str:
    """Text, or a path."""
    found = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(found, str):
        raise wrong(name, "text or a path", value)
    return found


def texts(name: str, value: Any, expected: str = "a list of texts") -> list[str]:
    """A sequence of texts and paths. One of them is a sequence of itself."""
    items = [value] if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(items, Iterable) or isinstance(items, (bytes, bytearray, Mapping)):
        raise wrong(name, expected, value)
    return [path(f"{name}[{index}]", item) for index, item in enumerate(items)]


def _mapping(expected: str, item: Check, known: tuple[str, ...] = ()) -> Check:
    """A mapping from texts, or from some words, to what another check takes."""

    def check(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong(name, expected, value)
        for key in value:
            if not isinstance(key, str) or (known and key not in known):
                keys = "one of " + ", ".join(known) if known else "text"
                raise wrong(f"a key of {name}", keys, key, ValueError if isinstance(key, str) else TypeError)
        return {key: item(f"{name}[{key!r}]", given) for key, given in value.items()}

    return check


def _rules(name: str, value: Any) -> bool | list[str]:
    return value if isinstance(value, bool) else texts(name, value, "True, False, or a list of texts")


def _input(name: str, value: Any) -> Any:
    try:
        return encode(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from error


permissions = _mapping("a mapping, such as {'read': ['/data']}", _rules, _PERMISSIONS)
variables = _mapping("a mapping from names to texts", text)
_inputs = _mapping("a mapping from names to values", _input)
# Words that name no variable of JavaScript.
_RESERVED = (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for "
    "function if import in instanceof let new null return super switch this throw true try typeof var void while with "
    "yield undefined NaN Infinity"
)
_answers = _mapping("a mapping from questions to functions", function, _QUESTIONS)


def inputs(name: str, value: Any) -> dict[str, Any]:
    """Values by the names of variables."""
    fields = _inputs(name, value)
    for key in fields:
        if key in _RESERVED.split() or not key.replace("$", "_").isidentifier():
            raise wrong(f"a key of {name}", "the name of a variable", key, ValueError)
    return fields


def answers(name: str, value: Any) -> list[str]:
    """The questions that functions answer."""
    return [*_answers(name, value)]


def answer(question: str, value: Any) -> Any:
    """What a function has answered to a question."""
    name = f"the answer to {question!r}"
    if question == "permission":
        return words("once", "session", "deny")(name, value)
    if question == "confirm":
        return flag(name, value)
    if question == "prompt":
        return None if value is None else _kind("text or None", str)(name, value)
    return None  # to `alert` there is none
