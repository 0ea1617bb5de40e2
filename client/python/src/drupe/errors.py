"""Exceptions. What code did is a `RunError`, raised on request; all else is raised by the call that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .portable import Portable
from .values import JSError

if TYPE_CHECKING:
    from .report import Printed, Report


class DrupeError(Portable, Exception):
    """The base of all exceptions of this package, but for `JSError`, which is a value."""


class RunError(DrupeError):
    """A run that failed: it neither gave a value nor exited with status 0. `report` tells all of it."""

    def __init__(self, report: Report) -> None:
        super().__init__(report._end or report.text or report.outcome)
        self.report = report


class Threw(RunError):
    """The code threw. `report.exception` has name, message, text, place and frames."""

    @property
    def thrown(self) -> Any:
        """The value that was thrown; None if it did not come."""
        return (self.report.exception or {}).get("value")


class SyntaxErrorJS(Threw):
    """The code does not parse, and was not run."""

    @property
    def thrown(self) -> Any:
        """The error as a `JSError`, also where no engine has seen the code."""
        thrown = super().thrown
        if thrown is not None:
            return thrown
        said = self.report.exception or {}
        return JSError(said.get("message", ""), said.get("name", "SyntaxError"), said.get("text"))


class Interrupted(RunError):
    """The run was interrupted."""


class TimedOut(RunError):
    """The run reached its limit of time."""


class MemoryLimit(RunError):
    """The run reached its limit of memory."""


class Exited(RunError):
    """The code called `process.exit` with a status other than 0. `report.get("exit_code")` is the status."""


class Unsettled(RunError):
    """The code awaits something that can never come."""


class UnknownOutcome(RunError):
    """The run ended in a way that this version does not know."""


class NotFound(DrupeError):
    """No program `drupe` was found, or it is no server."""


class ServerGone(DrupeError):
    """The server, or the connection to it, is gone."""


class ProtocolError(ServerGone):
    """The server sent something that is no message. The connection is closed."""


class EventsMissed(DrupeError):
    """Nobody knows how the run ended: the event that tells it was missed."""


class Deadlock(DrupeError):
    """A lent function waits for a run of the kernel whose run waits for this function."""


class ServerError(DrupeError):
    """The server's answer to a request, or the end of a run, is an error."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.code: str = str(body.get("code") or body.get("cause") or "unknown")
        self.message: str = str(body.get("message", ""))
        if self.code == "terminated":
            self.message += ": it runs nothing more, so close it and open another"
        self.details = body
        self.printed: Printed | None = None
        field = body.get("field")
        super().__init__(f"{f'{field}: ' if field else ''}{self.message} ({self.code})")

    @property
    def console(self) -> list[str]:
        """What calls of the console printed before, if this ended a run."""
        return self.printed.console if self.printed else []

    @property
    def output(self) -> str:
        """All that the run printed before."""
        return self.printed.output if self.printed else ""


class Refused(ServerError):
    """The server does not take this client: its token, its origin or its version."""


class BadRequest(ServerError):
    """A field of a request is wrong. `details["field"]` names it."""


class Forbidden(ServerError):
    """The server allows less than what was asked. `details["field"]` names it."""


class LimitReached(ServerError):
    """Too many kernels, clients or requests, or too large a message."""


class UnknownKernel(ServerError):
    """The kernel is closed, or the server does not know it."""


class Closed(UnknownKernel, ServerGone):
    """This program has closed the kernel, or the server. The message names the method."""


class KernelDied(ServerError):
    """The kernel's process ended, or could not be started. The next run gets a new one."""


_CODES: dict[type[ServerError], str] = {
    Refused: "version token origin expected_hello",
    BadRequest: "bad_message unknown_message bad_name input_name input_value encode",
    Forbidden: "forbidden",
    LimitReached: "limit too_large",
    UnknownKernel: "unknown_kernel not_attached",
    KernelDied: "launch exited signal out_of_memory killed_for_memory seccomp_violation engine_failure protocol "
    "unresponsive restarted crash_loop terminated",
}
_CLASSES = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_OUTCOMES: dict[str, type[RunError]] = {
    "threw": Threw,
    "syntax_error": SyntaxErrorJS,
    "interrupted": Interrupted,
    "timed_out": TimedOut,
    "memory_limit": MemoryLimit,
    "exited": Exited,
    "unsettled": Unsettled,
}


def closed_by(what: str, method: str) -> Closed:
    """The exception for what is asked of a kernel or server that this program has closed."""
    return Closed({"code": "closed", "message": f"the {what} is gone: this program has closed it, by {method}"})


def refused(body: dict[str, Any], token: str | None) -> ServerError:
    """The exception for a server that does not take this client. Of a token, it says where that comes from."""
    if body.get("code") == "token":
        which = "this client has given none" if token is None else "it refuses the one that this client has given"
        source = 'what `drupe serve --listen` printed after "token:", or what is in its --token-file'
        body = {**body, "message": f"{body.get('message', '')}: {which}; token= must be {source}"}
    return server_error(body)


def server_error(body: dict[str, Any]) -> ServerError:
    """The exception for an error of the server."""
    return _CLASSES.get(body.get("code") or body.get("cause") or "", ServerError)(body)


def run_error(report: Report) -> RunError:
    """The exception for a run that failed."""
    return _OUTCOMES.get(report.outcome, UnknownOutcome)(report)
