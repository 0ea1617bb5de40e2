"""What people read: texts of values, reports and errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from deaths import die_in_a_run

import drupe
from drupe import Event, Opaque, Report, undefined
from drupe.report import Printed
from drupe.sync import Kernel


@pytest.fixture
def k(binary: str) -> Iterator[Kernel]:
    with Kernel(wall_timeout=60) as kernel:
        yield kernel


def test_values_are_printed_as_javascript_names_them(k: Kernel) -> None:
    assert f"{undefined} {undefined!s} {undefined!r}" == "undefined undefined undefined"
    assert str(k.run("undefined").value) == "undefined"
    assert str(k.run("(function add() {})").value) == "[Function: add]"
    assert repr(Opaque("function", "f")) == "Opaque(type='function', text='f')"


def test_a_run_that_awaits_what_cannot_come_ends(k: Kernel) -> None:
    report = k.run("let kept = 1; await new Promise(() => {})")
    assert (report.outcome, report.state) == ("unsettled", "kept")
    with pytest.raises(drupe.Unsettled, match="nothing is left that could settle it"):
        report.raise_for_error()
    assert k.run("await new Promise((done) => setTimeout(done, 20, kept))").value == 1


def test_the_first_run_after_a_death_says_that_the_state_is_lost(k: Kernel) -> None:
    assert k.run("let x = 1; x").state == "kept"
    k.reset()
    assert k.run("1").state == "kept"  # nothing that this program did not ask for
    die_in_a_run(k)
    report = k.run("typeof x")
    assert (report.value, report.state) == ("undefined", "lost")
    assert "state='lost'" in repr(report)
    assert report.message.startswith("state lost: the kernel was ended by signal 9")
    assert k.run("1").state == "kept"


def test_an_error_that_nobody_caught_is_in_the_report(k: Kernel) -> None:
    report = k.run("async function save() { throw new Error('disk full') }; save(); 'saved'")
    assert (report.ok, report.value, report.output) == (True, "saved", "")
    assert report.message == "1 error of a timer or promise was not caught: Error: disk full"
    [error] = report.uncaught
    assert (error["origin"], error["name"], error["message"]) == ("rejection", "Error", "disk full")
    assert error["text"].startswith("Error: disk full\n    at save (chunk:1:1:31)")
    assert error["value"].message == "disk full" and report.raise_for_error() is report
    report = k.run("setTimeout(() => { throw { a: 1 } }); reportError(8); await new Promise((r) => setTimeout(r, 20))")
    assert report.message == "2 errors of timers or promises were not caught, the first: 8"
    assert [(error["origin"], error["value"]) for error in report.uncaught] == [("report", 8), ("callback", {"a": 1})]
    report = k.run("Promise.reject(new Error('')); process.exitCode = 0; 1")
    assert report.message == "1 error of a timer or promise was not caught: Error"
    assert k.run("Promise.reject(1).catch(() => 2); 3").message == ""


def test_an_error_that_nobody_caught_is_told_beside_the_end_of_its_run(k: Kernel) -> None:
    report = k.run("Promise.reject(new Error('no')); await new Promise(() => {})")
    words = "; 1 error of a timer or promise was not caught: Error: no"
    with pytest.raises(drupe.Unsettled) as caught:
        report.raise_for_error()
    assert report.message == str(caught.value) + words  # the exception says only how the run ended
    # What ends a run is its exception, and no other one.
    report = k.run("Promise.reject(8); setTimeout(() => { throw new Error('end') }, 20); 1", until_idle=True)
    assert report.exception and report.exception["value"] == 8 and report.uncaught == []
    report = k.run("reportError(new Error('a')); setTimeout(() => { throw new Error('end') }, 20)", until_idle=True)
    assert [error["message"] for error in report.uncaught] == ["a"]


def test_errors_of_other_runs_and_without_capture_are_not_in_the_report(k: Kernel) -> None:
    assert k.run("setTimeout(() => { throw new Error('late') }, 20); 1").uncaught == []
    assert k.run("await new Promise((done) => setTimeout(done, 60)); 2").uncaught == []
    assert k.run("Promise.reject(1); 2", capture=False).uncaught == []


def test_a_report_is_printed_in_short_and_with_its_message(k: Kernel) -> None:
    report = k.run("console.log('a'); 1")
    assert str(report) == "Report(run=1, outcome='value', value=1, state='kept', new_session=True)"
    printed = str(k.run("null.x"))
    start = "Report(run=2, outcome='threw', state='kept', new_session=False, message=\"TypeError: Cannot read"
    assert printed.startswith(start)
    assert "text='[ 1, 2 ]'" in str(k.run("[1, 2]", value_limit=0))
    assert len(str(k.run("'x'.repeat(1e6)"))) < 1200


def test_an_exit_names_its_status(k: Kernel) -> None:
    with pytest.raises(drupe.Exited, match=r"^the code called process\.exit\(3\)$") as caught:
        k.run("process.exit(3)").raise_for_error()
    assert caught.value.report.get("exit_code") == 3
    assert k.run("process.exit(0)").raise_for_error().message == "the code called process.exit(0)"


def test_what_was_thrown_is_told(k: Kernel) -> None:
    for code, thrown in (("throw { a: 1 }", {"a": 1}), ("throw undefined", undefined)):
        with pytest.raises(drupe.Threw) as caught:
            k.run(code).raise_for_error()
        assert caught.value.thrown == thrown


def test_a_run_that_is_taken_for_its_report_says_what_to_write(k: Kernel) -> None:
    run = k.start("6 * 7")
    for name in ("value", "text", "outcome", "ok", "console", "raise_for_error"):
        wanted = rf"^'Run' object has no attribute '{name}': a run may still go on; its report is `run.report\(\)`"
        with pytest.raises(AttributeError, match=wanted):
            getattr(run, name)
    with pytest.raises(AttributeError, match=r"^'Run' object has no attribute 'valeu'$"):
        run.valeu  # noqa: B018
    assert run.report().value == 42


def test_a_function_that_nobody_lends_is_told_what_is_lent(k: Kernel) -> None:
    def said(code: str) -> str:
        with pytest.raises(drupe.Threw) as caught:
            k.run(code).raise_for_error()
        return str(caught.value).splitlines()[-1]

    assert said("host.nope()") == "this program lends no functions"
    k.function("db.query")(str)
    k.function(lambda: 1, name="now")
    assert said("host.nope()") == said("await host.db.nope(1)") == "this program lends 'db.query', 'now'"
    assert said("nope()").startswith("    at ")


@pytest.mark.parametrize(
    ("question", "answer", "call"),
    [
        ("confirm", "yes", "confirm('?')"),
        ("confirm", None, "confirm('?')"),
        ("prompt", 5, "prompt('?')"),
        ("permission", True, "require('fs').readFileSync('/etc/hostname')"),
        ("permission", "yes", "require('fs').readFileSync('/etc/hostname')"),
    ],
)
def test_a_wrong_answer_is_told_to_the_one_who_gives_it(
    binary: str, caplog: pytest.LogCaptureFixture, question: Any, answer: Any, call: str
) -> None:
    with Kernel(answers={question: lambda *_: answer}) as kernel, caplog.at_level(logging.ERROR, "drupe"):
        report = kernel.run(call)
    assert not report.value
    assert f"the answer to {question!r} must be " in caplog.text
    assert f", not {answer!r}" in caplog.text


def test_groups_without_a_name_print_nothing(k: Kernel) -> None:
    report = k.run("console.group(); console.groupCollapsed(); console.time(); console.log(1); console.group('a')")
    assert report.output == "    1\n    a\n"
    assert report.console == ["    1", "    a"]
    assert k.run("console.groupEnd(); console.group(''); console.log()").output.count("\n") == 2


def test_objects_say_what_they_are(k: Kernel) -> None:
    assert repr(k) == f"<Kernel {k.id}>"
    assert repr(Kernel()) == "<Kernel, not open>"
    run = k.start("1")
    run.report()
    assert repr(run) == "<Run 1, done>"


def test_an_error_of_the_server_names_the_field(k: Kernel) -> None:
    with pytest.raises(drupe.LimitReached, match=r"^journal_limit: a journal has from"):
        k.server.open(journal_limit=2**50)


def test_a_report_of_an_old_server_is_read() -> None:
    report = Report(1, "exited", undefined, False, "", "kept", Printed(), {})
    assert report.message == "the code called process.exit(0)"
    assert Event("console", 1, None, {"method": "log"}).printed == "\n"


def test_an_endless_nesting_of_groups_costs_no_memory() -> None:
    deep = Event("console", 1, None, {"method": "log", "depth": 2**32, "text": "x\ny"})
    assert deep.printed == f"{'  ' * 32}x\n{'  ' * 32}y\n"
