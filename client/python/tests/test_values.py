"""Values both ways, and the examples of WIRE.md."""

from __future__ import annotations

import array
import math
import re
import reprlib
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgpack
import numpy
import pytest

from drupe import BigInt, JSDate, JSError, Map, MapEntries, Opaque, RegExp, SetItems, undefined
from drupe.frames import decode, frame
from drupe.options import run_fields
from drupe.values import encode

WIRE = Path(__file__).parents[3] / "protocol" / "WIRE.md"
UTC = timezone.utc


def from_wire(data: bytes, numpy: bool = False) -> Any:
    payload = msgpack.packb(["x", {}])[:-1] + b"\x81\xa5value" + data
    return decode(payload, numpy)[1]["value"]


def to_wire(value: Any) -> bytes:
    return bytes(msgpack.packb(encode(value)))


def there_and_back(value: Any) -> Any:
    return from_wire(to_wire(value))


def examples() -> list[tuple[str, bytes]]:
    section = WIRE.read_text().split("## 10. Values")[1].split("## 11.")[0]
    table = section.split("| JavaScript | hex |")[1]
    return [(js, bytes.fromhex(digits)) for js, digits in re.findall(r"^\| `(.+)` \| `([0-9a-f ]+)` \|$", table, re.M)]


# What cannot be the same on its way back: Python has one kind of it.
LOSSY = {"[1,,2]", "new Uint8Array([1,2]).buffer", "new Uint8ClampedArray([255])", "new Date(0)", "Math.max"}
LOSSY |= {"new DataView(new ArrayBuffer(3))", "2**53-1", "2**53"}


@pytest.mark.parametrize(("js", "data"), examples(), ids=lambda part: part if isinstance(part, str) else "")
def test_an_example_of_the_wire_is_read_and_written(js: str, data: bytes) -> None:
    value = from_wire(data)
    if js not in LOSSY and "Float16" not in js:
        assert to_wire(value) == data


def test_the_document_has_its_examples() -> None:
    assert len(examples()) > 40


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -1, 2**53 - 1, 1.5, math.inf, "", "é", "a\ud800", undefined, BigInt(0), BigInt(-258), 2**53,
     -(2**64), 2**2000, [], {}, [1, [2, {"a": None}]], Map({"a": 1}), {1: 2}, {1, "a"}, SetItems([[1], [1]]),
     MapEntries([([1], 2)]), RegExp("a+", "g"), datetime(2026, 1, 2, 3, 4, 5, 6000, UTC), datetime(1, 1, 1, tzinfo=UTC),
     datetime(9999, 12, 31, tzinfo=UTC), b"\x00\xff"],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_a_value_goes_there_and_back(value: Any) -> None:
    back = there_and_back(value)
    assert back == (value if not isinstance(value, MapEntries) else [([1], 2)])
    if type(value) in (BigInt, Map, MapEntries, SetItems, set):
        assert type(back) is type(value)


def test_beyond_two_to_the_53_an_int_is_a_bigint() -> None:
    assert type(there_and_back(2**53)) is BigInt
    assert type(there_and_back(2**53 - 1)) is int
    assert type(there_and_back(BigInt(5))) is BigInt


def test_identity_and_cycles_are_kept() -> None:
    inner: dict[str, Any] = {}
    outer = [inner, inner, {"deep": inner}]
    inner["up"] = outer
    back = there_and_back(outer)
    assert back[0] is back[1] is back[2]["deep"]
    assert back[0]["up"] is back


def test_equal_constants_stay_apart() -> None:
    pair = (1, 2)
    back = there_and_back([pair, pair, (), ()])
    assert back == [[1, 2], [1, 2], [], []]
    assert back[0] is not back[1]


def test_cycles_go_through_maps_sets_and_errors() -> None:
    error = JSError("no", "RangeError")
    error.cause = Map({"error": error, "set": SetItems([error])})
    back = there_and_back(error)
    assert (back.name, back.message) == ("RangeError", "no")
    assert back.cause["error"] is back and back.cause["set"][0] is back


def test_keys_that_python_cannot_tell_apart_stay_pairs() -> None:
    back = from_wire(msgpack.packb([msgpack.ExtType(0x20, b""), 1, "one", True, "true"]))
    assert type(back) is MapEntries and back == [(1, "one"), (True, "true")]
    back = from_wire(msgpack.packb([msgpack.ExtType(0x21, b""), 1, True, [1]]))
    assert type(back) is SetItems and back == [1, True, [1]]


def test_dates_that_datetime_cannot_hold() -> None:
    assert there_and_back(JSDate(8.64e15)) == JSDate(8.64e15)
    assert math.isnan(there_and_back(JSDate(math.nan)).ms)
    zone = timezone(timedelta(hours=2))
    assert there_and_back(datetime(2026, 1, 1, tzinfo=zone)) == datetime(2025, 12, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize("letter", "bBhHiIqQfd")
def test_typed_arrays_are_memoryviews(letter: str) -> None:
    given = array.array(letter, [0, 1, 2])
    back = there_and_back(given)
    assert isinstance(back, memoryview) and not back.readonly
    assert back.format == letter and back.tolist() == given.tolist()


@pytest.mark.parametrize(
    "name", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]
)
def test_typed_arrays_are_numpy_arrays(name: str) -> None:
    given = numpy.array([0, 1, 2], name)
    back = from_wire(to_wire(given), numpy=True)
    assert back.dtype == given.dtype and back.tolist() == given.tolist()
    assert from_wire(to_wire(given[::2]), numpy=True).tolist() == [0, 2]


