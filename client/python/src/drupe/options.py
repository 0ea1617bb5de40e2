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
Path = str | os.PathLike[str]
Permissions = Mapping[Literal["read", "write", "net", "env", "run", "import"], bool | Path | Sequence[Path]]


class AttachOptions(TypedDict, total=False):
    """Options of `Server.attach`. `events` names the types of events that come."""

    answers: Mapping[Literal["permission", "alert", "confirm", "prompt"], Callable[..., Any]]
    """Who answers questions: `permission` gets permission, resource and api, and returns "once", "session" or
    "deny"; `alert` and `confirm` get the message, `prompt` the message and the default."""
    on_event: Callable[[Event], None]
    """Is called with each event, also with those after the end of a run."""
    slow: Literal["wait", "drop"]
    events: Sequence[str]


class Limits(TypedDict, total=False):
    """Options of kernels and of runs. Times are seconds or timedelta, sizes bytes."""

    name: str
    vm_timeout: Seconds
    wall_timeout: Seconds
    kill_on_timeout: bool
    memory_limit: int
    console_limit: int


class KernelOptions(AttachOptions, Limits, total=False):
    """Options of `Kernel` and `Server.open` (SERVE.md, `open`)."""

    permissions: Permissions
    deny: Permissions
    sandbox: Literal["hardened", "strict", "best_effort", "off"]
    folder: Path
    env: Mapping[str, str]
    preload: str
    builtin_names: bool
    auto_reload: bool
    respawn: Literal["on_next_run", "never"]
    on_disconnect: Literal["interrupt", "keep"]
    linger: Seconds
    journal_limit: int


class RunOptions(Limits, total=False):
    """Options of a run (SERVE.md, `run`)."""

    module: Path
    args: Sequence[str]
    tag: str
    language: Literal["tsx", "ts", "js"]
    inputs: Mapping[str, Any]
    until_idle: bool
    keep_last: bool
    value_limit: int
    preview: bool
    handle: bool
    inspect_hooks: bool
    bundle: bool
    only: Sequence[str]
    grant: Sequence[str]


def fields_of(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    """The fields of a message for options. Raises TypeError for an option that `known` does not have."""
    fields: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known.__annotations__:
            raise TypeError(f"unexpected keyword argument {name!r}")
        if value is None or name == "on_event":
            continue
        if name in ("vm_timeout", "wall_timeout", "linger"):
            time = (value.total_seconds() if isinstance(value, timedelta) else value) * 1000.0
            fields[f"{name}_ms"] = round(time) if name == "linger" else time
        elif name == "inputs":
            fields[name] = {str(key): encode(item) for key, item in value.items()}
        elif name in ("permissions", "deny"):
            fields[name] = {kind: rules if isinstance(rules, bool) else _list(rules) for kind, rules in value.items()}
        elif name in ("answers", "args", "events", "only", "grant"):
            fields[name] = _list(value)
        else:
            fields[name] = os.fspath(value) if isinstance(value, os.PathLike) else value
    return fields


def _list(value: Any) -> list[str]:
    """The texts of a sequence. One text, or one path, is a sequence of itself."""
    return [os.fspath(item) for item in ([value] if isinstance(value, (str, os.PathLike)) else value)]


def run_fields(code: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request `run`."""
    if (code is None) == (options.get("module") is None):
        raise TypeError("a run needs either code or module=")
    return fields_of(options, RunOptions) | ({} if code is None else {"code": code})
