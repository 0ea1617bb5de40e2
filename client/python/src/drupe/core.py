"""The state of one client: its requests, and the messages that come. It does no input and output."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .errors import ProtocolError, ServerGone, UnknownKernel, closed_by, refused, server_error
from .frames import decode, frame
from .report import Event
from .runs import Body, KernelState, RunState, Waiter

# Requests that are not sent again after a lost connection, because they might be executed twice.
_NOT_AGAIN = ("open", "attach", "reset", "restart", "terminate")


@dataclass(eq=False, kw_only=True)
class Request(Waiter):
    """A request and its reply. `then` is called with the reply, and `otherwise` with the error, before it is told."""

    name: str
    body: Body
    kernel: KernelState | None
    then: Callable[[Body], None] | None
    otherwise: Callable[[BaseException], None] | None

    def finish(self, value: Body) -> None:
        if self.then is not None:
            self.then(value)
        super().finish(value)

    def fail(self, error: BaseException) -> None:
        if self.otherwise is not None:
            self.otherwise(error)
        super().fail(error)


class Core:
    """One client of one server, over one connection after another."""

    # A subclass writes, and answers calls of the server.
    write: Callable[[bytes], None]
    called: Callable[[KernelState, Body], None]
    next: Callable[[int], None]  # the next item of a stream is wanted
    cancel: Callable[[int | None], None]  # nobody waits for a call any more, or for any

    def __init__(self, token: str | None, numpy: bool, lasting: bool) -> None:
        self.token, self.numpy, self.lasting = token, numpy, lasting
        self.kernels: dict[str, KernelState] = {}
        self.pending: dict[int, Request] = {}
        self.instance: str | None = None
        self.ready = False  # whether requests may be written now
        self.welcomed = Waiter()
        self.dead: ServerGone | None = None
        self._ids = itertools.count(1)
        self._lock = threading.Lock()  # threads of the blocking face may request while another one connects

    def hello(self) -> None:
        """Writes the first frame of a connection. `welcomed` is told of the answer."""
        from . import __version__

        self.welcomed = Waiter()
        body = {"versions": [1], "client": f"drupe-python {__version__}"}
        self.write(frame("hello", body if self.token is None else body | {"token": self.token}))

    def request(
        self,
        name: str,
        body: Body,
        kernel: KernelState | None = None,
        then: Callable[[Body], None] | None = None,
        otherwise: Callable[[BaseException], None] | None = None,
    ) -> Request:
        """Sends a request. Raises what has ended the server, or the kernel."""
        if self.dead is not None:
            raise self.dead
        if kernel is not None and name in ("reset", "restart"):
            then = partial(kernel.renewed, is_new=name == "restart")
        request = Request(name=name, body=body, kernel=kernel, then=then, otherwise=otherwise)
        if kernel is not None:
            if kernel.closed is not None:
                raise kernel.closed
            body["kernel"] = kernel.id
            if name == "close":
                kernel.closing = kernel.closing or "Kernel.close()"
        body["id"] = next(self._ids)
        data = frame(name, body)
        with self._lock:
            self.pending[body["id"]] = request
            ready = self.ready
        if ready:
            self.write(data)
        return request

    def send(self, name: str, body: Body) -> None:
        """Sends a message that has no reply."""
        if self.ready:
            self.write(frame(name, body))

    def open(self, kernel: KernelState, fields: Body) -> Request:
        """Starts a kernel, or attaches to the one that `fields` name."""

        def opened(reply: Body) -> None:
            kernel.info, kernel.id = reply, reply["kernel"]
            self.kernels[kernel.id] = kernel

        def attached(reply: Body) -> None:
            kernel.info = reply
            if "after" not in fields:
                kernel.seq = max(kernel.seq, reply["seq"])

        if "kernel" not in fields:
            return self.request("open", fields, then=opened)
        kernel.id, kernel.seq = fields["kernel"], fields.get("after", 0)
        self.kernels[kernel.id] = kernel  # its events may come before the reply
        return self.request("attach", fields, kernel, attached)

    def leave(self, kernel: KernelState, request: Request) -> None:
        """Nobody waits for a kernel that is being opened: closes it, if it is opened all the same."""

        def close(_: Body) -> None:
            if self.kernels.get(kernel.id) is kernel:
                self.request("close", {}, kernel)

        if request.name != "open":
            return
        if request.done:
            close(request.value)
        elif request.then is not None:
            opened = request.then

            def then(reply: Body) -> None:
                opened(reply)
                close(reply)

            request.then = then

    def join(self, kernel: KernelState, other: KernelState) -> Request:
        """Attaches anew to a kernel that is there, with the wishes of another handle of it, too."""
        kernel.join(other)
        return self.request("attach", kernel.attach | {"after": kernel.seq}, kernel)

    def register(self, kernel: KernelState, names: list[str], reserved: bool) -> None:
        """Defines functions. The next run raises what goes wrong."""
        self.request("register", {"functions": names, "reserved": reserved}, kernel, otherwise=kernel.trouble.append)

    def run(self, kernel: KernelState, fields: Body, run: RunState) -> None:
        """Submits a run. Its tag keeps it from being executed twice, after a lost connection."""

        def then(reply: Body) -> None:
            kernel.numbered(run, reply["run"])
            if kernel.closed is not None:  # this client has left meanwhile, and is told no end
                run.fail(kernel.closed)
            if reply.get("ended") and not run.done:  # its end may be on its way, or was told before
                self.request("list", {}, then=listed)
            if run.stop:
                self.interrupt(kernel, run)

        def listed(reply: Body) -> None:
            kernel.over += [(entry["seq"], run) for entry in reply["kernels"] if entry["kernel"] == kernel.id]
            kernel.expire()

        def otherwise(error: BaseException) -> None:
            kernel.unnumbered -= 1
            run.fail(error)

        if kernel.trouble:
            raise kernel.trouble.pop(0)
        if self.lasting:
            fields.setdefault("tag", uuid.uuid4().hex)
        kernel.unnumbered += 1
        try:
            self.request("run", fields, kernel, then, otherwise)
        except BaseException:
            kernel.unnumbered -= 1
            raise

    def interrupt(self, kernel: KernelState, run: RunState) -> None:
        """Interrupts a run, if it has not ended. It may have no number yet."""
        run.stop = True
        if run.number is not None and not run.done and not self.dead and not kernel.closed:
            self.request("interrupt", {"run": run.number}, kernel)

    def receive(self, payload: bytes | memoryview) -> None:
        """Takes a payload. Raises ProtocolError if it is none of the messages."""
        name, body = decode(payload, self.numpy)
        try:
            self._route(name, body)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            problem = f"a message {name!r} of the server is damaged ({type(error).__name__}: {error})"
            raise ProtocolError(problem) from error

    def _route(self, name: str, body: Body) -> None:
        kernel = self.kernels.get(body.get("kernel", ""))
        if name == "reply":
            self._reply(body)
        elif name == "error":
            self._error(body)
        elif name == "next":
            self.next(body["call"])
        elif name == "cancel":
            self.cancel(body["call"])
        elif name == "welcome":
            self._welcome(body)
        elif name == "refused":
            self.welcomed.fail(refused(body, self.token))
        elif kernel is None:
            return  # this client left the kernel, or does not know the message
        elif name == "event":
            del body["kernel"]
            kernel.take(Event(body.pop("type"), body.pop("seq"), body.pop("run", None), body))
        elif name == "missed":
            kernel.take(Event("missed", body["last"], None, body))
        elif name == "call":
            self.called(kernel, body)
        elif name == "closed":
            self._forget(kernel)
            reason = str(body.get("reason", ""))
            if reason == "closed" and kernel.closing:
                kernel.end(closed_by("kernel", kernel.closing))
                return
            reasons = {"closed": "another client has closed it", "shutdown": "its server was shut down"}
            message = f"the kernel is gone: {reasons.get(reason, reason)}"
            kernel.end(UnknownKernel({"code": "unknown_kernel", "message": message}))

    def _reply(self, body: Body) -> None:
        number = body.pop("id")
        request = self.pending.get(number)  # it stays there while the reply may be found to be damaged
        if request is not None:
            request.finish(body)
            if request.name == "detach" and request.kernel is not None:
                self._forget(request.kernel)
                message = "this client has detached from the kernel, by Kernel.detach(): attach again"
                request.kernel.end(UnknownKernel({"code": "not_attached", "message": message}))
            self.pending.pop(number, None)

    def _error(self, body: Body) -> None:
        request = self.pending.pop(body.get("id", 0), None)
        if request is not None:
            error = server_error(body)
            if isinstance(error, UnknownKernel) and request.kernel is not None:
                self._forget(request.kernel)
                request.kernel.end(error)
            request.fail(error)

    def _forget(self, kernel: KernelState) -> None:
        if self.kernels.get(kernel.id) is kernel:  # and not of another that has attached since
            del self.kernels[kernel.id]

    def _welcome(self, body: Body) -> None:
        """Takes the server's greeting. On a later connection, takes up where the last one ended."""
        first = self.instance is None
        if not first and body["instance"] != self.instance:
            return self.fail(ServerGone("the server was started anew, and its kernels are gone"))
        self.instance = body["instance"]
        with self._lock:
            again, self.pending = self.pending, {}
            self.ready = True
        for kernel in () if first else tuple(self.kernels.values()):
            self.request("attach", kernel.attach | {"after": kernel.seq}, kernel)
            for key, names in kernel.lent().items():
                if names:
                    self.register(kernel, names, key == "reserved")
        for request in again.values():
            if first or request.name not in _NOT_AGAIN:
                request.body["id"] = next(self._ids)
                self.pending[request.body["id"]] = request
                self.write(frame(request.name, request.body))
            else:
                request.fail(ServerGone(f"the connection was lost before the answer to {request.name!r}"))
        self.welcomed.finish(body)

    def lost(self) -> None:
        """The connection is lost, and another one may follow."""
        self.ready = False
        self.cancel(None)

    def fail(self, error: ServerGone) -> None:
        """The server is gone: everything that waits for it fails."""
        self.lost()
        error = self.dead = self.dead or error
        self.welcomed.fail(error)
        pending, self.pending = self.pending, {}
        for request in pending.values():
            request.fail(error)
        kernels, self.kernels = self.kernels, {}
        for kernel in kernels.values():
            kernel.end(error)
