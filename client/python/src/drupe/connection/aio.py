"""The connection of the asyncio face: a protocol that reads, and a task for each call of the server."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from ..errors import DrupeError, ProtocolError, Refused, ServerGone
from ..server import HELLO_TIMEOUT, Address, Child
from . import calls
from .core import Core
from .frames import Frames
from .runs import KernelState, RunState, Waiter


class Answer(Waiter):
    """A result that a coroutine awaits."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        super().__init__()
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)

    async def wait(self) -> Any:
        """The result, when it is there."""
        await asyncio.shield(self.future)
        return self.result()


class AsyncRun(RunState):
    """A run whose end, and whose events, coroutines await."""

    __slots__ = ("ended", "news")

    def __init__(self, capture: bool, stream: bool) -> None:
        super().__init__(capture, stream)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.news: asyncio.Future[None] | None = None

    async def change(self) -> None:
        """Returns at the next event, or at the end."""
        if self.news is None or self.news.done():
            self.news = asyncio.get_running_loop().create_future()
        await asyncio.shield(self.news)

    def wake(self) -> None:
        if self.done and not self.ended.done():
            self.ended.set_result(None)
        if self.news is not None and not self.news.done():
            self.news.set_result(None)


class AsyncCalls:
    """Answers calls of the server, each in a task of its own."""

    def __init__(self) -> None:
        self.core: Core
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.asked: dict[int, asyncio.Semaphore] = {}

    def start(self, kernel: KernelState, call: dict[str, Any]) -> None:
        number = call["call"]
        task = asyncio.get_running_loop().create_task(self._answer(kernel, call))
        self.tasks[number] = task
        task.add_done_callback(lambda _: self._over(number))

    def _over(self, number: int) -> None:
        self.tasks.pop(number, None)
        self.asked.pop(number, None)

    def next(self, call: int) -> None:
        if call in self.asked:
            self.asked[call].release()

    def cancel(self, call: int) -> None:
        if call in self.tasks:
            self.tasks[call].cancel()

    def cancel_all(self) -> None:
        for task in tuple(self.tasks.values()):
            task.cancel()

    async def _answer(self, kernel: KernelState, call: dict[str, Any]) -> None:
        number = call["call"]
        calls.answering.set((kernel, call.get("run"), asyncio.current_task()))
        try:
            function, arguments = calls.target(kernel, call)
            value = function(*arguments)
            if inspect.isawaitable(value):
                value = await value
            if isinstance(value, (Iterator, AsyncIterator)):
                await self._stream(number, value)
            else:
                self.core.send("answer", calls.answer(number, value))
        except Exception as error:
            self.core.send("fail", calls.failure(number, error))

    async def _stream(self, number: int, items: Iterator[Any] | AsyncIterator[Any]) -> None:
        asked = self.asked[number] = asyncio.Semaphore(0)
        self.core.send("stream", {"call": number})
        try:
            while True:
                await asked.acquire()
                item = await anext(items) if isinstance(items, AsyncIterator) else next(items)
                self.core.send("item", calls.answer(number, item))
        except (StopIteration, StopAsyncIteration):
            self.core.send("end", {"call": number})
        finally:
            if inspect.isasyncgen(items):
                await items.aclose()
            elif inspect.isgenerator(items):
                items.close()


class Link(asyncio.BufferedProtocol):
    """Reads frames from a socket into the core."""

    def __init__(self, owner: AsyncLink) -> None:
        self.owner, self.frames = owner, Frames()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.frames.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        try:
            for payload in self.frames.filled(nbytes):
                self.owner.core.receive(payload)
        except ProtocolError as error:
            self.owner.core.fail(error)
            if self.transport is not None:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.owner.lost(self, exc)


class AsyncLink:
    """Connects a core to a server, and connects again while the server may still be there."""

    def __init__(self, target: Child | Address, token: str | None, numpy: bool, patience: float) -> None:
        self.target, self.patience = target, patience
        answers = AsyncCalls()
        self.core = answers.core = Core(self._write, answers, token, numpy=numpy, lasting=isinstance(target, Address))
        self.link: Link | None = None
        self.again: asyncio.Task[None] | None = None
        self.closing = False

    def _write(self, data: bytes) -> None:
        if self.link is not None and self.link.transport is not None:
            self.link.transport.write(data)

    async def connect(self) -> None:
        """Connects and greets. Raises OSError, Refused or ServerGone."""
        loop = asyncio.get_running_loop()
        target = self.target
        if isinstance(target, Child):
            _, link = await loop.create_connection(lambda: Link(self), sock=target.socket)
        elif target.path is not None:
            _, link = await loop.create_unix_connection(lambda: Link(self), target.path)
        else:
            _, link = await loop.create_connection(lambda: Link(self), target.host, target.port, ssl=target.tls)
        welcome = Answer()
        self.link = link
        self._write(self.core.hello(welcome))
        try:
            await asyncio.wait_for(welcome.wait(), HELLO_TIMEOUT)
        except asyncio.TimeoutError:
            raise ServerGone("the server does not answer") from None

    def lost(self, link: Link, error: Exception | None) -> None:
        """The connection is gone. Connects again, if that can help."""
        if link is not self.link:
            return
        self.link = None
        self.core.lost()
        gone = ServerGone(f"the connection to the server is lost{f' ({error})' if error else ''}")
        if isinstance(self.target, Child):
            gone = ServerGone("the server has ended", self.target.stderr())
        if not self.core.welcomed.done:
            self.core.welcomed.fail(gone)
        elif self.core.welcomed.error is not None:
            return  # `connect` raises it
        elif self.closing or self.core.dead or isinstance(self.target, Child):
            self.core.fail(gone)
        else:
            self.again = asyncio.get_running_loop().create_task(self._reconnect(gone))

    async def _reconnect(self, gone: ServerGone) -> None:
        end = time.monotonic() + self.patience
        pause = 0.05
        while True:
            try:
                return await self.connect()
            except (OSError, DrupeError) as error:
                gone.__cause__ = error
            if self.core.dead or isinstance(gone.__cause__, Refused) or time.monotonic() + pause > end:
                return self.core.fail(gone)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def close(self) -> None:
        """Closes the connection. Waits for a server that this program has started."""
        self.closing = True
        if self.again is not None:
            self.again.cancel()
        if self.link is not None and self.link.transport is not None:
            self.link.transport.abort()
        self.core.fail(ServerGone("the server was closed by this program"))
        if isinstance(self.target, Child):
            if self.link is None:
                self.target.socket.close()
            await asyncio.get_running_loop().run_in_executor(None, self.target.stop)
