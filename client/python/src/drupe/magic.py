"""The magic `%%drupe` of IPython: runs a cell in a kernel that stays. Load it with `%load_ext drupe`."""

from __future__ import annotations

import atexit
import sys
from typing import Any

from .report import Event
from .sync import Kernel
from .values import undefined


class Cells:
    """The kernel of the notebook's cells. It is started by the first cell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.kernel: Kernel | None = None

    def drupe(self, line: str, cell: str | None = None) -> Any:
        """`%drupe CODE`, or `%%drupe [-i NAME,NAME] [-o NAME]` above a cell: inputs from Python, and a name for the
        value. `%drupe reset` empties the session. The value is the cell's result."""
        if cell is None:
            if line.strip() == "reset":
                self._live().reset()
                return None
            return self._run(line, [], None)
        inputs, output = _flags(line)
        return self._run(cell, inputs, output)

    def _live(self) -> Kernel:
        if self.kernel is None:
            self.kernel = Kernel(on_event=_show)
            self.kernel.open()
            atexit.register(self.close)
        return self.kernel

    def close(self) -> None:
        """Ends the kernel."""
        if self.kernel is not None:
            self.kernel.close()
            self.kernel = None

    def _run(self, code: str, inputs: list[str], output: str | None) -> Any:
        values = {name: self.shell.user_ns[name] for name in inputs}
        report = self._live().run(code, inputs=values, keep_last=True)
        report.raise_for_error()
        if output is not None:
            self.shell.user_ns[output] = report.value
            return None
        return None if report.value is undefined else report.value


def _flags(line: str) -> tuple[list[str], str | None]:
    words = line.split()
    inputs: list[str] = []
    output: str | None = None
    while words:
        flag = words.pop(0)
        if flag not in ("-i", "-o") or not words:
            raise ValueError(f"%%drupe takes -i NAME,NAME and -o NAME, and not {flag!r}")
        if flag == "-i":
            inputs += words.pop(0).split(",")
        else:
            output = words.pop(0)
    return inputs, output


def _show(event: Event) -> None:
    if event.type == "console":
        error = event.get("level") in ("warning", "error")
        print(event.text, file=sys.stderr if error else sys.stdout)
    elif event.type == "output":
        print(event.text, end="", file=sys.stderr if event.get("stream") == "stderr" else sys.stdout)
    elif event.type == "exception":
        print(event.text, file=sys.stderr)


def register(shell: Any) -> None:
    """Adds the magic to a shell."""
    shell.register_magic_function(Cells(shell).drupe, "line_cell", "drupe")
