"""Events of a kernel, and the report of a run that has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from . import errors
from .values import finish, undefined

_RAISES: dict[str, type[errors.RunError]] = {
    "threw": errors.Threw,
    "syntax_error": errors.SyntaxErrorJS,
    "interrupted": errors.Interrupted,
    "timed_out": errors.TimedOut,
    "memory_limit": errors.MemoryLimit,
    "exited": errors.Exited,
    "unsettled": errors.Unsettled,
}


@dataclass(slots=True)
class Event:
    """An event of a kernel: its type (SERVE.md, section 6), its number, its run and its other fields."""

    type: str
    seq: int
    run: int | None
    fields: dict[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """The text of `console`, `output` and `exception`; empty for other types."""
        return str(self.fields.get("text", ""))

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or `default` if the event has none of this name."""
        return self.fields.get(name, default)


@dataclass(slots=True)
class Report:
    """How a run ended, what it gave, and what it cost."""

    run: int
    outcome: str
    value: Any
    has_value: bool
    """Whether the value came. A value beyond `value_limit` has only its `text`, and `value` is `undefined`."""
    text: str
    state: str
    console: list[str]
    fields: dict[str, Any] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the run gave a value, or exited with status 0."""
        return self.outcome == "value" or (self.outcome == "exited" and not self.fields.get("exit_code"))

    @property
    def exception(self) -> dict[str, Any] | None:
        """Of a run that threw: `name`, `message`, `text`, `script`, `line`, `column`, `frames`, `value`."""
        return self.fields.get("exception")

    @property
    def message(self) -> str:
        """In words how the run ended, if not by a value."""
        exception = self.exception
        return str(exception.get("text", "") if exception else self.fields.get("message", ""))

    def get(self, name: str, default: Any = None) -> Any:
        """Another field of the outcome, such as `wall_ms`, `handle`, `preview` or `new_session`."""
        return self.fields.get(name, default)

    def raise_for_error(self) -> Report:
        """Raises a `RunError` if the run has ended with anything but a value. Otherwise returns the report."""
        if self.ok:
            return self
        raise _RAISES.get(self.outcome, errors.UnknownOutcome)(self)


def event_of(body: dict[str, Any], special: bool) -> Event:
    """The event of a message. `special` says that values in it need `finish`."""
    if special:
        finish_values(body)
    body.pop("kernel")
    return Event(body.pop("type"), body.pop("seq"), body.pop("run", None), body)


def finish_values(body: dict[str, Any]) -> None:
    """Finishes the values that stand in a message."""
    if "value" in body:
        body["value"] = finish(body["value"])
    if "args" in body:
        body["args"] = [finish(argument) for argument in body["args"]]
    exception = body.get("exception")
    if isinstance(exception, dict) and "value" in exception:
        exception["value"] = finish(exception["value"])


def report_of(run: int, fields: dict[str, Any], console: list[str]) -> Report:
    """The report of an event `outcome`."""
    outcome, has_value = fields.pop("outcome"), "value" in fields
    value, text, state = fields.pop("value", undefined), fields.pop("text", ""), fields.pop("state", "unknown")
    return Report(run, outcome, value, has_value, text, state, console, fields)
