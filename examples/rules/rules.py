#!/usr/bin/env python3
"""Rules that customers write in TypeScript, applied to orders by a program in Python.

A rule may loop, fill the memory, look for files or be wrong. It costs its own run, and the program goes on.
"""

import drupe
from drupe.sync import Kernel

ORDER = {"total": 120.0, "country": "DE", "items": ["lamp", "desk"]}
RATES = {"DE": 0.19, "FR": 0.2}
RULES = {
    "discount": "interface Order { total: number }\n(order as Order).total > 100 ? { discount: 0.1 } : {}",
    "tax": "const rate: number = await host.rate(order.country); ({ tax: order.total * rate })",
    "items": "for (const item of order.items) console.log('checks', item); ({ items: order.items.length })",
    "loop": "while (true) {}",
    "sleep": "await new Promise((wake) => setTimeout(wake, 60_000))",
    "hungry": "const all = []; while (true) all.push(new Array(100_000).fill(all.length))",
    "curious": "require('fs').readFileSync('/etc/passwd', 'utf8')",
    "typo": "order.totl.toFixed(2)",
    "half": "if (order.total > 100) {",
    "function": "() => order.total",
}


def apply(kernel: Kernel, name: str, rule: str) -> object:
    """What a rule says of the order. Raises RunError, and KernelDied."""
    kernel.restart()  # a process of its own: no customer meets what another has left
    report = kernel.run(rule, name=name, inputs={"order": ORDER}, grant=["rate"])
    for line in report.console:
        print(f"  {name} prints: {line}")
    value = report.raise_for_error().value
    if not isinstance(value, dict):
        raise ValueError(f"a rule gives an object, not {report.text}")
    return value


def main() -> None:
    # Times are seconds. Nothing outside of the kernel is permitted, because nothing is asked for.
    limits = {"vm_timeout": 0.2, "wall_timeout": 1.0, "memory_limit": 64 << 20, "console_limit": 100_000}
    with Kernel(**limits) as kernel:

        @kernel.function("rate", reserved=True)
        def rate(country: str) -> float:
            return RATES[country]

        for name, rule in RULES.items():
            try:
                print(f"{name}: {apply(kernel, name, rule)}")
            except (drupe.Threw, ValueError) as error:
                print(f"{name} is wrong: {str(error).splitlines()[0]}")
            except drupe.RunError as error:
                print(f"{name} was stopped: {error.report.outcome}")
            except drupe.KernelDied as error:
                print(f"{name} has ended its process: {error.code}")


if __name__ == "__main__":
    main()
