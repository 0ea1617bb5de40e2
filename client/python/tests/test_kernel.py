"""The asyncio face, with the real program."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy
import pytest
from proxy import Proxy, listening

import drupe
from drupe import BigInt, JSError, Kernel, Map, Opaque, RegExp, Server, Target, sync, undefined


@pytest.fixture
async def k(binary: str) -> AsyncIterator[Kernel]:
    async with Kernel() as kernel:
        yield kernel


async def value(kernel: Kernel, code: str, **inputs: Any) -> Any:
    return (await kernel.run(code, inputs=inputs)).raise_for_error().value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1 + 1", 2), ("0.5", 0.5), ("'é'", "é"), ("'a\\ud800'", "a\ud800"), ("null", None), ("undefined", undefined),
        ("true", True), ("2n ** 70n", 2**70), ("5n", BigInt(5)), ("[1,,2]", [1, undefined, 2]),
        ("({a: [1]})", {"a": [1]}),
        ("new Map([[1, 'x']])", Map({1: "x"})), ("new Set([1, 'x'])", {1, "x"}), ("/a+/g", RegExp("a+", "g")),
        ("new Date(0)", datetime(1970, 1, 1, tzinfo=timezone.utc)), ("new Uint8Array([1, 2])", b"\1\2"),
        ("new Uint8Array([1, 2]).buffer", b"\1\2"), ("Math.max", Opaque("function", "[Function: max]")),
    ],
)  # fmt: skip
async def test_values_come(k: Kernel, code: str, expected: Any) -> None:
    got = await value(k, code)
    assert got == expected
    assert isinstance(got, (type(expected), memoryview))


async def test_a_value_beyond_the_limit_comes_as_text(k: Kernel) -> None:
    report = await k.run("'x'.repeat(50)", value_limit=10)
    assert (report.outcome, report.has_value, report.value) == ("value", False, undefined)
    assert report.text == f"'{'x' * 50}'"
    report = await k.run("undefined")
    assert (report.has_value, report.value) == (True, undefined)


async def test_values_go(k: Kernel) -> None:
    cycle: dict[str, Any] = {"list": [1, 2.5, "é", None, undefined, b"\x01", {1, 2}, {1: 2}, 2**60, RegExp("a")]}
    cycle["self"] = cycle
    kinds = "c.self === c && c.list.map(item => item?.constructor?.name ?? String(item)).join()"
    assert await value(k, kinds, c=cycle) == (
        "Number,Number,String,null,undefined,Uint8Array,Set,Map,BigInt,RegExp"
    )  # fmt: skip
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, timezone(timedelta(hours=1)))
    assert await value(k, "d.toISOString()", d=moment) == "2026-01-02T02:04:05.678Z"
    assert await value(k, "[f instanceof Float32Array, f[1]]", f=numpy.array([1, 2], "f4")) == [True, 2]
    assert await value(k, "[e instanceof RangeError, e.message]", e=JSError("no", "RangeError")) == [True, "no"]


async def test_identity_and_errors_come(k: Kernel) -> None:
    got = await value(k, "const o = {}; o.list = [o, o]; o.error = new TypeError('no', {cause: o}); o")
    assert got["list"][0] is got["list"][1] is got is got["error"].cause
    assert isinstance(got["error"], JSError) and str(got["error"]) == "TypeError: no"


async def test_a_session_remembers(k: Kernel) -> None:
    await value(k, "let x: number = 20")
    assert await value(k, "x += 1; x * 2") == 42
    await k.reset()
    with pytest.raises(drupe.Threw) as caught:
        await value(k, "x")
    assert caught.value.report.exception is not None
    assert caught.value.report.exception["name"] == "ReferenceError"
    assert "x is not defined" in str(caught.value)


async def test_the_console_streams(k: Kernel) -> None:
    @k.function
    def seen() -> int:
        return len(lines)

    lines: list[str] = []
    run = k.run("for (let i = 0; i < 3; i++) { console.log('line', i, {i}); await host.seen() } 'end'")
    async for event in run:
        if event.type == "console":
            lines.append(event.text)
            assert event["args"][1] == len(lines) - 1
    report = await run
    assert lines == report.console == ["line 0 { i: 0 }", "line 1 { i: 1 }", "line 2 { i: 2 }"]
    assert report.value == "end"


async def test_late_output_is_told(k: Kernel) -> None:
    async def late() -> drupe.Event:
        async for event in events:
            if event.type == "console":
                return event
        raise AssertionError("the kernel was closed")

    events = k.events()
    waiting = asyncio.ensure_future(late())
    report = await k.run("setTimeout(() => console.log('late'), 20); 1")
    event = await waiting
    assert (event.text, event.run, report.console) == ("late", report.run, [])


async def test_outcomes_are_exceptions_on_request(k: Kernel) -> None:
    cases: list[tuple[str, dict[str, Any], type[drupe.RunError]]] = [
        ("throw new Error('no')", {}, drupe.Threw),
        ("throw 5", {}, drupe.Threw),
        ("let let", {}, drupe.SyntaxErrorJS),
        ("while (true) {}", {"vm_timeout": 0.05}, drupe.TimedOut),
        (
            "await new Promise(done => setTimeout(done, 60000))",
            {"wall_timeout": timedelta(seconds=0.05)},
            drupe.TimedOut,
        ),
        (
            "const all = []; while (true) all.push(new Array(1e4).fill(0))",
            {"memory_limit": 64 << 20},
            drupe.MemoryLimit,
        ),
        ("process.exit(3)", {"until_idle": True}, drupe.Exited),
    ]
    for code, options, expected in cases:
        report = await k.run(code, **options)
        with pytest.raises(expected):
            report.raise_for_error()
    assert await value(k, "1") == 1


async def test_what_was_thrown_is_an_error_whoever_found_it(k: Kernel) -> None:
    for code in ("null.x", "let q=;", "break", "let a; let a"):
        with pytest.raises(drupe.Threw) as raised:
            (await k.run(code)).raise_for_error()
        thrown = raised.value.thrown
        assert isinstance(thrown, drupe.JSError) and thrown.name.endswith("Error") and thrown.message, code


async def test_a_run_that_is_not_awaited_says_to_await_it(k: Kernel) -> None:
    run = k.run("6 * 7")
    for name in ("value", "report", "exception"):
        with pytest.raises(
            AttributeError, match=rf"no attribute '{name}': a run may .* `\(await kernel.run\(code\)\).value`"
        ):
            getattr(run, name)
    assert not hasattr(run, "value") and (await run).value == 42


async def test_interrupt_keeps_the_session(k: Kernel) -> None:
    await value(k, "let kept = 1")
    run = k.run("kept = 2; console.log('on'); while (true) {}")
    async for event in run:
        if event.type == "console":
            await run.interrupt()
    report = await run
    assert (report.outcome, report.state) == ("interrupted", "kept")
    assert await value(k, "kept") == 2
    early = k.run("while (true) {}")
    await early.interrupt()
    assert (await early).outcome == "interrupted"


async def test_cancelling_a_task_interrupts(k: Kernel) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(k.run("while (true) {}"), 0.3)
    assert await value(k, "'next'") == "next"


async def test_functions_are_lent(k: Kernel) -> None:
    @k.function("db.rows")
    async def rows(count: int) -> AsyncIterator[dict[str, int]]:
        for number in range(count):
            yield {"id": number}

    @k.function
    def fails(given: Any) -> None:
        raise ValueError(f"not {given}")

    @k.function
    async def swap(first: Any, second: Any) -> list[Any]:
        await asyncio.sleep(0)
        return [second, first]

    assert await value(k, "const ids = []; for await (const row of host.db.rows(3)) ids.push(row.id); ids") == [0, 1, 2]
    assert await value(k, "await host.swap(new Map([[1, 2]]), 2n ** 60n)") == [2**60, {1: 2}]
    assert await value(k, "await host.fails('x').catch(e => `${e.name}: ${e.message}`)") == "ValueError: not x"
    report = await k.run("await host.swap(1, 2)", only=["fails"])
    assert report.outcome == "threw"


async def test_a_cancelled_call_is_cancelled_here(k: Kernel) -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    @k.function
    async def forever() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    run = k.run("await host.forever()")
    await began.wait()
    await run.interrupt()
    assert (await run).outcome == "interrupted"
    await asyncio.wait_for(cancelled.wait(), 10)


async def test_a_function_that_waits_for_its_own_kernel_is_told(k: Kernel) -> None:
    later: list[asyncio.Future[Any]] = []

    @k.function
    async def waits() -> Any:
        return (await k.run("1")).value

    @k.function
    async def leaves() -> None:
        later.append(asyncio.ensure_future(value(k, "'later'")))

    code = "await host.waits().catch(e => e.name)"
    assert await asyncio.wait_for(value(k, code), 20) == "Deadlock"
    await value(k, "await host.leaves()")
    assert await later[0] == "later"


async def test_a_tag_is_executed_once(k: Kernel) -> None:
    asked = asyncio.Event()

    @k.function
    async def until_asked_again() -> None:
        await asked.wait()

    await value(k, "let count = 0")
    code = "await host.until_asked_again(); count += 1"
    first, second = k.run(code, tag="a"), k.run(code, tag="a")
    await k.status()  # the server has taken both
    asked.set()
    assert await first == await second and (await first).value == 1
    with pytest.raises(drupe.EventsMissed, match="before"):
        await k.run(code, tag="a")
    assert await value(k, "count") == 1


async def test_another_client_attaches(binary: str, tmp_path: Path) -> None:
    path = str(tmp_path / "server.sock")
    with listening(binary, "--socket", path):
        async with Server(address=path) as one, Server(address=path) as two:
            kernel = await one.open(linger=60)
            await value(kernel, "let x = 5; console.log('early')")
            texts: list[str] = []
            other = await two.attach(kernel.id, after=0, on_event=lambda event: texts.append(event.text))
            assert await value(other, "x") == 5
            assert "early" in texts
            await kernel.detach()
            assert await value(other, "x + 1") == 6
            third = await one.attach(kernel.id)
            with pytest.raises(TypeError):
                await one.attach(kernel.id, name="x")  # type: ignore[call-arg]
            assert await value(third, "x + 2") == 7
            await third.close()
            with pytest.raises(drupe.UnknownKernel):
                await value(other, "x")
            with pytest.raises(drupe.UnknownKernel):
                await two.attach(kernel.id)


@pytest.mark.parametrize("name", ["no name", "", "db.", "1st", "a.__proto__", "naïve", "taken.more", "group", "a\n"])
async def test_a_bad_name_is_told_at_once(k: Kernel, name: str) -> None:
    k.function(lambda: 1, name="taken")
    k.function(lambda: 1, name="group.one")
    with pytest.raises(drupe.BadRequest) as told:
        k.function(lambda: 1, name=name) if name else k.function(lambda: 1)  # a lambda has a name of its own
    assert told.value.code == "bad_name" and told.value.details["field"] == "functions"
    with pytest.raises(drupe.BadRequest):
        k.function(name or "<lambda>")
    with pytest.raises(drupe.BadRequest):
        await k.ask("register", functions=[name])  # the rule is the server's
    assert await value(k, "await host.taken()") == 1


async def test_what_the_server_refuses_is_raised_by_the_next_run(k: Kernel) -> None:
    k.function(lambda: 1, name="f")
    k.function(lambda: 1, name="f", reserved=True)
    await k.server.ask("ping")
    with pytest.raises(drupe.BadRequest, match="reserved"):
        k.run("1")
    assert await value(k, "1") == 1


async def test_two_handles_of_a_kernel_work(binary: str) -> None:
    async with Server() as server:
        one = await server.open(answers={"confirm": lambda message: True})
        texts: list[str] = []
        answers = {"prompt": lambda message, default: "asked"}

        def listen(event: drupe.Event) -> None:
            texts.extend([event.text] if event.type == "console" else [])

        pair = [server.attach(one.id, on_event=listen, answers=answers) for _ in "ab"]
        two, three = await asyncio.gather(*pair)
        assert [await value(k, f"console.log({n}); {n}") for n, k in enumerate((one, two, three))] == [0, 1, 2]
        assert texts == ["0", "0", "1", "1", "2", "2"]
        assert await value(one, "[confirm('a'), prompt('b')]") == [True, "asked"]
        await two.close()
        with pytest.raises(drupe.UnknownKernel):
            one.run("1")
        with pytest.raises(drupe.UnknownKernel):
            await server.attach(one.id)


async def test_after_detach_nothing_waits_for_ever(binary: str) -> None:
    async with Server() as server:
        k = await server.open(linger=20, on_disconnect="keep")
        await k.run("let x = 1")
        busy = k.run("await new Promise(() => setTimeout(() => {}, 60000))")
        async for event in busy:
            if event.type == "started":
                break
        left = asyncio.ensure_future(k.detach())
        await asyncio.sleep(0)  # the request is sent
        for run in (busy, k.run("x = 2")):
            with pytest.raises(drupe.UnknownKernel) as told:
                await run
            assert told.value.code == "not_attached"
        await left
        with pytest.raises(drupe.UnknownKernel, match="detached"):
            k.run("1")
        assert [event.type async for event in k.events()] == []
        again = await server.attach(k.id)
        await again.interrupt()
        assert await value(again, "x") == 1


class Untold(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(("error", "seen"), [(ValueError("a\ud800"), "ValueError: a?"), (Untold(), "Untold: ")])
async def test_any_exception_reaches_javascript(k: Kernel, error: Exception, seen: str) -> None:
    @k.function
    def fail() -> None:
        raise error

    assert await value(k, "await host.fail().catch(e => `${e.name}: ${e.message}`)") == seen
    assert await value(k, "1") == 1


async def test_a_cancelled_function_is_an_error_in_javascript(k: Kernel) -> None:
    @k.function
    async def leave() -> None:
        raise asyncio.CancelledError("left")

    assert await value(k, "await host.leave().catch(e => e.name + e.message)") == "CancelledErrorleft"


async def test_nothing_is_permitted_that_was_not_asked_for(binary: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    code = f"require('fs').readFileSync({str(secret)!r}, 'utf8')"
    async with Server(args=["--allow-read"]) as server:
        async with await server.open() as kernel:
            report = await kernel.run(code)
            assert report.outcome == "threw" and "read" in report.message
        async with await server.open(permissions={"read": [str(tmp_path)]}) as kernel:
            assert await value(kernel, code) == "hidden"
        with pytest.raises(drupe.Forbidden):
            await server.open(permissions={"net": True})
    asked: list[Any] = []

    def decide(*question: Any) -> str:
        asked.append(question)
        return "once"

    async with Kernel(answers={"permission": decide, "prompt": lambda *_: "typed"}) as kernel:
        report = await kernel.run(code)
        assert (report.value, asked[0][:2]) == ("hidden", ("read", str(secret)))
        assert await value(kernel, "prompt('who?')") == "typed"


async def test_a_killed_kernel_is_told_and_replaced(k: Kernel) -> None:
    await value(k, "let x = 1")
    run = k.run("console.log('before'); while (true) {}")
    async for event in run:
        if event.type == "console":
            os.kill(k.info["pid"], signal.SIGKILL)
            break
    with pytest.raises(drupe.KernelDied) as caught:
        await run
    assert caught.value.details["signal"] and caught.value.console == ["before"]
    assert caught.value.output == "before\n"
    report = await k.run("typeof x")
    assert report.value == "undefined" and report.get("new_session")


async def test_a_killed_server_is_told(binary: str) -> None:
    async with Kernel() as k:
        run = k.run("while (true) {}")
        asking = asyncio.ensure_future(run.interrupt())
        assert k.server.pid is not None
        os.kill(k.server.pid, signal.SIGKILL)
        with pytest.raises(drupe.ServerGone):
            await run
        await asyncio.gather(asking, return_exceptions=True)
        with pytest.raises(drupe.ServerGone):
            k.run("1")


async def test_fifty_megabytes_of_output(k: Kernel) -> None:
    code = "const line = 'x'.repeat(1023); for (let i = 0; i < 51200; i++) console.log(line)"
    size = 0
    run = k.run(code, capture=False)
    async for event in run:
        size += len(event.text) + 1 if event.type == "console" else 0
    report = await run
    assert size == 50 << 20 and report.console == [] and report.outcome == "value"


async def test_twenty_kernels_at_once(binary: str) -> None:
    async with Server() as server:
        kernels = await asyncio.gather(*(server.open(name=str(number)) for number in range(20)))
        await asyncio.gather(*(value(kernel, "let n = i", i=number) for number, kernel in enumerate(kernels)))
        results = await asyncio.gather(*(value(kernel, "n * n") for kernel in kernels))
        assert results == [number**2 for number in range(20)]
        assert len((await server.ask("list"))["kernels"]) == 20
        await kernels[0].close()
        with pytest.raises(drupe.UnknownKernel):
            await kernels[0].run("1")


async def test_questions_are_answered_while_a_run_is_busy(k: Kernel) -> None:
    await value(k, "const wonder = {length: 1}")
    run = k.run("console.log(1); while (true) {}")
    async for event in run:
        if event.type == "console":
            assert "wonder" in [item["name"] for item in (await k.complete("wond"))["items"]]
            assert (await k.status())["executing"] is True
            assert (await k.inspect("wonder"))["found"]["name"] == "wonder"
            assert "wonder" in [item["name"] for item in (await k.globals())["items"]]
            await run.interrupt()
    report = await k.run("wonder", handle=True)
    page = await k.properties(report.get("handle"))
    assert [item["name"] for item in page["items"]][:1] == ["length"]
    await k.release([report.get("handle")])
    assert (await k.server.ask("is_complete", code="if (x) {"))["status"] == "incomplete"
    generation = (await k.restart())["generation"]
    assert generation == k.info["generation"] == 2
    await k.terminate()
    with pytest.raises(drupe.KernelDied):
        await k.run("1")


async def test_a_lost_connection_is_made_again(binary: str, tmp_path: Path) -> None:
    path = str(tmp_path / "server.sock")
    with listening(binary, "--socket", path):
        proxy = Proxy(tmp_path / "proxy.sock", path)
        async with Server(address=proxy.path) as server, await server.open() as kernel:
            hits: list[int] = []
            kernel.function(hits.append, name="hit")
            run = kernel.run(
                "for (let i = 0; i < 40; i++) { console.log(i); await new Promise(d => setTimeout(d, 10)) } 'end'"
            )
            async for event in run:
                if event.type == "console" and int(event.text) % 10 == 5:
                    proxy.cut()
            report = await run
            assert (report.value, report.console) == ("end", [str(number) for number in range(40)])
            proxy.cut()
            assert await value(kernel, "await host.hit(1); 'again'") == "again" and hits == [1]
            await value(kernel, "let count = 0")
            for _ in range(10):
                waiting = asyncio.ensure_future(value(kernel, "count += 1"))
                await asyncio.sleep(0)
                proxy.cut()
                await waiting
            assert await value(kernel, "count") == 10
        proxy.close()


async def test_tcp_needs_the_token(binary: str) -> None:
    with listening(binary, "--listen", "127.0.0.1:0") as (address, token):
        async with Server(address=address, token=token) as server, await server.open() as kernel:
            assert await value(kernel, "1 + 1") == 2
        with pytest.raises(drupe.Refused):
            async with Server(address=address, token="wrong"):
                pass


@pytest.mark.parametrize("as_numpy", [True, False])
async def test_a_large_array_comes_whole(binary: str, as_numpy: bool) -> None:
    async with Kernel(target=Target(numpy=as_numpy)) as kernel:
        report = await kernel.run("new Float64Array(4e6).map((_, i) => i)", value_limit=120_000_000)
        array = numpy.asarray(report.value)
        assert array.dtype == numpy.float64 and array.flags.aligned
        assert numpy.array_equal(array, numpy.arange(4e6))
        back = await kernel.run("a.length + a[3999999]", inputs={"a": array})
        assert back.value == 4e6 + 3999999


async def test_a_module_runs(k: Kernel, tmp_path: Path, binary: str) -> None:
    program = tmp_path / "program.ts"
    program.write_text("console.log(process.argv.slice(2).join('+'))")
    permissions = {"read": [str(tmp_path)]}
    async with Kernel(permissions=permissions) as kernel:
        report = await kernel.run(module=str(program), args=["a", "b"], until_idle=True)
        report.raise_for_error()
        seen = [report.console] if report.console else report.fields
        assert seen == [["a+b"]]


async def test_two_may_iterate_and_events_end_with_the_kernel(k: Kernel) -> None:
    async def count() -> int:
        return len([event async for event in run])

    everything = k.events()
    run = k.run("for (let i = 0; i < 50; i++) { console.log(i); await null }")
    first, second = await asyncio.gather(count(), count())
    assert first + second == 53 and (await run).outcome == "value"
    await k.close()
    types = [event.type async for event in everything]
    assert types.count("console") == 50 and types[-1] == "closed"
    assert [event async for event in k.events()] == []
    await k.close()


async def test_ctrl_c_at_the_terminal_does_not_reach_the_server(k: Kernel) -> None:
    assert k.server.pid is not None
    assert os.getpgid(k.server.pid) != os.getpgid(0)


async def test_a_kernel_may_be_closed_twice_and_unopened(binary: str) -> None:
    await Kernel().close()
    async with Server() as server:
        kernel = await server.open()
        await kernel.close()
        await kernel.close()
        await Kernel(server).close()
    await server.close()


async def test_a_session_ends_with_its_server(binary: str) -> None:
    async with Server() as server:
        kernel = await server.open()
        waiting = asyncio.ensure_future(kernel.run("while (true) {}"))
        await asyncio.sleep(0)
    with pytest.raises(drupe.ServerGone):
        await waiting


async def test_tls_hides_a_connection(binary: str, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    if "--tls-cert" not in subprocess.run([binary, "serve", "--help"], capture_output=True, text=True).stdout:
        pytest.skip("this program has no TLS")
    made = subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
        f"-keyout {key} -out {certificate}",
        shell=True,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("openssl makes no certificate here")
    flags = ["--listen", "127.0.0.1:0", "--tls-cert", str(certificate), "--tls-key", str(key)]
    with listening(binary, *flags) as (address, token):
        context = ssl.create_default_context(cafile=str(certificate))
        target = Target(address=address.replace("127.0.0.1", "localhost"), token=token, tls=context)
        async with Kernel(target=target) as kernel:
            assert await value(kernel, "'x'.repeat(3e6).length") == 3_000_000
            report = await kernel.run("new Float64Array(1e5).fill(2)")
            assert sum(report.value) == 2e5
        with sync.Kernel(target=target) as blocking:
            assert sum(blocking.run("new Float64Array(1e5).fill(2)").value) == 2e5
        words = rf"^there is no server to trust at '{target.address}': .*certificate"
        with pytest.raises(drupe.NotFound, match=words) as told:
            await Kernel(target=Target(address=target.address, token=token, tls=True)).open()
        assert isinstance(told.value.__cause__, ssl.SSLError)
        with pytest.raises(drupe.NotFound, match=words) as told:
            sync.Kernel(target=Target(address=target.address, token=token, tls=True)).open()
        assert isinstance(told.value.__cause__, ssl.SSLError)
