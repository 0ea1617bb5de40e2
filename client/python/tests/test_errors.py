"""Exceptions: what they say, how they pass through pickle, and what JavaScript sees of them."""

from __future__ import annotations

import copy
import ctypes
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from proxy import listening

import drupe
from drupe import JSError, Report, errors, sync, undefined
from drupe.report import Printed


@pytest.fixture
def k(binary: str) -> Iterator[sync.Kernel]:
    with sync.Kernel(wall_timeout=60) as kernel:
        yield kernel


def report() -> Report:
    printed = Printed([("console", "hello\n")])
    fields = {"exception": {"text": "Error: no", "value": JSError("no")}}
    return Report(3, "threw", undefined, False, "", "kept", printed, fields, ("f",), 2)


def made(kind: type[Exception]) -> Exception:
    if issubclass(kind, errors.RunError):
        return kind(report())
    if issubclass(kind, errors.ServerError):
        error = kind({"code": "exited", "message": "gone", "field": "f", "status": 3})
        error.printed = Printed([("console", "hello\n")])
        return error
    return kind("text")


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DrupeError)]


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", [*KINDS, JSError])
def test_an_exception_is_pickled_and_copied_whole(kind: type[Exception], again: Callable[[Any], Any]) -> None:
    error: Any = made(kind)
    error.__cause__ = OSError(5, "disk")
    error.note = {"mine": 1}
    other = again(error)
    assert type(other) is kind and (str(other), other.args, other.note) == (str(error), error.args, error.note)
    assert repr(other.__cause__) == repr(error.__cause__) and other.__suppress_context__
    if isinstance(error, errors.RunError):
        assert (other.report.console, other.report.missed, other.report.lent) == (["hello"], 2, ("f",))
        assert other.report.exception["value"].message == "no"
    elif isinstance(error, errors.ServerError):
        assert (other.code, other.details, other.console) == ("exited", error.details, ["hello"])


def test_a_javascript_error_is_pickled_whole() -> None:
    error = JSError("a", "TypeError", "stack", cause=1, errors=[JSError("b")])
    error.errors.append(error)  # a cycle
    other = pickle.loads(pickle.dumps(error))
    assert (other.message, other.name, other.stack, other.cause) == ("a", "TypeError", "stack", 1)
    assert other.errors[1] is other and JSError().cause is undefined


def fails() -> None:
    with sync.Kernel(wall_timeout=60) as kernel:
        kernel.function(str, name="lent")
        kernel.run("console.log('up'); null.x").raise_for_error()


def test_an_exception_comes_from_another_process(binary: str) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, pytest.raises(drupe.Threw, match="TypeError") as caught:
        pool.submit(fails).result(60)
    assert (caught.value.report.console, caught.value.report.lent) == (["up"], ("lent",))


VIEWS = [
    *(memoryview(bytearray(range(16))).cast(form) for form in "bBhHiIqQfd"),
    memoryview(b"ab"),
    memoryview(bytearray()).cast("d"),
    memoryview(bytearray(range(6))).cast("B", (2, 3)),
    memoryview(bytearray(range(6)))[::2],
]


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("view", VIEWS, ids=[f"{view.format}{view.shape}" for view in VIEWS])
def test_a_typed_array_is_pickled_and_copied(view: memoryview, again: Callable[[Any], Any]) -> None:
    other = again(view)
    assert type(other) is memoryview and other == view and other.tobytes() == view.tobytes()
    assert (other.format, other.shape, other.readonly) == (view.format, view.shape, view.readonly)


def test_a_view_that_is_no_typed_array_cannot_be_pickled() -> None:
    view = memoryview((ctypes.c_int32 * 2)())  # of a stated byte order
    with pytest.raises(TypeError, match="^cannot pickle a memoryview of format '<i'$"):
        pickle.dumps(view)


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
def test_what_holds_typed_arrays_is_pickled_and_copied(k: sync.Kernel, again: Callable[[Any], Any]) -> None:
    report = k.run("const a = new Float64Array([1.5]); Promise.reject(a); new Map([['a', [a]]])")
    other = again(report)
    [array] = other.value["a"]
    assert type(other.value) is drupe.Map and (array.format, array.tolist()) == ("d", [1.5])
    assert (other.uncaught[0]["value"].tolist(), other.message) == ([1.5], report.message)
    for code in ("throw new Uint8Array(2)", "throw new Error('x', { cause: new Uint8Array(2) })"):
        with pytest.raises(drupe.Threw) as caught:
            k.run(code).raise_for_error()
        thrown = again(caught.value).thrown
        assert getattr(thrown, "cause", thrown).tolist() == [0, 0]


