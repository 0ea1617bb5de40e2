"""The blocking face: the same servers, kernels and runs, without an event loop.

A call blocks in its thread and reads the connection there. Threads may share a server. Lent functions are called in a
thread that waits, so they are answered only while one waits.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .connection import calls
from .connection.blocking import BlockingLink
from .connection.runs import RunState, Waiter
from .errors import Deadlock, ServerGone, UnknownKernel
from .options import AttachOptions, KernelOptions, RunOptions, run_fields
from .report import Event, Report
from .requests import Lends, Questions, Target, attach_state, open_fields, state_of
from .server import Child

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class Server(Target):
    """A server that holds kernels: `with Server() as s: k = s.open()`."""

    _link: BlockingLink | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the server, or connects to it. Raises NotFound, OSError, Refused or ServerGone."""
        self._link = BlockingLink(self._reach(), self.token, self.numpy, self.reconnect)
        try:
            self._link.connect()
        except BaseException:
            self.close()
            raise

    @property
    def _live(self) -> BlockingLink:
        if self._link is None:
            raise RuntimeError("the server is not started: use `with`")
        return self._link

    @property
    def pid(self) -> int | None:
        """The server's process, if this program has started it."""
        return self._live.target.process.pid if isinstance(self._live.target, Child) else None

    def open(self, **options: Unpack[KernelOptions]) -> Kernel:
        """Starts a kernel."""
        kernel = Kernel(self, **options)
        kernel.open()
        return kernel

    def attach(self, kernel: str, *, after: int | None = None, **options: Unpack[AttachOptions]) -> Kernel:
        """Attaches to a kernel by its `id`: for its events after number `after`, or without it those to come.

        `Kernel.close` ends the kernel for all its clients; `Kernel.detach` only leaves it.
        """
        attached = Kernel(self)
        attached._state, attached._fields = attach_state(kernel, after, options)
        attached.open()
        return attached

    def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Sends a request that concerns no kernel: `list`, `ping`, `is_complete` or `format`. Returns the reply."""
        waiter = Waiter()
        self._live.core.request(name, fields, waiter)
        return self._result(waiter)

    def _result(self, waiter: Waiter) -> dict[str, Any]:
        self._live.wait(lambda: waiter.done)
        reply: dict[str, Any] = waiter.result()
        return reply

    def close(self) -> None:
        """Closes the connection. A server that this program has started ends, with its kernels."""
        if self._link is not None:
            self._link.close()


class Run:
    """A run that was submitted: iterate over its events, or ask for its `report`."""

    def __init__(self, kernel: Kernel, fields: dict[str, Any], capture: bool, stream: bool) -> None:
        self._link = kernel.server._live
        self._kernel = kernel._state
        self._state = RunState(capture, stream)
        self._link.core.run(self._kernel, fields, self._state)

    def __iter__(self) -> Iterator[Event]:
        """The events of the run, the last of which is `outcome` or `error`."""
        state = self._state
        while state.events is not None:
            self._wait(lambda: state.events or state.done)
            while state.events:
                yield state.events.popleft()
            if state.done:
                return

    def report(self) -> Report:
        """Waits for the end of the run. KeyboardInterrupt interrupts it."""
        self._wait(lambda: self._state.done)
        return self._state.report()

    def _wait(self, ready: Any) -> None:
        try:
            calls.check_wait(self._kernel, self._state, threading.get_ident())
            self._link.wait(ready)
        except (KeyboardInterrupt, Deadlock):
            self._stop(None)
            raise

    @property
    def done(self) -> bool:
        """Whether the run has ended, as far as this program has read."""
        return self._state.done

    def _stop(self, waiter: Waiter | None) -> None:
        if self._link.core.dead is None and self._kernel.closed is None:
            self._link.core.interrupt(self._kernel, self._state, waiter)

    def interrupt(self) -> None:
        """Interrupts the run, if it has not ended. Another thread may wait for its report."""
        self._link.wait(lambda: self._state.number is not None or self._state.done)
        if not self._state.done:
            waiter = Waiter()
            self._stop(waiter)
            self._link.wait(lambda: waiter.done or self._state.done)


class Kernel(Questions[dict[str, Any]], Lends):
    """A kernel: `with Kernel() as k: report = k.run("1 + 1")`.

    Without a server it starts one of its own, as `target` says.
    """

    def __init__(
        self, server: Server | None = None, *, target: Target | None = None, **options: Unpack[KernelOptions]
    ) -> None:
        self._owns = server is None
        self.server = server or Server(**vars(target or Target()))
        self._state, self._fields = state_of(options, self.server.address is not None)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Starts the kernel."""
        if self._state.id:
            return
        if self._owns:
            self.server.start()
        waiter = Waiter()
        try:
            self.server._live.core.open(self._state, open_fields(self._state, self._fields), waiter)
            self.server._result(waiter)
        except BaseException:
            if self._owns:
                self.server.close()
            raise

    def close(self) -> None:
        """Ends the kernel, and the server if it is this kernel's own."""
        if self._owns:
            self.server.close()
        elif self._state.id:
            with contextlib.suppress(UnknownKernel, ServerGone):
                self._ask("close")

    @property
    def id(self) -> str:
        """The server's name of the kernel."""
        return self._state.id

    @property
    def info(self) -> dict[str, Any]:
        """The reply to `open`: `generation`, `pid`, `engine`, `sandbox`."""
        return self._state.info

    def run(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Report:
        """Runs TypeScript or JavaScript, or a `module`, and waits for its end.

        With `capture` the report has the console's lines. KeyboardInterrupt interrupts the run.
        """
        return Run(self, run_fields(code, options), capture, False).report()

    def start(self, code: str | None = None, *, capture: bool = True, **options: Unpack[RunOptions]) -> Run:
        """Submits a run, and does not wait: for its events, or for `Run.interrupt` by another thread."""
        return Run(self, run_fields(code, options), capture, True)

    def _ask(self, name: str, **fields: Any) -> dict[str, Any]:
        waiter = Waiter()
        self.server._live.core.request(name, fields, waiter, self._state)
        return self.server._result(waiter)

    def _register(self, name: str, reserved: bool) -> None:
        if self._state.id:
            self._ask("register", functions=[name], reserved=reserved)