def test_scalars_of_numpy_are_numbers() -> None:
    given = [numpy.int64(5), numpy.float32(0.5), numpy.float64(0.1), numpy.bool_(True), numpy.uint64(2**60)]
    assert there_and_back(given) == [5, 0.5, 0.1, True, 2**60]


@pytest.mark.parametrize(
    "value",
    [object(), len, numpy.zeros((2, 2)), numpy.zeros(2, ">f8"), numpy.zeros(2, "c16"), 1j, {"a": {1: object()}}],
)
def test_a_value_that_javascript_has_not_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value)


@dataclass
class Point:
    x: int = 1


class Colour(str, Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


NONE = [
    object(), len, Point(), Point, Decimal(1), Path("/x"), Fraction(1, 2), date(2026, 1, 2), timedelta(1), uuid4(),
    range(3), deque([1]), (n for n in "a"), iter([1]), {}.keys(), 1j, ..., numpy.dtype("i4"), numpy.iinfo("i4"),
]  # fmt: skip


@pytest.mark.parametrize("value", NONE, ids=lambda value: type(value).__name__)
def test_what_javascript_has_not_is_refused_with_its_place(value: Any) -> None:
    none = f"JavaScript has no value for a Python {type(value).__name__}"
    places: list[tuple[Any, str]] = [
        (value, ""), ([0, {"a": (value,)}], " (at [1]['a'][0])"), ({1: value}, " (at [1])"),
        (MapEntries([([1], value)]), " (at [0][1])"), (JSError("no", cause=[value]), " (at .cause[0])"),
    ]  # fmt: skip
    if isinstance(value, Hashable) and not isinstance(value, Point):
        places += [({(value,): 1}, f" (at <key {reprlib.repr((value,))}>[0])"), ({value}, " (at <item>)")]
    cycle: list[Any] = []
    cycle += [cycle, {"same": cycle}, value]
    for given, place in [*places, (cycle, " (at [2])")]:
        with pytest.raises(TypeError) as told:
            run_fields("1", {"inputs": {"good": 1, "bad": given}})
        assert str(told.value) == f"inputs['bad']: {none}{place}"


def test_what_can_be_awaited_says_so() -> None:
    async def later() -> int:
        return 1

    waiting = later()
    with pytest.raises(
        TypeError, match=r"^JavaScript has no value for a Python coroutine: await it first \(at \[0\]\)$"
    ):
        encode([waiting])
    waiting.close()


def test_an_enumeration_is_what_it_stands_for() -> None:
    assert there_and_back([Colour.RED, Level.HIGH, {Colour.RED: 1}]) == ["red", 3, {"red": 1}]


DTYPES = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64".split()  # noqa: SIM905


def test_the_dtypes_of_numpy_are_listed() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert f"NumPy's dtypes {', '.join(f'`{name}`' for name in DTYPES)}" in " ".join(readme.split())
    for name in DTYPES:
        assert isinstance(encode(numpy.ones(2, name)), msgpack.ExtType)
        for scalar in (numpy.ones(1, name)[0], numpy.array(1, name)):
            assert encode(scalar) == 1


@pytest.mark.parametrize(
    "name",
    ["complex64", "complex128", "longdouble", "object", "datetime64[ns]", "datetime64[D]", "timedelta64[s]", "U1", "S1",
     "V1", ">i4", ">f8", "i4,f8"],
)  # fmt: skip
def test_another_dtype_is_refused_by_its_name(name: str) -> None:
    known = f"it has {', '.join(DTYPES)}, in the byte order of this machine"
    array = numpy.zeros(2, name)
    for value in (array, numpy.zeros((), name), *([] if name[0] in "S>" or name in ("object", "U1") else [array[0]])):
        with pytest.raises(TypeError) as told:
            encode({"a": [value]})
        words = f"JavaScript has no value for NumPy's dtype {reprlib.repr(str(value.dtype))}: {known} (at ['a'][0])"
        assert str(told.value) == words


def test_arrays_of_other_forms_say_what_to_give() -> None:
    masked = numpy.ma.array([1, 2], mask=[False, True])
    with pytest.raises(TypeError, match=r"masked arrays: give value\.filled\(\) or value\.tolist\(\)$"):
        encode(masked)
    with pytest.raises(TypeError, match=r"no typed array of 2 dimensions: give value\.tolist\(\) or value\.ravel\(\)$"):
        encode(numpy.zeros((2, 2)))
    released = memoryview(b"x")
    released.release()
    with pytest.raises(TypeError, match=r"^JavaScript has no value for a Python memoryview$"):
        encode(released)


def test_depth_and_number_are_bounded() -> None:
    deep: list[Any] = []
    for _ in range(58):
        deep = [deep]
    assert there_and_back(deep) == deep
    with pytest.raises(ValueError, match="levels"):
        encode([[deep]])
    wide: tuple[Any, ...] = (1,)
    for _ in range(50):
        wide = (wide, wide)
    with pytest.raises(ValueError, match="objects"):
        encode(wide)


def test_an_opaque_value_says_what_it_was() -> None:
    assert from_wire(dict(examples())["Math.max"]) == Opaque("function", "[Function: max]")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("as_numpy", [True, False])
def test_large_arrays_are_views_of_what_was_read(count: int, as_numpy: bool) -> None:
    given = numpy.arange(20_000, dtype="f8")
    payload = frame("x", {"v": [encode(given + index) for index in range(count)], "last": "after"})[4:]
    _, body = decode(payload, as_numpy)
    assert body["last"] == "after"
    for index, item in enumerate(body["v"]):
        assert numpy.asarray(item).tolist() == (given + index).tolist()
        assert numpy.may_share_memory(numpy.asarray(item), numpy.frombuffer(payload, "B"))
