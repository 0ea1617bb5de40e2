"""Events of a kernel, and the report of a run that has ended."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from .errors import run_error

_MAX_SHOWN = 1000  # characters of a value, a text or a message, where a report is printed
_MAX_GROUPS = 32  # that indent a text: a program may open millions
# What JavaScript says of a function that nobody has lent.
_NOT_LENT = re.compile(r"host(\.[\w$]+)+ is not a function|host is not defined")


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

    @property
    def printed(self) -> str:
        """What it prints, as a terminal shows it: whole lines for a call of the console, indented by its groups."""
        if self.type == "output":
            return self.text
        method = self.get("method")
        if self.type != "console" or method in ("group_end", "clear") or (method == "time" and not self.text):
            return ""
        if method in ("group", "group_collapsed") and not self.get("args"):
            return ""
        indent = "  " * min(self.get("depth", 0), _MAX_GROUPS)
        return indent + self.text.replace("\n", "\n" + indent) + "\n"

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or `default` if the event has none of this name."""
        return self.fields.get(name, default)


class Printed(list[tuple[str, str]]):
    """What a run printed, in order: the type of each event, and its text."""

    def take(self, event: Event) -> None:
        """Takes an event, if it prints anything."""
        if text := event.printed:
            self.append((event.type, text))

    @property
    def console(self) -> list[str]:
        """The calls of the console, each without its last line end."""
        return [text[:-1] for kind, text in self if kind == "console"]

    @property
    def output(self) -> str:
        """All of it."""
        return "".join(text for _, text in self)


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
    """Whether the session's variables are `kept`, `lost` or `unknown`. The first run after a death says `lost`, too."""
    printed: Printed = field(repr=False)
    fields: dict[str, Any] = field(repr=False)
    lent: Collection[str] = field(default=(), repr=False)
    """The functions that this program lends to the kernel."""
    missed: int = 0
    """How many events of the kernel this client missed while it waited for the run: some may be of other runs.

    `console` and `output` lack what they printed. It is 0 unless the client reads too slowly (`slow`), or was away for
    too long."""
    new_session: bool = False
    """Whether the run began in a new session: after `reset`, `restart` or a death, and in the first run of all."""
    uncaught: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """Errors of the run that nobody caught, of timers and promises, and before its end: each as `exception` has it.

    Its own end is not among them, and is in `exception`. What fails later is told by events of the kernel. A run with
    `capture=False` keeps none."""

    def __repr__(self) -> str:
        """In one line, without what was printed."""
        shown: dict[str, Any] = {"run": self.run, "outcome": self.outcome}
        if self.has_value:
            shown["value"] = self.value
        elif self.text:
            shown["text"] = self.text
        shown |= {"state": self.state, "new_session": self.new_session}
        rest = {"missed": self.missed, "message": self.message}
        shown |= {name: value for name, value in rest.items() if value}
        return f"Report({', '.join(f'{name}={_short(repr(value))}' for name, value in shown.items())})"

    @property
    def ok(self) -> bool:
        """Whether the run gave a value, or exited with status 0."""
        return self.outcome == "value" or (self.outcome == "exited" and not self.get("exit_code"))

    @property
    def console(self) -> list[str]:
        """What calls of the console printed, indented by their groups."""
        return self.printed.console

    @property
    def output(self) -> str:
        """What the run printed, as a terminal shows it: calls of the console, and writes to the standard streams."""
        return self.printed.output

    @property
    def exception(self) -> dict[str, Any] | None:
        """Of a run that threw: `name`, `message`, `text`, `script`, `line`, `column`, `frames`, `value`."""
        return self.fields.get("exception")

    @property
    def message(self) -> str:
        """In words how the run ended, if not by a value alone, what is lost, and what nobody caught."""
        return "; ".join(filter(None, (self._end, _not_caught(self.uncaught))))

    @property
    def _end(self) -> str:
        """In words how the run ended, if not by a value alone, and what is lost."""
        told = str(self.get("message") or "")  # by the server
        if self.outcome == "value":
            return told
        lines = [told or f"the run ended: {self.outcome}"]
        if self.exception is not None:
            said = str(self.exception.get("message") or "")
            lines = [str(self.exception.get("text") or said or "the code threw"), told]
            if _NOT_LENT.fullmatch(said):
                lines.append(f"this program lends {', '.join(map(repr, self.lent)) or 'no functions'}")
        elif self.outcome == "exited":
            lines = [f"the code called process.exit({self.get('exit_code', 0)})", told]
        return "\n".join(filter(None, lines))

    def get(self, name: str, default: Any = None) -> Any:
        """Another field of the outcome, such as `wall_ms`, `handle`, `preview`, `dropped_timers` or `dropped_calls`."""
        return self.fields.get(name, default)

    def raise_for_error(self) -> Report:
        """Returns the report if the run is `ok`. Otherwise raises a `RunError`."""
        if not self.ok:
            raise run_error(self)
        return self


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def _not_caught(errors: list[dict[str, Any]]) -> str:
    """How many errors nobody caught, and the first of them; nothing if there are none."""
    if not errors:
        return ""
    said = filter(None, (errors[0].get("name"), errors[0].get("message")))
    first = ": ".join(map(str, said)) or str(errors[0].get("text", ""))
    if len(errors) == 1:
        return f"1 error of a timer or promise was not caught: {first}"
    return f"{len(errors)} errors of timers or promises were not caught, the first: {first}"
