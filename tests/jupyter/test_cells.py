"""Cells: results, errors, output and where it belongs, queues, questions."""

import os
import re
import signal
import time

import pytest
from kernels import Kernel, is_idle, is_printed, of_kind, parent, printed

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


def test_counts_and_results(kernel):
    reply, messages = kernel.run("const answer: number = 42; answer")
    count = reply["execution_count"]
    assert of_kind(messages, "execute_input") == [{"code": "const answer: number = 42; answer", "execution_count": count}]
    [result] = of_kind(messages, "execute_result")
    assert result == {"execution_count": count, "data": {"text/plain": "42"}, "metadata": {}, "transient": {}}
    reply, messages = kernel.run("answer + 1", store_history=False)
    assert reply["execution_count"] == count and of_kind(messages, "execute_result")
    reply, messages = kernel.run("console.log('x'); answer", silent=True)
    assert reply["execution_count"] == count and [message["msg_type"] for message in messages] == ["status", "status"]
    assert kernel.run("")[0]["status"] == "ok"
    assert not of_kind(kernel.run("undefined")[1], "execute_result")
    assert kernel.value("null") == "null"
    assert kernel.value("_") == "null"
    assert kernel.value("'a\\x1b[31mb'") == "'a\\x1B[31mb'"


def test_user_expressions(kernel):
    expressions = {"sum": "1 + 1", "bad": "nobody.there", "shown": "html`<b>`"}
    reply, messages = kernel.run("let six = 6", user_expressions=expressions)
    told = reply["user_expressions"]
    assert told["sum"] == {"status": "ok", "data": {"text/plain": "2"}, "metadata": {}}
    assert told["bad"]["status"] == "error" and told["bad"]["ename"] == "ReferenceError"
    assert told["shown"]["data"]["text/html"] == "<b>"
    assert {message["msg_type"] for message in messages} == {"status", "execute_input"}


def test_an_error_is_told_once_with_the_source(kernel):
    reply, messages = kernel.run("function inner() {\n  throw new TypeError('no')\n}\ninner()")
    [error] = of_kind(messages, "error")
    assert (error["ename"], error["evalue"]) == ("TypeError", "no")
    assert {key: reply[key] for key in error} == error and reply["status"] == "error"
    text = "\n".join(error["traceback"])
    plain = COLOUR.sub("", text)
    assert text != plain and "\n2 |   throw new TypeError('no')\n" in plain and "at inner (cell:" in plain, plain
    reply, messages = kernel.run("let = = 1")
    [error] = of_kind(messages, "error")
    assert error["ename"] == "SyntaxError" and any("^" in line for line in error["traceback"]), error
    reply, messages = kernel.run("Promise.reject(7); await Promise.reject({ a: 1 })")
    assert reply["ename"] == "Uncaught" and len([e for e in of_kind(messages, "error") if e["evalue"] == reply["evalue"]]) == 1


def test_many_lines_arrive_in_order(kernel):
    reply, messages = kernel.run("for (let i = 0; i < 20_000; i++) console.log(`line ${i}`)")
    assert printed(messages) == "".join(f"line {number}\n" for number in range(20_000))
    assert len(of_kind(messages, "stream")) < 2_000
    mixed = "for (let i = 1; i <= 100; i++) { console.log(i); console.error(-i); display(i) }"
    _, messages = kernel.run(mixed)
    texts = [
        content.get("text") or content["data"]["text/plain"]
        for message in messages
        if message["msg_type"] in ("stream", "display_data")
        for content in [message["content"]]
    ]
    assert texts == [text for i in range(1, 101) for text in (f"{i}\n", f"{-i}\n", f"{i}")]


