"""The connection of a client: what both faces do alike. What waits is a coroutine, which `now` runs where it blocks."""

from __future__ import annotations

import contextlib
import inspect
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any, TypeVar

from . import checks
from .core import Core
from .errors import Deadlock, DrupeError, ProtocolError, Refused, ServerGone
from .frames import Frames
from .runs import LOG, Body, KernelState, RunState, Waiter
from .server import Target
from .values import JSError, encode, undefined

Result = TypeVar("Result")
Later = Coroutine[Any, Any, Result]
# The call that a task, or a thread, answers: its kernel, its run, and the task or thread.
_answering: ContextVar[tuple[KernelState, int | None, object] | None] = ContextVar("answering", default=None)


def now(coroutine: Later[Result]) -> Result:
    """Runs a coroutine of a link that blocks. It is never suspended."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a coroutine of the blocking face was suspended")


class Link(Core):
    """Connects to a server, and again while it may still be there. Answers the server's calls."""

    hello_timeout = 10.0  # seconds in which a server answers the first message
    iterators: tuple[type, ...] = (Iterator,)  # what is sent as a stream
    # Each face has these in its own way.
    connect: Callable[[], Later[None]]  # connects and greets; raises OSError, Refused or ServerGone
    shut: Callable[[], None]  # ends the connection
    close: Callable[[ServerGone], Later[None]]  # for ever, and waits for a server that this program has started
    drop: Callable[[], None]  # ends what nobody has closed, and nobody waits for
    wait: Callable[[Waiter, Callable[[], Any]], Later[None]]  # until something is true, which news of a waiter change
    sleep: Callable[[float], Later[None]]
    resolve: Callable[[Awaitable[Any]], Later[Any]]  # waits for what a lent function waits for
    spawn: Callable[[int, Later[None]], None]  # runs a part of the answer to a call
    me: Callable[[], object]  # the task, or the thread, that runs
    letting: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext  # around a lent function

    def __init__(self, target: Target) -> None:
        self.reach, self.patience = target._reach(), target.reconnect
        super().__init__(target.token, target.numpy, self.reach.lasting)
        self.renew()
        self.streams: dict[int, tuple[KernelState, Body, Any]] = {}
        self.tasks: dict[int, Any] = {}
        self.closing = False

    def renew(self) -> None:
        """Makes room for what a new connection brings."""
        self.frames, self.payloads = Frames(), deque[bytes | memoryview]()

    async def result(self, waiter: Waiter) -> Any:
        """Waits for a result."""
        await self.wait(waiter, lambda: waiter.done)
        return waiter.result()

    def take(self, count: int) -> None:
        """Takes bytes that were read into `frames`, and each message that is complete."""
        try:
            self.payloads.extend(self.frames.filled(count))
            while self.payloads:  # a lent function that waits may take the next ones
                self.receive(self.payloads.popleft())
        except ProtocolError as error:
            self.shut()
            self.fail(error)

    async def reconnect(self) -> None:
        """Connects again, if that can help. Otherwise everything fails."""
        self.lost()
        gone = self.reach.gone()
        end, pause = time.monotonic() + self.patience, 0.05
        while self.lasting and not self.closing and not self.dead:
            try:
                return await self.connect()
            except (OSError, DrupeError) as error:
                gone.__cause__ = error
            if isinstance(gone.__cause__, Refused) or time.monotonic() + pause > end:
                break
            await self.sleep(pause)
            pause = min(pause * 2, 1.0)
        self.fail(gone)

    def check(self, kernel: KernelState, run: RunState) -> None:
        """Raises Deadlock if a run must end before another one begins, and waits for the caller."""
        inside = _answering.get()
        if inside and inside[0] is kernel and inside[2] == self.me() and not run.done and inside[1] in kernel.runs:
            raise Deadlock(f"run {inside[1]} waits for the function that waits for another run of the same kernel")

    def called(self, kernel: KernelState, call: Body) -> None:
        self.spawn(call["call"], self._answer(kernel, call))

    def next(self, call: int) -> None:
        if call in self.streams:
            self.spawn(call, self._item(call))

    def cancel(self, call: int | None) -> None:
        for number in {*self.tasks, *self.streams} if call is None else (call,):
            if number in self.tasks:
                self.tasks[number].cancel()
                self.streams.pop(number, None)  # what it awaits was cancelled, too
            elif number in self.streams:
                self.spawn(number, self._end(number))

    async def _answer(self, kernel: KernelState, call: Body) -> None:
        number = call["call"]
        _answering.set((kernel, call.get("run"), self.me()))
        try:
            function, arguments = _asked(kernel, call)
            with self.letting():
                value = function(*arguments)
            if inspect.isawaitable(value):
                value = await self.resolve(value)
            if call["op"] != "function":
                value = _answer_to(call["op"], value)
            if isinstance(value, self.iterators):
                self.streams[number] = kernel, call, value
                self.send("stream", {"call": number})
            else:
                self.send("answer", {"call": number, "value": encode(value)})
        except BaseException as error:
            self._fail(number, error)

    async def _item(self, number: int) -> None:
        kernel, call, items = self.streams[number]
        _answering.set((kernel, call.get("run"), self.me()))
        try:
            with self.letting():
                item = await anext(items) if isinstance(items, AsyncIterator) else next(items)
            return self.send("item", {"call": number, "value": encode(item)})
        except (StopIteration, StopAsyncIteration):
            self.send("end", {"call": number})
        except BaseException as error:
            self._fail(number, error)
        await self._end(number)

    async def _end(self, number: int) -> None:
        _, _, items = self.streams.pop(number, (None, None, None))
        try:
            if inspect.isasyncgen(items):
                await items.aclose()
            elif inspect.isgenerator(items):
                items.close()
        except Exception:
            LOG.exception("a generator that was lent has failed as it was closed")

    def _fail(self, number: int, error: BaseException) -> None:
        """Answers a call by an error. What is to end this program, or a task, goes on."""
        if isinstance(error, GeneratorExit):  # the event loop has ended
            raise error
        try:
            js = JSError.of(error)
        except Exception:  # its `__str__` has failed
            js = JSError("", type(error).__name__)
        name, message = (text.encode(errors="replace").decode() for text in (js.name, js.message))
        self.send("fail", {"call": number, "name": name, "message": message} | _more(error, js))
        if not isinstance(error, Exception):
            self.streams.pop(number, None)
            raise error


