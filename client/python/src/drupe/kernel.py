"""The asyncio face: servers, kernels and runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator
from typing import TYPE_CHECKING, Any

from .errors import ServerGone
from .face import BaseKernel, BaseRun, BaseServer
from .link import Later, Link, Result
from .options import RunOptions, run_fields
from .report import Event, Report
from .runs import Waiter

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class _AsyncLink(Link, asyncio.BufferedProtocol):
    """Reads in the event loop, and answers each call in a task."""

    iterators = (Iterator, AsyncIterator)
    sleep = staticmethod(asyncio.sleep)
    me = staticmethod(asyncio.current_task)
    transport: asyncio.Transport | None = None
    again: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.frames.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        self.take(nbytes)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is None:
            return  # this program has ended it
        self.transport = None
        if not self.welcomed.done:
            self.welcomed.fail(self.reach.gone())
        elif not self.welcomed.error:  # otherwise `connect` raises it
            self.again = asyncio.ensure_future(self.reconnect())

    async def connect(self) -> None:
        loop, reach = asyncio.get_running_loop(), self.reach
        self.renew()
        connection = await loop.run_in_executor(None, reach.connect)
        name = reach.host if reach.tls else None
        await loop.create_connection(lambda: self, sock=connection, ssl=reach.tls, server_hostname=name)
        self.hello()
        try:
            await asyncio.wait_for(self.result(self.welcomed), self.hello_timeout)
        except asyncio.TimeoutError:
            self.shut()
            raise ServerGone("the server does not answer") from None

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def shut(self) -> None:
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.abort()

    async def wait(self, waiter: Waiter, ready: Callable[[], Any]) -> None:
        while not ready():
            future = asyncio.get_running_loop().create_future()
            waiter.sleepers.append(future)
            await future

    async def resolve(self, value: Awaitable[Any]) -> Any:
        return await value

    def spawn(self, call: int, coroutine: Later[None]) -> None:
        self.tasks[call] = task = asyncio.ensure_future(coroutine)
        task.add_done_callback(lambda _: self.tasks.pop(call, None))

    async def close(self, error: ServerGone) -> None:
        self.closing, self.dead = True, self.dead or error
        if self.again is not None:
            self.again.cancel()
        self.shut()
        self.fail(error)
        await asyncio.get_running_loop().run_in_executor(None, self.reach.stop)

    def drop(self) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop may have ended
            self.shut()
        self.reach.stop()


class _Later:
    """Says what to write instead of `with`."""

    if not TYPE_CHECKING:

        def __enter__(self) -> None:
            name = type(self).__name__
            raise TypeError(f"this class is for asyncio: write `async with`, or take drupe.sync.{name}")

        def __exit__(self, *_: object) -> None:
            """Is there because `with` looks for it."""


class Opening(Coroutine[Any, Any, Result]):
    """What is about to be opened: `await` it, or write `async with`, which closes it."""

    def __init__(self, coroutine: Later[Result], call: str) -> None:
        self._coroutine, self._call = coroutine, call
        coroutine.__qualname__ = call  # type: ignore[attr-defined]  # for the warning that it was never awaited

    def __await__(self) -> Generator[Any, Any, Result]:
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    async def __aenter__(self) -> Result:
        self._opened: Any = await self._coroutine
        return self._opened

    async def __aexit__(self, *error: object) -> None:
        await self._opened.__aexit__(*error)

    if not TYPE_CHECKING:  # which knows what it has

        def __getattr__(self, name: str) -> Any:
            """Says that it was not awaited."""
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            if not name.startswith(("_", "cr_", "gi_")):
                call = self._call
                message += f": `{call}` is not open before `await {call}`, or in `async with {call} as …`"
            raise AttributeError(message)


class Server(_Later, BaseServer[Later[None], Later[dict[str, Any]], Opening["Kernel"]]):
    """A server that holds kernels: `async with Server() as s: k = await s.open()`."""

    _do = staticmethod(lambda coroutine: coroutine)
    _do_open = Opening
    _to_start = "`async with Server() as server:`, or `await server.start()` before"
    _make_link = _AsyncLink
    _make_kernel = staticmethod(lambda *given, **options: Kernel(*given, **options))

    def start(self) -> Opening[Self]:
        """Starts the server, or connects to it. Raises NotFound, Refused or ServerGone."""
        return Opening(self.__aenter__(), "server.start()")

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close("the end of its `async with`")


class Kernel(_Later, BaseKernel[Later[None], Later[dict[str, Any]]]):
    """A kernel: `async with Kernel() as k: report = await k.run("1 + 1")`."""

    server: Server
    _make_server = Server
    _to_open = "`async with Kernel() as k:`, or `await k.open()` before"

    def open(self) -> Opening[Self]:
        """Starts the kernel."""
        return Opening(self.__aenter__(), "kernel.open()")

    async def __aenter__(self) -> Self:
        await self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close("the end of its `async with`")

    def run(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Run:
        """Submits TypeScript or JavaScript, or a `module`. With `capture` the report has the console's lines.

        Cancelling a task that awaits the run interrupts it.
        """
        return Run(self, run_fields(code, options), capture, stream=True)

    def events(self) -> AsyncIterator[Event]:
        """All events of the kernel from now on, until it is closed: those of all runs, and those between them."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._state.listeners.append(queue.put_nowait)
        return self._events(queue)

    async def _events(self, queue: asyncio.Queue[Event]) -> AsyncIterator[Event]:
        try:
            while self._state.closed is None or not queue.empty():
                yield await queue.get()
        finally:
            self._state.listeners.remove(queue.put_nowait)


class Run(BaseRun[Later[None]], Awaitable[Report]):
    """A run that was submitted. `await` it for its report, or iterate over its events."""

    _iterated = False
    _to_report = "`await run`, as in `(await kernel.run(code)).value`"

    def __await__(self) -> Generator[Any, None, Report]:
        if not self._iterated:
            self._state.events = None  # nobody wants them
        yield from self._wait(lambda: self.done).__await__()
        return self._state.result()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The events of the run, the last of which is `outcome` or `error`."""
        self._iterated = True
        while (event := await self._next()) is not None:
            yield event
