"""Starts a kernel for a server of Jupyter on another host, and ends with it. `drupe jupyter install --remote` wrote this.

The listener of gateway_provisioners chooses the ports, encrypts what it tells the server, and takes its signals. They
come to this process, which passes them on.
"""

import argparse
import importlib.util
import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
import tempfile


def listener():
    """The module of the listener, which lies among the package's data. The package itself is not imported."""
    package = importlib.util.find_spec("gateway_provisioners")
    if package is None:
        sys.exit(f"launch_drupe: {sys.executable} has no gateway_provisioners: pip install gateway_provisioners")
    path = pathlib.Path(package.origin).parent / "kernel-launchers/shared/scripts/server_listener.py"
    spec = importlib.util.spec_from_file_location("server_listener", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # the process that listens looks there
    spec.loader.exec_module(module)
    return module


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--kernel-id", "--response-address", "--public-key"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port-range", default="0..0", help="the first and the last port; 0..0 is any")
    parser.add_argument("command", nargs="+", help="the command of a kernel, up to its connection file")
    return parser.parse_args()


def main():
    given = arguments()
    first, last = given.port_range.split("..")
    handle, connection = tempfile.mkstemp(prefix=f"kernel-{given.kernel_id}_", suffix=".json")
    os.close(handle)
    kernel = None
    ended = []

    def pass_on(number, _):
        if number != signal.SIGINT:
            ended.append(number)
        if kernel is not None:
            kernel.send_signal(number)

    try:
        listener().setup_server_listener(
            connection, os.getpid(), int(first), int(last), given.response_address, given.kernel_id, given.public_key
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, pass_on)
        # The kernel ends when this process is killed.
        environment = {**os.environ, "JPY_PARENT_PID": str(os.getpid())}
        kernel = subprocess.Popen([*given.command, connection], env=environment, stdin=subprocess.DEVNULL)
        for number in ended:
            kernel.send_signal(number)
        return kernel.wait()
    finally:
        pathlib.Path(connection).unlink(missing_ok=True)
        for process in multiprocessing.active_children():
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
