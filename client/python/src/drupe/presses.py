"""Ctrl-C in the blocking face: it is raised where a thread waits, and never amid a step that must be whole."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any


class Presses:
    """The handler of SIGINT while the main thread is within a call that blocks."""

    def __init__(self) -> None:
        self._kept = False  # whether it is kept for later
        self._pressed = False
        self._pair: tuple[int, socket.socket, socket.socket] | None = None

    def __call__(self, number: int, frame: Any) -> None:
        if not self._kept:
            signal.default_int_handler(number, frame)
        self._pressed = True

    def _wake(self) -> tuple[socket.socket, socket.socket]:
        """Two ends, the second of which Python writes to when a signal comes: one that comes just before a thread waits
        would not wake it. They are those of this process."""
        if self._pair is None or self._pair[0] != os.getpid():
            self._close()
            woken, wakes = socket.socketpair()
            woken.setblocking(False)
            wakes.setblocking(False)
            self._pair = os.getpid(), woken, wakes
        return self._pair[1:]

    def _close(self) -> None:
        for end in self._pair[1:] if self._pair else ():
            end.close()

    __del__ = _close

    @property
    def kept(self) -> bool:
        """Whether the thread that asks is one whose Ctrl-C is kept."""
        return self._kept and threading.current_thread() is threading.main_thread()

    def check(self) -> None:
        """Raises KeyboardInterrupt if Ctrl-C was pressed."""
        if self._pressed and threading.current_thread() is threading.main_thread():
            self._pressed = False
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def keep(self) -> Iterator[None]:
        """Keeps Ctrl-C for the end, or for `let`. A program's own handler of SIGINT stays."""
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or self._kept or signal.getsignal(signal.SIGINT) not in (signal.default_int_handler, self):
            yield
            return
        self._kept = True
        try:
            before, wakes = signal.signal(signal.SIGINT, self), self._wake()[1]
            before_wakes = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
            try:
                yield
            finally:
                signal.set_wakeup_fd(before_wakes)
                signal.signal(signal.SIGINT, before)
        finally:
            self._kept = False
            self.check()

    @contextlib.contextmanager
    def let(self) -> Iterator[None]:
        """Lets Ctrl-C be raised at once: by what waits, or is the program's own code."""
        if not self.kept:
            yield
            return
        try:
            self._kept = False
            self.check()
            yield
        finally:
            self._kept = True

    def wait_for(self, connection: socket.socket) -> None:
        """Waits until there is something to read, or for as long as the connection waits; raises KeyboardInterrupt."""
        if connection.fileno() < 0:  # closed by another thread
            return
        woken, timeout = self._wake()[0], connection.gettimeout()
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        poll.register(woken, select.POLLIN)
        while True:
            with self.let():
                ready = [number for number, _ in poll.poll(None if timeout is None else timeout * 1000)]
            if woken.fileno() not in ready or connection.fileno() in ready:
                return
            with contextlib.suppress(BlockingIOError):
                woken.recv(64)


presses = Presses()
