"""Calls of the server, as far as both faces answer them alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..values import JSError, encode, finish
from .runs import KernelState


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
