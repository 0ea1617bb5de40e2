"""Round trips beside ipykernel and pydantic-monty, and a large array. Peers that are not installed are left out."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import drupe
from drupe import sync

ROUNDS = 1000
SIZE = 100_000_000


def each(call: Callable[[], Any], rounds: int = ROUNDS) -> str:
    """Median and 99th percentile of a call's time, in microseconds."""
    for _ in range(rounds // 10):
        call()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1e6)
    return f"p50 {statistics.median(times):8.0f} µs   p99 {statistics.quantiles(times, n=100)[98]:8.0f} µs"


def blocking() -> None:
    with sync.Kernel(target=drupe.Target(numpy=True)) as kernel:
        print("drupe.sync       ", each(lambda: kernel.run("1+1")))
        kernel.run(f"const big = new Float64Array({SIZE // 8}).map((_, i) => i)")
        for _ in range(3):
            begin = time.perf_counter()
            value = kernel.run("big", value_limit=SIZE + 1000).value
            spent = time.perf_counter() - begin
            assert value.nbytes == SIZE and value[-1] == SIZE // 8 - 1
            print(f"100 MB to NumPy   {SIZE / spent / 1e9:8.2f} GB/s")


async def with_asyncio() -> None:
    async with drupe.Kernel() as kernel:
        times = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            await kernel.run("1+1")
            times.append((time.perf_counter() - begin) * 1e6)
        print("drupe (asyncio)  ", f"p50 {statistics.median(times):8.0f} µs")


def monty() -> None:
    import pydantic_monty

    with pydantic_monty.Monty() as pool, pool.checkout() as session:
        print("pydantic-monty   ", each(lambda: session.feed_run("1+1")))


def ipykernel() -> None:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    try:
        call = lambda: client.execute_interactive("1+1", output_hook=lambda _: None)  # noqa: E731
        print("ipykernel        ", each(call, 200))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    blocking()
    asyncio.run(with_asyncio())
    for peer in (monty, ipykernel):
        with contextlib.suppress(ImportError):
            peer()
