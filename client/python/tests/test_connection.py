"""Both faces against a server that is scripted: lost connections, damage, refusals, calls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fake import OPENED, Fake, Peer, event, outcome

import drupe
from drupe import sync
from drupe.server import find_binary


class Blocking:
    """Calls of the blocking face."""

    def session(self, fake: Fake, codes: list[str], reconnect: float = 0, **options: Any) -> list[Any]:
        """Runs each code. Gives the reports, or the exceptions."""
        target = drupe.Target(address=fake.path, reconnect=reconnect)
        results: list[Any] = []
        try:
            with sync.Kernel(target=target, **options) as kernel:
                kernel.function(lambda *given: [*given, 1], name="echo")
                kernel.function(lambda: iter("ab"), name="letters")
                kernel.function(lambda: 1 / 0, name="fails")
                for code in codes:
                    try:
                        results.append(kernel.run(code))
                    except drupe.DrupeError as error:
                        results.append(error)
        except drupe.DrupeError as error:
            results.append(error)
        return results


class Asyncio:
    """Calls of the asyncio face."""

    def session(self, fake: Fake, codes: list[str], reconnect: float = 0, **options: Any) -> list[Any]:
        return asyncio.run(asyncio.wait_for(self._session(fake, codes, reconnect, **options), 30))

    async def _session(self, fake: Fake, codes: list[str], reconnect: float, **options: Any) -> list[Any]:
        target = drupe.Target(address=fake.path, reconnect=reconnect)
        results: list[Any] = []
        try:
            async with drupe.Kernel(target=target, **options) as kernel:

                async def echo(*given: Any) -> list[Any]:
                    await asyncio.sleep(0)
                    return [*given, 1]

                async def letters() -> AsyncIterator[str]:
                    for letter in "ab":
                        yield letter

                kernel.function(echo)
                kernel.function(letters)
                kernel.function(lambda: 1 / 0, name="fails")
                for code in codes:
                    try:
                        results.append(await kernel.run(code))
                    except drupe.DrupeError as error:
                        results.append(error)
        except drupe.DrupeError as error:
            results.append(error)
        return results


@pytest.fixture(params=[Blocking, Asyncio])
def face(request: pytest.FixtureRequest) -> Any:
    return request.param()


def registered(peer: Peer, count: int = 3) -> None:
    for _ in range(count):
        peer.reply(peer.expect("register"))


def whole_session(peer: Peer) -> None:
    peer.opened()
    registered(peer)
    run = peer.expect("run")
    peer.reply(run, run=1)
    peer.send(event(1, "started", generation=1), event(2, "console", text="hi", args=["hi"]), outcome(3, 2))
    peer.read()


def test_a_run_gives_its_report(tmp_path: Path, face: Any) -> None:
    fake = Fake(tmp_path, whole_session)
    (report,) = face.session(fake, ["1+1"])
    assert (report.value, report.text, report.outcome, report.state) == (2, "2", "value", "kept")
    assert report.console == ["hi"] and report.ok and report.raise_for_error() is report
    fake.check()


def test_nothing_hangs_if_the_server_dies_at_any_byte(tmp_path: Path, face: Any) -> None:
    for budget in range(0, 10_000):
        alive: list[Peer] = []

        def dying(peer: Peer, budget: int = budget, alive: list[Peer] = alive) -> None:
            peer.budget = budget
            whole_session(peer)

        results = face.session(Fake(tmp_path, dying), ["1+1"])
        if not isinstance(results[0], drupe.DrupeError):
            assert budget > 300 and results[0].value == 2
            return
        assert isinstance(results[0], drupe.ServerGone), (budget, results)
    raise AssertionError("the session never came to its end")


def test_a_refusal_is_told(tmp_path: Path, face: Any) -> None:
    def refuse(peer: Peer) -> None:
        assert peer.expect("hello")["versions"] == [1]
        peer.send(["refused", {"code": "token", "message": "the token is wrong"}])

    (error,) = face.session(Fake(tmp_path, refuse), ["1"], reconnect=5)
    assert isinstance(error, drupe.Refused) and error.code == "token"


DAMAGE = {
    "no msgpack": b"\x03\x00\x00\x00\xc1\xc1\xc1",
    "too long": b"\xff\xff\xff\xff",
    "no message": b"\x01\x00\x00\x00\x05",
    "event without a number": b"\x1c\x00\x00\x00\x92\xa5event\x82\xa6kernel\xa1k\xa4type\xa6output",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damage_is_a_protocol_error(tmp_path: Path, face: Any, damage: bytes) -> None:
    def damaged(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        peer.expect("run")
        peer.socket.sendall(len(damage[4:]).to_bytes(4, "little") + damage[4:] if damage[:4] != b"\xff" * 4 else damage)
        peer.read()

    first, second = face.session(Fake(tmp_path, damaged), ["1", "2"], reconnect=5)
    assert isinstance(first, drupe.ProtocolError) and isinstance(second, drupe.ServerGone)


def test_nothing_hangs_if_any_byte_is_wrong(tmp_path: Path, face: Any) -> None:
    chance = random.Random(1)
    for place in range(0, 400, 3):

        def damaged(peer: Peer, damage: tuple[int, int] = (place, chance.randrange(256))) -> None:
            peer.socket.settimeout(0.05)
            peer.damage = damage
            with contextlib.suppress(TimeoutError):
                whole_session(peer)

        (result,) = face.session(Fake(tmp_path, damaged), ["1+1"])
        assert isinstance(result, (drupe.DrupeError, drupe.Report))


def test_what_is_not_known_is_skipped(tmp_path: Path, face: Any) -> None:
    def newer(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        peer.send(["fashion", {"new": 1}], ["event", {"kernel": "other", "seq": 1, "type": "started"}])
        peer.reply(peer.expect("run"), run=1, more=True)
        peer.send(event(1, "novelty", new=[1]), ["event", {**outcome(2, 3)[1], "outcome": "evaporated"}])
        peer.read()

    (report,) = face.session(Fake(tmp_path, newer), ["1"])
    assert report.outcome == "evaporated" and not report.ok
    with pytest.raises(drupe.UnknownOutcome):
        report.raise_for_error()


def test_a_lost_connection_comes_back_and_nothing_runs_twice(tmp_path: Path, face: Any) -> None:
    tags: list[str] = []

    def first(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        run = peer.expect("run")
        tags.append(run["tag"])
        peer.reply(run, run=1)
        peer.send(event(1, "started"), event(2, "console", text="one"))

    def second(peer: Peer) -> None:
        peer.greet()
        attach = peer.expect("attach")
        assert attach["after"] == 2 and attach["kernel"] == "k"
        peer.reply(attach, generation=1, seq=4, runs=[], first=1)
        names = peer.expect("register")
        assert names["functions"] == ["echo", "letters", "fails"]
        peer.reply(names)
        peer.send(event(2, "console", text="one"), event(3, "console", text="two"), outcome(4, "end"))
        run = peer.expect("run")
        tags.append(run["tag"])  # and dies before it answers

    def third(peer: Peer) -> None:
        peer.greet()
        attach = peer.expect("attach")
        assert attach["after"] == 4
        peer.reply(attach, generation=1, seq=6, runs=[], first=1)
        peer.reply(peer.expect("register"))
        peer.send(event(5, "started", 2), outcome(6, "again", 2))  # before the run's number is known
        run = peer.expect("run")
        assert run["tag"] == tags[1] != tags[0]
        peer.reply(run, run=2, again=True, ended=True)
        peer.read()

    fake = Fake(tmp_path, first, second, third)
    one, two = face.session(fake, ["a", "b"], reconnect=10)
    assert (one.value, one.console, two.value) == ("end", ["one", "two"], "again")
    fake.check()


@pytest.mark.parametrize("known", [True, False])
def test_a_missed_end_is_told(tmp_path: Path, face: Any, known: bool) -> None:
    def first(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        run = peer.expect("run")
        if known:
            peer.reply(run, run=1)

    def second(peer: Peer) -> None:
        peer.greet()
        peer.reply(peer.expect("attach"), generation=1, seq=9, runs=[], first=8)
        peer.reply(peer.expect("register"))
        peer.send(["missed", {"kernel": "k", "first": 1, "last": 7, "types": {"outcome": 1}, "ended": [1]}])
        if not known:
            peer.reply(peer.expect("run"), run=1, again=True, ended=True)
        peer.reply(peer.expect("run"), run=2)
        peer.send(outcome(8, 5, 2))
        peer.read()

    missed: list[drupe.Event] = []
    fake = Fake(tmp_path, first, second)
    one, two = face.session(fake, ["a", "b"], reconnect=10, on_event=missed.append)
    assert isinstance(one, drupe.EventsMissed) and two.value == 5
    assert [(seen.type, seen.get("first")) for seen in missed][:1] == [("missed", 1)]
    fake.check()


def test_another_server_at_the_address_has_not_the_kernel(tmp_path: Path, face: Any) -> None:
    def first(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        peer.reply(peer.expect("run"), run=1)

    def second(peer: Peer) -> None:
        peer.expect("hello")
        peer.send(["welcome", {"version": 1, "server": "fake", "instance": "two"}])
        peer.read()

    (error,) = face.session(Fake(tmp_path, first, second), ["a"], reconnect=10)
    assert isinstance(error, drupe.ServerGone) and "anew" in str(error)


def test_a_kernel_that_ended_meanwhile_is_told(tmp_path: Path, face: Any) -> None:
    def first(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        peer.reply(peer.expect("run"), run=1)

    def second(peer: Peer) -> None:
        peer.greet()
        for name in ("attach", "register"):
            error = {"id": peer.expect(name)["id"], "code": "unknown_kernel", "message": "no such kernel"}
            peer.send(["error", error])
        peer.read()

    (error,) = face.session(Fake(tmp_path, first, second), ["a"], reconnect=10)
    assert isinstance(error, drupe.UnknownKernel)


def test_calls_are_answered(tmp_path: Path, face: Any) -> None:
    answers: list[Any] = []

    def calling(peer: Peer) -> None:
        peer.opened()
        registered(peer)
        peer.reply(peer.expect("run"), run=1)
        for number, name, arguments in ((1, "echo", [2**70]), (2, "fails", []), (3, "nothing", [])):
            big = peer_value(arguments)
            peer.send(["call", {"call": number, "kernel": "k", "op": "function", "function": name, "args": big}])
            answers.append(peer.read())
        peer.send(["call", {"call": 4, "kernel": "k", "op": "function", "function": "letters", "args": []}])
        answers.append(peer.read())
        for _ in range(3):
            peer.send(["next", {"call": 4}])
            answers.append(peer.read())
        peer.send(["call", {"call": 5, "kernel": "k", "op": "permission", "permission": "read", "resource": "/x"}])
        answers.append(peer.read())
        peer.send(["cancel", {"call": 9}], ["next", {"call": 9}], outcome(1, None))
        peer.read()

    def decide(permission: str, resource: str, api: str | None) -> str:
        return "session" if (permission, resource, api) == ("read", "/x", None) else "deny"

    fake = Fake(tmp_path, calling)
    (report,) = face.session(fake, ["a"], answers={"permission": decide})
    assert report.value is None
    assert [name for name, _ in answers] == ["answer", "fail", "fail", "stream", "item", "item", "end", "answer"]
    assert answers[0][1]["value"] == [*peer_value([2**70]), 1]
    assert answers[1][1]["name"] == "ZeroDivisionError" and "division" in answers[1][1]["message"]
    assert [body["value"] for name, body in answers if name == "item"] == ["a", "b"]
    assert answers[-1][1]["value"] == "session"
    fake.check()


def peer_value(value: Any) -> Any:
    import msgpack

    from drupe.values import encode

    return msgpack.unpackb(msgpack.packb(encode(value)))


async def test_cancelling_a_task_interrupts_its_run(tmp_path: Path) -> None:
    seen = threading.Event()

    def endless(peer: Peer) -> None:
        peer.opened()
        peer.reply(peer.expect("run"), run=7)
        peer.send(event(1, "started", 7))
        body = peer.expect("interrupt")
        assert body["run"] == 7
        peer.reply(body)
        seen.set()
        peer.read()

    fake = Fake(tmp_path, endless)
    started = asyncio.Event()
    target = drupe.Target(address=fake.path)
    async with drupe.Kernel(target=target, on_event=lambda _: started.set()) as kernel:
        task = asyncio.ensure_future(kernel.run("while (true) {}"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(seen.wait, 10)
    fake.check()


async def test_closing_fails_each_that_waits(tmp_path: Path) -> None:
    def silent(peer: Peer) -> None:
        peer.opened()
        with contextlib.suppress(EOFError):
            while True:
                peer.read()

    fake = Fake(tmp_path, silent)
    kernel = drupe.Kernel(target=drupe.Target(address=fake.path))
    await kernel.open()
    waiting = [asyncio.ensure_future(kernel.run("1")), asyncio.ensure_future(kernel.status())]
    await asyncio.sleep(0)
    await kernel.close()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, drupe.ServerGone)


def test_threads_share_a_blocking_server(tmp_path: Path) -> None:
    def busy(peer: Peer) -> None:
        peer.opened()
        run = peer.expect("run")
        peer.reply(run, run=1)
        status = peer.expect("status")  # of another thread, while the first waits
        peer.reply(status, executing=True)
        interrupt = peer.expect("interrupt")
        peer.reply(interrupt)
        peer.send(event(1, "outcome", outcome="interrupted", message="Interrupted", state="kept"))
        peer.read()

    fake = Fake(tmp_path, busy)
    with sync.Kernel(target=drupe.Target(address=fake.path)) as kernel:
        run = kernel.start("while (true) {}")
        reports: list[drupe.Report] = []
        thread = threading.Thread(target=lambda: reports.append(run.report()))
        thread.start()
        assert kernel.status()["executing"] is True
        run.interrupt()
        thread.join(10)
        assert reports[0].outcome == "interrupted"
        with pytest.raises(drupe.Interrupted):
            reports[0].raise_for_error()
    fake.check()


def test_a_lent_function_may_use_another_kernel(tmp_path: Path) -> None:
    def nested(peer: Peer) -> None:
        peer.greet()
        peer.reply(peer.expect("open"), **OPENED)
        peer.reply(peer.expect("open"), **{**OPENED, "kernel": "other"})
        peer.reply(peer.expect("run"), run=1)
        call = ["call", {"call": 1, "kernel": "k", "op": "function", "function": "ask", "args": []}]
        peer.send(call, event(1, "console", text="in the same read"))
        inner = peer.expect("run")
        assert inner["kernel"] == "other"
        peer.reply(inner, run=1)
        peer.send(["event", {**outcome(1, "inner")[1], "kernel": "other"}])
        answer = peer.expect("answer")
        peer.send(outcome(2, answer["value"]))
        peer.reply(peer.expect("close"))
        peer.reply(peer.expect("close"))

    fake = Fake(tmp_path, nested)
    with sync.Server(address=fake.path) as server:
        outer = sync.Kernel(server)
        outer.function(lambda: other.run("x").value, name="ask")
        with outer, server.open() as other:
            assert outer.run("await host.ask()").value == "inner"
    fake.check()


def test_a_program_that_is_no_server_is_told(face: Any, tmp_path: Path) -> None:
    program = tmp_path / "drupe"
    program.write_text("#!/bin/sh\necho 'cannot serve' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(drupe.ServerGone, match="cannot serve"), sync.Kernel(target=drupe.Target(binary=program)):
        pass

    async def start() -> None:
        async with drupe.Kernel(target=drupe.Target(binary=program)):
            pass

    with pytest.raises(drupe.ServerGone, match="cannot serve"):
        asyncio.run(start())


def test_no_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRUPE_BIN", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(drupe.NotFound, match="DRUPE_BIN"):
        sync.Kernel().open()
    monkeypatch.setenv("DRUPE_BIN", "/no/such/program")
    with pytest.raises(drupe.NotFound, match="/no/such/program"):
        sync.Kernel().open()


def executable(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("listed", ["../../../bin/drupe", "../../bin/drupe"])
def test_the_wheel_goes_before_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: str) -> None:
    """The second is what `pip install --target` leaves: the list has a place where the program is not."""
    packages = tmp_path / "lib/python3/site-packages"
    wheel = packages / "drupe_runtime-1.2.3.dist-info"
    wheel.mkdir(parents=True)
    (wheel / "METADATA").write_text("Metadata-Version: 2.1\nName: drupe-runtime\nVersion: 1.2.3\n")
    (wheel / "RECORD").write_text(f"{listed},,\ndrupe_runtime-1.2.3.dist-info/RECORD,,\n")
    expected = executable(tmp_path / "bin/drupe" if listed.count("..") == 3 else packages / "bin/drupe")
    on_path = executable(tmp_path / "path/drupe")
    monkeypatch.delenv("DRUPE_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert find_binary() == on_path
    monkeypatch.syspath_prepend(str(packages))
    assert find_binary() == os.path.realpath(expected)
    named = executable(tmp_path / "named/drupe")
    monkeypatch.setenv("DRUPE_BIN", named)
    assert find_binary() == named
    assert find_binary(on_path) == on_path
    monkeypatch.setenv("DRUPE_BIN", "")
    os.remove(expected)
    assert find_binary() == on_path
    os.mkdir(expected)
    assert find_binary() == on_path, "a folder is no program"


@pytest.mark.parametrize("options", [{"vm_timeuot": 1}, {"module": "x"}, {"inputs": {"x": object()}}])
def test_wrong_options_are_told_before_anything_is_sent(options: dict[str, Any]) -> None:
    from drupe.options import run_fields

    with pytest.raises(TypeError):
        run_fields("1", options)


def test_times_are_seconds_or_timedelta() -> None:
    from datetime import timedelta

    from drupe.options import KernelOptions, fields_of, run_fields

    assert run_fields("1", {"vm_timeout": 0.25, "wall_timeout": timedelta(seconds=2)}) == {
        "code": "1",
        "vm_timeout_ms": 250.0,
        "wall_timeout_ms": 2000.0,
    }
    given = {"linger": 1.5, "permissions": {"read": ("/a",), "net": True}, "env": {"A": "b"}, "name": None}
    want = {"linger_ms": 1500, "permissions": {"read": ["/a"], "net": True}, "env": {"A": "b"}}
    assert fields_of(given, KernelOptions) == want


def test_a_server_that_does_not_answer_is_told(tmp_path: Path, face: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drupe.link.Link.hello_timeout", 0.1)

    def silent(peer: Peer) -> None:
        peer.expect("hello")
        peer.read()

    (error,) = face.session(Fake(tmp_path, silent), ["1"])
    assert isinstance(error, drupe.ServerGone)


def test_one_text_stands_for_a_list() -> None:
    from drupe.options import KernelOptions, fields_of, run_fields

    fields = fields_of({"permissions": {"read": Path("/a"), "net": "b"}, "folder": Path("/c")}, KernelOptions)
    assert fields == {"permissions": {"read": ["/a"], "net": ["b"]}, "folder": "/c"}
    assert run_fields(None, {"module": Path("/m.ts"), "args": "x"}) == {"module": "/m.ts", "args": ["x"]}


def test_a_failing_listener_is_logged_and_harms_nothing(
    tmp_path: Path, face: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (report,) = face.session(Fake(tmp_path, whole_session), ["1"], on_event=lambda _: 1 / 0)
    assert report.value == 2
    assert "ZeroDivisionError" in caplog.text


def test_a_generator_that_fails_as_it_is_closed_harms_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def stopping(peer: Peer) -> None:
        peer.opened()
        peer.reply(peer.expect("register"))
        peer.reply(peer.expect("run"), run=1)
        peer.send(["call", {"call": 1, "kernel": "k", "op": "function", "function": "items", "args": []}])
        peer.expect("stream")
        peer.send(["next", {"call": 1}])
        peer.expect("item")
        peer.send(["cancel", {"call": 1}], outcome(1, "end"))
        peer.read()

    def items() -> Any:
        try:
            yield 1
        finally:
            raise OSError("no")

    fake = Fake(tmp_path, stopping)
    with sync.Kernel(target=drupe.Target(address=fake.path)) as kernel:
        kernel.function(items)
        assert kernel.run("x").value == "end"
    assert "OSError: no" in caplog.text
    fake.check()
