"""Kills the process of a kernel."""

from __future__ import annotations

import os
import signal

import pytest

import drupe
from drupe.sync import Kernel


def die_in_a_run(k: Kernel) -> None:
    """Kills the process of a kernel while a run is active."""
    run = k.start("console.log('up'); while (true) {}")
    for event in run:
        if event.type == "console":
            os.kill(k.info["pid"], signal.SIGKILL)
    with pytest.raises(drupe.KernelDied):
        run.report()
