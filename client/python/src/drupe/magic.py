"""The magic `%%drupe` of IPython: runs a cell in a kernel that stays. Load it with `%load_ext drupe`."""

from __future__ import annotations

import argparse
import atexit
import sys
from typing import Any, NoReturn

from .errors import DrupeError
from .report import Event
from .sync import Kernel
from .values import undefined


class _Flags(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        from IPython.core.error import UsageError  # IPython has loaded this module

        raise UsageError(f"{message}. {self.format_usage().strip()}")


_FLAGS = _Flags(prog="%%drupe", add_help=False)
_FLAGS.add_argument("-i", dest="inputs", metavar="NAME,NAME", action="append", default=[])
_FLAGS.add_argument("-o", dest="output", metavar="NAME")


def load_ipython_extension(shell: Any) -> None:
    """Adds the magic to a shell. Its kernel is started by the first cell."""
    kernel = Kernel(on_event=_show)
    atexit.register(kernel.close)

    def drupe(line: str, cell: str | None = None) -> Any:
        """`%drupe CODE`, or `%%drupe [-i NAME,NAME] [-o NAME]` above a cell: inputs from Python, and a name for the
        value. `%drupe reset` empties the session. The value is the cell's result."""
        kernel.open()
        if cell is None and line.strip() == "reset":
            kernel.reset()
            return None
        flags = _FLAGS.parse_args([] if cell is None else line.split())
        names = [name for part in flags.inputs for name in part.split(",") if name]
        if missing := [name for name in names if name not in shell.user_ns]:
            _FLAGS.error(f"there is no variable {missing[0]!r} for -i")
        if flags.output is not None and not flags.output.isidentifier():
            _FLAGS.error(f"{flags.output!r} is no name for a variable, for -o")
        inputs = {name: shell.user_ns[name] for name in names}
        code = line if cell is None else cell
        try:
            value = kernel.run(code, inputs=inputs, keep_last=True, capture=False).raise_for_error().value
        except (TypeError, ValueError) as error:  # JavaScript has no such value
            _FLAGS.error(str(error))
        except DrupeError as error:  # IPython shows it without frames of this package
            shown = f"{type(error).__name__}: {error}"
            error._render_traceback_ = lambda: [shown]  # type: ignore[attr-defined]
            raise
        if flags.output is None:
            return None if value is undefined else value
        shell.user_ns[flags.output] = value
        return None

    shell.register_magic_function(drupe, "line_cell", "drupe")


def _show(event: Event) -> None:
    text = event.text + "\n" if event.type == "exception" else event.printed
    is_error = event.type == "exception" or event.get("level") in ("warning", "error")
    if text:
        print(text, end="", file=sys.stderr if is_error or event.get("stream") == "stderr" else sys.stdout)
