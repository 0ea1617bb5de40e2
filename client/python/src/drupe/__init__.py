"""Run JavaScript and TypeScript in a contained process that remembers, and that you can stop.

`Kernel` and `Server` are for asyncio. `drupe.sync` has the same two for programs that block.
"""

from .errors import (
    BadRequest,
    Deadlock,
    DrupeError,
    EventsMissed,
    Exited,
    Forbidden,
    Interrupted,
    KernelDied,
    LimitReached,
    MemoryLimit,
    NotFound,
    ProtocolError,
    Refused,
    RunError,
    ServerError,
    ServerGone,
    SyntaxErrorJS,
    Threw,
    TimedOut,
    UnknownKernel,
    UnknownOutcome,
    Unsettled,
)
from .kernel import Kernel, Run, Server
from .report import Event, Report
from .requests import Target
from .values import BigInt, JSDate, JSError, Map, MapEntries, Opaque, RegExp, SetItems, Undefined, undefined

__version__ = "0.1.0"

__all__ = [
    "BadRequest",
    "BigInt",
    "Deadlock",
    "DrupeError",
    "Event",
    "EventsMissed",
    "Exited",
    "Forbidden",
    "Interrupted",
    "JSDate",
    "JSError",
    "Kernel",
    "KernelDied",
    "LimitReached",
    "Map",
    "MapEntries",
    "MemoryLimit",
    "NotFound",
    "Opaque",
    "ProtocolError",
    "Refused",
    "RegExp",
    "Report",
    "Run",
    "RunError",
    "Server",
    "ServerError",
    "ServerGone",
    "SetItems",
    "SyntaxErrorJS",
    "Target",
    "Threw",
    "TimedOut",
    "Undefined",
    "UnknownKernel",
    "UnknownOutcome",
    "Unsettled",
    "load_ipython_extension",
    "undefined",
]


def load_ipython_extension(ipython: object) -> None:
    """Adds the magic `%%drupe` to IPython: `%load_ext drupe`."""
    from .magic import register

    register(ipython)
