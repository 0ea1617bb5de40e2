"""A running server behind a socket, and a proxy that cuts connections to it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path


class Proxy:
    """Forwards connections at `path` to another Unix socket, until `cut`."""

    def __init__(self, path: Path, to: str) -> None:
        self.path, self.to = str(path), to
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.to)
                self.open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        self._end(source, sink)

    @staticmethod
    def _end(*sockets: socket.socket) -> None:
        for end in sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Ends all connections. New ones are taken."""
        ends, self.open = self.open, []
        self._end(*ends)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()


@contextlib.contextmanager
def listening(binary: str, *flags: str) -> Iterator[list[str]]:
    """Starts `drupe serve` with flags. Gives the address and, if there is one, the token."""
    count = 2 if "--listen" in flags and "--token-file" not in flags else 1
    with subprocess.Popen([binary, "serve", *flags], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            lines = [server.stderr.readline() for _ in range(count)]
            yield [line.split()[-1] for line in lines]
        finally:
            server.terminate()
