"""Comms both ways, subshells, widgets."""

import pytest
from kernels import Kernel, is_idle, is_printed, of_kind, parent, printed


@pytest.fixture
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


def is_comm(kind):
    return lambda message: message["msg_type"] == kind


def test_a_front_end_opens_a_comm(kernel):
    kernel.run(
        "Jupyter.comm.registerTarget('echo', (comm, data) => {"
        "  console.log('opened with', data);"
        "  comm.send({ hello: data });"
        "  comm.onMessage((data, buffers) => { console.log('heard', data);"
        "    comm.send({ echo: data, sizes: buffers.map(b => b.byteLength) }, { buffers: [new Uint8Array([1, 2, 3])] }) });"
        "  comm.onClose(() => console.log('closed')) })"
    )
    opened = kernel.send("comm_open", {"comm_id": "c1", "target_name": "echo", "data": {"a": 1}})
    messages = kernel.until(lambda message: is_idle(message, opened))
    assert {parent(message) for message in messages} == {opened}
    [said] = of_kind(messages, "comm_msg")
    assert said == {"comm_id": "c1", "data": {"hello": {"a": 1}}} and "opened with { a: 1 }" in printed(messages)
    sent = kernel.send("comm_msg", {"comm_id": "c1", "data": [1, "ü"]}, buffers=[b"12345", b""])
    messages = kernel.until(lambda message: is_idle(message, sent))
    [message] = [message for message in messages if message["msg_type"] == "comm_msg"]
    assert message["content"]["data"] == {"echo": [1, "ü"], "sizes": [5, 0]} and parent(message) == sent
    assert [bytes(buffer) for buffer in message["buffers"]] == [b"\1\2\3"]
    info = kernel.reply(kernel.client.comm_info())
    assert info["comms"] == {"c1": {"target_name": "echo"}}
    assert kernel.reply(kernel.client.comm_info(target_name="other"))["comms"] == {}
    closed = kernel.send("comm_close", {"comm_id": "c1", "data": {}})
    assert "closed" in printed(kernel.until(lambda message: is_idle(message, closed)))
    assert kernel.reply(kernel.client.comm_info())["comms"] == {}


def test_a_comm_without_a_target_is_closed(kernel):
    opened = kernel.send("comm_open", {"comm_id": "c2", "target_name": "nobody", "data": {}})
    messages = kernel.until(lambda message: is_idle(message, opened))
    assert of_kind(messages, "comm_close") == [{"comm_id": "c2", "data": {}}]
    unknown = kernel.send("comm_msg", {"comm_id": "never", "data": {}})
    kernel.until(lambda message: is_idle(message, unknown))


def test_what_comms_say_is_data_and_damage_costs_nothing(kernel):
    kernel.run(
        "var heard = []; Jupyter.comm.registerTarget('t', (comm, data) => { heard.push(data); comm.onMessage(data => heard.push(data)) })"
    )
    hostile = [
        '{"__proto__": {"polluted": 1}}',
        '{"constructor": {"prototype": {"polluted": 1}}}',
        '{"toString": "process.exit(1)", "then": "process.exit(1)"}',
        "[" * 5000 + "]" * 5000,
    ]
    kernel.reply(kernel.client.comm_info())
    for number, text in enumerate(hostile):
        message = kernel.client.session.msg("comm_open", {})
        header = [kernel.client.session.pack(message[part]) for part in ("header", "parent_header", "metadata")]
        content = f'{{"comm_id": "h{number}", "target_name": "t", "data": {text}}}'.encode()
        frames = [*header, content]
        kernel.client.shell_channel.socket.send_multipart([b"<IDS|MSG>", kernel.client.session.sign(frames), *frames])
    for target in ("toString", "__proto__", "constructor", "hasOwnProperty"):
        opened = kernel.send("comm_open", {"comm_id": target, "target_name": target, "data": {}})
        messages = kernel.until(lambda message: is_idle(message, opened))
        assert [content["comm_id"] for content in of_kind(messages, "comm_close")] == [target]
    assert kernel.value("[{}.polluted, Object.keys(heard[0])]") == "[ undefined, [ '__proto__' ] ]"


