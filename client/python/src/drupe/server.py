"""Finds and starts the server, or says how to reach one that runs."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from .errors import NotFound

HELLO_TIMEOUT = 10.0  # seconds in which a server answers the first message
_PATIENCE = 5.0  # seconds in which a server ends by itself
_STDERR = 4096


def find_binary(binary: str | os.PathLike[str] | None = None) -> str:
    """The program `drupe`: the argument, DRUPE_BIN, the package drupe_runtime, or the PATH. Raises NotFound."""
    for source, name in (("binary", binary), ("DRUPE_BIN", os.environ.get("DRUPE_BIN"))):
        if name:
            found = shutil.which(os.fspath(name))
            if found is None:
                raise NotFound(f"{source} names {os.fspath(name)!r}, which is no program")
            return found
    try:
        return str(importlib.import_module("drupe_runtime").binary())
    except ImportError:
        pass
    found = shutil.which("drupe")
    if found is None:
        raise NotFound("no program drupe on the PATH: install it, or set DRUPE_BIN")
    return found


class Child:
    """A server that this program has started: `drupe serve --stdio`, with one socket as its input and output."""

    def __init__(self, binary: str, args: Sequence[str]) -> None:
        self.socket, theirs = socket.socketpair()
        ends = theirs.fileno()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            command = [binary, "serve", "--stdio", *args]
            # In a session of its own, so that Ctrl-C reaches this program only.
            self.process = subprocess.Popen(
                command, stdin=ends, stdout=ends, stderr=self._stderr, start_new_session=True
            )
        except OSError as error:
            self.socket.close()
            self._stderr.close()
            raise NotFound(f"cannot start {binary!r}: {error}") from error
        finally:
            theirs.close()

    def stderr(self) -> str:
        """The end of what the server said to people."""
        if self._stderr.closed:
            return ""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _STDERR))
        return self._stderr.read().decode(errors="replace").strip()

    def stop(self) -> str:
        """Waits until the server has ended, and kills it if it does not. Returns the end of what it said."""
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        said = self.stderr()
        self._stderr.close()
        return said


class Address:
    """The address of a running server: a path, a name in the runtime folder, or HOST:PORT."""

    def __init__(self, text: str, tls: ssl.SSLContext | bool | None = None) -> None:
        host, colon, port = text.rpartition(":")
        self.text = text
        self.path: str | None = None
        self.host, self.port = host.strip("[]"), 0
        self.tls = (ssl.create_default_context() if tls is True else tls) or None
        if "/" in text:
            self.path = text
        elif colon and port.isdigit():
            self.port = int(port)
        else:
            folder = os.environ.get("XDG_RUNTIME_DIR")
            if folder is None:
                raise NotFound(f"XDG_RUNTIME_DIR is not set: give the path of the socket {text!r}")
            self.path = str(Path(folder, "drupe", f"{text}.sock"))

    def connect(self, timeout: float) -> socket.socket:
        """Connects, and waits for it. Raises OSError."""
        if self.path is not None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(self.path)
            except OSError:
                connection.close()
                raise
            return connection
        connection = socket.create_connection((self.host, self.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_hostname=self.host)
        connection.settimeout(None)
        return connection
