"""A contender of `cargo xtask peers --clients`: the Python client of drupe, ipykernel, or pydantic-monty.

Reads {"task", "count"} a line from standard input, and answers {"samples"}: seconds, or bytes a second.
"""

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

SIZE = 100_000_000
PYTHON = f"Python {platform.python_version()}"


def drupe():
    sys.path.insert(0, str(Path(__file__).parents[3] / "client" / "python" / "src"))
    from drupe.sync import Kernel

    kernel = Kernel()
    kernel.__enter__()

    def numpy_rate():
        import numpy

        begin = time.perf_counter()
        value = numpy.asarray(kernel.run("big", value_limit=SIZE + 4096).value)
        spent = time.perf_counter() - begin
        assert value.nbytes == SIZE and value[-1] == SIZE // 8 - 1
        return SIZE / spent

    def prepare():
        kernel.run(f"const big = new Float64Array({SIZE // 8}).map((_, i) => i); 0")

    return f"{PYTHON}, drupe.sync", lambda: kernel.run("1+1").value == 2, (prepare, numpy_rate)


def ipykernel():
    from jupyter_client.manager import start_new_kernel

    _, client = start_new_kernel()

    def run():
        reply = client.execute_interactive("1+1", output_hook=lambda _: None)
        return reply["content"]["status"] == "ok"

    return f"{PYTHON}, ipykernel {version('ipykernel')}, jupyter_client {version('jupyter_client')}", run, None


def monty():
    import pydantic_monty

    pool = pydantic_monty.Monty()
    session = pool.__enter__().checkout().__enter__()

    def run():
        session.feed_run("1+1")
        return True

    return f"{PYTHON}, pydantic-monty {version('pydantic-monty')}", run, None


def main():
    try:
        name, run, large = {"drupe": drupe, "ipykernel": ipykernel, "monty": monty}[sys.argv[1]]()
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), flush=True)
        return
    print(json.dumps({"version": name}), flush=True)
    prepared = False
    for line in sys.stdin:
        asked = json.loads(line)
        samples = []
        for _ in range(asked["count"]):
            if asked["task"] == "large":
                prepare, rate = large
                if not prepared:
                    prepare()
                    prepared = True
                samples.append(rate())
            else:
                begin = time.perf_counter()
                assert run()
                samples.append(time.perf_counter() - begin)
        print(json.dumps({"samples": samples}), flush=True)


main()