def _more(error: BaseException, js: JSError) -> Body:
    """What else JavaScript is told of an error: its `code`, and its `cause` and `errors` if they are data."""
    code = getattr(error, "code", None)
    more: Body = {"code": code.encode(errors="replace").decode()} if isinstance(code, str) else {}
    links = {"cause": js.cause, "errors": js.errors}
    try:
        encoded = encode({name: link for name, link in links.items() if link is not undefined})
    except Exception:  # an object of the program, or a `__str__` that fails
        encoded = None
    return more | ({"properties": encoded} if encoded else {})


def _answer_to(question: str, value: Any) -> Any:
    """The answer for the server. An invalid answer is denied, and logged for the author of the function."""
    try:
        return checks.answer(question, value)
    except (TypeError, ValueError) as error:
        LOG.error("%s", error)
        raise


def _asked(kernel: KernelState, call: Body) -> tuple[Callable[..., Any], list[Any]]:
    """The function that a call asks for, and its arguments. Raises LookupError if there is none."""
    op = call["op"]
    if op == "function":
        if call["function"] not in kernel.functions:
            raise LookupError(f"this client has no function {call['function']}")
        return kernel.functions[call["function"]], call.get("args", [])
    if op not in kernel.questions:
        raise LookupError(f"this client does not answer {op}")
    names = {"permission": ("permission", "resource", "api"), "prompt": ("message", "default")}.get(op, ("message",))
    return kernel.questions[op], [call.get(name) for name in names]
