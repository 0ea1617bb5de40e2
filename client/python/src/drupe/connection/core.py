"""The state of one connection: requests, replies, kernels, calls. It does no input and output."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import ProtocolError, ServerGone, UnknownKernel, server_error
from .frames import decode, frame
from .runs import KernelState, RunState, Waiter

VERSION = 1
# Requests that are not sent again after a lost connection, because they might be executed twice.
_NOT_AGAIN = frozenset(("open", "attach", "reset", "restart", "terminate"))


class Calls(Protocol):
    """Answers calls of the server: the part of it that each face does in its own way."""

    def start(self, kernel: KernelState, call: dict[str, Any]) -> None:
        """Begins to answer a message `call`."""

    def next(self, call: int) -> None:
        """Is asked for the next item of a stream."""

    def cancel(self, call: int) -> None:
        """Nobody waits for the answer any more."""

    def cancel_all(self) -> None:
        """The connection is gone, and all calls with it."""


@dataclass(slots=True)
class _Request:
    name: str
    body: dict[str, Any]
    waiter: Waiter
    kernel: KernelState | None
    then: Callable[[dict[str, Any]], None] | None


class Core:
    """One client of one server, over one connection after another."""

    def __init__(
        self, write: Callable[[bytes], None], calls: Calls, token: str | None, *, numpy: bool, lasting: bool
    ) -> None:
        self.write, self.calls = write, calls
        self.token, self.numpy = token, numpy
        self.lasting = lasting  # whether a lost connection may be followed by another
        self.kernels: dict[str, KernelState] = {}
        self.pending: dict[int, _Request] = {}
        self.ids = itertools.count(1)
        self.instance = ""
        self.server = ""
        self.ready = False  # whether requests may be written now
        self._lock = threading.Lock()  # threads of the blocking face may request while another one connects
        self.welcomed: Waiter = Waiter()
        self.dead: ServerGone | None = None

    def hello(self, waiter: Waiter) -> bytes:
        """The first frame of a connection. The waiter is told of the answer."""
        from .. import __version__

        self.welcomed = waiter
        body = {"versions": [VERSION], "client": f"drupe-python {__version__}"}
        if self.token is not None:
            body["token"] = self.token
        return frame(["hello", body])

    def request(
        self,
        name: str,
        body: dict[str, Any],
        waiter: Waiter,
        kernel: KernelState | None = None,
        then: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        """Sends a request. The waiter gets the reply, after `then` has been called with it."""
        if self.dead is not None:
            raise self.dead
        if kernel is not None:
            if kernel.closed is not None:
                raise kernel.closed
            body["kernel"] = kernel.id
        body["id"] = next(self.ids)
        data = frame([name, body])
        with self._lock:
            self.pending[body["id"]] = _Request(name, body, waiter, kernel, then)
            ready = self.ready
        if ready:
            self.write(data)

    def send(self, name: str, body: dict[str, Any]) -> None:
        """Sends a message that has no reply."""
        if self.ready:
            self.write(frame([name, body]))

    def open(self, kernel: KernelState, fields: dict[str, Any], waiter: Waiter) -> None:
        """Starts a kernel, or attaches to the one that `fields` name."""

        def then(reply: dict[str, Any]) -> None:
            kernel.info = reply
            kernel.id = kernel.id or reply["kernel"]
            self.kernels[kernel.id] = kernel
            if attached and "after" not in fields:
                kernel.seq = max(kernel.seq, reply["seq"])

        attached = "kernel" in fields
        if attached:  # its events may come before the reply
            kernel.id, kernel.seq = fields["kernel"], fields.get("after", 0)
            self.kernels[kernel.id] = kernel
        self.request("attach" if attached else "open", fields, waiter, kernel if attached else None, then)

    def run(self, kernel: KernelState, fields: dict[str, Any], run: RunState) -> None:
        """Submits a run. Its tag keeps it from being executed twice, after a lost connection."""
        if kernel.trouble:
            raise kernel.trouble.pop(0)
        if self.lasting:
            fields.setdefault("tag", uuid.uuid4().hex)

        def then(reply: dict[str, Any]) -> None:
            kernel.numbered(run, reply["run"])
            if reply.get("again") and not run.done:
                self.request("list", {}, _Listed(kernel, run))
            if run.stop:
                self.interrupt(kernel, run)

        kernel.unnumbered += 1
        try:
            self.request("run", fields, _RunReply(kernel, run), kernel, then)
        except BaseException:
            kernel.unnumbered -= 1
            raise

    def interrupt(self, kernel: KernelState, run: RunState, waiter: Waiter | None = None) -> None:
        """Interrupts a run, if it has not ended. It may have no number yet."""
        run.stop = True
        if run.number is not None and not run.done:
            self.request("interrupt", {"run": run.number}, waiter or Waiter(), kernel)
        elif waiter is not None:
            waiter.finish({})

    def receive(self, payload: bytes | memoryview) -> None:
        """Takes a payload. Raises ProtocolError if it is none of the messages."""
        name, body, special = decode(payload, self.numpy)
        try:
            self._route(name, body, special)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            problem = f"a message {name!r} of the server is damaged ({type(error).__name__}: {error})"
            raise ProtocolError(problem) from error

    def _route(self, name: str, body: dict[str, Any], special: bool) -> None:
        if name == "event":
            kernel = self.kernels.get(body["kernel"])
            if kernel is not None:
                kernel.take(body, special)
        elif name == "reply":
            self._reply(body)
        elif name == "error":
            self._error(body)
        elif name == "call":
            kernel = self.kernels.get(body["kernel"])
            if kernel is not None:
                self.calls.start(kernel, body | {"special": special})
        elif name == "next":
            self.calls.next(body["call"])
        elif name == "cancel":
            self.calls.cancel(body["call"])
        elif name == "missed" and body["kernel"] in self.kernels:
            self.kernels[body["kernel"]].missed(body)
        elif name == "closed":
            self._closed(body)
        elif name == "welcome":
            self._welcome(body)
        elif name == "refused":
            self.welcomed.fail(server_error(body))

    def _reply(self, body: dict[str, Any]) -> None:
        number = body.pop("id")
        request = self.pending.get(number)  # it stays there while the reply may be found to be damaged
        if request is not None:
            if request.then is not None:
                request.then(body)
            if request.name == "detach" and request.kernel is not None:
                self._forget(request.kernel)
            request.waiter.finish(body)
            self.pending.pop(number, None)

    def _error(self, body: dict[str, Any]) -> None:
        request = self.pending.pop(body.get("id", 0), None)
        if request is None:
            return
        error = server_error(body)
        if isinstance(error, UnknownKernel) and request.kernel is not None:
            self._forget(request.kernel)
            request.kernel.end(error)
        request.waiter.fail(error)

    def _forget(self, kernel: KernelState) -> None:
        if self.kernels.get(kernel.id) is kernel:
            del self.kernels[kernel.id]

    def _closed(self, body: dict[str, Any]) -> None:
        kernel = self.kernels.pop(body["kernel"], None)
        if kernel is not None:
            reason = body.get("reason", "")
            kernel.end(UnknownKernel({"code": "unknown_kernel", "message": f"the kernel is closed: {reason}"}))

    def _welcome(self, body: dict[str, Any]) -> None:
        """Takes the server's greeting. On a later connection, takes up where the last one ended."""
        first = not self.instance
        if not first and body["instance"] != self.instance:
            self.fail(ServerGone("the server was started anew, and its kernels are gone"))
            return
        self.instance, self.server = body["instance"], body.get("server", "")
        with self._lock:
            again, self.pending = self.pending, {}
            self.ready = True
        if not first:
            for kernel in tuple(self.kernels.values()):
                self._attach(kernel)
        for request in again.values():
            if first or request.name not in _NOT_AGAIN:
                request.body["id"] = next(self.ids)
                self.pending[request.body["id"]] = request
                self.write(frame([request.name, request.body]))
            else:
                request.waiter.fail(ServerGone(f"the connection was lost before the answer to {request.name!r}"))
        self.welcomed.finish(body)

    def _attach(self, kernel: KernelState) -> None:
        self.request("attach", kernel.attach | {"after": kernel.seq}, Waiter(), kernel)
        for reserved in (False, True):
            names = [name for name in kernel.functions if (name in kernel.reserved) is reserved]
            if names:
                self.request("register", {"functions": names, "reserved": reserved}, Waiter(), kernel)

    def lost(self) -> None:
        """The connection is lost, and another one may follow."""
        self.ready = False
        self.calls.cancel_all()

    def fail(self, error: ServerGone) -> None:
        """The server is gone: everything that waits for it fails."""
        self.ready = False
        self.dead = self.dead or error
        self.calls.cancel_all()
        self.welcomed.fail(error)
        pending, self.pending = self.pending, {}
        for request in pending.values():
            request.waiter.fail(error)
        kernels, self.kernels = self.kernels, {}
        for kernel in kernels.values():
            kernel.end(error)


class _OfRun(Waiter):
    __slots__ = ("kernel", "run")

    def __init__(self, kernel: KernelState, run: RunState) -> None:
        super().__init__()
        self.kernel, self.run = kernel, run


class _Listed(_OfRun):
    """Waits for the reply of `list`, to learn whether a run is still active."""

    def finish(self, value: dict[str, Any]) -> None:
        for entry in value["kernels"]:
            if entry["kernel"] == self.kernel.id:
                self.kernel.listed(self.run, entry)


class _RunReply(_OfRun):
    """Waits for the reply of a run, and fails the run if it is an error."""

    def fail(self, error: BaseException) -> None:
        self.kernel.unnumbered -= 1
        self.run.fail(error)
