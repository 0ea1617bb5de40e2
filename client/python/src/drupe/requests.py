"""Requests that both faces have, and how a kernel is described to the server."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from .connection.runs import KernelState
from .options import AttachOptions, KernelOptions, fields_of, utf16_length
from .server import Address, Child, find_binary

Reply = TypeVar("Reply")
_ATTACH = ("answers", "slow", "events")
Function = TypeVar("Function", bound=Callable[..., Any])


class Questions(Generic[Reply]):
    """Requests about a kernel. Each gives the fields of the reply (SERVE.md, sections 3 and 5) as a dict."""

    def _ask(self, name: str, **fields: Any) -> Reply:
        raise NotImplementedError

    def interrupt(self) -> Reply:
        """Stops what is executing, and keeps the session."""
        return self._ask("interrupt")

    def reset(self) -> Reply:
        """Replaces the session by an empty one, in the same process."""
        return self._ask("reset")

    def restart(self) -> Reply:
        """Replaces the process."""
        return self._ask("restart")

    def terminate(self) -> Reply:
        """Kills the process. The kernel takes no more runs."""
        return self._ask("terminate")

    def detach(self) -> Reply:
        """Leaves the kernel to its other clients, or to its `linger`. It takes no more requests of this object."""
        return self._ask("detach")

    def status(self) -> Reply:
        """What the kernel does now: `run`, `executing`, `elapsed_ms`, `heap_used` and others."""
        return self._ask("status")

    def globals(self) -> Reply:
        """The session's variables, as `items`."""
        return self._ask("globals")

    def complete(self, code: str, cursor: int | None = None) -> Reply:
        """Completions at the cursor, which counts UTF-16 code units; without it, at the end."""
        return self._ask("complete", code=code, cursor=utf16_length(code) if cursor is None else cursor)

    def inspect(self, code: str, cursor: int | None = None) -> Reply:
        """What is known of the name at the cursor, as `found`."""
        return self._ask("inspect", code=code, cursor=utf16_length(code) if cursor is None else cursor)

    def signature(self, code: str, cursor: int | None = None) -> Reply:
        """The function whose arguments are written at the cursor, as `found`."""
        return self._ask("signature", code=code, cursor=utf16_length(code) if cursor is None else cursor)

    def preview(self, code: str) -> Reply:
        """The `text` of a value that can be computed without side effects."""
        return self._ask("preview", code=code)

    def properties(self, handle: Sequence[int], start: int = 0, count: int = 100) -> Reply:
        """Properties of an object, by the `handle` of a report."""
        return self._ask("properties", handle=list(handle), start=start, count=count)

    def release(self, handles: Sequence[Sequence[int]]) -> Reply:
        """Lets objects go that handles hold."""
        return self._ask("release", handles=[list(handle) for handle in handles])


@dataclass(kw_only=True, eq=False)
class Target:
    """Which server to use. Without an address, one is started: `binary serve --stdio ARGS`.

    The arguments are what its kernels may be permitted at most; each kernel gets only what its `open` asks for.
    """

    binary: str | os.PathLike[str] | None = None
    args: Sequence[str] = ("--allow-all",)
    address: str | None = None
    token: str | None = None
    tls: ssl.SSLContext | bool | None = None
    numpy: bool = False
    """Whether typed arrays come as NumPy arrays."""
    reconnect: float = 10.0
    """Seconds in which a lost connection to an address may come back."""

    def _reach(self) -> Child | Address:
        """Starts the server, or takes its address."""
        if self.address is None:
            return Child(find_binary(self.binary), self.args)
        return Address(self.address, self.tls)


def state_of(options: KernelOptions, address: bool) -> tuple[KernelState, dict[str, Any]]:
    """The state of a new kernel, and the fields of `open`."""
    fields = fields_of(options, KernelOptions)
    if address:  # a lost connection may come back
        fields.setdefault("linger_ms", 10_000)
        fields.setdefault("on_disconnect", "keep")
    questions: Mapping[Any, Callable[..., Any]] = options.get("answers") or {}
    if questions:
        fields["answers"] = list(questions)
    attach: dict[str, Any] = {name: fields[name] for name in _ATTACH if name in fields}
    state = KernelState(attach, options.get("on_event"))
    state.questions = dict(questions)
    return state, fields


def attach_state(kernel: str, after: int | None, options: AttachOptions) -> tuple[KernelState, dict[str, Any]]:
    """The state of a kernel that runs already, and the fields of `attach`."""
    fields_of(options, AttachOptions)
    state, _ = state_of(cast(KernelOptions, options), False)
    return state, state.attach | {"kernel": kernel} | ({} if after is None else {"after": after})


def open_fields(state: KernelState, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of `open`, with the functions that were lent so far."""
    if "kernel" in fields:  # of `attach`
        return fields
    for key, reserved in (("functions", False), ("reserved", True)):
        names = [name for name in state.functions if (name in state.reserved) is reserved]
        if names:
            fields[key] = names
    return fields


class Lends:
    """Lends functions to a kernel."""

    _state: KernelState

    def _register(self, name: str, reserved: bool) -> None:
        raise NotImplementedError

    def function(
        self, function: Function | str | None = None, *, name: str | None = None, reserved: bool = False
    ) -> Any:
        """Lends a function: `@k.function`, `@k.function("db.query")` or `k.function(f, name="f")`.

        JavaScript calls it as `await host.NAME(…)`. It may be a coroutine function, and a generator becomes an async
        iterator. An exception becomes an Error. A `reserved` function may only be called by runs with a `grant` of it.
        """
        if function is None or isinstance(function, str):
            given = function or name
            return lambda actual: self.function(actual, name=given, reserved=reserved)
        called = name or function.__name__
        self._state.functions[called] = function
        if reserved:
            self._state.reserved.add(called)
        self._register(called, reserved)
        return function