def test_late_output_goes_to_its_cell(kernel):
    first = kernel.client.execute(
        "setTimeout(() => { console.log('late'); display('shown late'); throw new Error('failed late') }, 200); 1"
    )
    second = kernel.client.execute("for (let i = 0; i < 10; i++) { console.log('own'); await new Promise(r => setTimeout(r, 50)) }")
    messages = kernel.until(lambda message: is_idle(message, second))
    of = {kind: [m for m in messages if m["msg_type"] == kind] for kind in ("stream", "display_data", "error")}
    assert [parent(message) for message in of["display_data"] + of["error"]] == [first, first]
    for message in of["stream"]:
        assert parent(message) == (first if "late" in message["content"]["text"] else second)
        assert not ("late" in message["content"]["text"] and "own" in message["content"]["text"])
    # In the midst of the second cell.
    kinds = [(parent(message), message["msg_type"]) for message in messages]
    assert kinds.index((first, "display_data")) < len(kinds) - 1 - kinds[::-1].index((second, "stream"))
    assert kernel.reply(second)["status"] == "ok"


def test_output_after_an_error_goes_to_its_cell(kernel):
    failed = kernel.client.execute("setTimeout(() => console.log('after'), 100); throw new Error('first')")
    messages = kernel.until(is_printed("after"))
    assert parent(messages[-1]) == failed and kernel.value("1") == "1"


def test_timers_of_cells_interleave(kernel):
    cells = [kernel.client.execute(f"setInterval(() => console.log('cell {n}'), 10); {n}") for n in range(3)]
    seen = set()
    while len(seen) < 3:
        message = kernel.until(is_printed("cell"))[-1]
        number = int(message["content"]["text"].split()[1])
        assert parent(message) == cells[number]
        seen.add(number)
    assert kernel.run("%reset")[0]["status"] == "ok"


def test_a_failed_cell_aborts_those_that_wait(kernel):
    sent = [kernel.client.execute(code) for code in ("await 1; throw new Error('no')", "globalThis.ran = 1", "2")]
    kernel.until(lambda message: is_idle(message, sent[2]))
    replies = [kernel.reply(message) for message in sent]
    assert [reply["status"] for reply in replies] == ["error", "aborted", "aborted"]
    assert kernel.value("typeof ran") == "'undefined'"
    sent = [kernel.client.execute(code, stop_on_error=False) for code in ("throw new Error('no')", "3")]
    kernel.until(lambda message: is_idle(message, sent[1]))
    assert [kernel.reply(message)["status"] for message in sent] == ["error", "ok"]
    # A syntax error fails before the others have arrived.
    sent = [kernel.client.execute(code) for code in ("let = 1 =", *["1"] * 20)]
    kernel.until(lambda message: is_idle(message, sent[-1]))
    assert {kernel.reply(message)["status"] for message in sent[1:]} == {"aborted"}


def test_questions_are_answered_while_a_cell_runs(kernel):
    kernel.run("let kept = 'still here'; const nested = { inner: { deep: 1 } }")
    busy = kernel.client.execute("for (;;);")
    kernel.until(lambda message: parent(message) == busy and message["msg_type"] == "execute_input")
    begun = time.monotonic()
    assert kernel.control("kernel_info_request")["status"] == "ok"
    completed = kernel.reply(kernel.client.complete("nested.inner.de"))
    assert completed["matches"] == ["deep"] and (completed["cursor_start"], completed["cursor_end"]) == (13, 15)
    assert kernel.reply(kernel.client.kernel_info())["supported_features"] == ["kernel subshells"]
    assert kernel.reply(kernel.client.inspect("kept"))["found"]
    assert kernel.reply(kernel.client.is_complete("if (x) {")) == {"status": "incomplete", "indent": "  "}
    assert kernel.reply(kernel.client.history(hist_access_type="tail", n=1))["history"]
    assert kernel.reply(kernel.client.comm_info())["comms"] == {}
    assert time.monotonic() - begun < 5
    assert kernel.control("interrupt_request")["status"] == "ok"
    reply = kernel.reply(busy)
    assert (reply["status"], reply["ename"]) == ("error", "Interrupted") and "state kept" in reply["evalue"]
    assert kernel.value("kept") == "'still here'"


@pytest.mark.parametrize(
    "code", ["await new Promise(() => {})", "setInterval(() => {}, 0); await new Promise(() => {})", "for (;;) await null"]
)
def test_interrupts_keep_the_state(kernel, code):
    kernel.run("var kept = 7")
    busy = kernel.client.execute(code)
    kernel.until(lambda message: parent(message) == busy and message["msg_type"] == "execute_input")
    os.kill(kernel.manager.provisioner.process.pid, signal.SIGINT)
    assert kernel.reply(busy)["ename"] == "Interrupted"
    assert kernel.value("kept") == "7"
    kernel.run("%reset")


