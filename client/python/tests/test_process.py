"""What a kernel says of its session and process, and what a report says of events that did not come."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from deaths import die_in_a_run
from fake import Fake, Peer, event, outcome

from drupe.sync import Kernel, Server


def test_a_process_that_took_the_place_of_another_has_no_old_number(binary: str) -> None:
    with Kernel() as k:
        pid = k.info["pid"]
        k.reset()
        assert (k.info["pid"], k.info["generation"]) == (pid, 2)
        os.kill(pid, signal.SIGKILL)
        report = k.run("1")
        assert k.info.get("pid") != pid and k.info["generation"] == report.get("generation") > 2
        k.restart()
        assert k.info.get("pid") != pid and k.info["generation"] == k.run("1").get("generation")
        assert k.info["engine"]["name"] == "V8"


def test_a_death_in_a_run_and_a_client_that_wants_few_events_know_no_old_process(binary: str) -> None:
    with Server() as server:
        k, few = server.open(), server.open(events=["console"])
        os.kill(few.info["pid"], signal.SIGKILL)
        report = few.run("1")
        assert "pid" not in few.info and few.info["generation"] == report.get("generation")
        die_in_a_run(k)
        assert "pid" not in k.info


def test_the_number_of_a_new_process_is_taken_where_the_server_tells_it(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.opened()
        peer.reply(peer.expect("run"), run=1)
        peer.send(event(1, "session", generation=2, reason="respawned", pid=22), outcome(2, 7))
        peer.reply(peer.expect("restart"), generation=3, pid=33)

    fake = Fake(tmp_path, script)
    with Server(address=fake.path, reconnect=0) as server:
        k = server.open()
        assert k.run("7").value == 7
        assert (k.info["pid"], k.info["generation"]) == (22, 2)
        k.restart()
        assert (k.info["pid"], k.info["generation"]) == (33, 3)
    fake.check()


def test_a_report_counts_the_events_that_were_missed(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.opened()
        peer.reply(peer.expect("run"), run=1)
        for first, last in ((2, 8), (10, 10)):
            peer.send(["missed", {"kernel": "k", "first": first, "last": last, "types": {"console": 1}}])
        peer.send(outcome(11, 7))
        peer.reply(peer.expect("run"), run=2)
        peer.send(outcome(12, 8, run=2))

    fake = Fake(tmp_path, script)
    with Server(address=fake.path, reconnect=0) as server:
        k = server.open(slow="drop")
        assert [k.run("7").missed, k.run("8").missed] == [8, 0]
    fake.check()


def test_a_report_counts_the_calls_that_were_cancelled_with_its_run(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.opened()
        peer.reply(peer.expect("run"), run=1)
        fields = {"outcome": "timed_out", "state": "kept", "dropped_timers": 1}
        peer.send(event(1, "outcome", dropped_calls=3, **fields))
        peer.reply(peer.expect("run"), run=2)
        peer.send(event(2, "outcome", 2, **fields))  # of an older server

    fake = Fake(tmp_path, script)
    with Server(address=fake.path, reconnect=0) as server:
        k = server.open()
        reports = [k.run("7"), k.run("8")]
        assert [(report.get("dropped_timers"), report.get("dropped_calls")) for report in reports] == [(1, 3), (1, 0)]
    fake.check()


def test_what_a_slow_client_missed_is_what_its_report_lacks(binary: str) -> None:
    with Server() as server:
        k = server.open(slow="drop", journal_limit=65536)
        for pause in (1, 5, 20):  # a busy machine takes longer to print
            run = k.start(
                "for (let i = 0; i < 5000; i++) { console.log('x'.repeat(2000)); if (i % 100 == 0) await null }"
            )
            time.sleep(pause)  # and reads nothing
            report = run.report()
            # The first events, `session` and `started`, may be among those that were missed.
            assert 5000 <= report.missed + len(report.console) <= 5002
            if report.missed:
                break
        assert report.missed > 0
        assert k.run("1").missed == 0
