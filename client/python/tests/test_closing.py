"""What is closed says by what, and what nobody closes is a warning."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import drupe
from drupe import Kernel, Server, sync


async def is_closed(target: Any, words: str, *more: Callable[[], Any]) -> None:
    """Each method raises the same error at the call, or when it is awaited."""
    calls: list[Callable[[], Any]] = [*more]
    if not isinstance(target, (Server, sync.Server)):
        calls += [lambda: target.run("1"), lambda: target.run(module="/m"), lambda: target.function(len)]
        calls += [lambda: target.complete("a"), lambda: target.inspect("a"), lambda: target.signature("a")]
        calls += [
            lambda: target.properties([1, 1]),
            lambda: target.release([[1, 1]]),
            lambda: target.ask("preview", code="1"),
        ]
        calls += [getattr(target, name) for name in ("open", "interrupt", "reset", "restart", "terminate", "detach")]
        calls += [target.status, target.globals]
    for call in calls:
        with pytest.raises(drupe.Closed) as told:
            result = call()
            if inspect.isawaitable(result):
                await result
        assert (str(told.value), told.value.code) == (f"{words} (closed)", "closed")
        assert isinstance(told.value, drupe.UnknownKernel) and isinstance(told.value, drupe.ServerGone)
    closed = target.close()  # a second time it does nothing
    if closed is not None:
        await closed


async def test_each_method_of_what_is_closed_names_what_has_closed_it(binary: str) -> None:
    gone = "the kernel is gone: this program has closed it, by {}".format
    by_hand = await Kernel().open()
    await by_hand.close()
    await is_closed(by_hand, gone("Kernel.close()"), by_hand.server.open)
    async with Kernel() as used:
        pass
    await is_closed(used, gone("the end of its `async with`"))
    async with Server() as server:
        async with server.open() as one:
            pass
        await is_closed(one, gone("the end of its `async with`"))
        two, three = await server.open(), await server.open()
        await two.close()
        await is_closed(two, gone("Kernel.close()"))
        await three.ask("close")
        await is_closed(three, gone("Kernel.close()"))
        four = await server.open()
    words = "the server is gone: this program has closed it, by the end of its `async with`"
    await is_closed(four, words)
    await is_closed(server, words, server.open, server.start, lambda: server.ask("list"), lambda: server.attach("x"))


async def test_each_method_of_what_is_closed_names_what_has_closed_it_without_asyncio(binary: str) -> None:
    gone = "the kernel is gone: this program has closed it, by {}".format
    by_hand = sync.Kernel().open()
    by_hand.close()
    await is_closed(by_hand, gone("Kernel.close()"), lambda: by_hand.start("1"), by_hand.server.open)
    with sync.Kernel() as used:
        pass
    await is_closed(used, gone("the end of its `with`"), used.__enter__)
    server = sync.Server().start()
    assert server.start() is server and server.pid is not None
    one, two = server.open(), server.open()
    one.close()
    await is_closed(one, gone("Kernel.close()"))
    server.close()
    words = "the server is gone: this program has closed it, by Server.close()"
    await is_closed(two, words)
    await is_closed(server, words, server.open, server.start, lambda: server.ask("list"), lambda: server.attach("x"))


def test_a_kernel_that_was_left_says_by_what(binary: str) -> None:
    with sync.Server() as server:
        left = server.open(linger=1)
        left.detach()
        words = r"^this client has detached from the kernel, by Kernel\.detach\(\): attach again \(not_attached\)$"
        for call in (lambda: left.run("1"), left.status, left.open):
            with pytest.raises(drupe.UnknownKernel, match=words):
                call()


def test_what_was_started_in_vain_may_be_tried_again(binary: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("DRUPE_BIN", "/no/such")
    server, kernel = sync.Server(), sync.Kernel()
    for start in (server.start, kernel.open):
        with pytest.raises(drupe.NotFound):
            start()
    monkeypatch.setenv("DRUPE_BIN", binary)
    assert server.start().open().run("1").value == kernel.open().run("1").value == 1
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(drupe.ServerGone):
        server.ask("ping")
    assert server.start().open().run("2").value == 2  # another process
    server.close()
    kernel.close()


UNCLOSED = {
    "a kernel": "from drupe.sync import Kernel\nk = Kernel().open(); print(k.run('1').value)",
    "a local kernel": "from drupe.sync import Kernel\ndef f(): print(Kernel().open().run('1').value)\nf()",
    "a kernel in a cycle": "from drupe.sync import Kernel\nk = Kernel().open(); k.me = k; print(k.run('1').value)",
    "a server": "from drupe.sync import Server\ns = Server().start(); k = s.open(); print(k.run('1').value)",
    "with asyncio": """import asyncio, drupe
