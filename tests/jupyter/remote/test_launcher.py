"""The launcher of kernels elsewhere, for a server that this test is."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid

import pytest
from test_servers import BIN, of_kernel, until_nothing_is_left

pytest.importorskip("Cryptodome")
from Cryptodome.Cipher import AES, PKCS1_v1_5
from Cryptodome.PublicKey import RSA
from Cryptodome.Util.Padding import unpad

KEY = RSA.generate(1024)


def received(server):
    """What the listener tells a server: where the kernel listens."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as file:
        payload = json.loads(base64.b64decode(file.read()))
    key = PKCS1_v1_5.new(KEY).decrypt(base64.b64decode(payload["key"]), None)
    text = AES.new(key, AES.MODE_ECB).decrypt(base64.b64decode(payload["conn_info"]))
    return json.loads(unpad(text, 16))


@pytest.fixture
def launched(tmp_path):
    subprocess.run(
        [BIN, "jupyter", "install", "--prefix", tmp_path, "--remote", "gateway", "--deny-net"], check=True, stdout=subprocess.DEVNULL
    )
    spec = json.loads((tmp_path / "share/jupyter/kernels/drupe/kernel.json").read_text())
    kernel = uuid.uuid4().hex
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        given = {
            "kernel_id": kernel,
            "port_range": "0..0",
            "response_address": f"127.0.0.1:{server.getsockname()[1]}",
            "public_key": base64.b64encode(KEY.publickey().export_key("DER")).decode(),
        }
        words = [sys.executable, *(given.get(word.strip("{}"), word) for word in spec["argv"][1:])]
        process = subprocess.Popen(words, env={**os.environ, "TMPDIR": str(tmp_path)}, stderr=subprocess.DEVNULL)
        info = received(server)
    # The kernel listens when it says so on no channel yet: its ports are bound.
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", info["control_port"]), timeout=1).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    yield kernel, process, info
    # A launcher that is killed leaves its listener.
    process.terminate()
    process.wait(timeout=10)


def parent_of_kernel(kernel):
    """The process `drupe jupyter run`."""
    [pid] = [pid for pid, words in of_kernel(kernel).items() if words[1:3] == [b"jupyter", b"run"]]
    return pid


def ask(info, request):
    with socket.create_connection(("127.0.0.1", info["comm_port"]), timeout=10) as listener:
        listener.sendall(json.dumps(request).encode())


def test_the_kernel_has_the_flags_and_the_address_of_its_connection_file(launched):
    kernel, process, info = launched
    assert info["pid"] == process.pid and info["kernel_id"] == kernel and info["ip"] == "0.0.0.0"
    words = of_kernel(kernel)[parent_of_kernel(kernel)]
    assert b"--deny-net" in words
    with open("/proc/net/tcp") as table:
        # Any address, listening.
        assert any(f"00000000:{info['shell_port']:04X} 00000000:0000 0A" in line for line in table)


def test_a_signal_of_the_server_ends_all_in_time(launched, tmp_path):
    kernel, process, info = launched
    begun = time.monotonic()
    ask(info, {"signum": int(signal.SIGTERM)})
    process.wait(timeout=10)
    assert time.monotonic() - begun < 5  # two for the kernel, the rest for Python
    asyncio.run(until_nothing_is_left(kernel, tmp_path))


def test_an_interrupt_ends_nothing(launched):
    kernel, process, info = launched
    ask(info, {"signum": int(signal.SIGINT)})
    ask(info, {"signum": 0})
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    assert parent_of_kernel(kernel)


def test_a_kernel_that_dies_takes_its_launcher_along(launched, tmp_path):
    kernel, process, _ = launched
    os.kill(parent_of_kernel(kernel), signal.SIGKILL)
    process.wait(timeout=10)
    asyncio.run(until_nothing_is_left(kernel, tmp_path))


def test_a_launcher_that_is_killed_takes_its_kernel_along(launched, tmp_path):
    kernel, process, info = launched
    process.kill()
    process.wait()
    # A server asks often whether the kernel lives. The listener ends with the first answer.
    ask(info, {"signum": 0})
    deadline = time.monotonic() + 10
    while of_kernel(kernel):
        assert time.monotonic() < deadline, of_kernel(kernel)
        time.sleep(0.05)
