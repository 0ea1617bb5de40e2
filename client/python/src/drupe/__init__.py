"""Run JavaScript and TypeScript in a contained process that remembers, and that you can stop.

`Kernel` and `Server` are for asyncio. `drupe.sync` has the same two for programs that block.
"""

from .errors import (
    BadRequest as BadRequest,
    Closed as Closed,
    Deadlock as Deadlock,
    DrupeError as DrupeError,
    EventsMissed as EventsMissed,
    Exited as Exited,
    Forbidden as Forbidden,
    Interrupted as Interrupted,
    KernelDied as KernelDied,
    LimitReached as LimitReached,
    MemoryLimit as MemoryLimit,
    NotFound as NotFound,
    ProtocolError as ProtocolError,
    Refused as Refused,
    RunError as RunError,
    ServerError as ServerError,
    ServerGone as ServerGone,
    SyntaxErrorJS as SyntaxErrorJS,
    Threw as Threw,
    TimedOut as TimedOut,
    UnknownKernel as UnknownKernel,
    UnknownOutcome as UnknownOutcome,
    Unsettled as Unsettled,
)
from .kernel import Kernel as Kernel, Run as Run, Server as Server
from .magic import load_ipython_extension as load_ipython_extension
from .report import Event as Event, Report as Report
from .server import Target as Target
from .values import (
    BigInt as BigInt,
    JSDate as JSDate,
    JSError as JSError,
    Map as Map,
    MapEntries as MapEntries,
    Opaque as Opaque,
    RegExp as RegExp,
    SetItems as SetItems,
    Undefined as Undefined,
    undefined as undefined,
)

__version__ = "0.1.0"