async def main():
    k = await drupe.Kernel().open(); print((await k.run('1')).value)
asyncio.run(main())""",
    "after its event loop": """import asyncio, drupe
async def main():
    global k
    k = await drupe.Kernel().open(); print((await k.run('1')).value)
asyncio.run(main())""",
    "amid runs": """import asyncio, drupe
async def main():
    global k, run, events
    k = await drupe.Kernel().open(); run, events = k.run('console.log(1); for (;;);'), k.events()
    async for event in run: break
    async for event in events: break
    print(1)
asyncio.run(main())""",
    "amid calls": """import asyncio, drupe
async def main():
    k, called = await drupe.Kernel().open(), asyncio.Event()
    async def wait(): called.set(); await asyncio.sleep(60)
    k.function(wait)
    task = asyncio.ensure_future(k.run('await host.wait()')); await called.wait()
    print(1)
asyncio.run(main())""",
    "an event loop that was left": """import asyncio, drupe
loop = asyncio.new_event_loop()
k = loop.run_until_complete(drupe.Kernel().open())
print(loop.run_until_complete(asyncio.wait_for(k.run('1'), 60)).value)""",
}


@pytest.mark.parametrize("code", UNCLOSED.values(), ids=UNCLOSED)
def test_what_nobody_closes_is_a_warning_and_no_traceback(binary: str, code: str) -> None:
    def said(*flags: str) -> str:
        ran = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, timeout=60)
        assert (ran.returncode, ran.stdout) == (0, "1\n"), ran.stderr
        assert "Traceback" not in ran.stderr and "Exception ignored" not in ran.stderr
        return ran.stderr

    assert said() == ""
    warned = said("-W", "always::ResourceWarning")
    assert "ResourceWarning: unclosed kernel, of process " in warned or "unclosed server, of process " in warned
    assert warned.count("write `with`, or call `close()`") == 1
    assert "subprocess" not in warned and "unclosed <socket" not in warned


@pytest.mark.parametrize(
    "code",
    [
        "from drupe.sync import Kernel\nwith Kernel() as k: print(k.run('1').value)",
        "from drupe.sync import Server\ns = Server().start(); k = s.open(); print(k.run('1').value); s.close()",
        "import asyncio, drupe\nasync def main():\n  async with drupe.Kernel() as k: print((await k.run('1')).value)\n"
        "asyncio.run(main())",
    ],
)
def test_what_is_closed_gives_no_warning(binary: str, code: str) -> None:
    command = [sys.executable, "-X", "dev", "-W", "always", "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")


def test_a_server_that_nobody_closes_ends(binary: str) -> None:
    kernel = sync.Kernel().open()
    pid = kernel.server.pid
    with pytest.warns(
        ResourceWarning, match=rf"^unclosed kernel, of process {pid}: write `with`, or call `close\(\)`$"
    ):
        del kernel
    with pytest.raises(ProcessLookupError):
        os.kill(pid or 0, 0)


GONE = "the kernel is gone: this program has closed it, by Kernel.close() (closed)"


@pytest.mark.parametrize("own", [True, False])
def test_a_run_in_another_thread_that_is_closed_says_so(binary: str, own: bool) -> None:
    began = threading.Event()

    def heed(event: drupe.Event) -> None:
        if event.type == "console":
            began.set()

    server = sync.Server().start()
    kernel = sync.Kernel(on_event=heed).open() if own else server.open(on_event=heed)
    errors: list[str] = []

    def run() -> None:
        try:
            kernel.run("console.log(1); for (;;);")
        except drupe.Closed as error:
            errors.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    assert began.wait(20)
    kernel.close()
    thread.join()
    assert errors == [GONE]
    with pytest.raises(drupe.Closed):
        kernel.run("1")
    server.close()


@pytest.mark.parametrize("own", [True, False])
async def test_a_run_that_is_closed_says_so(binary: str, own: bool) -> None:
    async with Server() as server:
        kernel = await (Kernel() if own else server).open()
        run = kernel.run("console.log(1); for (;;);")
        async for event in run:
            if event.type == "console":
                break
        await kernel.close()
        with pytest.raises(drupe.Closed) as told:
            await run
        assert str(told.value) == GONE


def test_output_beyond_the_limit_is_told(binary: str) -> None:
    with sync.Kernel() as kernel:
        report = kernel.run("for (let i = 0; i < 1000; i++) console.log(i); 1", console_limit=5000)
        dropped = report.get("dropped_events")
        assert report.value == 1 and 0 < dropped < 1000
        assert report.message == f"{dropped} events of its output are dropped: they were beyond the limit"
        assert "are dropped" in repr(report)
