"""Servers that start kernels on other hosts, which are this one here: `drupe jupyter install --remote`.

Those run whose packages are there: jupyter_server with gateway_provisioners, and Enterprise Gateway.
"""

import asyncio
import importlib.util
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import uuid

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

BIN = os.environ.get("DRUPE_BIN", str(pathlib.Path(__file__).parents[3] / "target/debug/drupe"))
PATIENCE = 60

SERVERS = {
    "provisioner": ("jupyter_server", ["--no-browser", "--allow-root", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]),
    "gateway": ("enterprise_gateway", ["--ip=127.0.0.1", "--EnterpriseGatewayApp.port_retries=0"]),
}


class Server:
    def __init__(self, remote, folder):
        module, flags = SERVERS[remote]
        if importlib.util.find_spec(module) is None or importlib.util.find_spec("gateway_provisioners") is None:
            pytest.skip(f"{module} or gateway_provisioners is not installed")
        subprocess.run(
            [BIN, "jupyter", "install", "--prefix", folder, "--name", "far", "--remote", remote], check=True, stdout=subprocess.DEVNULL
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address, self.folder = f"127.0.0.1:{port}", folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        folders = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTER_CONFIG_DIR": "config"}
        folders |= {"TMPDIR": "tmp", "GP_KERNEL_LOG_DIR": "", "EG_KERNEL_LOG_DIR": "", "XDG_STATE_HOME": "state"}
        environment = {**os.environ, **{name: str(folder / place) for name, place in folders.items()}}
        # Kernels for root are refused.
        environment["KERNEL_USERNAME"] = "somebody"
        # `python3` of the kernelspec is to have the packages.
        environment["PATH"] = f"{pathlib.Path(sys.executable).parent}:{environment['PATH']}"
        with open(folder / "server.log", "wb") as log:
            command = [sys.executable, "-m", module, f"--port={port}", *flags]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)

    async def request(self, method, path, content=None, timeout=PATIENCE):
        body = None if method in ("GET", "DELETE") else json.dumps(content or {})
        request = HTTPRequest(f"http://{self.address}{path}", method, body=body, request_timeout=timeout)
        text = (await AsyncHTTPClient().fetch(request)).body
        return json.loads(text) if text else None

    async def up(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.request("GET", "/api/kernelspecs")
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log()
                await asyncio.sleep(0.1)

    def log(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Session:
    """A kernel of a server, and what it says."""

    def __init__(self, server, kernel, connection):
        self.server, self.kernel, self.connection = server, kernel, connection

    @classmethod
    async def start(cls, server):
        kernel = (await server.request("POST", "/api/kernels", {"name": "far", "env": {"KERNEL_USERNAME": "somebody"}}))["id"]
        return cls(server, kernel, await websocket_connect(f"ws://{server.address}/api/kernels/{kernel}/channels"))

    async def send(self, code):
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        await self.connection.write_message(json.dumps(message))
        return number

    async def until(self, number, fits):
        while True:
            text = await asyncio.wait_for(self.connection.read_message(), PATIENCE)
            assert text is not None, self.server.log()
            message = json.loads(text)
            if message["parent_header"].get("msg_id") == number and fits(message):
                return message["content"]

    async def run(self, code):
        number = await self.send(code)
        result = await self.until(number, lambda message: message["msg_type"] in ("execute_result", "error"))
        return result.get("data", result)


def of_kernel(kernel):
    """The processes that have the id of a kernel on their command lines: its launcher, its listener, and itself."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0") if folder.name.isdigit() else []
        except OSError:
            continue
        if any(kernel.encode() in word for word in words):
            found[int(folder.name)] = words
    return found


async def until_nothing_is_left(kernel, temporary):
    deadline = time.monotonic() + PATIENCE
    while (left := [of_kernel(kernel), list(temporary.glob(f"kernel-{kernel}*"))]) != [{}, []]:
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.05)


@pytest.fixture(params=SERVERS)
def server(request, tmp_path):
    server = Server(request.param, tmp_path)
    yield server
    server.stop()


def test_a_kernel_elsewhere_runs_is_interrupted_and_leaves_nothing(server):
    async def scenario():
        specs = await server.up()
        assert "far" in specs["kernelspecs"], specs
        session = await Session.start(server)
        assert await session.run("var rows = [1, 2, 3]; rows.length") == {"text/plain": "3"}
        # The launcher, the listener, the kernel's parent and the kernel.
        assert len(of_kernel(session.kernel)) >= 3
        busy = await session.send("console.log('begun'); for (;;);")
        await session.until(busy, lambda message: message["msg_type"] == "stream")
        await server.request("POST", f"/api/kernels/{session.kernel}/interrupt")
        error = await session.until(busy, lambda message: message["msg_type"] == "error")
        assert error["ename"] == "Interrupted", error
        assert await session.run("rows.push(4)") == {"text/plain": "4"}
        await server.request("POST", f"/api/kernels/{session.kernel}/restart")
        session.connection.close()
        session.connection = await websocket_connect(f"ws://{server.address}/api/kernels/{session.kernel}/channels")
        assert await session.run("typeof rows") == {"text/plain": "'undefined'"}
        await server.request("DELETE", f"/api/kernels/{session.kernel}")
        await until_nothing_is_left(session.kernel, server.temporary)

    asyncio.run(scenario())
