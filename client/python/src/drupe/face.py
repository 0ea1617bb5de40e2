"""Servers, kernels and runs, as both faces have them. `Nothing` and `Reply` are what their methods give, or coroutines
for it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import warnings
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from . import checks
from .errors import BadRequest, Deadlock, NotFound, ServerGone, UnknownKernel, closed_by
from .link import Link
from .options import AttachOptions, KernelOptions, fields_of
from .report import Event, Printed, Report
from .runs import KernelState, RunState
from .server import Target

if TYPE_CHECKING:
    from typing_extensions import Unpack

Nothing = TypeVar("Nothing")
Reply = TypeVar("Reply")
Opened = TypeVar("Opened")
Function = TypeVar("Function", bound=Callable[..., Any])
# The names that the server takes for functions, but for the word `__proto__`.
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*")


class BaseServer(Target, Generic[Nothing, Reply, Opened]):
    """A server that holds kernels."""

    _do: ClassVar[Any]  # makes the result of a method of its coroutine
    _do_open: ClassVar[Any]  # the same for methods that open something, and for what to write
    _make_link: ClassVar[Any]
    _make_kernel: ClassVar[Any]
    _to_start: ClassVar[str]  # what to write to start a server
    _link: Link | None = None
    _what = "server"  # what the program has: this, or the kernel that it is for

    def __del__(self) -> None:
        link = self._link
        if link is None or link.closing:
            return
        what = f"{self._what}, of process {self.pid}" if self.pid else f"{self._what}, at {self.address!r}"
        warnings.warn(f"unclosed {what}: write `with`, or call `close()`", ResourceWarning, stacklevel=2, source=self)
        with contextlib.suppress(Exception):  # the program may be about to end
            link.drop()

    def close(self) -> Nothing:
        """Closes the connection. A server that this program has started ends, with its kernels."""
        return self._do(self._close("Server.close()"))

    def open(self, **options: Unpack[KernelOptions]) -> Opened:
        """Starts a kernel."""
        return self._do_open(self._make_kernel(self, **options)._opened(), "server.open()")

    def attach(self, kernel: str, *, after: int | None = None, **options: Unpack[AttachOptions]) -> Opened:
        """Attaches to a kernel by its `id`: for its events after number `after`, or without it those to come.

        `Kernel.close` ends the kernel for all its clients; `Kernel.detach` only leaves it. A server is attached to a
        kernel once: if it has the kernel already, both objects are handles of it, options that are given here hold for
        both, and `after` brings no event again.
        """
        checks.text("kernel", kernel)
        fields_of(options, AttachOptions)
        attached = self._make_kernel(self, **options)
        attached._fields = (
            attached._state.attach
            | {"kernel": kernel}
            | ({} if after is None else {"after": checks.size("after", after)})
        )
        return self._do_open(attached._opened(), "server.attach(id)")

    def ask(self, name: str, **fields: Any) -> Reply:
        """Sends a request that concerns no kernel: `list`, `ping`, `is_complete` or `format`. Gives the reply."""
        return self._do(self._ask(name, fields))

    @property
    def pid(self) -> int | None:
        """The server's process, if this program has started it."""
        process = self._live.reach.process
        return process.pid if process else None

    @property
    def _live(self) -> Link:
        if self._link is None:
            raise RuntimeError(f"the server is not started: write {self._to_start}")
        return self._link

    async def _ask(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        return await self._live.result(self._live.request(name, fields))

    async def _start(self) -> None:
        if self._link is not None:
            if self._link.closing:
                raise self._link.dead or ServerGone("the server is closed")
            if self._link.dead is None:
                return
            await self._stop()  # and another one takes its place
        link = self._link = self._make_link(self)
        try:
            await link.connect()
        except BaseException as error:
            await self._stop()
            if isinstance(error, ssl.SSLError):
                raise NotFound(f"there is no server to trust at {self.address!r}: {error}") from error
            if isinstance(error, (OSError, OverflowError, UnicodeError)):
                raise NotFound(f"there is no server at {self.address!r}: {error}") from error
            raise

    async def _close(self, method: str) -> None:
        if self._link is not None and not self._link.closing:
            await self._link.close(closed_by(self._what, method))

    async def _stop(self) -> None:
        """Ends what was started in vain, so that it may be tried again."""
        link, self._link = self._link, None
        if link is not None:
            await link.close(ServerGone("the server was not reached"))


class BaseKernel(Generic[Nothing, Reply]):
    """A kernel. Without a server it starts one of its own, as `target` says."""

    _make_server: ClassVar[Any]
    _to_open: ClassVar[str]  # what to write to open a kernel

    def __init__(self, server: Any = None, *, target: Target | None = None, **options: Unpack[KernelOptions]) -> None:
        if server is not None and not isinstance(server, self._make_server):
            raise checks.wrong("server", f"a {self._make_server.__module__}.Server", server)
        if target is not None and not isinstance(target, Target):
            raise checks.wrong("target", "a drupe.Target, such as Target(binary='/opt/drupe')", target)
        self._owns = server is None
        self.server = server or self._make_server(**vars(target or Target()))
        if self._owns:
            self.server._what = "kernel"
        self._fields = fields_of(options, KernelOptions)
        if self.server.address is not None:  # a lost connection may come back
            self._fields = {"linger_ms": 10_000, "on_disconnect": "keep"} | self._fields
        attach = {name: value for name, value in self._fields.items() if name in AttachOptions.__annotations__}
        listener, questions = options.get("on_event"), options.get("answers") or {}
        self._state = KernelState(attach=attach, questions={**questions}, listeners=[listener] if listener else [])

    def __repr__(self) -> str:
        closed = ", closed" if self._state.closed else ""
        return f"<Kernel {self.id}{closed}>" if self.id else "<Kernel, not open>"

    @property
    def id(self) -> str:
        """The server's name of the kernel."""
        return self._state.id

    @property
    def info(self) -> dict[str, Any]:
        """The reply to `open`: `generation`, `pid`, `engine`, `sandbox`. `generation` is that of the present session.

        Of a process that took the place of one that died or was restarted, `pid` is there if the server tells it.
        """
        return self._state.info

    def close(self) -> Nothing:
        """Ends the kernel, and the server if it is this kernel's own."""
        return self.server._do(self._close("Kernel.close()"))

    def ask(self, name: str, **fields: Any) -> Reply:
        """Sends a request about the kernel (SERVE.md, sections 3 and 5). Gives the fields of the reply."""
        return self.server._do(self._ask(name, **fields))

    def interrupt(self) -> Reply:
        """Stops what is executing, and keeps the session."""
        return self.ask("interrupt")

    def reset(self) -> Reply:
        """Replaces the session by an empty one, in the same process."""
        return self.ask("reset")

    def restart(self) -> Reply:
        """Replaces the process."""
        return self.ask("restart")

    def terminate(self) -> Reply:
        """Kills the process. The kernel takes no more runs."""
        return self.ask("terminate")

    def detach(self) -> Reply:
        """Leaves the kernel to its other clients, or to its `linger`. It takes no more requests of this object."""
        return self.ask("detach")

    def status(self) -> Reply:
        """What the kernel does now: `run`, `executing`, `elapsed_ms`, `heap_used` and others."""
        return self.ask("status")

    def globals(self) -> Reply:
        """The session's variables, as `items`."""
        return self.ask("globals")

    def complete(self, code: str, cursor: int | None = None) -> Reply:
        """Completions at the cursor, which counts UTF-16 code units; without it, at the end."""
        return self.ask("complete", code=code, cursor=_utf16_length(code) if cursor is None else cursor)

    def inspect(self, code: str, cursor: int | None = None) -> Reply:
        """What is known of the name at the cursor, as `found`."""
        return self.ask("inspect", code=code, cursor=_utf16_length(code) if cursor is None else cursor)

    def signature(self, code: str, cursor: int | None = None) -> Reply:
        """The function whose arguments stand at the cursor, as `found`."""
        return self.ask("signature", code=code, cursor=_utf16_length(code) if cursor is None else cursor)

    def properties(self, handle: Sequence[int], start: int = 0, count: int = 100) -> Reply:
        """Properties of an object, by the `handle` of a report."""
        return self.ask("properties", handle=list(handle), start=start, count=count)

    def release(self, handles: Sequence[Sequence[int]]) -> Reply:
        """Lets objects go that handles hold."""
        return self.ask("release", handles=[list(handle) for handle in handles])

    @overload
    def function(self, function: Function, *, name: str | None = None, reserved: bool = False) -> Function: ...

    @overload
    def function(
        self, function: str | None = None, *, name: str | None = None, reserved: bool = False
    ) -> Callable[[Function], Function]: ...

    def function(
        self, function: Callable[..., Any] | str | None = None, *, name: str | None = None, reserved: bool = False
    ) -> Any:
        """Lends a function: `@k.function`, `@k.function("db.query")` or `k.function(f, name="f")`.

        JavaScript calls it as `await host.NAME(…)`. It may be a coroutine function, and a generator becomes an async
        iterator. An exception becomes an Error. A `reserved` function may only be called by runs with a `grant` of it.
        Raises BadRequest for a name that JavaScript cannot call.
        """
        if function is None or isinstance(function, str):
            given = function or name
            if given is not None:
                self._check_name(given)

            def lend(actual: Function) -> Function:
                self.function(actual, name=given, reserved=reserved)
                return actual

            return lend
        checks.function("function", function)
        name = name or str(getattr(function, "__name__", ""))
        self._check_name(name)
        self._state.functions[name] = function
        if reserved:
            self._state.reserved.add(name)
        if self.id:
            self.server._live.register(self._state, [name], reserved)
        return function

    def _check_name(self, name: str) -> None:
        """Raises what the server would answer for the name of a function."""
        problem = None
        if not _NAME.fullmatch(name) or "__proto__" in name.split("."):
            problem = f"{name!r} is no name for a function: it takes words joined by dots, such as db.query"
        for other in self._state.functions:
            if name.startswith(f"{other}.") or other.startswith(f"{name}."):
                problem = f"{name!r} and {other!r} cannot both be functions: one would be inside the other"
        if problem is not None:
            raise BadRequest({"code": "bad_name", "field": "functions", "message": problem})

    @property
    def _live(self) -> Link:
        if not self.id:
            raise RuntimeError(f"the kernel is not open: write {self._to_open}")
        return self.server._live

    async def _ask(self, name: str, **fields: Any) -> dict[str, Any]:
        link = self._live
        return await link.result(link.request(name, fields, self._state))

    async def _opened(self) -> BaseKernel[Nothing, Reply]:
        if self._state.closed is not None:
            raise self._state.closed
        if self.id:
            return self
        if self._owns:
            await self.server._start()
        try:
            link: Link = self.server._live
            known = link.kernels.get(self._fields.get("kernel", ""))
            if known is not None:
                await link.result(link.join(known, self._state))
                self._state = known
                return self
            fields = self._fields if "kernel" in self._fields else self._fields | self._state.lent()
            request = link.open(self._state, fields)
            try:
                await link.result(request)
            except (asyncio.CancelledError, KeyboardInterrupt):
                link.leave(self._state, request)
                raise
        except BaseException:
            if self._owns:
                await self.server._stop()
            raise
        return self

    async def _close(self, method: str) -> None:
        self._state.closing = self._state.closing or method
        if self._owns:
            await self.server._close(method)
        elif self.id:
            with contextlib.suppress(UnknownKernel, ServerGone):
                await self._ask("close")


class BaseRun(Generic[Nothing]):
    """A run that was submitted."""

    _to_report: ClassVar[str]  # what to write for the report of a run

    def __init__(self, kernel: BaseKernel[Any, Any], fields: dict[str, Any], capture: bool, stream: bool) -> None:
        self._kernel = kernel
        if kernel.server.address is None:  # nobody else can lend functions
            _check_lent(fields, kernel._state.functions)
        printed, events = Printed() if capture else None, deque[Event]() if stream else None
        self._state = RunState(printed=printed, events=events, lent=kernel._state.functions)
        self._link = kernel._live
        self._link.run(kernel._state, fields, self._state)

    def __repr__(self) -> str:
        number = "without a number yet" if self._state.number is None else self._state.number
        return f"<Run {number}{', done' if self.done else ''}>"

    if not TYPE_CHECKING:  # which knows what a run has

        def __getattr__(self, name: str) -> Any:
            """Says where an attribute of a report is to be found."""
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name == "report" or (hasattr(Report, name) and not name.startswith("_")):
                message += f": a run may still go on; its report is {self._to_report}"
            raise AttributeError(message)

    @property
    def done(self) -> bool:
        """Whether the run has ended, as far as this program has read."""
        return self._state.done

    def interrupt(self) -> Nothing:
        """Interrupts the run, if it has not ended. Its report tells whether it did in time."""
        return self._kernel.server._do(self._interrupt())

    async def _interrupt(self) -> None:
        state = self._state
        await self._link.wait(state, lambda: state.number is not None or state.done)
        if not state.done:
            await self._kernel._ask("interrupt", run=state.number)

    async def _next(self) -> Event | None:
        """The next event of the run, or None after the last."""
        state = self._state
        await self._wait(lambda: state.events or state.events is None or state.done)
        return state.events.popleft() if state.events else None

    async def _wait(self, ready: Callable[[], Any]) -> None:
        try:
            self._link.check(self._kernel._state, self._state)
            await self._link.wait(self._state, ready)
        except (asyncio.CancelledError, KeyboardInterrupt, Deadlock):
            self._link.interrupt(self._kernel._state, self._state)
            raise


def _check_lent(fields: dict[str, Any], lent: Collection[str]) -> None:
    """Raises ValueError for a function that a run may call, and that this program does not lend."""
    for option in ("only", "grant"):
        for name in fields.get(option, ()):
            if name not in lent:
                names = ", ".join(map(repr, lent)) or "no functions"
                raise ValueError(f"{option} must be names of functions, not {name!r}: this program lends {names}")


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
