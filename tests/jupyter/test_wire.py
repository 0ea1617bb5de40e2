"""The wire: what is refused, and what bad peers cost."""

import hashlib
import hmac
import json
import socket
import time
import uuid

import pytest
import zmq
from jupyter_client.manager import KernelManager
from kernels import Kernel, is_idle, parent, printed


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "stderr"
    with open(log, "wb") as stderr:
        kernel = Kernel(stderr=stderr)
        yield kernel, log
        kernel.close()


@pytest.fixture(scope="module")
def kernel(logged):
    return logged[0]


def until_logged(log, text):
    deadline = time.monotonic() + 30
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


class Peer:
    """A peer of the shell channel that writes its own frames."""

    def __init__(self, kernel, identity=None):
        info = kernel.manager.get_connection_info()
        self.key = info["key"]
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        if identity is not None:
            self.socket.identity = identity
        self.socket.connect(f"tcp://{info['ip']}:{info['shell_port']}")

    def parts(self, kind, content):
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "u", "version": "5.3", "date": "2020-01-01T00:00:00Z"}
        return [json.dumps(part).encode() for part in (header, {}, {}, content)]

    def sign(self, parts):
        digest = hmac.new(self.key, digestmod=hashlib.sha256)
        for part in parts:
            digest.update(part)
        return digest.hexdigest().encode()

    def send(self, parts, signature=None):
        self.socket.send_multipart([b"<IDS|MSG>", self.sign(parts) if signature is None else signature, *parts])

    def receive(self, seconds=30):
        if not self.socket.poll(seconds * 1000):
            return None
        frames = self.socket.recv_multipart()
        return json.loads(frames[frames.index(b"<IDS|MSG>") + 2])


def test_messages_that_are_not_signed_right_are_refused_and_logged(logged):
    kernel, log = logged
    peer = Peer(kernel)
    parts = peer.parts("kernel_info_request", {})
    signature = peer.sign(parts)
    for wrong, why in (
        (b"", "it is not signed"),
        (b"0" * 64, "its signature is wrong"),
        (signature[:-1], "its signature is wrong"),
        (b"z" * 64, "its signature is wrong"),
    ):
        peer.send(parts, wrong)
        until_logged(log, why)
    altered = [parts[0], parts[1], parts[2], b'{"code": "1"}']
    peer.send(altered, signature)
    assert peer.receive(0.3) is None
    peer.send(parts)
    assert peer.receive()["msg_type"] == "kernel_info_reply"
    peer.send(parts)
    until_logged(log, "it came before")
    assert peer.receive(0.3) is None


