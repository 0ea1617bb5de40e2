"""The blocking face, with the real program."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from proxy import Proxy, listening

import drupe
from drupe import Target
from drupe.sync import Kernel, Server


@pytest.fixture
def k(binary: str) -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Python raises KeyboardInterrupt, also where whoever started it ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_session_remembers(k: Kernel) -> None:
    k.run("let x: number = a.length; const add = (n: number) => x += n", inputs={"a": [1, 2, 3]}).raise_for_error()
    assert k.run("add(4); ({x, m: new Map([[x, 2n ** 64n]])})").value == {"x": 7, "m": {7: 2**64}}
    report = k.run("console.log('one'); console.error('two'); x.y.z")
    assert report.console == ["one", "two"] and report.outcome == "threw"
    assert report.output == "one\ntwo\n"
    k.reset()
    assert k.run("typeof x").value == "undefined"


def test_all_that_is_printed_is_in_the_report(k: Kernel) -> None:
    code = """process.stdout.write('no line'); console.group('outer'); console.log('one\\ntwo'); console.group();
        console.error('three'); console.groupEnd(); console.groupEnd(); console.clear(); console.log('four');
        process.stderr.write('five\\n')"""
    report = k.run(code)
    assert report.console == ["outer", "  one\n  two", "    three", "four"]
    assert report.output == "no lineouter\n  one\n  two\n    three\nfour\nfive\n"
    assert k.run("1").output == "" and k.start(code, capture=False).report().output == ""


def test_events_stream(k: Kernel) -> None:
    run = k.start("for (let i = 0; i < 3; i++) { console.log(i); await null } 'end'")
    events = list(run)
    assert [event.text for event in events if event.type == "console"] == ["0", "1", "2"]
    assert events[-1].type == "outcome" and run.done and run.report().value == "end"


def test_limits_are_outcomes(k: Kernel) -> None:
    with pytest.raises(drupe.TimedOut):
        k.run("while (true) {}", vm_timeout=0.05).raise_for_error()
    with pytest.raises(drupe.TimedOut):
        k.run("await new Promise(() => setTimeout(() => {}, 60000))", wall_timeout=0.05).raise_for_error()
    assert k.run("1").value == 1


def test_a_run_that_is_interrupted_before_it_began_ends_at_once(k: Kernel) -> None:
    busy = k.start("let kept = 1; console.log('on'); while (true) {}")
    queued = k.start("globalThis.never = 1")
    assert next(event for event in busy if event.type == "console").text == "on"
    queued.interrupt()
    report = queued.report()
    assert (report.outcome, report.get("stopped"), report.state) == ("interrupted", "queued", "kept")
    assert report.message == "Interrupted before it began; state kept" and not busy.done
    busy.interrupt()
    assert busy.report().outcome == "interrupted"
    assert k.run("[kept, typeof never]").value == [1, "undefined"]


def test_a_preload_that_fails_is_told_as_such(binary: str) -> None:
    with pytest.raises(drupe.ServerError, match=r"(?s)^preload: the preload does not compile: .*no kernel was opened"):
        Kernel(preload="let let").open()
    tries = "globalThis.tries = (globalThis.tries ?? 0) + 1; if (tries < 2) throw new Error('not yet')"
    with Kernel(preload=tries) as kernel:
        with pytest.raises(drupe.Threw, match=r"(?s)not yet.*The preload \"preload\" failed: none of the run's own code"):
            kernel.run("1").raise_for_error()
        report = kernel.run("tries")
        assert (report.value, report.get("preload"), report.message) == (2, None, "")


def test_another_thread_interrupts(k: Kernel) -> None:
    run = k.start("console.log('on'); while (true) {}")
    for event in run:
        if event.type == "console":
            thread = threading.Thread(target=run.interrupt)
            thread.start()
    thread.join(10)
    assert run.report().outcome == "interrupted"


def test_ctrl_c_interrupts_the_run(k: Kernel, ctrl_c: None) -> None:
    @k.function
    def press() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        k.run("await host.press(); while (true) {}")
    assert k.run("'next'").value == "next"


def test_ctrl_c_at_any_time_leaves_the_kernel_of_use(k: Kernel, ctrl_c: None) -> None:
    @k.function
    def press(after: float) -> None:
        threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT)).start()

    for number in range(60):
        with pytest.raises(KeyboardInterrupt):
            k.run(f"await host.press({number * 2e-5}); while (true) {{}}")
        assert k.run("'next'").value == "next"
    # The program's own code is interrupted at once.
    k.function(time.sleep)
    with pytest.raises(KeyboardInterrupt):
        k.run("host.press(0.05); await host.sleep(60)")
    assert k.run("'next'").value == "next"
    # While another thread reads, too.
    run = k.start("while (true) {}")
    reader = threading.Thread(target=run.report)
    reader.start()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        k.run("'waits'")
    run.interrupt()
    reader.join(10)
    assert k.run("'next'").value == "next" and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_between_a_request_and_its_wait_leaves_nothing_behind(
    binary: str, ctrl_c: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, pressed = drupe.sync._BlockingLink, list[str]()
    write = link.write

    def write_and_press(self: Any, data: bytes) -> None:
        write(self, data)
        if pressed and pressed[0].encode() in data[:20]:
            pressed.clear()
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(link, "write", write_and_press)
    with Server() as server:
        pressed.append("open")
        with pytest.raises(KeyboardInterrupt):
            server.open()
        while server.ask("list")["kernels"]:  # nobody has it, so it is closed
            time.sleep(0.01)
        k = server.open()
        for name in ("status", "interrupt", "reset"):
            pressed.append(name)
            with pytest.raises(KeyboardInterrupt):
                k.ask(name)
        pressed.append("run")
        with pytest.raises(KeyboardInterrupt):
            k.start("while (true) {}")
        pressed.append("ping")
        with pytest.raises(KeyboardInterrupt):
            server.ask("ping")
        assert k.run("'next'").value == "next" and k._state.unnumbered == 0
        assert server.ask("list")["kernels"][0]["runs"] == []


def test_functions_are_lent(k: Kernel) -> None:
    @k.function("db.rows")
    def rows(count: int) -> Iterator[dict[str, int]]:
        for number in range(count):
            yield {"id": number}

    @k.function
    async def later(value: Any) -> Any:
        return [value]

    @k.function
    def fails() -> None:
        raise KeyError("x")

    code = "const ids = []; for await (const row of host.db.rows(3)) ids.push(row.id); [ids, await host.later(5n)]"
    assert k.run(code).value == [[0, 1, 2], [5]]
    assert k.run("await host.fails().catch(e => e.name)").value == "KeyError"
    assert k.run("await host.later(() => 1)").outcome in ("value", "threw")


def test_a_function_that_waits_for_its_own_kernel_is_told(k: Kernel) -> None:
    k.function(lambda: k.run("1").value, name="waits")
    assert k.run("await host.waits().catch(e => e.name)").value == "Deadlock"
    assert k.run("1", tag="a").value == 1
    with pytest.raises(drupe.EventsMissed):
        k.run("1", tag="a")


def test_another_client_attaches(binary: str, tmp_path: Path) -> None:
    path = str(tmp_path / "server.sock")
    with listening(binary, "--socket", path), Server(address=path) as one, Server(address=path) as two:
        kernel = one.open()
        kernel.run("let x = 5")
        other = two.attach(kernel.id)
        kernel.detach()
        assert other.run("x").value == 5
        other.close()


def test_a_killed_kernel_and_a_killed_server_are_told(binary: str) -> None:
    with Server() as server:
        kernel = server.open()
        os.kill(kernel.info["pid"], signal.SIGKILL)
        for event in kernel.start("1"):
            assert event.type != "error" or event["cause"] == "signal"
        assert kernel.run("1").value == 1
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(drupe.ServerGone):
            kernel.run("1")


def test_permission_is_denied(k: Kernel) -> None:
    report = k.run("require('fs').readFileSync('/etc/passwd')")
    assert report.outcome == "threw" and "read" in report.message


def test_fifty_megabytes_of_output(k: Kernel) -> None:
    report = k.run("const line = 'x'.repeat(1023); for (let i = 0; i < 51200; i++) console.log(line)")
    assert sum(len(line) + 1 for line in report.console) == 50 << 20


def test_twenty_kernels_in_twenty_threads(binary: str) -> None:
    results: list[int] = []

    def work(number: int) -> None:
        with server.open() as kernel:
            kernel.run("let n = i", inputs={"i": number})
            results.append(sum(kernel.run("n").value for _ in range(10)))

    with Server() as server:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(results) == [number * 10 for number in range(20)]


def test_a_lost_connection_is_made_again(binary: str, tmp_path: Path) -> None:
    path = str(tmp_path / "server.sock")
    with listening(binary, "--socket", path):
        proxy = Proxy(tmp_path / "proxy.sock", path)
        with Server(address=proxy.path) as server, server.open() as kernel:
            kernel.function(lambda: proxy.cut(), name="cut")
            run = kernel.start("console.log(1); await new Promise(d => setTimeout(d, 50)); console.log(2); 'end'")
            for event in run:
                if event.text == "1":
                    proxy.cut()
            assert (run.report().value, run.report().console) == ("end", ["1", "2"])
            report = kernel.run("await host.cut().catch(e => e.code)")
            assert report.value == "ERR_CLIENT_GONE"
            kernel.run("let count = 0")
            for _ in range(10):
                run = kernel.start("count += 1")
                proxy.cut()
                run.report()
            assert kernel.run("count").value == 10
        proxy.close()


def test_tcp_needs_the_token(binary: str) -> None:
    with listening(binary, "--listen", "127.0.0.1:0") as (address, token):
        with Kernel(target=Target(address=address, token=token)) as kernel:
            assert kernel.run("1 + 1").value == 2
        with pytest.raises(drupe.Refused):
            Kernel(target=Target(address=address, token="wrong")).open()


def test_a_large_array_comes_whole(binary: str) -> None:
    with Kernel(target=Target(numpy=True)) as kernel:
        array = kernel.run("new Float64Array(12.5e6).map((_, i) => i)", value_limit=120_000_000).value
        assert array.flags.aligned and array.flags.writeable
        assert numpy.array_equal(array, numpy.arange(12.5e6))


def test_closing_ends_the_server(binary: str) -> None:
    kernel = Kernel()
    kernel.open()
    pid = kernel.server.pid
    assert pid is not None
    kernel.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(drupe.ServerGone):
        kernel.run("1")
    kernel.close()


def test_a_function_that_ends_the_program_fails_its_call(k: Kernel) -> None:
    @k.function
    def leave(how: str) -> Any:
        if how == "stream":
            return (raised() for _ in "a")
        raise KeyboardInterrupt if how == "ctrl-c" else SystemExit(3)

    def raised() -> None:
        raise SystemExit(3)

    for how, kind in (("exit", SystemExit), ("ctrl-c", KeyboardInterrupt), ("stream", SystemExit)):
        with pytest.raises(kind):
            code = "try { for await (const _ of await host.leave(how)); } catch (e) { seen = e.name }"
            k.run(code, inputs={"how": how})
        seen = k.run("const found = globalThis.seen; delete globalThis.seen; found").value
        assert how == "ctrl-c" or seen == "SystemExit"  # Ctrl-C interrupts the run, too, before or after its call fails


def test_no_server_at_an_address_is_told(tmp_path: Path) -> None:
    for address in (str(tmp_path / "none.sock"), f"{tmp_path}/{'x' * 200}", "127.0.0.1:1", "127.0.0.1:99999", "nobody"):
        with pytest.raises(drupe.NotFound, match=address):
            Server(address=address).start()
    with pytest.raises(drupe.NotFound), Kernel(target=Target(address=str(tmp_path / "none.sock"))):
        pass
    for wrong in (5, b"/path", tmp_path):
        with pytest.raises(TypeError, match="address must be text"):
            Server(address=wrong).start()  # type: ignore[arg-type]
