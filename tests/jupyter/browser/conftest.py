"""JupyterLab with the kernel under test, and a browser that looks at it.

`DRUPE_REQUIRE_BROWSER=1` makes a missing browser or JupyterLab a failure. `DRUPE_CHROMIUM` names a browser.
`DRUPE_SCREENSHOTS` names a folder for pictures.
"""

import importlib.util
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import threading

import pytest

NEEDED = ("anywidget", "jupyterlab", "playwright")
PATIENCE = 60_000
BIN = os.environ.get("DRUPE_BIN", str(pathlib.Path(__file__).parents[3] / "target/debug/drupe"))


def chromium():
    named = os.environ.get("DRUPE_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def missing():
    """The reason why these tests cannot run, if there is one."""
    modules = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if modules:
        return f"{', '.join(modules)} is not installed: pip install -r tests/jupyter/browser/requirements.txt"
    if chromium() is None:
        return "no chromium is in PATH, and DRUPE_CHROMIUM names none"
    return None


@pytest.fixture(scope="session", autouse=True)
def needed():
    reason = missing()
    if reason is not None:
        if os.environ.get("DRUPE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


class Lab:
    """A server of JupyterLab, with a folder of its own for all that it writes."""

    def __init__(self, root):
        self.root = root
        self.work = root / "work"
        self.work.mkdir()
        self.log = []
        subprocess.run([BIN, "jupyter", "install", "--prefix", str(root)], check=True, stdout=subprocess.DEVNULL)
        self.silence()
        token = secrets.token_hex(16)
        # The log names the port that the server has found, and says when it listens.
        flags = ["--no-browser", "--allow-root", "--port=0", f"--IdentityProvider.token={token}", f"--notebook-dir={self.work}"]
        flags += ["--ip=127.0.0.1", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        command = [sys.executable, "-m", "jupyterlab", *flags]
        self.process = subprocess.Popen(command, env=self.environment(), stderr=subprocess.PIPE, text=True, cwd=self.work)
        self.address = self.listening()
        self.token = token
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def environment(self):
        folders = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_CONFIG_DIR": "config"}
        folders |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "XDG_STATE_HOME": "state"}
        return {**os.environ, **{name: str(self.root / folder) for name, folder in folders.items()}}

    def silence(self):
        """Settings, so that no notice comes up over the page."""
        folder = self.root / "settings/@jupyterlab/apputils-extension"
        folder.mkdir(parents=True)
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (folder / "notification.jupyterlab-settings").write_text(json.dumps(quiet))

    def listening(self):
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                return f"http://127.0.0.1:{found[1]}"
        pytest.fail(f"JupyterLab did not start:\n{''.join(self.log)}")

    def read(self):
        for line in self.process.stderr:
            self.log.append(line)

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.reader.join(10)


@pytest.fixture(scope="session")
def lab(needed, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def browser(needed):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1000, "height": 720})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    yield page
    # pytest shows what is printed here beside the failure of a test.
    print("\n".join(page.problems))
    context.close()


@pytest.fixture
def notebook(lab, page, request):
    """An empty notebook, open in the browser, with its kernel idle."""
    from notebook import Notebook

    return Notebook.open(lab, page, re.sub(r"\W+", "-", request.node.name))
