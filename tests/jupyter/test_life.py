"""The life of a kernel: starts, ends, deaths, several at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest
import zmq
from conftest import BIN, ROOT, install
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager
from kernels import Kernel, children, is_idle, of_kind, parent, printed


def process(kernel):
    return kernel.manager.provisioner.process


def until_gone(*pids):
    deadline = time.monotonic() + 10
    for pid in pids:
        while True:
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    if stat.read().rsplit(") ", 1)[1][0] in "ZX":
                        break
            except (FileNotFoundError, ProcessLookupError):
                break
            assert time.monotonic() < deadline, f"process {pid} is still there"
            time.sleep(0.01)


def test_shutdown_leaves_nothing():
    for code in ("1", "for (;;);"):
        kernel = Kernel()
        pids = [process(kernel).pid, *children(process(kernel).pid)]
        kernel.client.execute(code)
        reply = kernel.control("shutdown_request", {"restart": False})
        assert reply == {"status": "ok", "restart": False}
        process(kernel).wait(timeout=10)
        until_gone(*pids)
        kernel.close()


def test_restart_begins_anew():
    kernel = Kernel()
    kernel.run("var x = 1")
    kernel.manager.restart_kernel()
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.value("typeof x") == "'undefined'"
    kernel.close()


@pytest.mark.parametrize("code", ["for (;;);", "await new Promise(() => {})", "require('child_process').execSync('sleep 600')"])
def test_a_signal_ends_it_in_time(code):
    for number in (signal.SIGTERM, signal.SIGHUP):
        kernel = Kernel()
        pids = [process(kernel).pid, *children(process(kernel).pid)]
        sent = kernel.client.execute(f"console.log('begun'); {code}")
        kernel.until(lambda message: message["msg_type"] == "stream" and parent(message) == sent)
        begun = time.monotonic()
        process(kernel).send_signal(number)
        process(kernel).wait(timeout=10)
        assert time.monotonic() - begun < 2
        until_gone(*pids)
        kernel.close()


def another_user():
    """Options of a process that belongs to nobody in particular, where that may be."""
    options = {"user": 65534, "group": 65534, "extra_groups": []}
    try:
        subprocess.run([BIN, "-v"], env={}, check=True, stdout=subprocess.DEVNULL, cwd="/", **options)
    except (OSError, subprocess.SubprocessError):
        return {}
    return options


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.0.0.2", "0.0.0.0"])
def test_any_user_can_be_a_kernel_without_home_or_terminal(ip):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        file, info = write_connection_file(f"{folder}/kernel.json", ip=ip, key=b"secret")
        os.chmod(file, 0o644)
        options = {"env": {}, "cwd": "/", "stdin": subprocess.DEVNULL, "start_new_session": True, **another_user()}
        kernel = subprocess.Popen([BIN, "jupyter", "run", file], **options)
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        reply = client.execute_interactive("require('os').userInfo().uid", timeout=60, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply
        # It listens at this address, and at no other unless it is to.
        with socket.socket() as other:
            is_heard = other.connect_ex(("127.0.0.3", info["shell_port"])) == 0
        assert is_heard == (ip == "0.0.0.0")
        client.stop_channels()
        kernel.terminate()
        assert kernel.wait(timeout=2) == 0
        assert os.listdir(folder) == ["kernel.json"]


def test_what_a_person_chooses_in_the_launcher_holds():
    manager = KernelManager(kernel_name="drupe")
    spec = manager.kernel_spec
    chosen = {"drupe_memory": "256M", "drupe_timeout": "10s", "drupe_permissions": "nothing"}
    for name, schema in spec.metadata["parameters"]["properties"].items():
        assert chosen[name] in schema["enum"] and schema["default"] == schema["enum"][0]
    # As a front end that knows parameters does; the time is short here.
    chosen["drupe_timeout"] = "300ms"
    for name, value in chosen.items():
        spec.argv = [word.replace(f"{{{name}}}", value) for word in spec.argv]
    kernel = Kernel(manager=manager)
    assert kernel.value("require('v8').getHeapStatistics().heap_size_limit < 300 * 2 ** 20") == "true"
    assert kernel.run("for (;;);")[0]["ename"] == "TimeoutError"
    reply, _ = kernel.run("require('fs').readFileSync('/etc/hosts')", allow_stdin=True)
    assert reply["status"] == "error" and "--allow-read" in reply["evalue"], reply
    kernel.close()


def test_a_launcher_that_dies_takes_its_kernel_along(tmp_path):
    code = (
        "import time; from jupyter_client.manager import KernelManager; m = KernelManager(kernel_name='drupe'); m.start_kernel();"
        "c = m.client(); c.start_channels(); c.wait_for_ready(60); print(m.provisioner.process.pid, flush=True); time.sleep(600)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(launcher.stdout.readline())
    pids = [pid, *children(pid)]
    launcher.kill()
    launcher.wait()
    until_gone(*pids)


def test_a_kernel_that_dies_is_explained_and_can_be_replayed():
    kernel = Kernel()
    kernel.run("var rows = [1, 2, 3]")
    kernel.run("rows.push(4)")
    # A run that has not begun when its kernel dies is sent to the next one.
    busy = kernel.client.execute("console.log('begun'); for (;;);")
    kernel.until(lambda message: parent(message) == busy and message["msg_type"] == "stream")
    [child] = children(process(kernel).pid)
    os.kill(child, signal.SIGKILL)
    reply = kernel.reply(busy)
    assert reply["status"] == "error" and "SIGKILL" in reply["evalue"], reply
    reply, messages = kernel.run("typeof rows")
    told = printed(messages, "stderr")
    assert reply["status"] == "ok" and "state lost" in told and "%replay" in told, told
    assert kernel.run("%replay")[0]["status"] == "ok"
    assert kernel.value("rows") == "[ 1, 2, 3, 4 ]"
    kernel.close()


def test_a_preload_begins_every_session():
    begin, broken = ROOT / "begin.ts", ROOT / "broken.ts"
    begin.write_text("var begun: number = (globalThis.begun ?? 0) + 1")
    broken.write_text("throw new Error('nothing here')")
    install("--name", "drupe-files", f"--preload={begin}", f"--preload={broken}")
    kernel = Kernel("drupe-files")
    assert kernel.value("begun") == "1"
    for magic in ("%reset", "%restart"):
        kernel.run("begun = 'changed'")
        kernel.run(magic)
        reply, messages = kernel.run("begun")
        assert reply["status"] == "ok" and result(messages) == "1"
        assert "broken.ts failed: Error: nothing here" in printed(messages, "stderr")
        reply, messages = kernel.run("begun")
        assert result(messages) == "1" and printed(messages, "stderr") == "", "it is run once"
    kernel.run("var sum = begun + 1")
    busy = kernel.client.execute("console.log('busy'); for (;;);")
    kernel.until(lambda message: parent(message) == busy and message["msg_type"] == "stream")
    [child] = children(process(kernel).pid)
    os.kill(child, signal.SIGKILL)
    assert kernel.reply(busy)["status"] == "error"
    # What sessions begin with comes before what is run again, and is no part of it.
    reply, messages = kernel.run("%replay")
    assert reply["status"] == "ok" and "%replay runs" in printed(messages, "stderr"), messages
    assert kernel.value("[begun, sum]") == "[ 1, 2 ]"
    kernel.close()


def result(messages):
    [content] = of_kind(messages, "execute_result")
    return content["data"]["text/plain"]


def test_the_heap_limit_is_told():
    kernel = Kernel()
    reply, _ = kernel.run("%memory 64\nconst all = []; for (;;) all.push(new Array(1000).fill(1.5))", timeout=120)
    assert reply["ename"] == "OutOfMemory", reply
    assert kernel.value("1 + 1") == "2"
    kernel.close()


def test_usage_is_told():
    kernel = Kernel()
    first = kernel.control("usage_request")
    kernel.run("const begun = Date.now(); while (Date.now() - begun < 300);")
    usage = kernel.control("usage_request")
    assert usage["kernel_memory"] > 10 << 20 and usage["heap"]["used"] > 0 and usage["cpu_count"] >= 1
    assert "kernel_cpu" not in first and usage["kernel_cpu"] > 1 and usage["host_virtual_memory"]["total"] > 1 << 30
    kernel.close()


def test_history_lasts():
    kernel = Kernel()
    kernel.run("'first session'")
    kernel.run("'not kept'", store_history=False)
    kernel.close()
    kernel = Kernel()
    kernel.run("'second session'")
    tail = kernel.reply(kernel.client.history(hist_access_type="tail", n=2, output=True, raw=True))["history"]
    assert [entry[2] for entry in tail] == [["'first session'", "'first session'"], ["'second session'", "'second session'"]]
    assert tail[0][0] < tail[1][0]
    found = kernel.reply(kernel.client.history(hist_access_type="range", session=-1, start=1, stop=2))["history"]
    assert [entry[2] for entry in found] == ["'first session'"]
    kernel.close()


def test_permissions_are_baked_in_or_asked_for():
    kernel = Kernel("drupe-deny")
    reply, _ = kernel.run("require('fs').readFileSync('/etc/hostname')")
    assert reply["status"] == "error" and "--allow-read" in reply["evalue"], reply
    kernel.close()
    kernel = Kernel("drupe-asks")
    for answer, status in (("n", "error"), ("y", "ok"), ("s", "ok")):
        sent = kernel.client.execute("require('fs').readFileSync('/etc/hosts').length", allow_stdin=True)
        asked = kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"]
        assert "wants read access to /etc/hosts" in asked, asked
        kernel.client.input(answer)
        assert kernel.reply(sent)["status"] == status
    assert kernel.run("require('fs').readFileSync('/etc/hosts').length")[0]["status"] == "ok"
    kernel.close()
    kernel = Kernel()
    assert kernel.run("require('fs').readFileSync('/etc/hosts').length")[0]["status"] == "ok"
    kernel.close()


def test_ten_at_once():
    kernels = [Kernel() for _ in range(10)]
    sent = [kernel.client.execute(f"var n = {n}; n * n") for n, kernel in enumerate(kernels)]
    for n, (kernel, message) in enumerate(zip(kernels, sent)):
        messages = kernel.until(lambda one: is_idle(one, message))
        assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == str(n * n)
    for kernel in kernels:
        kernel.close()


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))


def test_memory_is_flat_over_many_cells():
    """`DRUPE_CELLS` is how many; what a session must keep of each is its variable."""
    cells = int(os.environ.get("DRUPE_CELLS", "2000"))
    kernel = Kernel()
    [child] = children(process(kernel).pid)
    after = []
    for count in range(cells):
        code = f"const row = {{ n: {count}, text: 'x'.repeat(10_000) }}; console.log(row.n); display(row.n); row"
        sent = kernel.client.execute(code)
        kernel.until(lambda message: is_idle(message, sent))
        assert kernel.reply(sent)["execution_count"] == count + 1
        if count + 1 in (cells // 2, cells):
            kernel.run("globalThis.gc?.()", silent=True)
            after.append([resident(process(kernel).pid), resident(child)])
    (front, inner), (front_later, inner_later) = after
    # Some bytes of each cell are kept: its run, its place in the history and the journal, its script for errors.
    room = (16 << 20) + cells * 2048
    assert front_later - front < room and inner_later - inner < room, after
    assert kernel.value("row.n") == str(cells - 1)
    kernel.close()


CLIENT = """
import sys
from jupyter_client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels()
client.wait_for_ready(60)
client.execute(sys.argv[2], allow_stdin=True)
while True:
    message = client.get_stdin_msg() if sys.argv[3] == "input_request" else client.get_iopub_msg()
    if message["msg_type"] == sys.argv[3]:
        print(message["msg_type"], flush=True)
