"""What a type checker knows of programs that use this package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_readme import BLOCKS

DECORATED = """
import asyncio
from collections.abc import AsyncIterator

from drupe import Kernel, Server, sync


async def main() -> None:
    async with Kernel() as k:

        @k.function("db.rows")
        async def rows(count: int) -> AsyncIterator[int]:
            yield count

        @k.function
        def double(number: int) -> int:
            return number * 2

        @k.function(name="other", reserved=True)
        def other(text: str) -> str:
            return text

        reveal_type(double)
        reveal_type(rows)
        reveal_type(k.function(len, name="size"))
        reveal_type(await Server().start())
        reveal_type(sync.Server().start().open().open())
"""


def check(folder: Path, *programs: str) -> tuple[int, str]:
    pytest.importorskip("mypy")
    names = [f"program_{number}.py" for number in range(len(programs))]
    for name, program in zip(names, programs, strict=True):
        (folder / name).write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(folder), *names]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return found.returncode, found.stdout + found.stderr


def test_a_function_that_is_lent_keeps_its_type(tmp_path: Path) -> None:
    status, said = check(tmp_path, DECORATED)
    assert status == 0, said
    types = [line.split("note: Revealed type is ")[1].replace("builtins.", "") for line in said.splitlines()[:-1]]
    assert types[0] == '"def (number: int) -> int"'
    assert types[1].startswith('"def (count: int) -> ')
    assert types[2].startswith('"def (') and types[2].endswith('-> int"')
    assert types[3:] == ['"drupe.kernel.Server"', '"drupe.sync.Kernel"']


def test_the_examples_are_typed(tmp_path: Path) -> None:
    status, said = check(tmp_path, *BLOCKS)
    assert status == 0, said
