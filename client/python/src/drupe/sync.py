"""The blocking face: the same servers, kernels and runs, without an event loop.

A call blocks in its thread and reads the connection there. Threads may share a server. Lent functions are called in a
thread that waits, so they are answered only while one waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from .errors import ServerGone
from .face import BaseKernel, BaseRun, BaseServer
from .link import Later, Link, Result, now
from .options import RunOptions, run_fields
from .presses import presses
from .report import Event, Report
from .runs import Waiter
from .server import Target

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class _BlockingLink(Link):
    """Of the threads that wait, one reads for all."""

    me = staticmethod(threading.get_ident)
    letting = staticmethod(presses.let)

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.socket: socket.socket | None = None
        self._writing = threading.Lock()
        self._turn = threading.Condition()
        self._reader: int | None = None  # the thread that reads

    async def connect(self) -> None:
        self.renew()
        if self.socket is not None:
            self.socket.close()
        with presses.let():  # another machine may take its time
            connection = self.reach.connect()
        connection.settimeout(self.hello_timeout)
        self.socket = connection
        if self.reach.tls is not None:
            with presses.let():
                self.socket = self.reach.tls.wrap_socket(connection, server_hostname=self.reach.host)
        self.hello()
        while not self.welcomed.done:
            if not self._read():
                self.welcomed.fail(self.reach.gone())
        self.welcomed.result()
        self.socket.settimeout(None)

    def write(self, data: bytes) -> None:
        with presses.keep():
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self.socket is None:
            return
        try:
            with self._writing:
                self.socket.sendall(data)
        except OSError:
            pass  # the reader finds the end of the connection, after what came before it
        except BaseException:  # half a message may be written
            self.shut()
            raise

    def shut(self) -> None:
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    async def wait(self, waiter: Waiter, ready: Callable[[], Any]) -> None:
        me = self.me()
        with presses.keep():
            with self._turn:
                while not (ready() or self._reader in (None, me)):
                    self._turn.wait(0.05 if presses.kept else None)
                    presses.check()
                if ready():
                    return
                before, self._reader = self._reader, me  # itself, if a lent function waits
            try:
                while not ready():
                    await self._step()
                    with self._turn:
                        self._turn.notify_all()
            finally:
                with self._turn:
                    self._reader = before
                    self._turn.notify_all()

    async def _step(self) -> None:
        """Reads once. Connects again if the connection is lost."""
        if self.dead is not None:
            raise self.dead
        if not self._read():
            await self.reconnect()

    def _read(self) -> bool:
        """Takes what is there, or reads. Returns false at the end of the connection."""
        count = 0
        if not self.payloads:
            try:
                self._wait_for_bytes()
                count = self.socket.recv_into(self.frames.buffer()) if self.socket else 0
            except OSError:
                return False
            if not count:
                return False
        self.take(count)
        return True

    def _wait_for_bytes(self) -> None:
        """Waits until there is something to read, if Ctrl-C is kept: amid reading it would lose what was read."""
        connection = self.socket
        if connection is None or not presses.kept or (isinstance(connection, ssl.SSLSocket) and connection.pending()):
            return
        presses.wait_for(connection)

    async def sleep(self, seconds: float) -> None:
        with presses.let():
            time.sleep(seconds)

    async def resolve(self, value: Awaitable[Any]) -> Any:
        with presses.let():
            return asyncio.run(value)  # type: ignore[arg-type]  # it refuses what is no coroutine

    def spawn(self, call: int, coroutine: Later[None]) -> None:
        contextvars.copy_context().run(now, coroutine)

    async def close(self, error: ServerGone) -> None:
        self.closing, self.dead = True, self.dead or error
        self.shut()
        self.fail(error)
        with self._turn:
            self._turn.notify_all()
            if self._reader not in (None, self.me()):
                self._turn.wait_for(lambda: self._reader is None, timeout=self.patience)
        self.drop()

    def drop(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.reach.stop()


def _whole(coroutine: Later[Result]) -> Result:
    """Does what a call asks for. Ctrl-C is raised where it waits, and not between a request and its wait."""
    with presses.keep():
        return now(coroutine)


class _Blocking:
    """Says what to write instead of `async with`."""

    if not TYPE_CHECKING:

        async def __aenter__(self) -> None:
            raise TypeError(f"this class blocks: write `with`, or take drupe.{type(self).__name__}")

        async def __aexit__(self, *_: object) -> None:
            """Is there because `async with` looks for it."""


class Server(_Blocking, BaseServer[None, dict[str, Any], "Kernel"]):
    """A server that holds kernels: `with Server() as s: k = s.open()`."""

    _do = staticmethod(_whole)
    _do_open = staticmethod(lambda coroutine, _: _whole(coroutine))
    _to_start = "`with Server() as server:`, or call `server.start()` before"
    _make_link = _BlockingLink
    _make_kernel = staticmethod(lambda *given, **options: Kernel(*given, **options))

    def start(self) -> Self:
        """Starts the server, or connects to it. Raises NotFound, Refused or ServerGone."""
        _whole(self._start())
        return self

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        _whole(self._close("the end of its `with`"))


class Kernel(_Blocking, BaseKernel[None, dict[str, Any]]):
    """A kernel: `with Kernel() as k: report = k.run("1 + 1")`."""

    server: Server
    _make_server = Server
    _to_open = "`with Kernel() as k:`, or call `k.open()` before"

    def open(self) -> Self:
        """Starts the kernel."""
        _whole(self._opened())
        return self

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        _whole(self._close("the end of its `with`"))

    def run(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Report:
        """Runs TypeScript or JavaScript, or a `module`, and waits for its end.

        With `capture` the report has the console's lines. KeyboardInterrupt interrupts the run.
        """
        with presses.keep():
            return Run(self, run_fields(code, options), capture, stream=False).report()

    def start(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Run:
        """Submits a run, and does not wait: for its events, or for `Run.interrupt` by another thread."""
        fields, run = run_fields(code, options), None
        try:
            with presses.keep():
                run = Run(self, fields, capture, stream=True)
        except KeyboardInterrupt:
            if run is not None:  # nobody has it
                run._link.interrupt(self._state, run._state)
            raise
        return run


class Run(BaseRun[None]):
    """A run that was submitted: iterate over its events, or ask for its `report`."""

    _to_report = "`run.report()`, as in `kernel.start(code).report().value`"

    def __iter__(self) -> Iterator[Event]:
        """The events of the run, the last of which is `outcome` or `error`."""
        while (event := now(self._next())) is not None:
            yield event

    def report(self) -> Report:
        """Waits for the end of the run."""
        now(self._wait(lambda: self.done))
        return self._state.result()
