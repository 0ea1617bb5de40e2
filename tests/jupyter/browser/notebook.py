"""A notebook in a page of JupyterLab, used as a person does: by keys, buttons and what is seen."""

import json
import os
import pathlib
import re

from playwright.sync_api import expect

PATIENCE = 60_000
PICTURES = os.environ.get("DRUPE_SCREENSHOTS")
LIMIT = 100_000
NUMBER = re.compile(r"\[\d+\]:")
PASTE = """(element, text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""

expect.set_options(timeout=PATIENCE)


def picture(place, name, **options):
    """Writes what is seen at a place, if a folder is named for it."""
    if PICTURES is None:
        return
    path = pathlib.Path(PICTURES) / f"{name}.png"
    place.screenshot(path=path, animations="disabled", caret="hide", **options)
    assert path.stat().st_size < LIMIT, f"{path.name} has {path.stat().st_size} bytes"


class Notebook:
    def __init__(self, page):
        self.page = page
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        self.cells = self.panel.locator(".jp-CodeCell")

    @classmethod
    def open(cls, lab, page, name):
        kernel = {"name": "drupe", "display_name": "drupe (TypeScript)", "language": "typescript"}
        cell = {"cell_type": "code", "id": "first", "metadata": {}, "source": "", "outputs": [], "execution_count": None}
        content = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        (lab.work / f"{name}.ipynb").write_text(json.dumps(content))
        page.goto(f"{lab.address}/lab/workspaces/{name}/tree/{name}.ipynb?token={lab.token}")
        notebook = cls(page)
        notebook.idle()
        return notebook

    def idle(self):
        """Waits until the page is connected to the kernel, and the kernel is idle.

        The sign in the toolbar says "idle" before there is a kernel. What is run then is never sent.
        """
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("drupe (TypeScript) | Idle")

    def paste(self, code):
        """Puts code into the last cell."""
        cell = self.cells.last
        editor = cell.locator(".cm-content")
        editor.click()
        editor.evaluate(PASTE, code)
        expect(editor).to_contain_text(code.splitlines()[0])
        return self.cells.nth(self.cells.count() - 1)

    def start(self, code):
        """Runs code in the last cell, and makes a new one below it."""
        cell = self.paste(code)
        self.page.keyboard.press("Shift+Enter")
        return cell

    def run(self, code):
        """Runs code, and waits until it is done. Returns the cell."""
        cell = self.start(code)
        expect(cell.locator(".jp-InputArea-prompt")).to_have_text(NUMBER)
        return cell

    def text(self, code):
        """The text of a cell's outputs."""
        return self.run(code).locator(".jp-OutputArea-output").all_inner_texts()

    def button(self, name):
        """Presses a button of the toolbar."""
        self.panel.locator(f'.jp-NotebookPanel-toolbar [data-jp-item-name="{name}"]').click()
