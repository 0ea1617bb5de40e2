"""Calls of the server, as far as both faces answer them alike."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ..errors import Deadlock
from ..values import JSError, encode, finish
from .runs import KernelState, RunState

# The call that a task, or a thread, answers: its kernel, its run, and the task or thread.
answering: ContextVar[tuple[KernelState, int | None, object] | None] = ContextVar("answering", default=None)


def check_wait(kernel: KernelState, run: RunState, waiter: object) -> None:
    """Raises Deadlock if a run must end before another one begins, and waits for the caller."""
    inside = answering.get()
    if inside is not None and inside[0] is kernel and inside[2] == waiter and not run.done and inside[1] in kernel.runs:
        raise Deadlock(f"run {inside[1]} waits for the function that waits for another run of the same kernel")


def target(kernel: KernelState, call: dict[str, Any]) -> tuple[Callable[..., Any], list[Any]]:
    """The function that a call asks for, and its arguments. Raises LookupError if there is none."""
    op = call["op"]
    if op == "function":
        arguments = call.get("args", [])
        if call["special"]:
            arguments = [finish(argument) for argument in arguments]
        if call["function"] not in kernel.functions:
            raise LookupError(f"this client has no function {call['function']}")
        return kernel.functions[call["function"]], arguments
    if op not in kernel.questions:
        raise LookupError(f"this client does not answer {op}")
    names = {"permission": ("permission", "resource", "api"), "prompt": ("message", "default")}.get(op, ("message",))
    return kernel.questions[op], [call.get(name) for name in names]


def answer(call: int, value: Any) -> dict[str, Any]:
    """The body of `answer` or `item`."""
    return {"call": call, "value": encode(value)}


def failure(call: int, error: BaseException) -> dict[str, Any]:
    """The body of `fail`: a JSError keeps its name, other exceptions go by their class."""
    if isinstance(error, JSError):
        body: dict[str, Any] = {"call": call, "name": error.name, "message": error.message}
    else:
        body = {"call": call, "name": type(error).__name__, "message": str(error)}
    code = getattr(error, "code", None)
    if isinstance(code, str):
        body["code"] = code
    return body
