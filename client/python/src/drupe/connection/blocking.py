"""The connection of the blocking face: the thread that waits reads the socket itself."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import DrupeError, ProtocolError, Refused, ServerGone
from ..server import HELLO_TIMEOUT, Address, Child
from . import calls
from .core import Core
from .frames import Frames
from .runs import KernelState, Waiter


class BlockingCalls:
    """Answers calls of the server in the thread that reads them."""

    def __init__(self) -> None:
        self.core: Core
        self.streams: dict[int, Iterator[Any]] = {}

    def start(self, kernel: KernelState, call: dict[str, Any]) -> None:
        number = call["call"]
        inside = calls.answering.set((kernel, call.get("run"), threading.get_ident()))
        try:
            function, arguments = calls.target(kernel, call)
            value = function(*arguments)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
            if isinstance(value, Iterator):
                self.streams[number] = value
                self.core.send("stream", {"call": number})
            else:
                self.core.send("answer", calls.answer(number, value))
        except Exception as error:
            self.core.send("fail", calls.failure(number, error))
        finally:
            calls.answering.reset(inside)

    def next(self, call: int) -> None:
        items = self.streams.get(call)
        if items is None:
            return
        try:
            self.core.send("item", calls.answer(call, next(items)))
        except StopIteration:
            self.cancel(call)
            self.core.send("end", {"call": call})
        except Exception as error:
            self.cancel(call)
            self.core.send("fail", calls.failure(call, error))

    def cancel(self, call: int) -> None:
        items = self.streams.pop(call, None)
        if inspect.isgenerator(items):
            items.close()

    def cancel_all(self) -> None:
        for call in tuple(self.streams):
            self.cancel(call)


class BlockingLink:
    """Connects a core to a server. Of the threads that wait, one reads for all."""

    def __init__(self, target: Child | Address, token: str | None, numpy: bool, patience: float) -> None:
        self.target, self.patience = target, patience
        answers = BlockingCalls()
        self.core = answers.core = Core(self._write, answers, token, numpy=numpy, lasting=isinstance(target, Address))
        self.socket: socket.socket | None = None
        self.frames = Frames()
        self.payloads: deque[bytes | memoryview] = deque()
        self.closing = False
        self._writing = threading.Lock()
        self._turn = threading.Condition()
        self._reader: int | None = None  # the thread that reads
        self._others = 0  # threads that wait for it

    def connect(self) -> None:
        """Connects and greets. Raises OSError, Refused or ServerGone."""
        target = self.target
        self.frames = Frames()
        self.socket = target.socket if isinstance(target, Child) else target.connect(max(self.patience, 1.0))
        welcome = Waiter()
        self.socket.settimeout(HELLO_TIMEOUT)
        self._write(self.core.hello(welcome))
        while not welcome.done:
            if not self._read():
                welcome.fail(self._gone())
        welcome.result()
        self.socket.settimeout(None)

    def _write(self, data: bytes) -> None:
        connection = self.socket
        if connection is None:
            return
        try:
            with self._writing:
                connection.sendall(data)
        except OSError:
            pass  # the reader finds the end of the connection, after what came before it
        except BaseException:  # half a message may be written
            self._shut(connection)
            raise

    @staticmethod
    def _shut(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def wait(self, ready: Callable[[], Any]) -> None:
        """Returns when `ready` gives something true. Reads meanwhile, or lets another thread read."""
        me = threading.get_ident()
        if self._reader == me:  # a lent function waits, inside of a wait
            while not ready():
                self._step()
            return
        with self._turn:
            self._others += 1
            while self._reader is not None and not ready():
                self._turn.wait()
            self._others -= 1
            if ready():
                return
            self._reader = me
        try:
            while not ready():
                self._step()
                if self._others:
                    with self._turn:
                        self._turn.notify_all()
        finally:
            with self._turn:
                self._reader = None
                self._turn.notify_all()

    def _step(self) -> None:
        """Takes one message, or reads. Finds out that the connection is lost."""
        if self.core.dead is not None:
            raise self.core.dead
        if not self._read():
            self._lost()

    def _read(self) -> bool:
        """Takes one message if there is one, otherwise reads. Returns false at the end of the connection."""
        if not self.payloads:
            try:
                count = self.socket.recv_into(self.frames.buffer()) if self.socket else 0
            except OSError:
                count = 0
            if not count:
                return False
        try:
            if not self.payloads:
                self.payloads.extend(self.frames.filled(count))
            if self.payloads:
                self.core.receive(self.payloads.popleft())
        except ProtocolError as error:
            if self.socket is not None:
                self._shut(self.socket)
            self.core.fail(error)
        return True

    def _gone(self) -> ServerGone:
        if isinstance(self.target, Child):
            return ServerGone("the server has ended", self.target.stderr())
        return ServerGone("the connection to the server is lost")

    def _lost(self) -> None:
        gone = self._gone()
        self.core.lost()
        if self.closing or isinstance(self.target, Child):
            return self.core.fail(gone)
        end = time.monotonic() + self.patience
        pause = 0.05
        while True:
            self._drop()
            try:
                return self.connect()
            except (OSError, DrupeError) as error:
                gone.__cause__ = error
            if self.core.dead or self.closing or isinstance(gone.__cause__, Refused) or time.monotonic() + pause > end:
                return self.core.fail(gone)
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _drop(self) -> None:
        connection, self.socket = self.socket, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Closes the connection. Waits for a server that this program has started."""
        self.closing = True
        if self.socket is not None:
            self._shut(self.socket)
        self.core.fail(ServerGone("the server was closed by this program"))
        with self._turn:
            self._turn.notify_all()
            if self._reader not in (None, threading.get_ident()):
                self._turn.wait_for(lambda: self._reader is None, timeout=self.patience)
        self._drop()
        if isinstance(self.target, Child):
            self.target.socket.close()
            self.target.stop()
