"""The examples of README.md, and the magic."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=[str(number) for number in range(len(BLOCKS))])
def test_an_example_prints_what_it_says(binary: str, block: str) -> None:
    said = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    expected = [line for text in re.findall(r"print\(.*\)  # (.*)$", block, re.M) for line in text.split(", then ")]
    assert expected
    assert said.stdout.splitlines() == [line.removesuffix(", as they happen") for line in expected]


def test_what_is_needed_without_a_network_is_named() -> None:
    settings = (README.parent / "pyproject.toml").read_text()
    listed = re.search(r"^dependencies = \[(.*)\]$", settings, re.M)
    assert listed
    needed = re.findall(r'"([a-z-]+)', listed[1])
    told = re.search(r"^Without a network.*?^```sh\n(.*?)^```", README.read_text(), re.M | re.S)
    assert told and needed and all(name in told[0] for name in needed)
    # What `.ci/packages` does without a network, with a folder of its own.
    packages = README.parents[2] / ".ci" / "packages"
    command = told[1].strip().replace("pip install", "install --quiet").replace("FOLDER", '"$dist"')
    assert command in packages.read_text()


def test_the_magic_runs_cells(binary: str, capfd: pytest.CaptureFixture[str]) -> None:
    from IPython.core.error import UsageError
    from IPython.testing import globalipapp as testing

    shell = testing.start_ipython()
    shell.run_line_magic("load_ext", "drupe")
    shell.user_ns["rows"] = [1, 2, 3]
    assert shell.run_cell_magic("drupe", "-i rows", "let total = 0; for (const row of rows) total += row; total") == 6
    assert shell.run_cell_magic("drupe", "-o seen", "console.log('hello'); new Set([total])") is None
    assert shell.user_ns["seen"] == {6}
    assert "hello" in capfd.readouterr().out
    assert shell.run_line_magic("drupe", "total + 1") == 7
    shell.run_line_magic("drupe", "reset")
    assert shell.run_line_magic("drupe", "typeof total") == "undefined"
    shell.run_cell("work = print")
    for flags, problem in [
        ("-i nope", "there is no variable 'nope' for -i"),
        ("-i rows,nope", "there is no variable 'nope' for -i"),
        ("-i work", r"inputs\['work'\]: JavaScript has no value"),
        ("-o a.b", "'a.b' is no name for a variable, for -o"),
        ("-i", "expected one argument"),
        ("--nope", "unrecognized arguments: --nope"),
    ]:
        with pytest.raises(UsageError, match=problem):
            shell.run_cell_magic("drupe", flags, "1")
    capfd.readouterr()
    shell.run_cell("%%drupe\nconst f = () => nope\nf()")
    out, err = capfd.readouterr()
    assert (out + err).splitlines()[0].endswith("Threw: ReferenceError: nope is not defined")
    assert ".py" not in out + err
