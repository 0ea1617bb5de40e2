from __future__ import annotations

import os

import pytest


@pytest.fixture
def binary() -> str:
    """The program that is tested: DRUPE_BIN."""
    found = os.environ.get("DRUPE_BIN")
    if not found:
        pytest.skip("DRUPE_BIN names no program")
    return found