def test_damaged_messages_are_refused_and_logged(logged):
    kernel, log = logged
    peer = Peer(kernel)
    for frames in ([b""], [b"x", b"y"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}"], [b""] * 100):
        peer.socket.send_multipart(frames)
    for header in (b"", b"{", b"[]", b"\xff", b'{"msg_type": 1}', b"[" * 100_000):
        peer.send([header, b"{}", b"{}", b"{}"])
    until_logged(log, "its header is wrong")
    until_logged(log, "it has no <IDS|MSG>")
    # The contents are wrong, the headers are not.
    for kind in ("execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request"):
        for content in (b"", b"[]", b"{}", b'{"code": 7}', b"{" * 1000):
            parts = peer.parts(kind, {})
            parts[3] = content
            peer.send(parts)
            reply = peer.receive()
            assert reply["msg_type"] == kind.replace("request", "reply"), (kind, content)
    parts = peer.parts("nonsense_request", {})
    peer.send(parts)
    until_logged(log, "nonsense_request")
    assert kernel.value("1 + 1") == "2"


def test_what_is_no_zmtp_is_let_go(logged):
    kernel, log = logged
    info = kernel.manager.get_connection_info()
    greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00NULL" + b"\0" * 48
    body = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00"
    ready = bytes([4, len(body)]) + body
    hostile = {
        "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 100,
        "an old version": greeting.replace(b"\x7f\x03", b"\x7f\x01"),
        "another mechanism": greeting.replace(b"NULL", b"CURV"),
        "a length without bytes": greeting + ready + b"\x02" + b"\xff" * 8,
        "reserved flags": greeting + ready + b"\xf0\x01x",
        "a long command": greeting + ready + b"\x06\x00\x00\x00\x00\x10\x00\x00\x00",
    }
    for port in ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"):
        for bytes_ in hostile.values():
            with socket.create_connection((info["ip"], info[port]), timeout=30) as peer:
                peer.sendall(bytes_)
                while True:
                    try:
                        if not peer.recv(4096):
                            break
                    except ConnectionResetError:
                        break
    until_logged(log, "this is no ZMTP")
    assert kernel.value("1 + 1") == "2"
    # Many that say nothing.
    silent = [socket.create_connection((info["ip"], info["shell_port"])) for _ in range(50)]
    assert kernel.value("2 + 2") == "4"
    for peer in silent:
        peer.close()


def test_the_heartbeat_answers_while_code_runs(kernel):
    info = kernel.manager.get_connection_info()
    heart = zmq.Context.instance().socket(zmq.REQ)
    heart.linger = 0
    heart.connect(f"tcp://{info['ip']}:{info['hb_port']}")
    busy = kernel.client.execute("for (;;) console.log('x'.repeat(100))")
    for beat in range(20):
        heart.send(b"beat %d" % beat)
        assert heart.poll(2000) and heart.recv() == b"beat %d" % beat
    kernel.control("interrupt_request")
    kernel.until(lambda message: is_idle(message, busy))
    kernel.reply(busy)
    heart.close()


def test_a_new_subscriber_is_welcomed_first(kernel):
    info = kernel.manager.get_connection_info()
    for topic in (b"", b"kernel."):
        subscriber = zmq.Context.instance().socket(zmq.SUB)
        subscriber.linger = 0
        subscriber.subscribe(topic)
        subscriber.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        assert subscriber.poll(30_000)
        frames = subscriber.recv_multipart()
        at = frames.index(b"<IDS|MSG>")
        assert frames[:at] == [topic]
        assert json.loads(frames[at + 2])["msg_type"] == "iopub_welcome"
        assert json.loads(frames[at + 5]) == {"subscription": topic.decode()}
        subscriber.close()


def test_a_reader_that_stalls_costs_bounded_memory_and_no_one_else(logged):
    kernel, log = logged
    info = kernel.manager.get_connection_info()
    stalled = zmq.Context.instance().socket(zmq.SUB)
    stalled.linger = 0
    stalled.setsockopt(zmq.RCVHWM, 1)
    stalled.setsockopt(zmq.RCVBUF, 64 << 10)
    stalled.subscribe(b"")
    stalled.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
    assert stalled.poll(30_000)
    reply, messages = kernel.run("for (let i = 0; i < 200; i++) console.log('x'.repeat(1 << 19)); 'done'", timeout=120)
    assert reply["status"] == "ok" and len(printed(messages)) == 200 * ((1 << 19) + 1)
    until_logged(log, "a front end does not read")
    pid = kernel.manager.provisioner.process.pid
    with open(f"/proc/{pid}/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    assert resident < 400 << 10, resident
    # It reads again: what comes now arrives.
    while stalled.poll(500):
        stalled.recv_multipart()
    kernel.run("'again'")
    seen = b""
    while stalled.poll(5000):
        frames = stalled.recv_multipart()
        seen += b"".join(frames)
        if b"'again'" in seen:
            break
    assert b"'again'" in seen
    stalled.close()


def test_a_client_that_comes_back_has_its_identity(kernel):
    for _ in range(3):
        peer = Peer(kernel, b"the same")
        peer.send(peer.parts("kernel_info_request", {}))
        assert peer.receive()["msg_type"] == "kernel_info_reply"
        # The next comes while this one is still there.
    assert kernel.value("1") == "1"


def test_a_client_that_comes_back_gets_the_answer_to_what_it_began(kernel):
    identity = uuid.uuid4().hex.encode()
    first = Peer(kernel, identity)
    code = "await new Promise(resolve => Jupyter.comm.registerTarget('settle', resolve)); 7"
    parts = first.parts("execute_request", {"code": code, "silent": False})
    first.send(parts)
    kernel.until(lambda message: message["msg_type"] == "execute_input" and message["content"]["code"] == code)
    first.socket.close()
    # The reply comes after the client is back, and goes to it by its identity.
    second = Peer(kernel, identity)
    second.send(second.parts("kernel_info_request", {}))
    assert second.receive()["msg_type"] == "kernel_info_reply"
    kernel.send("comm_open", {"comm_id": "settles", "target_name": "settle", "data": {}})
    assert second.receive()["msg_type"] == "execute_reply"
    second.socket.close()


def test_unix_sockets(tmp_path):
    kernel = Kernel(manager=KernelManager(kernel_name="drupe", transport="ipc", ip=str(tmp_path / "k")))
    assert kernel.value("6 * 7") == "42"
    sockets = list(tmp_path.glob("k-*"))
    assert len(sockets) == 5 and all(path.stat().st_mode & 0o777 == 0o600 for path in sockets)
    kernel.close()
