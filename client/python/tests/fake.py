"""A server of one connection after another, each scripted by a function. It runs in a thread."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack

WELCOME = ["welcome", {"version": 1, "server": "fake", "instance": "one"}]
OPENED = {"kernel": "k", "generation": 1, "engine": {"name": "none", "version": "0"}, "sandbox": "strict"}


def frame(message: Any) -> bytes:
    payload = msgpack.packb(message)
    return struct.pack("<I", len(payload)) + payload


def event(seq: int, type: str, run: int | None = 1, **fields: Any) -> list[Any]:
    body = {"kernel": "k", "seq": seq, "type": type, **fields}
    return ["event", body if run is None else {**body, "run": run}]


def outcome(seq: int, value: Any, run: int = 1) -> list[Any]:
    return event(seq, "outcome", run, outcome="value", value=value, text=str(value), state="kept")


class Peer:
    """The server's end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.stream = connection.makefile("rb")
        self.requests: list[list[Any]] = []
        self.budget: int | None = None  # bytes that it sends before it dies
        self.sent = 0
        self.damage: tuple[int, int] | None = None  # the number of a byte that it sends wrong, and its value

    def read(self) -> list[Any]:
        """The next message of the client. Raises EOFError if it is gone."""
        head = self.stream.read(4)
        if len(head) < 4:
            raise EOFError
        message: list[Any] = msgpack.unpackb(self.stream.read(struct.unpack("<I", head)[0]))
        self.requests.append(message)
        return message

    def expect(self, name: str) -> dict[str, Any]:
        """The body of the next message, which must have this name."""
        got, body = self.read()
        assert got == name, f"{got} came, and not {name}: {body}"
        return dict(body)

    def send(self, *messages: Any) -> None:
        data = bytearray(b"".join(map(frame, messages)))
        if self.damage is not None and self.sent <= self.damage[0] < self.sent + len(data):
            data[self.damage[0] - self.sent] = self.damage[1]
        self.sent += len(data)
        self.socket.sendall(data[: self.budget])
        if self.budget is not None:
            self.budget -= len(data)
            if self.budget <= 0:
                raise EOFError

    def reply(self, body: dict[str, Any], **fields: Any) -> None:
        self.send(["reply", {"id": body["id"], **fields}])

    def greet(self) -> None:
        self.expect("hello")
        self.send(WELCOME)

    def opened(self) -> None:
        """Greets and opens a kernel."""
        self.greet()
        self.reply(self.expect("open"), **OPENED)


class Fake:
    """Listens at `path`. Connection number N is served by script number N, then it is closed."""

    def __init__(self, folder: Path, *scripts: Callable[[Peer], None]) -> None:
        self.path = str(folder / "fake.sock")
        Path(self.path).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.scripts = scripts
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        for index, script in enumerate(self.scripts):
            connection, _ = self.listener.accept()
            if index == len(self.scripts) - 1:
                self.listener.close()
                Path(self.path).unlink()
            with connection, contextlib.suppress(EOFError, ConnectionError):
                try:
                    script(Peer(connection))
                except (EOFError, ConnectionError):
                    raise
                except BaseException as error:
                    self.problem = error
                finally:
                    connection.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raises what a script has failed with."""
        self.thread.join(10)
        if self.problem is not None:
            raise self.problem
