"""Executes the notebooks of this folder by nbclient, and compares their outputs with the ones that they hold.

`DRUPE_BLESS=1` writes the outputs into them.
"""

import os
import pathlib
import re

import nbformat
import pytest
from kernels import needs_packages
from nbclient import NotebookClient

NOTEBOOKS = sorted((pathlib.Path(__file__).parent / "notebooks").glob("*.ipynb"))
BLESS = os.environ.get("DRUPE_BLESS") == "1"


FOLDER = str(NOTEBOOKS[0].parent)


def without_folder(value):
    """A value of JSON with the folder of the notebooks left out of its texts."""
    if isinstance(value, str):
        return value.replace(FOLDER, "FOLDER")
    if isinstance(value, dict):
        return {name: without_folder(item) for name, item in value.items()}
    return [without_folder(item) for item in value] if isinstance(value, list) else value


def joined(outputs):
    """Outputs, where texts of one stream that follow each other are one. Their pieces differ from run to run."""
    all_of_them = []
    for output in map(without_folder, map(dict, outputs)):
        last = all_of_them[-1] if all_of_them else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            all_of_them.append(output)
    return all_of_them


def normal(output):
    """An output without what differs from run to run."""
    output = dict(output)
    if "traceback" in output:
        output["traceback"] = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output["traceback"]]
    if "data" in output:
        output["data"] = {mime: normal_data(mime, data) for mime, data in output["data"].items()}
    return output


def normal_data(mime, data):
    if mime == "application/vnd.jupyter.widget-view+json":
        return {**data, "model_id": "id"}
    return re.sub(r"\d+\.\d s", "N s", data) if isinstance(data, str) else data


def outputs_of(notebook):
    return [[normal(output) for output in joined(cell.get("outputs", []))] for cell in notebook.cells]


def case(path):
    return pytest.param(path, id=path.stem, marks=[needs_packages] if path.stem.startswith("packages") else [])


@pytest.mark.parametrize("path", [case(path) for path in NOTEBOOKS])
def test_notebook(path):
    notebook = nbformat.read(path, as_version=4)
    expected = outputs_of(notebook)
    client = NotebookClient(
        notebook, kernel_name="drupe", timeout=120, allow_errors=True, resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()
    found = outputs_of(notebook)
    if not BLESS:
        assert found == expected
        return
    for cell, outputs in zip(notebook.cells, found):
        if "outputs" in cell:
            cell["outputs"] = [nbformat.from_dict(output) for output in outputs]
        cell.get("metadata", {}).pop("execution", None)
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, path)