def test_comm_messages_are_bounded_while_a_cell_runs(kernel):
    kernel.run("var count = 0; Jupyter.comm.registerTarget('t', comm => comm.onMessage(() => count++))")
    opened = kernel.send("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    kernel.until(lambda message: is_idle(message, opened))
    busy = kernel.client.execute("for (;;);")
    kernel.until(lambda message: parent(message) == busy and message["msg_type"] == "execute_input")
    sent = {kernel.send("comm_msg", {"comm_id": "c", "data": 1}): number for number in range(12_000)}
    last = next(reversed(sent))
    # Those beyond the bound are dropped, and done with at once. The others wait for the cell.
    done = [message for message in kernel.until(lambda message: is_idle(message, last)) if is_idle(message, parent(message))]
    assert {sent[parent(message)] for message in done} == set(range(10_000, 12_000))
    kernel.control("interrupt_request")
    kernel.until(lambda message: is_idle(message, busy))
    assert kernel.reply(busy)["status"] == "error" and kernel.value("1 + 1") == "2"


def test_code_opens_a_comm_and_awaits_an_answer(kernel):
    busy = kernel.client.execute(
        "const comm = Jupyter.comm.open('page', { x: 1 }, { metadata: { m: 1 } }); const heard = await new Promise(r => comm.onMessage(r)); heard"
    )
    message = kernel.until(is_comm("comm_open"))[-1]
    assert message["content"]["target_name"] == "page" and message["content"]["data"] == {"x": 1}
    assert message["metadata"] == {"m": 1} and parent(message) == busy
    # The cell awaits: the message reaches it all the same.
    kernel.send("comm_msg", {"comm_id": message["content"]["comm_id"], "data": {"answer": 42}})
    messages = kernel.until(lambda message: is_idle(message, busy))
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "{ answer: 42 }"


def test_an_error_of_a_listener_is_told_where_it_belongs(kernel):
    kernel.run("Jupyter.comm.registerTarget('bad', () => { throw new Error('in the handler') })")
    opened = kernel.send("comm_open", {"comm_id": "c3", "target_name": "bad", "data": {}})
    messages = kernel.until(lambda message: is_idle(message, opened))
    [error] = of_kind(messages, "error")
    assert error["evalue"] == "in the handler" and kernel.value("1") == "1"


def test_comms_work_after_an_interrupt_a_reset_and_a_death(kernel):
    target = "Jupyter.comm.registerTarget('t', (comm) => comm.send('here'))"
    for end in ("for (;;);", "%reset", "%restart"):
        kernel.run(target)
        sent = kernel.client.execute(end)
        if end.startswith("for"):
            kernel.until(lambda message: parent(message) == sent and message["msg_type"] == "execute_input")
            kernel.control("interrupt_request")
        kernel.reply(sent)
        kernel.run(target)
        opened = kernel.send("comm_open", {"comm_id": f"after {end}", "target_name": "t", "data": {}})
        messages = kernel.until(lambda message: is_idle(message, opened))
        assert [content["data"] for content in of_kind(messages, "comm_msg")] == ["here"], end


def test_subshells_have_queues_of_their_own(kernel):
    subshell = kernel.control("create_subshell_request")["subshell_id"]
    assert kernel.control("list_subshell_request")["subshell_id"] == [subshell]
    main = [kernel.client.execute(f"await new Promise(r => setTimeout(r, 100)); {n}") for n in range(5)]
    kernel.until(lambda message: parent(message) == main[0] and message["msg_type"] == "execute_input")
    side = kernel.send("execute_request", {"code": "'side'", "silent": False}, subshell=subshell)
    ended = [parent(message) for message in kernel.until(lambda message: is_idle(message, main[-1])) if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"]
    assert ended.index(side) < ended.index(main[2]), "it waits for one cell, and not for the queue"
    for sent in [*main, side]:
        assert kernel.reply(sent)["status"] == "ok"
    # One queue fails, the other goes on.
    failed = kernel.send("execute_request", {"code": "await 1; throw 1"}, subshell=subshell)
    after = kernel.client.execute("'unharmed'")
    assert kernel.reply(failed)["status"] == "error"
    assert kernel.reply(after)["status"] == "ok"
    assert kernel.control("delete_subshell_request", {"subshell_id": subshell}) == {"status": "ok"}
    assert kernel.control("delete_subshell_request", {"subshell_id": subshell})["status"] == "error"
    unknown = kernel.send("execute_request", {"code": "1"}, subshell="none")
    assert kernel.reply(unknown)["status"] == "error"


def test_a_cell_of_a_subshell_runs_while_the_main_cell_awaits(kernel):
    subshell = kernel.control("create_subshell_request")["subshell_id"]
    main = kernel.client.execute("var done; console.log('begun'); await new Promise((resolve) => done = resolve)")
    kernel.until(is_printed("begun"))
    # Each says what it has printed under its own request, and has its own result, also where both await.
    side = kernel.send("execute_request", {"code": "console.log('side'); await null; 6 * 7"}, subshell=subshell)
    own = [message for message in kernel.until(lambda message: is_idle(message, side)) if parent(message) == side]
    assert printed(own) == "side\n" and of_kind(own, "execute_result")[0]["data"]["text/plain"] == "42"
    # An error of one leaves the other.
    failed = kernel.send("execute_request", {"code": "await null; throw new Error('side')"}, subshell=subshell)
    assert kernel.reply(failed)["evalue"] == "side"
    ended = kernel.send("execute_request", {"code": "done('main'); await new Promise((resolve) => setTimeout(resolve, 50)); 2"}, subshell=subshell)
    told = kernel.until(lambda message: is_idle(message, ended))
    idle = [parent(message) for message in told if is_idle(message, main) or is_idle(message, ended)]
    assert idle == [main, ended], "the main cell does not wait for the other"
    results = {parent(message): message["content"]["data"]["text/plain"] for message in told if message["msg_type"] == "execute_result"}
    assert results == {main: "'main'", ended: "2"}
    # An interrupt stops both.
    main = kernel.client.execute("console.log('begun'); await new Promise(() => {})")
    kernel.until(is_printed("begun"))
    side = kernel.send("execute_request", {"code": "console.log('side'); await new Promise(() => {})"}, subshell=subshell)
    kernel.until(is_printed("side"))
    kernel.client.session.send(kernel.client.control_channel.socket, kernel.client.session.msg("interrupt_request", {}))
    assert [kernel.reply(sent)["ename"] for sent in (main, side)] == ["Interrupted", "Interrupted"]


def test_a_cell_of_a_subshell_waits_and_says_so(kernel):
    subshell = kernel.control("create_subshell_request")["subshell_id"]
    kernel.run("var rows = 7")
    for code in ("console.log('begun'); for (;;);", "await null; console.log('begun'); for (;;);"):
        main = kernel.client.execute(code)
        kernel.until(is_printed("begun"))
        # What runs no code is answered at once.
        for line in ("%who", "rows?", "%help"):
            side = kernel.send("execute_request", {"code": line}, subshell=subshell)
            assert kernel.reply(side, 10)["status"] == "ok", line
        waiting = kernel.send("execute_request", {"code": "rows + 1"}, subshell=subshell)
        told = kernel.until(lambda message: parent(message) == waiting and is_printed("another subshell")(message))[-1]
        assert told["content"]["name"] == "stderr"
        kernel.client.session.send(kernel.client.control_channel.socket, kernel.client.session.msg("interrupt_request", {}))
        assert kernel.reply(main)["status"] == "error"
        kernel.reply(waiting)
    # A cell that waits for nobody says nothing.
    sent = kernel.send("execute_request", {"code": "await new Promise(resolve => setTimeout(resolve, 1300)); rows"}, subshell=subshell)
    own = [message for message in kernel.until(lambda message: is_idle(message, sent)) if parent(message) == sent]
    assert not printed(own, "stderr") and of_kind(own, "execute_result")[0]["data"]["text/plain"] == "7"


LISTENER = (
    "Jupyter.comm.registerTarget('t', comm => comm.onMessage(async (kind) => {"
    "  console.log('heard', kind);"
    "  if (kind === 'loop') for (;;);"
    "  if (kind === 'later') { await null; for (;;); }"
    "  if (kind === 'await') await new Promise(() => {});"
    "  comm.send({ kind }) }))"
)


@pytest.mark.parametrize("kind", ["loop", "later", "await"])
@pytest.mark.parametrize("while_a_cell_awaits", [False, True])
def test_an_interrupt_of_a_listener_leaves_one_that_listens(kernel, kind, while_a_cell_awaits):
    kernel.run(LISTENER)
    opened = kernel.send("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    kernel.until(lambda message: is_idle(message, opened))
    if while_a_cell_awaits:
        cell = kernel.client.execute("console.log('awaits'); await new Promise(() => {})")
        kernel.until(is_printed("awaits"))
    stopped = kernel.send("comm_msg", {"comm_id": "c", "data": kind})
    kernel.until(is_printed(f"heard {kind}"))
    behind = [kernel.send("comm_msg", {"comm_id": "c", "data": f"behind {number}"}) for number in range(3)]
    # It may come before the listener is at its loop.
    message = kernel.client.session.msg("interrupt_request", {})
    kernel.client.session.send(kernel.client.control_channel.socket, message)
    # The request of what was stopped is done with, and none of those that wait behind it is lost.
    messages = kernel.until(lambda message: is_idle(message, behind[-1]))
    idle = [parent(message) for message in messages if is_idle(message, parent(message))]
    assert [sent for sent in idle if sent in (stopped, *behind)] == [stopped, *behind]
    answers = [(parent(message), message["content"]["data"]) for message in messages if message["msg_type"] == "comm_msg"]
    assert answers == [(sent, {"kind": f"behind {number}"}) for number, sent in enumerate(behind)]
    if while_a_cell_awaits:
        assert kernel.reply(cell)["status"] == "error"
    assert kernel.value("1 + 1") == "2"


def test_a_listener_that_is_stopped_by_its_budget_leaves_one_that_listens():
    kernel = Kernel("drupe-limit")
    kernel.run(LISTENER)
    opened = kernel.send("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    kernel.until(lambda message: is_idle(message, opened))
    for kind in ("loop", "later"):
        stopped = kernel.send("comm_msg", {"comm_id": "c", "data": kind})
        messages = kernel.until(lambda message: is_idle(message, stopped))
        assert of_kind(messages, "error")[0]["ename"] == "TimeoutError"
        heard = kernel.send("comm_msg", {"comm_id": "c", "data": "next"})
        messages = kernel.until(lambda message: is_idle(message, heard))
        assert of_kind(messages, "comm_msg")[0]["data"] == {"kind": "next"}
    kernel.close()


def test_an_interrupt_does_not_hit_what_begins_to_listen(kernel):
    for number in range(20):
        reset = kernel.client.execute("%reset")
        # The session is new when this is printed, and begins to listen.
        kernel.until(lambda message: parent(message) == reset and is_printed("new one")(message))
        kernel.control("interrupt_request")
        kernel.reply(reset)
        kernel.run("Jupyter.comm.registerTarget('t', comm => comm.send('here'))")
        opened = kernel.send("comm_open", {"comm_id": f"c{number}", "target_name": "t", "data": {}})
        messages = kernel.until(lambda message: is_idle(message, opened))
        assert [content["data"] for content in of_kind(messages, "comm_msg")] == ["here"], number


def test_a_widget_calls_back(kernel):
    code = (
        "const slider = Jupyter.widget({ esm: 'export default { render() {} }', value: 3 });"
        "slider.onChange('value', value => console.log('now', value)); display(slider)"
    )
    _, messages = kernel.run(code)
    made = parent(messages[0])
    [opened] = of_kind(messages, "comm_open")
    assert opened["target_name"] == "jupyter.widget"
    state = opened["data"]["state"]
    assert (state["_model_module"], state["_esm"], state["value"]) == ("anywidget", "export default { render() {} }", 3)
    [shown] = of_kind(messages, "display_data")
    assert shown["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == opened["comm_id"]
    update = kernel.send("comm_msg", {"comm_id": opened["comm_id"], "data": {"method": "update", "state": {"value": 9}, "buffer_paths": []}})
    messages = kernel.until(lambda message: is_idle(message, update))
    # What the listener prints goes to the cell that made the widget; the echo goes to the request.
    assert [parent(message) for message in messages if message["msg_type"] == "stream"] == [made]
    [echo] = [message for message in messages if message["msg_type"] == "comm_msg"]
    assert echo["content"]["data"]["method"] == "echo_update" and parent(echo) == update
    assert "now 9" in printed(messages) and kernel.value("slider.get('value')") == "9"
    kernel.run("const stop = slider.onChange('value', value => { display(`shown ${value}`); setTimeout(() => console.log('later', value)); throw new Error('no') })")
    state = {"method": "update", "state": {"value": 8}, "buffer_paths": []}
    kernel.send("comm_msg", {"comm_id": opened["comm_id"], "data": state})
    messages = kernel.until(is_printed("later 8"))
    seen = {(message["msg_type"], parent(message)) for message in messages if message["msg_type"] in ("stream", "display_data", "error")}
    assert seen == {("stream", made), ("display_data", made), ("error", made)}
    _, messages = kernel.run("stop(); slider.set('value', 5)")
    [said] = of_kind(messages, "comm_msg")
    assert said["data"] == {"method": "update", "state": {"value": 5}, "buffer_paths": []}
