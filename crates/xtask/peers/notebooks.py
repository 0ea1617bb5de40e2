"""A contender of `cargo xtask peers --notebooks`: a kernel of Jupyter.

Reads {"task", "count"} a line from standard input, and answers {"samples", "lost"}: seconds, bytes a second or bytes,
and in words what went wrong. A kernel that does not answer in time has no sample.
"""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version

import zmq

ROOT = pathlib.Path(tempfile.mkdtemp(prefix="drupe-notebooks-"))
# What a kernel keeps, it keeps here.
os.environ |= {"JUPYTER_PATH": str(ROOT), "JUPYTER_RUNTIME_DIR": str(ROOT / "runtime"), "IPYTHONDIR": str(ROOT / "ipython")}
os.environ |= {"XDG_STATE_HOME": str(ROOT / "state"), "DENO_DIR": str(ROOT / "deno"), "DENO_NO_UPDATE_CHECK": "1"}

from jupyter_client.manager import KernelManager  # noqa: E402

PATIENCE = 60.0
LINES = 20_000
SHOWN = 100_000_000
# A kernel that hears no interrupt goes on after so many seconds.
LOOP = 8
ANSWER = 5.0
# Nothing more comes, where nothing has come for so many seconds.
SILENCE = 15.0

JAVASCRIPT = {
    "lines": "for (let i = 0; i < %d; i++) console.log('line ' + i)" % LINES,
    "loop": "console.log('begun'); { const end = Date.now() + %d000; while (Date.now() < end); }" % LOOP,
    "cell": "var x{0} = {0}; x{0} + 1",
    "kept": "x7",
    "word": "parseF",
}
PYTHON = {
    "lines": "for i in range(%d): print('line', i)" % LINES,
    "loop": "import time\nprint('begun', flush=True)\nend = time.time() + %d\nwhile time.time() < end: pass" % LOOP,
    "cell": "x{0} = {0}; x{0} + 1",
    "kept": "x7",
    "word": "isinst",
    "show": "from IPython.display import HTML, display\nfor i in range(10): display(HTML('x' * %d))" % (SHOWN // 10),
}


class Missing(Exception):
    pass


def found(program):
    path = shutil.which(program)
    if path is None:
        raise Missing(f"there is no {program} on the PATH")
    return path


def said(*words):
    lines = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE).stdout.splitlines()
    return lines[0] if lines else "unknown"


