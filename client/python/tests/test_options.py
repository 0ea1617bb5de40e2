"""Options that cannot be are refused by their names, before anything is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from drupe import Kernel, RegExp, Server, Target, sync
from drupe.options import KernelOptions, RunOptions, fields_of, run_fields

WRONG_TYPES: dict[str, list[Any]] = {
    "vm_timeout": ["1s", True, [1], 1j], "wall_timeout": ["1s", False], "linger": ["10"],
    "memory_limit": ["256M", 1.5, True], "console_limit": ["1"], "journal_limit": [None.__class__],
    "kill_on_timeout": ["yes", 1, 0], "builtin_names": ["yes"], "auto_reload": [1],
    "permissions": ["all", ["read"], {"read": 1}, {"read": b"/usr"}, {"read": {"/usr": 1}}, {1: True}],
    "deny": [True, {"net": None}], "env": [{"A": 1}, ["A=1"], {1: "A"}],
    "answers": [print, {"permission": True}, ["permission"]], "on_event": [1, "print"], "events": [1, [1], b"console"],
    "slow": [1], "sandbox": [True], "respawn": [False], "on_disconnect": [0],
    "name": [1, b"x"], "preload": [b"1", 1], "folder": [1, b"/usr"],
}  # fmt: skip
WRONG_VALUES: dict[str, list[Any]] = {
    "vm_timeout": [-1, 0, float("nan"), float("inf"), timedelta(0), 1e300], "wall_timeout": [0.0001],
    "linger": [-0.001], "memory_limit": [-1, 2**64, 1, 8388607], "journal_limit": [-5, 1, 4095],
    "slow": ["never"], "sandbox": ["on"],
    "respawn": ["always"], "on_disconnect": ["stop"], "permissions": [{"files": True}], "answers": [{"ask": print}],
}  # fmt: skip
WRONG_RUNS: dict[str, list[Any]] = {
    "inputs": [[1], "x", {1: 2}, {"good": 1, "bad": print}, {"bad": {"deep": [object()]}}],
    "args": [[1], 1], "only": [5], "grant": [[None]], "tag": [5], "module": [5], "language": [3],
    "until_idle": ["x"], "keep_last": [1], "preview": ["x"], "handle": [1], "bundle": [1], "inspect_hooks": ["x"],
    "value_limit": ["x"],
}  # fmt: skip


def cases(table: dict[str, list[Any]], error: type[Exception]) -> list[Any]:
    return [pytest.param(name, value, error, id=f"{name}={value!r}") for name in table for value in table[name]]


@pytest.mark.parametrize(("name", "value", "error"), [*cases(WRONG_TYPES, TypeError), *cases(WRONG_VALUES, ValueError)])
def test_a_wrong_option_of_a_kernel_is_named(name: str, value: Any, error: type[Exception]) -> None:
    for kind in (Kernel, sync.Kernel):
        with pytest.raises(error, match=rf"^(a key of )?{name}\b.* must be .+, not ."):
            kind(**{name: value})


@pytest.mark.parametrize(("name", "value", "error"), cases(WRONG_RUNS, TypeError))
def test_a_wrong_option_of_a_run_is_named(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"^(a key of )?{name}\b"):
        run_fields(None if name == "module" else "1", {name: value})


@pytest.mark.parametrize("name", ["a b", "", "1a", "a-b", "class", "undefined", "a.b"])
def test_an_input_is_a_variable(name: str) -> None:
    with pytest.raises(ValueError, match=r"^a key of inputs must be the name of a variable, not "):
        run_fields("1", {"inputs": {name: 1}})
    assert [*run_fields("1", {"inputs": {"é": 1, "$a_": 1, "async": 1}})["inputs"]] == ["é", "$a_", "async"]


def test_arguments_are_those_of_a_module() -> None:
    with pytest.raises(TypeError, match=r"^args must be of a module"):
        run_fields("1", {"args": ["x"]})
    assert run_fields(None, {"module": "m", "args": ["x"]}) == {"module": "m", "args": ["x"]}


def test_functions_of_a_run_are_lent(binary: str) -> None:
    with sync.Kernel() as k:
        for name in ("only", "grant"):
            with pytest.raises(ValueError, match=rf"^{name} must be .*, not 'nope': this program lends no functions"):
                k.run("1", **{name: ["nope"]})  # type: ignore[arg-type]
        k.function(len, name="size", reserved=True)
        assert k.run("await host.size('abc')", grant=["size"], only=["size"]).value == 3


def test_the_input_that_is_no_data_is_named() -> None:
    for value in ({"good": 1, "bad": print}, {"good": 1, "bad": {"deep": [print]}}):
        with pytest.raises(TypeError, match=r"^inputs\['bad'\]: JavaScript has no value"):
            run_fields("1", {"inputs": value})
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match=r"^inputs\['deep'\]: .* levels"):
        run_fields("1", {"inputs": {"deep": deep}})


def test_each_option_has_a_check() -> None:
    for known in (KernelOptions, RunOptions):
        for name in known.__annotations__:
            if name != "inputs":
                with pytest.raises((TypeError, ValueError), match=rf"^{name}\b"):
                    fields_of({name: object()}, known)
            assert fields_of({name: None}, known) == {}


def test_an_option_in_a_wrong_place_is_told_its_own() -> None:
    with pytest.raises(TypeError, match=r"no option 'inputs' here: it belongs to a run"):
        Kernel(inputs={})  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"no option 'binary' here: it belongs to a Target"):
        sync.Kernel(binary="/x")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"no option 'sandbox' here: it belongs to a kernel"):
        run_fields("1", {"sandbox": "strict"})
    with pytest.raises(TypeError, match=r"no option 'timeout' here: there are .*wall_timeout"):
        run_fields("1", {"timeout": 1})


@pytest.mark.parametrize("code", [5, b"1", ["1"], RegExp("a")])
def test_code_is_text(code: Any) -> None:
    with pytest.raises(TypeError, match=r"^code must be text, not "):
        run_fields(code, {})


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("binary", 5, TypeError), ("args", 5, TypeError), ("args", [1], TypeError), ("address", 5, TypeError),
        ("token", b"x", TypeError), ("tls", "x", TypeError), ("numpy", 1, TypeError), ("reconnect", "x", TypeError),
        ("reconnect", -1, ValueError),
    ],
)  # fmt: skip
def test_a_wrong_option_of_a_server_is_named(name: str, value: Any, error: type[Exception]) -> None:
    for kind in (Target, Server, sync.Server):
        with pytest.raises(error, match=rf"^{name}\b.* must be .+, not "):
            kind(**{name: value})


def test_what_fits_is_taken() -> None:
    fields = fields_of(
        {
            "vm_timeout": timedelta(seconds=2), "wall_timeout": 0.5, "linger": 3, "memory_limit": 1 << 28,
            "permissions": {"read": "/usr", "net": ["a", "b"], "env": True}, "deny": {"run": False}, "slow": "drop",
            "env": {"A": "1"}, "answers": {"confirm": bool}, "on_event": print, "sandbox": None,
        },
        KernelOptions,
    )  # fmt: skip
    assert fields == {
        "vm_timeout_ms": 2000.0, "wall_timeout_ms": 500.0, "linger_ms": 3000, "memory_limit": 1 << 28,
        "permissions": {"read": ["/usr"], "net": ["a", "b"], "env": True}, "deny": {"run": False}, "slow": "drop",
        "env": {"A": "1"}, "answers": ["confirm"],
    }  # fmt: skip
    assert Target(args="--allow-all").args == ["--allow-all"]
