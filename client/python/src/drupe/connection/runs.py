"""What a client keeps of kernels and runs, and how their events reach it. No input and output."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from ..errors import DrupeError, EventsMissed, ServerError, server_error
from ..report import Event, Report, event_of, report_of

_LOG = logging.getLogger("drupe")


class Waiter:
    """Takes the result of something that is asked of a server."""

    __slots__ = ("done", "error", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None

    def finish(self, value: Any) -> None:
        """Sets the result. The first result stays."""
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
        """Tells who waits, of the result or of an event. The asyncio face overrides it."""


class RunState(Waiter):
    """A run: its number, its events that nobody has taken yet, and in the end its report."""

    __slots__ = ("console", "events", "number", "stop")

    def __init__(self, capture: bool, stream: bool) -> None:
        super().__init__()
        self.number: int | None = None
        self.console: list[str] | None = [] if capture else None
        self.events: deque[Event] | None = deque() if stream else None
        self.stop = False  # whether to interrupt as soon as the number is known

    def take(self, event: Event) -> None:
        """Takes an event of this run."""
        if self.events is not None:
            self.events.append(event)
            self.wake()
        if event.type == "console" and self.console is not None:
            self.console.append(event.text)
        elif event.type == "outcome" and not self.done:
            self.finish(report_of(self.number or 0, dict(event.fields), self.console or []))
        elif event.type == "error":
            self.fail(server_error(event.fields))

    def fail(self, error: BaseException) -> None:
        if isinstance(error, ServerError):
            error.console = self.console or []
        super().fail(error)

    def report(self) -> Report:
        """The report. Raises what ended the run, if its code did not."""
        report: Report = self.result()
        return report


class KernelState:
    """A kernel that a client is attached to."""

    def __init__(self, attach: dict[str, Any], on_event: Callable[[Event], None] | None) -> None:
        self.id = ""
        self.seq = 0
        self.attach = attach  # fields of `attach`, after a lost connection
        self.info: dict[str, Any] = {}
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reserved: set[str] = set()
        self.questions: dict[str, Callable[..., Any]] = {}
        self.runs: dict[int, list[RunState]] = {}  # several, if a tag was used again
        self.over: list[tuple[int, RunState]] = []  # runs that have ended, if no event up to a number tells it
        self.unnumbered = 0  # runs whose reply has not come yet
        self.early: dict[int, list[Event]] = {}  # events of runs whose number is not known yet
        self.listeners: list[Callable[[Event], None]] = [on_event] if on_event else []
        self.lost: set[int] = set()  # runs whose end was missed before their number was known
        self.closed: DrupeError | None = None
        self.trouble: list[BaseException] = []  # what late registrations failed with

    def numbered(self, run: RunState, number: int) -> None:
        """Takes the reply of `run`."""
        run.number = number
        self.unnumbered -= 1
        self.runs.setdefault(number, []).append(run)
        if number in self.lost:
            self._end_missed(number)
        for event in self.early.pop(number, ()):
            self._to_run(event)
        if not self.unnumbered:
            self.early.clear()
            self.lost.clear()

    def take(self, body: dict[str, Any], special: bool) -> None:
        """Takes a message `event`. An event that is here already is skipped."""
        event = event_of(body, special)
        if event.seq <= self.seq:
            return
        self.seq = event.seq
        if event.run is not None:
            if event.run not in self.runs and self.unnumbered:
                self.early.setdefault(event.run, []).append(event)
            else:
                self._to_run(event)
        self._tell(event)
        if self.over:
            self._expire()

    def _to_run(self, event: Event) -> None:
        number = event.run or 0
        for run in self.runs.get(number, ()):
            run.take(event)
        if event.type in ("outcome", "error"):
            self.runs.pop(number, None)

    def listed(self, run: RunState, entry: dict[str, Any]) -> None:
        """Takes what `list` says of this kernel, after the tag of a run was found to be known already."""
        if run.number not in entry["runs"]:
            self.over.append((entry["seq"], run))
            self._expire()

    def _expire(self) -> None:
        for seq, run in [item for item in self.over if item[0] <= self.seq]:
            self.over.remove((seq, run))
            if not run.done:
                self.runs.pop(run.number or 0, None)
                run.fail(EventsMissed(f"run {run.number}, which has this tag, ended before"))

    def missed(self, body: dict[str, Any]) -> None:
        """Takes the message `missed`."""
        self.seq = max(self.seq, body["last"])
        event = Event("missed", body["last"], None, body)
        for number in body.get("ended", ()):
            if number in self.runs:
                self._end_missed(number)
            elif self.unnumbered:
                self.lost.add(number)
        for runs in self.runs.values():
            for run in runs:
                run.take(event)
        self._tell(event)
        self._expire()

    def _end_missed(self, number: int) -> None:
        for run in self.runs.pop(number):
            run.fail(EventsMissed(f"the end of run {number} is among the events that were missed"))

    def _tell(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            try:
                listener(event)
            except Exception:
                _LOG.exception("a function that is told of events has failed")

    def end(self, error: DrupeError) -> None:
        """The kernel is gone: every run fails."""
        self.closed = self.closed or error
        runs, self.runs = self.runs, {}
        for run in [run for number in runs for run in runs[number]]:
            run.fail(error)
        self._tell(Event("closed", self.seq, None, {"message": str(error)}))
