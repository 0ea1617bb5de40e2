"""Options of kernels and runs, as Python spells them, and as fields of messages."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from . import checks
from .server import Target

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


_LIMIT, _LINGER, _TEXTS = checks.milliseconds(0.001), checks.milliseconds(0, whole=True), checks.texts
_CHECKS: dict[str, checks.Check] = {
    "answers": checks.answers, "args": _TEXTS, "auto_reload": checks.flag, "builtin_names": checks.flag,
    "bundle": checks.flag, "console_limit": checks.size, "deny": checks.permissions, "env": checks.variables,
    "events": _TEXTS, "folder": checks.path, "grant": _TEXTS, "handle": checks.flag, "inputs": checks.inputs,
    "inspect_hooks": checks.flag, "journal_limit": checks.journal, "keep_last": checks.flag,
    "kill_on_timeout": checks.flag, "language": checks.words("tsx", "ts", "js"), "linger": _LINGER,
    "memory_limit": checks.heap, "module": checks.path, "name": checks.text, "on_event": checks.function,
    "on_disconnect": checks.words("interrupt", "keep"), "only": _TEXTS, "permissions": checks.permissions,
    "preload": checks.text, "preview": checks.flag, "respawn": checks.words("on_next_run", "never"),
    "sandbox": checks.words("hardened", "strict", "best_effort", "off"), "slow": checks.words("wait", "drop"),
    "tag": checks.text, "until_idle": checks.flag, "value_limit": checks.size, "vm_timeout": _LIMIT,
    "wall_timeout": _LIMIT,
}  # fmt: skip


_ELSEWHERE = {
    "a run, such as k.run(code, …)": RunOptions.__annotations__,
    "a kernel, such as Kernel(…)": KernelOptions.__annotations__,
    "a Target, such as Kernel(target=Target(…))": Target.__annotations__,
}


def fields_of(options: Mapping[str, Any], known: type) -> dict[str, Any]:
    """The fields of a message for options. Raises TypeError for an option that `known` does not have, or a value of a
    wrong type, and ValueError for another value that cannot be."""
    fields: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known.__annotations__:
            other = next((where for where, others in _ELSEWHERE.items() if name in others), None)
            advice = f"it belongs to {other}" if other else f"there are {', '.join(known.__annotations__)}"
            raise TypeError(f"there is no option {name!r} here: {advice}")
        if value is not None:
            field = f"{name}_ms" if name in ("vm_timeout", "wall_timeout", "linger") else name
            fields[field] = _CHECKS[name](name, value)
    fields.pop("on_event", None)  # it concerns this program alone
    return fields


def run_fields(code: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request `run`."""
    if (code is None) == (options.get("module") is None):
        raise TypeError("a run needs either code or module=")
    if code is not None and options.get("args") is not None:
        raise TypeError("args must be of a module, not of code: write module=")
    return fields_of(options, RunOptions) | ({} if code is None else {"code": checks.text("code", code)})