def drupe():
    program = os.environ["DRUPE_BIN"]
    show = "for (let i = 0; i < 10; i++) display({ 'text/html': 'x'.repeat(%d) }, { raw: true })" % (SHOWN // 10)
    return [program, "jupyter", "run", "{connection_file}"], "message", {**JAVASCRIPT, "show": show}, said(program, "-v")


def ipykernel():
    try:
        name = f"ipykernel {version('ipykernel')}, Python {sys.version.split()[0]}"
    except PackageNotFoundError:
        raise Missing("this Python has no ipykernel") from None
    return [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "signal", PYTHON, name


def deno():
    program = found("deno")
    show = "for (let i = 0; i < 10; i++) await Deno.jupyter.display({ 'text/html': 'x'.repeat(%d) }, { raw: true })"
    # Its own kernelspec says no mode, which is by signals. It answers the message, too, and ends by a signal.
    command = [program, "jupyter", "--kernel", "--conn", "{connection_file}"]
    return command, "message", {**JAVASCRIPT, "show": show % (SHOWN // 10)}, said(program, "--version")


def tslab():
    program = found("tslab")
    show = "import * as tslab from 'tslab'\nfor (let i = 0; i < 10; i++) tslab.display.html('x'.repeat(%d))" % (SHOWN // 10)
    command = [program, "kernel", "--config-path", "{connection_file}"]
    return command, "signal", {**JAVASCRIPT, "show": show}, said(program, "install", "--version")


def memory(pid):
    """The memory of a process and all below it, in bytes: shared pages are divided among those who share them."""
    total = 0
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) << 10
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as listed:
            total += sum(memory(int(child)) for child in listed.read().split())
    return total


class Kernel:
    """A kernel, from its start to its first reply; then it is asked by its sockets."""

    def __init__(self):
        self.begun = time.perf_counter()
        self.manager = KernelManager(kernel_name="contender")
        self.manager.start_kernel()
        info = self.manager.get_connection_info()
        self.session = self.manager.session
        context = zmq.Context.instance()
        self.sockets = {}
        for channel, kind in (("iopub", zmq.SUB), ("shell", zmq.DEALER), ("control", zmq.DEALER)):
            socket = context.socket(kind)
            socket.linger = 0
            # What is not bound yet is tried again at once, and nothing is lost on the side of the measuring process.
            socket.reconnect_ivl = 1
            socket.rcvhwm = 0
            if kind == zmq.SUB:
                socket.subscribe(b"")
            socket.connect(f"tcp://{info['ip']}:{info[channel + '_port']}")
            self.sockets[channel] = socket

    def close(self):
        for socket in self.sockets.values():
            socket.close(0)
        self.manager.shutdown_kernel(now=True)

    def send(self, kind, content, channel="shell"):
        message = self.session.msg(kind, content)
        self.session.send(self.sockets[channel], message)
        return message["header"]["msg_id"]

    def receive(self, channel, seconds):
        socket = self.sockets[channel]
        if seconds <= 0 or not socket.poll(seconds * 1000):
            raise queue.Empty
        _, frames = self.session.feed_identities(socket.recv_multipart())
        return self.session.deserialize(frames)

    def execute(self, code):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self.send("execute_request", content | {"stop_on_error": True})

    def until(self, channel, sent, fits, seconds=PATIENCE):
        deadline = time.perf_counter() + seconds
        while True:
            message = self.receive(channel, deadline - time.perf_counter())
            if message["parent_header"].get("msg_id") == sent and fits(message):
                return message

    def reply(self, sent, seconds=PATIENCE, channel="shell"):
        return self.until(channel, sent, lambda _: True, seconds)["content"]

    def idle(self, sent, seconds=PATIENCE):
        is_idle = lambda message: message["content"].get("execution_state") == "idle"  # noqa: E731
        self.until("iopub", sent, is_idle, seconds)

    def run(self, code, seconds=PATIENCE):
        sent = self.execute(code)
        reply = self.reply(sent, seconds)
        self.idle(sent, seconds)
        return reply

    def interrupt(self, mode):
        if mode == "message":
            self.send("interrupt_request", {}, "control")
        else:
            self.manager.interrupt_kernel()

    def begin(self, code):
        sent = self.execute(code)
        self.until("iopub", sent, lambda message: message["msg_type"] == "stream")
        return sent

    def bytes(self):
        return memory(self.manager.provisioner.pid)


class Tasks:
    """What is measured. Each returns a sample, and what went wrong."""

    def __init__(self, mode, code):
        self.mode, self.code = mode, code
        self.warm = None

    def kernel(self):
        if self.warm is None:
            self.warm = Kernel()
            self.warm.run("1+1")
            for number in range(10):
                self.warm.run(self.code["cell"].format(number))
        return self.warm

    def drop(self):
        if self.warm is not None:
            self.warm.close()
            self.warm = None

    def start(self):
        kernel = Kernel()
        try:
            assert kernel.reply(kernel.execute("1+1"))["status"] == "ok"
            return time.perf_counter() - kernel.begun, None
        finally:
            kernel.close()

    def round_trip(self):
        kernel = self.kernel()
        begin = time.perf_counter()
        kernel.run("1+1")
        return time.perf_counter() - begin, None

    def received(self, code, kinds, wanted, size):
        """Seconds until all has come that comes; what comes after the cell is idle counts, if it comes soon."""
        kernel = self.kernel()
        begin = last = time.perf_counter()
        sent, came, idle = kernel.execute(code), 0, False
        while came < wanted:
            try:
                message = kernel.receive("iopub", 2.0 if idle else SILENCE)
            except queue.Empty:
                break
            if message["parent_header"].get("msg_id") != sent:
                continue
            if message["msg_type"] in kinds:
                came += size(message["content"])
                last = time.perf_counter()
            idle |= message["content"].get("execution_state") == "idle"
        if came < wanted:
            self.drop()  # what else was lost is not known
            return last - begin, f"{came:,} of {wanted:,} arrived"
        if not idle:
            kernel.idle(sent)
        kernel.reply(sent)
        return last - begin, None

    def lines(self):
        return self.received(self.code["lines"], ("stream",), LINES, lambda content: content["text"].count("\n"))

    def show(self):
        size = lambda content: len(content["data"]["text/html"])  # noqa: E731
        return self.received(self.code["show"], ("display_data",), SHOWN, size)

    def complete(self):
        kernel = self.kernel()
        busy = kernel.begin(self.code["loop"])
        begin, word = time.perf_counter(), self.code["word"]
        sent = kernel.send("complete_request", {"code": word, "cursor_pos": len(word)})
        sample, lost = None, f"no answer in {ANSWER:.0f} s"
        try:
            if kernel.reply(sent, ANSWER)["matches"]:
                sample, lost = time.perf_counter() - begin, None
        except queue.Empty:
            pass
        kernel.interrupt(self.mode)
        try:
            kernel.idle(busy, 2 * LOOP)
        except queue.Empty:
            pass
        self.drop()  # replies may still come
        return sample, lost

    def interrupt(self):
        kernel = self.kernel()
        busy = kernel.begin(self.code["loop"])
        begin = time.perf_counter()
        kernel.interrupt(self.mode)
        try:
            reply = kernel.reply(busy, ANSWER)
        except queue.Empty:
            alive = self.warm.manager.is_alive()
            self.drop()
            return None, f"the loop went on for {ANSWER:.0f} s" if alive else "the kernel ended"
        sample = time.perf_counter() - begin
        kernel.idle(busy)
        lost = None if reply["status"] != "ok" else "the cell ended as if nothing had been"
        time.sleep(0.5)  # tslab aborts what comes at once
        if kernel.run(self.code["kept"])["status"] != "ok":
            lost = "the variables were lost"
        return sample, lost

    def idle_memory(self):
        kernel = Kernel()
        try:
            kernel.run("1+1")
            time.sleep(1)
            return kernel.bytes(), None
        finally:
            kernel.close()

    def used_memory(self):
        kernel = Kernel()
        try:
            for number in range(1000):
                assert kernel.run(self.code["cell"].format(number))["status"] == "ok"
            time.sleep(1)
            return kernel.bytes(), None
        finally:
            kernel.close()


def main():
    try:
        command, mode, code, name = {"drupe": drupe, "ipykernel": ipykernel, "deno": deno, "tslab": tslab}[sys.argv[1]]()
        folder = ROOT / "kernels/contender"
        folder.mkdir(parents=True)
        spec = {"argv": command, "display_name": "x", "language": "x", "interrupt_mode": "signal"}
        (folder / "kernel.json").write_text(json.dumps(spec))
        tasks = Tasks(mode, code)
        tasks.start()
    except Exception as error:
        print(json.dumps({"missing": f"{type(error).__name__}: {error}" if not isinstance(error, Missing) else str(error)}), flush=True)
        return
    print(json.dumps({"version": name}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        samples, lost = [], None
        for _ in range(asked["count"]):
            try:
                sample, wrong = getattr(tasks, asked["task"])()
            except Exception as error:
                sample, wrong = None, f"{type(error).__name__} {error}".strip()
                tasks.drop()
            samples += [] if sample is None else [sample]
            lost = lost or wrong
        print(json.dumps({"samples": samples, "lost": lost}), flush=True)
    tasks.drop()


try:
    main()
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
