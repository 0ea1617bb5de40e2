"""Finds and starts the server, or says how to reach one that runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import checks
from .errors import NotFound, ServerGone

_PATIENCE = 5.0  # seconds in which a server ends by itself
_CONNECT_TIMEOUT = 10.0
_STDERR = 4096
_CHECKS: dict[str, checks.Check] = {
    "binary": checks.path, "args": checks.texts, "address": checks.text, "token": checks.text, "numpy": checks.flag,
    "reconnect": checks.seconds(0),
}  # fmt: skip


@dataclass(kw_only=True, eq=False)
class Target:
    """Which server to use. Without an address, one is started: `binary serve --stdio ARGS`.

    The arguments are what its kernels may be permitted at most; each kernel gets only what its `open` asks for.
    """

    binary: str | os.PathLike[str] | None = None
    args: Sequence[str] = ("--allow-all",)
    address: str | None = None
    token: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | bool | None = None
    numpy: bool = False
    """Whether typed arrays come as NumPy arrays."""
    reconnect: float = 10.0
    """Seconds in which a lost connection to an address may come back."""

    def __post_init__(self) -> None:
        for name, check in _CHECKS.items():
            if (value := getattr(self, name)) is not None:
                setattr(self, name, check(name, value))
        if not (self.tls is None or isinstance(self.tls, (bool, ssl.SSLContext))):
            raise checks.wrong("tls", "True, False or an ssl.SSLContext", self.tls)

    def _reach(self) -> Child | Address:
        """Starts the server, or takes its address."""
        if self.address is None:
            return Child(find_binary(self.binary), self.args)
        return Address(self.address, ssl.create_default_context() if self.tls is True else self.tls or None)


def find_binary(binary: str | os.PathLike[str] | None = None) -> str:
    """The program `drupe`: the argument, DRUPE_BIN, the wheel drupe-runtime, or the PATH. Raises NotFound."""
    given = os.fspath(binary or os.environ.get("DRUPE_BIN") or "")
    found = shutil.which(given) if given else _of_wheel() or shutil.which("drupe")
    if found is not None:
        return found
    by = "binary=" if binary else "the variable DRUPE_BIN"
    problem = f"{given!r}, which {by} names, is no program" if given else "the program drupe is not installed"
    advice = "pip install 'drupe[runtime]' brings it; otherwise give the path of one as DRUPE_BIN or binary="
    raise NotFound(f"{problem}: {advice}")


def _of_wheel() -> str | None:
    """The program of the wheel drupe-runtime, which lists where its installer has put it."""
    from importlib import metadata  # which takes its time, and few need it

    name = "drupe.exe" if os.name == "nt" else "drupe"
    try:
        wheel = metadata.distribution("drupe-runtime")
    except metadata.PackageNotFoundError:
        return None
    listed = [file.locate() for file in wheel.files or () if file.name == name]
    # With `pip install --target` the list does not fit: the program is in a folder of the packages' own.
    places = (*listed, wheel.locate_file(f"bin/{name}"))
    found = (program for place in places if (program := shutil.which(str(place))))  # an executable file, and no folder
    return next(map(os.path.realpath, found), None)


class Child:
    """A server that this program has started: `drupe serve --stdio`, with one socket as its input and output."""

    lasting = False  # whether another connection may follow a lost one
    tls = None
    host = ""

    def __init__(self, binary: str, args: Sequence[str]) -> None:
        command = [binary, "serve", "--stdio", *args]
        with contextlib.ExitStack() as on_failure:
            try:
                self._socket, theirs = socket.socketpair()
                on_failure.callback(self._socket.close)
                with theirs:
                    self._stderr = on_failure.enter_context(tempfile.TemporaryFile())
                    end = theirs.fileno()
                    # In a session of its own, so that Ctrl-C reaches this program only.
                    self.process = subprocess.Popen(
                        command, stdin=end, stdout=end, stderr=self._stderr, start_new_session=True
                    )
            except (OSError, ValueError) as error:
                raise NotFound(f"cannot start {binary!r}: {error}") from error
            on_failure.pop_all()

    def connect(self) -> socket.socket:
        """The one connection."""
        return self._socket

    def gone(self) -> ServerGone:
        """What to tell after the end of the connection, with the end of what the server said to people."""
        if self._stderr.closed:
            return ServerGone("the server has ended")
        self._stderr.seek(max(0, self._stderr.seek(0, os.SEEK_END) - _STDERR))
        said = self._stderr.read().decode(errors="replace").strip()
        return ServerGone(f"the server has ended{said and ': '}{said}")

    def stop(self) -> None:
        """Waits until the server has ended, and kills it if it does not."""
        self._socket.close()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._stderr.close()


class Address:
    """The address of a running server: a path, a name in the runtime folder, or HOST:PORT."""

    lasting = True
    process = None

    def __init__(self, text: str, tls: ssl.SSLContext | None) -> None:
        host, _, port = text.rpartition(":")
        self.host, self.port, self.path, self.tls = host.strip("[]"), port, text, tls
        if "/" not in text and host and port.isdigit():
            return
        if tls is not None:
            raise ValueError(f"tls is for an address HOST:PORT, not for the socket {text!r}")
        if "/" in text:
            return
        folder = os.environ.get("XDG_RUNTIME_DIR")
        if folder is None:
            raise NotFound(f"XDG_RUNTIME_DIR is not set: give the path of the socket {text!r}")
        self.path = f"{folder}/drupe/{text}.sock"

    def connect(self) -> socket.socket:
        """Connects, without TLS, and waits for it. Raises OSError."""
        if "/" not in self.path:
            connection = socket.create_connection((self.host, int(self.port)), _CONNECT_TIMEOUT)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection

    def gone(self) -> ServerGone:
        """What to tell after the end of the connection."""
        return ServerGone("the connection to the server is lost")

    def stop(self) -> None:
        """The server goes on."""
