"""The asyncio face: servers, kernels and runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Generator
from typing import TYPE_CHECKING, Any

from .connection import calls
from .connection.aio import Answer, AsyncLink, AsyncRun
from .connection.runs import Waiter
from .errors import Deadlock, ServerGone, UnknownKernel
from .options import AttachOptions, KernelOptions, RunOptions, run_fields
from .report import Event, Report
from .requests import Lends, Questions, Target, attach_state, open_fields, state_of
from .server import Child

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class Server(Target):
    """A server that holds kernels: `async with Server() as s: k = await s.open()`."""

    _link: AsyncLink | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Starts the server, or connects to it. Raises NotFound, OSError, Refused or ServerGone."""
        self._link = AsyncLink(self._reach(), self.token, self.numpy, self.reconnect)
        try:
            await self._link.connect()
        except BaseException:
            await self.close()
            raise

    @property
    def _live(self) -> AsyncLink:
        if self._link is None:
            raise RuntimeError("the server is not started: use `async with`")
        return self._link

    @property
    def pid(self) -> int | None:
        """The server's process, if this program has started it."""
        return self._live.target.process.pid if isinstance(self._live.target, Child) else None

    async def open(self, **options: Unpack[KernelOptions]) -> Kernel:
        """Starts a kernel."""
        kernel = Kernel(self, **options)
        await kernel.open()
        return kernel

    async def attach(self, kernel: str, *, after: int | None = None, **options: Unpack[AttachOptions]) -> Kernel:
        """Attaches to a kernel by its `id`: for its events after number `after`, or without it those to come.

        `Kernel.close` ends the kernel for all its clients; `Kernel.detach` only leaves it.
        """
        attached = Kernel(self)
        attached._state, attached._fields = attach_state(kernel, after, options)
        await attached.open()
        return attached

    async def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Sends a request that concerns no kernel: `list`, `ping`, `is_complete` or `format`. Returns the reply."""
        waiter = Answer()
        self._live.core.request(name, fields, waiter)
        reply: dict[str, Any] = await waiter.wait()
        return reply

    async def close(self) -> None:
        """Closes the connection. A server that this program has started ends, with its kernels."""
        if self._link is not None:
            await self._link.close()


class Run(Awaitable[Report]):
    """A run that was submitted. `await` it for its report, or iterate over its events."""

    def __init__(self, kernel: Kernel, fields: dict[str, Any], capture: bool) -> None:
        self._core = kernel.server._live.core
        self._kernel = kernel._state
        self._state = AsyncRun(capture, True)
        self._iterated = False
        self._core.run(self._kernel, fields, self._state)

    def __await__(self) -> Generator[Any, None, Report]:
        if not self._iterated:
            self._state.events = None  # nobody wants them
        return self._report().__await__()

    async def _report(self) -> Report:
        try:
            calls.check_wait(self._kernel, self._state, asyncio.current_task())
            await asyncio.shield(self._state.ended)
        except (asyncio.CancelledError, Deadlock):
            self._stop(None)
            raise
        return self._state.report()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The events of the run, the last of which is `outcome` or `error`."""
        self._iterated = True
        state = self._state
        while state.events is not None:
            while state.events:
                yield state.events.popleft()
            if state.done:
                return
            try:
                await state.change()
            except asyncio.CancelledError:
                self._stop(None)
                raise

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self._state.done

    def _stop(self, waiter: Waiter | None) -> None:
        if self._core.dead is None and self._kernel.closed is None:
            self._core.interrupt(self._kernel, self._state, waiter)

    async def interrupt(self) -> None:
        """Interrupts the run, if it has not ended. Its report tells whether it did in time."""
        waiter = Answer()
        if self._state.number is None:
            self._stop(None)
        else:
            self._stop(waiter)
            await waiter.wait()


class Kernel(Questions[Awaitable[dict[str, Any]]], Lends):
    """A kernel: `async with Kernel() as k: report = await k.run("1 + 1")`.

    Without a server it starts one of its own, and `target` options are those of `Server`.
    """

    def __init__(
        self, server: Server | None = None, *, target: Target | None = None, **options: Unpack[KernelOptions]
    ) -> None:
        self._owns = server is None
        self.server = server or Server(**vars(target or Target()))
        self._state, self._fields = state_of(options, self.server.address is not None)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Starts the kernel."""
        if self._state.id:
            return
        if self._owns:
            await self.server.start()
        waiter = Answer()
        try:
            self.server._live.core.open(self._state, open_fields(self._state, self._fields), waiter)
            await waiter.wait()
        except BaseException:
            if self._owns:
                await self.server.close()
            raise

    async def close(self) -> None:
        """Ends the kernel, and the server if it is this kernel's own."""
        if self._owns:
            await self.server.close()
        elif self._state.id:
            with contextlib.suppress(UnknownKernel, ServerGone):
                await self._ask("close")

    @property
    def id(self) -> str:
        """The server's name of the kernel."""
        return self._state.id

    @property
    def info(self) -> dict[str, Any]:
        """The reply to `open`: `generation`, `pid`, `engine`, `sandbox`."""
        return self._state.info

    def run(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Run:
        """Submits TypeScript or JavaScript, or a `module`. With `capture` the report has the console's lines.

        Cancelling a task that awaits the run interrupts it.
        """
        return Run(self, run_fields(code, options), capture)

    def _ask(self, name: str, **fields: Any) -> Awaitable[dict[str, Any]]:
        waiter = Answer()
        self.server._live.core.request(name, fields, waiter, self._state)
        return waiter.wait()

    def _register(self, name: str, reserved: bool) -> None:
        if self._state.id:
            self._live_register({"functions": [name], "reserved": reserved})

    def _live_register(self, fields: dict[str, Any]) -> None:
        self.server._live.core.request("register", fields, _Late(self), self._state)

    def events(self) -> AsyncIterator[Event]:
        """All events of the kernel from now on, until it is closed: those of all runs, and those between them."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._state.listeners.append(queue.put_nowait)
        return self._events(queue)

    async def _events(self, queue: asyncio.Queue[Event]) -> AsyncIterator[Event]:
        try:
            while self._state.closed is None or not queue.empty():
                event = await queue.get()
                yield event
        finally:
            self._state.listeners.remove(queue.put_nowait)


class _Late(Waiter):
    """Keeps an error of a registration that nobody awaits. The next run raises it."""

    __slots__ = ("kernel",)

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self.kernel = kernel

    def fail(self, error: BaseException) -> None:
        self.kernel._state.trouble.append(error)