NATIVE = {
    "a pattern": "'a'.repeat(1 << 28).match(/(a+)+b/)",
    "a text": "JSON.stringify(Array.from({ length: 3e6 }, (_, n) => ({ n, text: `${n}` })))",
    "a sort": "Array.from({ length: 1e7 }, Math.random).sort()",
}


@pytest.mark.parametrize("code", NATIVE.values(), ids=NATIVE.keys())
def test_an_interrupt_of_a_built_in_function_is_told_as_it_is(kernel, code):
    kernel.run("var kept = 7")
    busy = kernel.client.execute(f"console.log('begun'); for (;;) {{ {code} }}")
    kernel.until(is_printed("begun"))
    kernel.control("interrupt_request")
    reply = kernel.reply(busy, timeout=120)
    assert reply["ename"] == "Interrupted" and "state kept" in reply["evalue"], reply
    assert kernel.value("kept") == "7"


def test_a_second_interrupt_ends_what_does_not_stop():
    kernel = Kernel()
    kernel.run("var kept = 7")
    # A sort of strings that hears nothing for long.
    code = "console.log('begun'); const all = Array.from({ length: 1e7 }, (_, n) => `${n * 7919 % 1e7}`); console.log('sorting'); all.sort(); 1"
    busy = kernel.client.execute(code)
    kernel.until(is_printed("sorting"))
    kernel.control("interrupt_request")
    told = kernel.until(is_printed("has not stopped yet"))[-1]
    assert parent(told) == busy and "another interrupt ends its kernel" in told["content"]["text"]
    kernel.control("interrupt_request")
    reply = kernel.reply(busy)
    assert reply["status"] == "error", reply
    messages = kernel.until(is_printed("all variables are gone"))
    assert "%replay" in printed(messages, "stderr")
    assert kernel.value("typeof kept") == "'undefined'"
    assert kernel.run("%replay")[0]["status"] == "ok" and kernel.value("kept") == "7"
    kernel.close()


def test_places_are_code_points(kernel):
    kernel.run("const Grüße = { '𝓐': 1, ende: 2 }")
    completed = kernel.reply(kernel.client.complete("'😀'; Grüße.en"))
    assert (completed["matches"], completed["cursor_start"], completed["cursor_end"]) == (["ende"], 11, 13)
    completed = kernel.reply(kernel.client.complete("'😀'; Grüß + 1", 9))
    assert (completed["matches"], completed["cursor_start"], completed["cursor_end"]) == (["Grüße"], 5, 9)
    assert "Grüße" in kernel.reply(kernel.client.inspect("'😀'; Grüße", 6))["data"]["text/plain"]
    assert not kernel.reply(kernel.client.inspect("'😀'", 1))["found"]


