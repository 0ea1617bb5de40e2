"""Installs kernelspecs of the program under test (`DRUPE_BIN`) in a folder of their own, before Jupyter looks for any."""

import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(tempfile.mkdtemp(prefix="drupe-jupyter-"))
BIN = os.environ.get("DRUPE_BIN", str(pathlib.Path(__file__).parents[2] / "target/debug/drupe"))

os.environ["JUPYTER_PATH"] = str(ROOT / "share/jupyter")
os.environ["JUPYTER_RUNTIME_DIR"] = str(ROOT / "runtime")
os.environ["JUPYTER_CONFIG_DIR"] = str(ROOT / "config")
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
os.environ["XDG_STATE_HOME"] = str(ROOT / "state")
os.environ.pop("DRUPE_HISTORY", None)


def install(*flags):
    subprocess.run([BIN, "jupyter", "install", "--prefix", str(ROOT), *flags], check=True, stdout=subprocess.DEVNULL)


install()
install("--name", "drupe-asks", "--display-name", "drupe, asks", "--allow-read=/nowhere")
install("--name", "drupe-deny", "--display-name", "drupe, nothing", "--deny", "--no-prompt")
install("--name", "drupe-limit", "--display-name", "drupe, a limit", "--vm-timeout=300ms")


def pytest_sessionfinish():
    import shutil

    shutil.rmtree(ROOT, ignore_errors=True)


def pytest_ignore_collect(collection_path, config):
    """JupyterLab and servers for kernels elsewhere are large: their tests run only where they are asked for by name."""
    here = pathlib.Path(__file__).parent
    if collection_path not in (here / "browser", here / "remote"):
        return None
    named = [pathlib.Path(config.invocation_params.dir, str(name).partition("::")[0]).resolve() for name in config.args]
    asked = any(collection_path == path or collection_path in path.parents for path in named)
    return None if asked else True