"""


def test_front_ends_that_are_killed_leave_a_kernel_that_works():
    kernel = Kernel()
    for code, begun in (
        ("globalThis.count = 0; for (;;) { console.log('x'.repeat(1000)); count += 1; if (count % 100 === 0) await null }", "stream"),
        ("prompt('name?')", "input_request"),
        ("await new Promise(resolve => { globalThis.settle = resolve })", "execute_input"),
    ):
        command = [sys.executable, "-c", CLIENT, kernel.manager.connection_file, code, begun]
        front = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert front.stdout.readline().strip() == begun
        front.kill()
        front.wait()
        # Whoever comes next sees what goes on, is answered, and may stop it.
        assert kernel.reply(kernel.client.complete("globalThi"))["matches"] == ["globalThis"]
        waiting = kernel.client.execute("'after it'")
        kernel.control("interrupt_request")
        assert kernel.reply(waiting)["status"] in ("ok", "aborted")
        assert kernel.value("6 * 7") == "42"
    assert int(kernel.value("count")) > 0
    kernel.close()


def test_a_connection_file_that_is_wrong_is_told(tmp_path):
    for text, wrong in (("", "is no connection file"), ('{"transport": "udp"}', "tcp and ipc"), ('{"signature_scheme": "hmac-md5"}', "hmac-sha256")):
        file = tmp_path / "kernel.json"
        file.write_text(text)
        said = subprocess.run([BIN, "jupyter", "run", file], capture_output=True, text=True, timeout=60)
        assert said.returncode == 2 and wrong in said.stderr, said
    said = subprocess.run([BIN, "jupyter", "run", tmp_path / "nowhere.json"], capture_output=True, text=True, timeout=60)
    assert said.returncode == 2 and "nowhere.json" in said.stderr, said


def test_a_registration_file_is_answered(tmp_path):
    service = zmq.Context.instance().socket(zmq.ROUTER)
    port = service.bind_to_random_port("tcp://127.0.0.1")
    file = tmp_path / "registration.json"
    file.write_text(json.dumps({"kernel_id": "k-1", "transport": "tcp", "registration_ip": "127.0.0.1", "registration_port": port, "signature_scheme": "hmac-sha256", "key": "secret"}))
    kernel = subprocess.Popen([BIN, "jupyter", "run", file])
    assert service.poll(30_000)
    frames = service.recv_multipart()
    told = json.loads(frames[-1])
    assert told["kernel_id"] == "k-1" and frames[-3] == b"<IDS|MSG>" and len(frames[-2]) == 64
    service.send_multipart([*frames[:-2], frames[-2], b"{}"])
    heart = zmq.Context.instance().socket(zmq.REQ)
    heart.linger = 0
    heart.connect(f"tcp://127.0.0.1:{told['hb_port']}")
    heart.send(b"beat")
    assert heart.poll(30_000) and heart.recv() == b"beat"
    kernel.terminate()
    kernel.wait(timeout=10)
    service.close(0)


def test_kernelspecs_are_listed_and_removed():
    run = lambda *args: subprocess.run([BIN, "jupyter", *args], capture_output=True, text=True, timeout=60)
    assert run("install", "--prefix", str(ROOT), "--name", "drupe-extra", "--display-name", "Extra", "--deny-net").returncode == 0
    listed = run("list").stdout
    assert "drupe-extra  Extra" in listed and "(--deny-net)" in listed and "drupe (TypeScript)" in listed, listed
    assert run("remove", "drupe-extra").returncode == 0 and "drupe-extra" not in run("list").stdout
    said = run("remove", "drupe-extra")
    assert said.returncode == 2 and "drupe-extra" in said.stderr
    assert run("install", "--name", "a/b").returncode == 2