def ask(kernel, code, *answers):
    sent = kernel.client.execute(code, allow_stdin=True)
    asked = []
    for answer in answers:
        asked.append(kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"])
        kernel.client.input(answer)
    kernel.until(lambda message: is_idle(message, sent))
    return kernel.reply(sent), asked


def test_code_asks_the_person(kernel):
    reply, asked = ask(kernel, "var said = [prompt('name?'), prompt('or?', 'default'), confirm('sure?'), confirm('sure?')]", "Ada", "", "y", "")
    assert reply["status"] == "ok" and asked == ["name? ", "or? [default] ", "sure? [y/N] ", "sure? [y/N] "]
    assert kernel.value("said") == "[ 'Ada', 'default', true, false ]"
    _, asked = ask(kernel, "alert('look')", "")
    assert asked == ["look [Enter] "]
    code = "const lines = require('readline').createInterface(process.stdin); var line = await new Promise(r => lines.once('line', r)); lines.close()"
    reply, asked = ask(kernel, code, "typed")
    assert reply["status"] == "ok" and asked == [""] and kernel.value("line") == "'typed'"


def test_a_question_of_code_that_looks_like_one_for_a_permission_grants_nothing():
    kernel = Kernel("drupe-asks")
    sent = kernel.client.execute("require('fs').readFileSync('/etc/hosts')", allow_stdin=True)
    real = kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"]
    kernel.client.input("n")
    assert kernel.reply(sent)["status"] == "error"
    forged = f"prompt({real!r})"
    reply, asked = ask(kernel, forged, "s")
    assert reply["status"] == "ok" and "/etc/hosts" in asked[0]
    # Nothing was granted: the next one asks.
    sent = kernel.client.execute("require('fs').readFileSync('/etc/hosts')", allow_stdin=True)
    assert kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"] == real
    kernel.client.input("n")
    assert kernel.reply(sent)["status"] == "error"
    kernel.close()


def test_nobody_is_asked_who_cannot_answer(kernel):
    reply, messages = kernel.run("[prompt('name?'), confirm('sure?')]", allow_stdin=False)
    assert reply["status"] == "ok" and "allow_stdin" in printed(messages, "stderr")
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "[ null, false ]"


def test_an_interrupt_takes_a_question_back(kernel):
    sent = kernel.client.execute("prompt('first?')", allow_stdin=True)
    first = kernel.client.get_stdin_msg(timeout=60)
    kernel.control("interrupt_request")
    assert kernel.reply(sent)["ename"] == "Interrupted"
    sent = kernel.client.execute("prompt('second?')", allow_stdin=True)
    second = kernel.client.get_stdin_msg(timeout=60)
    # The answer to the first comes late.
    for asked, answer in ((first, "late"), (second, "right")):
        message = kernel.client.session.msg("input_reply", {"value": answer}, parent=asked)
        kernel.client.stdin_channel.send(message)
    messages = kernel.until(lambda message: is_idle(message, sent))
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "'right'"


def test_magics(kernel):
    assert "%timeit" in printed(kernel.run("%help")[1])
    _, messages = kernel.run("%time 6 * 7")
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "42" and "took" in printed(messages)
    assert "each, of" in printed(kernel.run("%timeit 1 + 1")[1])
    kernel.run("let mine = [1, 2]")
    names = printed(kernel.run("%who")[1])
    assert "let mine: Array(2)" in names and "display" not in names, names
    reply, _ = kernel.run("%timeout 200ms\nfor (;;);")
    assert reply["ename"] == "TimeoutError"
    assert kernel.run("%timeout off\n1")[0]["status"] == "ok"
    _, messages = kernel.run("%%html\n<b>x</b>")
    assert of_kind(messages, "display_data")[0]["data"]["text/html"] == "<b>x</b>"
    assert kernel.run("%nothing")[0]["ename"] == "UnknownMagic"
    assert kernel.run("%reset")[0]["status"] == "ok" and kernel.value("typeof mine") == "'undefined'"


def test_commands_of_the_shell(kernel, tmp_path):
    (tmp_path / "one.txt").write_text("text")
    kernel.run(f"%cd {tmp_path}")
    reply, messages = kernel.run("!ls *.txt | cat\n%env DRUPE_WORD=said\n!echo $DRUPE_WORD\n6 * 7")
    assert reply["status"] == "ok" and printed(messages) == "one.txt\nsaid\n", messages
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "42"
    for code in ("!ls | head", "!ls | head\n1"):
        assert kernel.reply(kernel.client.is_complete(code))["status"] == "complete"
    # What a command ends with is told, and is no error.
    reply, messages = kernel.run("!sh -c 'echo bad >&2; exit 3'\n1")
    assert reply["status"] == "ok" and printed(messages, "stderr") == "bad\nexit status: 3\n", messages
    assert not of_kind(kernel.run("!echo yes")[1], "execute_result")
    for code, line in [("!cd /tmp", "%cd /tmp"), ("!export A=b", "%env A=b")]:
        reply, _ = kernel.run(code)
        assert reply["ename"] == "BadArgument" and reply["evalue"].endswith(f"write {line}"), reply
    # Code that begins so stays code.
    assert kernel.value("let test = 0\n!test") == "true"
    assert kernel.value("!test") == "true"
    assert kernel.value("!(1 > 2)") == "true"
