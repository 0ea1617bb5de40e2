"""Mistakes of people who begin: each is told where it is made, in words that say what to do."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from proxy import listening

import drupe
from drupe import Kernel, Report, Server, Target, sync, undefined
from drupe.report import Printed


@pytest.fixture
def k(binary: str) -> Iterator[sync.Kernel]:
    with sync.Kernel(wall_timeout=60) as kernel:
        yield kernel


def test_the_first_run_of_a_session_says_so(k: sync.Kernel) -> None:
    def first() -> tuple[bool, str]:
        report, other = k.run("1"), k.run("2")
        assert (other.new_session, other.get("new_session")) == (False, False)
        assert f"new_session={report.new_session}" in repr(report)
        return report.new_session, report.state

    assert first() == (True, "kept")
    k.reset()
    assert first() == (True, "kept")
    k.restart()
    assert first() == (True, "kept")
    os.kill(k.info["pid"], signal.SIGKILL)
    assert first() == (True, "lost")


async def test_the_first_run_of_a_session_says_so_with_asyncio(binary: str) -> None:
    async with Kernel() as kernel:
        for change in (None, kernel.reset, kernel.restart):
            if change is not None:
                await change()
            assert [(await kernel.run("1")).new_session for _ in "ab"] == [True, False]


def test_each_end_that_is_no_value_is_told_in_words(k: sync.Kernel) -> None:
    assert k.run("1").message == ""
    assert k.run("null.x").message.startswith("TypeError: Cannot read properties of null (reading 'x')\n    at ")
    assert k.run("throw 7").message == "7"
    assert k.run("let let").message.startswith("SyntaxError: ")
    assert k.run("await new Promise(() => {})").message.startswith("Unsettled top-level await: ")
    assert k.run("for (;;);", vm_timeout=0.05).message.startswith("Timed out: ")
    assert k.run("process.exit(3)").message == "the code called process.exit(3)"
    os.kill(k.info["pid"], signal.SIGKILL)
    assert k.run("null.x").message.splitlines()[-1].startswith("state lost: the kernel was ended by signal 9")
    k.restart()
    os.kill(k.info["pid"], signal.SIGKILL)
    assert k.run("process.exit(2)").message.startswith("the code called process.exit(2)\nstate lost: ")


@pytest.mark.parametrize(
    "outcome", ["interrupted", "timed_out", "memory_limit", "unsettled", "threw", "syntax_error", "evaporated"]
)
def test_an_end_that_the_server_does_not_describe_has_words_too(outcome: str) -> None:
    def report(**fields: Any) -> Report:
        return Report(1, outcome, undefined, False, "", "kept", Printed(), fields)

    assert report().message == f"the run ended: {outcome}"
    with pytest.raises(drupe.RunError, match=f"^the run ended: {outcome}$"):
        report().raise_for_error()
    assert report(exception={"message": "no"}).message == "no"
    assert report(exception={}).message == "the code threw"


async def test_what_is_not_awaited_says_so(binary: str) -> None:
    opening = Kernel().open()
    words = (
        "'Opening' object has no attribute '{}': `{}` is not open before `await {}`, or in `async with {} as …`".format
    )
    for name in ("run", "id", "reset"):
        with pytest.raises(AttributeError) as told:
            getattr(opening, name)
        assert str(told.value) == words(name, *["kernel.open()"] * 3)
    async with opening as kernel:
        assert (await kernel.run("6 * 7")).value == 42
    async with Server().start() as server:
        for later, call in ((server.open(), "server.open()"), (server.attach("x"), "server.attach(id)")):
            with pytest.raises(AttributeError) as told:
                later.run  # type: ignore[attr-defined]  # noqa: B018
            assert str(told.value) == words("run", *[call] * 3)
            later.close()
        async with server.open() as one:
            assert (await one.run("1")).value == 1
        with pytest.raises(drupe.Closed):
            one.run("1")


async def test_what_is_about_to_be_opened_is_a_coroutine(binary: str) -> None:
    async with Server() as server:
        opened = await asyncio.gather(server.open(), asyncio.create_task(server.open()))
        opened.append(await asyncio.wait_for(server.open(), 30))
        assert [(await kernel.run("1")).value for kernel in opened] == [1, 1, 1]
        later = server.open()
        assert asyncio.iscoroutine(later)
        with pytest.warns(RuntimeWarning, match=r"coroutine 'server\.open\(\)' was never awaited"):
            del later


async def test_what_is_not_open_says_how_to_open_it(binary: str) -> None:
    async def asked(call: Callable[[], Any]) -> str:
        with pytest.raises(RuntimeError) as told:
            result = call()
            if inspect.isawaitable(result):
                await result
        return str(told.value)

    for face, before in (
        (drupe, "`async with Kernel() as k:`, or `await k.open()`"),
        (sync, "`with Kernel() as k:`, or"),
    ):
        kernel: Any = face.Kernel()
        for call in (lambda k=kernel: k.run("1"), kernel.status, kernel.reset, lambda k=kernel: k.ask("globals")):
            assert (await asked(call)).startswith(f"the kernel is not open: write {before}")
        server: Any = face.Server()
        start = before.replace("Kernel() as k", "Server() as server").replace("k.open", "server.start")
        for call in (
            server.open,
            lambda s=server: s.ask("list"),
            lambda s=server: s.attach("x"),
            lambda s=server: s.pid,
        ):
            assert (await asked(call)).startswith(f"the server is not started: write {start}")
    with sync.Server() as running:
        assert (await asked(lambda: sync.Kernel(running).run("1"))).startswith("the kernel is not open: write `with ")


def test_a_program_that_is_none_is_named_and_so_is_who_names_it(monkeypatch: Any, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    for face in (sync, drupe):

        def told(kernel: Any) -> str:
            with pytest.raises(drupe.NotFound) as caught:
                opened = kernel.open()
                if inspect.isawaitable(opened):
                    asyncio.run(opened)  # type: ignore[arg-type]
            return str(caught.value)

        source = "pip install 'drupe[runtime]' brings it; otherwise give the path of one as DRUPE_BIN or binary="
        advice = f"is no program: {source}"
        for path in ("/no/such", str(text), str(tmp_path)):
            said = told(face.Kernel(target=Target(binary=path)))
            assert said == f"{path!r}, which binary= names, {advice}"
            monkeypatch.setenv("DRUPE_BIN", path)
            assert told(face.Kernel()) == f"{path!r}, which the variable DRUPE_BIN names, {advice}"
        script = tmp_path / "script"
        script.write_text("#!/no/such/shell\n")
        script.chmod(0o755)
        assert told(face.Kernel(target=Target(binary=script))).startswith(f"cannot start {str(script)!r}: ")
        monkeypatch.setattr("tempfile.TemporaryFile", lambda: os.open("/no/such/folder/file", os.O_RDONLY))
        assert "No such file" in told(face.Kernel(target=Target(binary=sys.executable)))


async def test_a_server_without_tls_is_no_server_to_trust() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for _ in "ab":
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(drupe.NotFound, match=f"^there is no server to trust at '{address}': ") as told:
            await Server(address=address, tls=True).start()
        assert isinstance(told.value.__cause__, ssl.SSLError)
        with pytest.raises(drupe.NotFound, match=f"^there is no server to trust at '{address}': ") as told:
            sync.Server(address=address, tls=True).start()
        assert isinstance(told.value.__cause__, ssl.SSLError)
        thread.join(10)
    for path in ("/run/socket", "name"):
        with pytest.raises(ValueError, match=f"^tls is for an address HOST:PORT, not for the socket '{path}'$"):
            sync.Server(address=path, tls=True).start()


async def test_a_token_that_is_refused_or_missing_says_where_it_comes_from(binary: str) -> None:
    source = 'token= must be what `drupe serve --listen` printed after "token:", or what is in its --token-file (token)'
    with listening(binary, "--listen", "127.0.0.1:0") as (address, token):
        cases = (("wrong", "it refuses the one that this client has given"), (None, "this client has given none"))
        for given, which in cases:
            with pytest.raises(drupe.Refused) as told:
                sync.Server(address=address, token=given).start()
            assert str(told.value).endswith(f": {which}; {source}")
            with pytest.raises(drupe.Refused) as told:
                await Server(address=address, token=given).start()
            assert str(told.value).endswith(f": {which}; {source}")
        server = sync.Server(address=address, token=token)
        assert token not in repr(server)
