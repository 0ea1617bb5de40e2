"""Executes the notebooks of this folder by nbclient, and compares their outputs with the ones that they hold.

`DRUPE_BLESS=1` writes the outputs into them.
"""

import os
import pathlib
import re

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((pathlib.Path(__file__).parent / "notebooks").glob("*.ipynb"))
BLESS = os.environ.get("DRUPE_BLESS") == "1"


def normal(output):
    """An output without what differs from run to run."""
    output = dict(output)
    if "traceback" in output:
        output["traceback"] = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output["traceback"]]
    data = {mime: re.sub(r"\d+\.\d s", "N s", text) if isinstance(text, str) else text for mime, text in output.get("data", {}).items()}
    for mime in ("application/vnd.jupyter.widget-view+json",):
        if mime in data:
            data[mime] = {**data[mime], "model_id": "id"}
    if "data" in output:
        output["data"] = data
    return output


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    expected = [[normal(output) for output in cell.get("outputs", [])] for cell in notebook.cells]
    client = NotebookClient(notebook, kernel_name="drupe", timeout=120, allow_errors=True, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    found = [[normal(output) for output in cell.get("outputs", [])] for cell in notebook.cells]
    if BLESS:
        for cell, outputs in zip(notebook.cells, found):
            if "outputs" in cell:
                cell["outputs"] = [nbformat.from_dict(output) for output in outputs]
            cell.get("metadata", {}).pop("execution", None)
        notebook.metadata.pop("language_info", None)
        nbformat.write(notebook, path)
    else:
        assert found == expected