def gives() -> tuple[Any, drupe.Report]:
    with sync.Kernel(wall_timeout=60) as kernel:
        report = kernel.run("new Uint16Array([1, 65535])")
        return report.value, report


def test_a_typed_array_comes_from_another_process(binary: str) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        value, report = pool.submit(gives).result(60)
    assert value.tolist() == report.value.tolist() == [1, 65535] and value.format == "H"


def test_cause_code_and_group_of_an_error_reach_javascript(k: sync.Kernel) -> None:
    @k.function
    def fail() -> None:
        error = drupe.BadRequest({"code": "bad_name", "message": "no"})
        raise error from KeyError("why")

    @k.function
    def odd() -> None:
        raise JSError("odd", cause=print)

    @k.function
    def group() -> None:
        raise ExceptionGroup("many", [TypeError("a"), JSError("b", "RangeError")])  # type: ignore[name-defined]  # noqa

    told = """(async (f) => { try { await f() } catch (e) {
        return [e.message, e.code, e.cause instanceof Error, e.cause?.name, e.errors?.map(String)] } })"""
    assert k.run(f"await {told}(host.fail)").value == ["no (bad_name)", "bad_name", True, "KeyError", undefined]
    assert k.run(f"await {told}(host.odd)").value == ["odd", undefined, False, undefined, undefined]
    if sys.version_info >= (3, 11):
        message, *_, inner = k.run(f"await {told}(host.group)").value
        assert message.startswith("many") and inner == ["TypeError: a", "RangeError: b"]


def test_cause_and_group_of_a_value_reach_javascript(k: sync.Kernel) -> None:
    error, raised = ValueError("a"), JSError("b", "RangeError")
    error.__cause__ = raised
    raised.__cause__ = error  # a cycle
    code = "[e.cause.name, e.cause.cause === e]"
    assert k.run(code, inputs={"e": error}).value == ["RangeError", True]
    error = JSError("many", "AggregateError", cause=7, errors=[TypeError("c")])
    assert k.run("[e.cause, String(e.errors)]", inputs={"e": error}).value == [7, "TypeError: c"]


def test_a_kernel_that_was_terminated_says_what_to_do(k: sync.Kernel) -> None:
    k.terminate()
    calls: list[Callable[[], Any]] = [lambda: k.run("1"), k.reset, k.restart, k.status]
    for call in calls:
        with pytest.raises(drupe.KernelDied, match="close it and open another"):
            call()


def test_a_kernel_that_is_gone_says_why_once(binary: str) -> None:
    with sync.Server() as server:
        kernel = server.open()
        kernel.close()
        words = r"^the kernel is gone: this program has closed it, by Kernel\.close\(\) \(closed\)$"
        with pytest.raises(drupe.UnknownKernel, match=words):
            kernel.run("1")
        # One that this program never opened, and one that it knows no more.
        with pytest.raises(drupe.UnknownKernel, match=f'there is no kernel "{kernel.id}": a client has closed it'):
            server.attach(kernel.id)


def test_a_kernel_that_another_client_has_closed_says_so(binary: str, tmp_path: Path) -> None:
    path = str(tmp_path / "s.sock")
    with listening(binary, "--socket", path), sync.Server(address=path) as one, sync.Server(address=path) as other:
        kernel = one.open()
        other.attach(kernel.id).close()
        with pytest.raises(drupe.UnknownKernel, match="client has closed it"):
            kernel.run("1")


async def test_the_wrong_with_says_which_to_write() -> None:
    for kind in (drupe.Kernel, drupe.Server):
        with pytest.raises(TypeError, match=rf"`async with`, or take drupe\.sync\.{kind.__name__}$"), kind():  # type: ignore[attr-defined]
            pass
    for other in (sync.Kernel, sync.Server):
        with pytest.raises(TypeError, match=rf"write `with`, or take drupe\.{other.__name__}$"):
            async with other():  # type: ignore[attr-defined]
                pass


async def test_start_gives_the_server(binary: str) -> None:
    server = await drupe.Server().start()
    kernel = await server.open()
    assert await kernel.open() is kernel
    await server.close()
    blocking = sync.Server().start()
    assert blocking.open().run("1").value == 1
    blocking.close()
