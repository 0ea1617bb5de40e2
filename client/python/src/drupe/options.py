"""Options of kernels and runs, as Python spells them, and as fields of messages."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from .values import encode

if TYPE_CHECKING:
    from .report import Event

Seconds = float | timedelta
Rules = bool | str | Sequence[str | os.PathLike[str]]
Permissions = Mapping[Literal["read", "write", "net", "env", "run", "import"], Rules]


class KernelOptions(TypedDict, total=False):
    """Options of `Kernel` and `Server.open` (SERVE.md, `open`). Times are seconds or timedelta, sizes bytes."""

    name: str
    permissions: Permissions
    deny: Permissions
    sandbox: Literal["hardened", "strict", "best_effort", "off"]
    vm_timeout: Seconds
    wall_timeout: Seconds
    kill_on_timeout: bool
    memory_limit: int
    console_limit: int
    folder: str | os.PathLike[str]
    env: Mapping[str, str]
    preload: str
    builtin_names: bool
    auto_reload: bool
    respawn: Literal["on_next_run", "never"]
    on_disconnect: Literal["interrupt", "keep"]
    linger: Seconds
    journal_limit: int
    slow: Literal["wait", "drop"]
    events: Sequence[str]
    answers: Mapping[Literal["permission", "alert", "confirm", "prompt"], Callable[..., Any]]
    """Who answers questions: `permission` gets permission, resource and api, and returns "once", "session" or
    "deny"; `alert` and `confirm` get the message, `prompt` the message and the default."""
    on_event: Callable[[Event], None]
    """Is called with each event, also with those after the end of a run."""


class AttachOptions(TypedDict, total=False):
    """Options of `Server.attach`: those of `KernelOptions` that concern one client."""

    answers: Mapping[Literal["permission", "alert", "confirm", "prompt"], Callable[..., Any]]
    on_event: Callable[[Event], None]
    slow: Literal["wait", "drop"]
    events: Sequence[str]


class RunOptions(TypedDict, total=False):
    """Options of a run (SERVE.md, `run`). Times are seconds or timedelta, sizes bytes."""

    module: str | os.PathLike[str]
    args: Sequence[str]
    tag: str
    name: str
    language: Literal["tsx", "ts", "js"]
    inputs: Mapping[str, Any]
    vm_timeout: Seconds
    wall_timeout: Seconds
    kill_on_timeout: bool
    memory_limit: int
    console_limit: int
    until_idle: bool
    keep_last: bool
    value_limit: int
    preview: bool
    handle: bool
    inspect_hooks: bool
    bundle: bool
    only: Sequence[str]
    grant: Sequence[str]


_TIMES = {"vm_timeout": "vm_timeout_ms", "wall_timeout": "wall_timeout_ms", "linger": "linger_ms"}
_LOCAL = {"answers", "on_event"}
_LISTS = {"args", "events", "only", "grant"}


def milliseconds(value: Seconds) -> float:
    """Seconds or a timedelta as milliseconds."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return seconds * 1000.0


def fields_of(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    """The fields of a message for options. Raises TypeError for an option that `known` does not have."""
    fields: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known.__annotations__:
            raise TypeError(f"unexpected keyword argument {name!r}")
        if value is None or name in _LOCAL:
            continue
        if name in _TIMES:
            time = milliseconds(value)
            fields[_TIMES[name]] = round(time) if name == "linger" else time
        elif name == "inputs":
            fields[name] = {str(key): encode(item) for key, item in value.items()}
        elif name in _LISTS:
            fields[name] = _list(value)
        elif name in ("permissions", "deny"):
            fields[name] = {kind: rules if isinstance(rules, bool) else _list(rules) for kind, rules in value.items()}
        elif name == "env":
            fields[name] = {str(key): str(text) for key, text in value.items()}
        else:
            fields[name] = os.fspath(value) if isinstance(value, os.PathLike) else value
    return fields


def _list(value: Any) -> list[str]:
    """The texts of a sequence. One text, or one path, is a sequence of itself."""
    return [str(item) for item in ([value] if isinstance(value, (str, os.PathLike)) else value)]


def run_fields(code: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request `run`."""
    if (code is None) == (options.get("module") is None):
        raise TypeError("a run needs either code or module=")
    fields = fields_of(options, RunOptions)
    if code is not None:
        fields["code"] = code
    return fields


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units, which cursors count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
