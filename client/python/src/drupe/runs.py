"""What a client keeps of kernels and runs, and how their events reach it. No input and output."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import DrupeError, EventsMissed, ServerError, closed_by, server_error
from .report import Event, Printed, Report
from .values import undefined

if TYPE_CHECKING:
    import asyncio

Body = dict[str, Any]
LOG = logging.getLogger("drupe")


@dataclass(eq=False)
class Waiter:
    """Takes the result of something that is asked of a server. The first result stays."""

    done: bool = False
    value: Any = None
    error: BaseException | None = None
    sleepers: list[asyncio.Future[None]] = field(default_factory=list)

    def finish(self, value: Any) -> None:
        """Sets the result."""
        if not self.done:
            self.value, self.done = value, True
            self.wake()

    def fail(self, error: BaseException) -> None:
        """Sets an error as the result."""
        if not self.done:
            self.error, self.done = error, True
            self.wake()

    def result(self) -> Any:
        """The result. Raises the error, if it is one."""
        if self.error is not None:
            raise self.error
        return self.value

    def wake(self) -> None:
        """Tells coroutines that wait for the result, or for something else that is new here."""
        sleepers, self.sleepers = self.sleepers, []
        for future in sleepers:
            if not future.done():
                future.set_result(None)


@dataclass(eq=False, kw_only=True)
class RunState(Waiter):
    """A run, and in the end its report."""

    printed: Printed | None  # what it prints, if the report is to have it
    events: deque[Event] | None  # those that nobody has taken yet, if somebody may want them
    number: int | None = None
    lent: Collection[str] = ()  # the functions of its kernel
    stop: bool = False  # whether to interrupt as soon as the number is known
    missed: int = 0  # events that did not come
    uncaught: list[Body] = field(default_factory=list)  # errors that nobody caught, if the report is to have them

    def take(self, event: Event) -> None:
        """Takes an event of this run, or `missed`."""
        if self.events is not None:
            self.events.append(event)
            self.wake()
        if self.printed is not None:
            self.printed.take(event)
            if event.type == "exception":
                self.uncaught.append({**event.fields})
        if event.type == "missed":
            self.missed += event["last"] - event["first"] + 1
        if event.type == "outcome":
            self.finish(self._report(dict(event.fields)))
        elif event.type == "error":
            self.fail(server_error(event.fields))
        elif event.type == "missed" and self.number in event.get("ended", ()):
            self.fail(EventsMissed(f"the end of run {self.number} is among the events that were missed"))

    def fail(self, error: BaseException) -> None:
        if isinstance(error, ServerError):
            error.printed = self.printed or Printed()
        super().fail(error)

    def _report(self, fields: Body) -> Report:
        outcome, has_value, value = fields.pop("outcome"), "value" in fields, fields.pop("value", undefined)
        text, state = fields.pop("text", ""), fields.pop("state", "unknown")
        printed = self.printed or Printed()
        lent, is_new = tuple(self.lent), fields.get("new_session") is True
        fields.setdefault("dropped_calls", 0)  # an older server does not count them
        return Report(
            self.number or 0, outcome, value, has_value, text, state, printed, fields, lent, self.missed, is_new,
            _others(self.uncaught, fields.get("exception")),
        )  # fmt: skip


def _others(uncaught: list[Body], end: Body | None) -> list[Body]:
    """Errors that nobody caught, without the one that ended the run: with `until_idle`, an error of a timer does."""
    keys = ("text", "script", "line", "column")
    same = [error for error in uncaught if end and all(error.get(key) == end.get(key) for key in keys)]
    return [error for error in uncaught if not same or error is not same[-1]]


@dataclass(eq=False, kw_only=True)
class KernelState:
    """A kernel that a client is attached to."""

    attach: Body  # fields of `attach`, after a lost connection
    questions: dict[Any, Callable[..., Any]]  # who answers them
    listeners: list[Callable[[Event], None]]
    id: str = ""
    seq: int = 0
    info: Body = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    runs: dict[int, list[RunState]] = field(default_factory=dict)  # several, if a tag was used again
    unnumbered: int = 0  # runs whose reply has not come yet
    early: list[Event] = field(default_factory=list)  # events that may be theirs
    over: list[tuple[int, RunState]] = field(default_factory=list)  # runs that have ended, by events up to a number
    closing: str = ""  # by what this program closes it, if it does
    closed: DrupeError | None = None
    trouble: list[BaseException] = field(default_factory=list)  # errors of registrations, which the next run raises

    def join(self, other: KernelState) -> None:
        """Takes over what another handle of the kernel wishes."""
        self.listeners += other.listeners
        self.questions |= other.questions
        self.attach |= other.attach | ({"answers": [*self.questions]} if self.questions else {})

    def lent(self) -> Body:
        """The names of the functions that were lent, as fields of `open`."""
        names = [name for name in self.functions if name not in self.reserved]
        return {"functions": names, "reserved": [*self.reserved]}

    def numbered(self, run: RunState, number: int) -> None:
        """Takes the reply of `run`."""
        run.number = number
        self.unnumbered -= 1
        self.runs.setdefault(number, []).append(run)
        for event in self.early:
            if event.run == number or event.type == "missed":
                run.take(event)
        if run.done:
            del self.runs[number]
        if not self.unnumbered:
            self.early.clear()
        run.wake()

    def take(self, event: Event) -> None:
        """Takes an event. One that is here already is skipped."""
        if event.seq <= self.seq:
            return
        self.seq = event.seq
        self.renew(event)
        if self.unnumbered and event.run not in self.runs:
            self.early.append(event)
        is_missed = event.type == "missed"
        for number in tuple(self.runs) if is_missed else (event.run or 0,):
            for run in self.runs.get(number, ()):
                if self.closing and event.get("cause") == "terminated":  # by that
                    run.fail(closed_by("kernel", self.closing))
                run.take(event)
            if event.type in ("outcome", "error") or (is_missed and number in event.get("ended", ())):
                self.runs.pop(number, None)
        self.tell(event)
        if self.over:
            self.expire()

    def renew(self, event: Event) -> None:
        """Takes what an event tells of the session and its process. Not every client is told of `session`."""
        if event.type == "session":
            self.renewed(event.fields, is_new=event.get("reason") in ("respawned", "restarted"))
        elif event.type == "outcome" and event.get("generation", 0) > self.info.get("generation", 0):
            self.renewed(event.fields, is_new=True)
        elif event.type == "error" and event.fields.keys() & {"status", "signal"}:
            self.renewed({}, is_new=True)

    def renewed(self, told: Body, is_new: bool) -> None:
        """Takes the number of a session. A new process has a `pid` if the server tells it."""
        self.info = {name: value for name, value in self.info.items() if name != "pid" or not is_new}
        self.info |= {name: told[name] for name in ("generation", "pid") if name in told}

    def expire(self) -> None:
        """Fails runs whose end did not come with the last event that may have told it."""
        for item in [item for item in self.over if item[0] <= self.seq]:
            self.over.remove(item)
            self.runs.pop(item[1].number or 0, None)
            item[1].fail(EventsMissed(f"run {item[1].number}, which has this tag, ended before"))

    def tell(self, event: Event) -> None:
        """Tells the listeners."""
        for listener in tuple(self.listeners):
            try:
                listener(event)
            except Exception:
                LOG.exception("a function that is told of events has failed")

    def end(self, error: DrupeError) -> None:
        """The kernel is gone: every run fails."""
        self.closed = self.closed or error
        runs, self.runs = self.runs, {}
        for run in itertools.chain(*runs.values()):
            run.fail(error)
        self.tell(Event("closed", self.seq, None, {"message": str(error)}))
