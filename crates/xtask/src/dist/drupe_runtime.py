"""The program of this package: `python -m drupe_runtime` is the command `drupe`. Kernelspecs of Jupyter start it so."""

import os
import sys


def find():
    """The path of the program. Raises FileNotFoundError."""
    own = os.path.dirname(os.path.abspath(__file__))
    # Below the packages after `pip install --target`; otherwise beside Python, or in the user's own folder of programs.
    for folder in ("bin", "../../../bin"):
        program = os.path.normpath(os.path.join(own, folder, "drupe"))
        if os.access(program, os.X_OK):
            return program
    from importlib import metadata  # which takes its time, and few need it

    for file in metadata.files("drupe-runtime") or ():
        if file.name == "drupe" and os.access(file.locate(), os.X_OK):
            return os.fspath(file.locate())
    raise FileNotFoundError("the program is not where its package has put it: pip install --force-reinstall drupe-runtime")


def main():
    # Its kernelspec sets this, so that no module of the notebook's folder is taken for this one.
    os.environ.pop("PYTHONSAFEPATH", None)
    try:
        program = find()
    except FileNotFoundError as error:
        sys.exit(f"drupe: {error}")
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    main()
