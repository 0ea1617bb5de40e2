"""What the conformance suite for kernels of the project runtimed asks of a kernel: its 27 checks, by their names."""

import pytest
from kernels import Kernel, is_idle, of_kind, parent, printed


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


def statuses(messages):
    return [content["execution_state"] for content in of_kind(messages, "status")]


# Tier 1: the protocol.


def test_heartbeat_responds(kernel):
    assert kernel.client.hb_channel.is_beating()


def test_iopub_welcome(kernel):
    other = kernel.manager.client()
    other.start_channels(shell=False, stdin=False, hb=False, control=False)
    assert other.get_iopub_msg(timeout=60)["msg_type"] == "iopub_welcome"
    other.stop_channels()


def test_kernel_info(kernel):
    """kernel_info_reply_valid, kernel_info_has_language_info, kernel_info_has_protocol_version"""
    info = kernel.reply(kernel.client.kernel_info())
    assert info["status"] == "ok" and info["language_info"]["name"] == "typescript" and info["protocol_version"] == "5.5"


def test_execute_prints(kernel):
    """execute_stdout, execute_stderr"""
    assert "hello" in printed(kernel.run("console.log('hello')")[1])
    assert "error" in printed(kernel.run("console.error('error')")[1], "stderr")


def test_execute(kernel):
    """execute_reply_ok, status_busy_idle_lifecycle, execute_input_broadcast"""
    reply, messages = kernel.run("const x = 1")
    assert reply["status"] == "ok" and statuses(messages) == ["busy", "idle"]
    assert of_kind(messages, "execute_input")[0]["code"] == "const x = 1"


# Tier 2: what editors ask.


def test_complete_and_inspect(kernel):
    """complete_request, inspect_request"""
    kernel.run("const testVariableForCompletion = 42")
    assert kernel.reply(kernel.client.complete("testVariableFor"))["matches"] == ["testVariableForCompletion"]
    inspected = kernel.reply(kernel.client.inspect("testVariableForCompletion"))
    assert inspected["status"] == "ok" and inspected["found"] and "42" in inspected["data"]["text/plain"]


@pytest.mark.parametrize("code, status", [("const x = 1", "complete"), ("const x = {", "incomplete")])
def test_is_complete(kernel, code, status):
    assert kernel.reply(kernel.client.is_complete(code))["status"] == status


def test_history_and_comms(kernel):
    """history_request, comm_info_request"""
    kernel.run("'remembered'")
    history = kernel.reply(kernel.client.history(hist_access_type="tail", n=10, output=False, raw=True))
    assert history["status"] == "ok" and history["history"][-1][2] == "'remembered'"
    assert kernel.reply(kernel.client.comm_info())["status"] == "ok"


def test_error_handling(kernel):
    reply, messages = kernel.run("function function")
    assert reply["status"] == "error" and of_kind(messages, "error")


# Tier 3: what is shown.


def test_displays_and_updates(kernel):
    """display_data, update_display_data"""
    shown = "{ data: { 'text/html': '<b>' }, metadata: {}, transient: { display_id: 'test_update' } }"
    _, messages = kernel.run(f"for (const kind of ['display_data', 'update_display_data']) await Deno.jupyter.broadcast(kind, {shown})")
    for kind in ("display_data", "update_display_data"):
        [content] = of_kind(messages, kind)
        assert content["data"]["text/html"] == "<b>" and content["transient"] == {"display_id": "test_update"}


def test_execute_results(kernel):
    """execute_result, rich_execute_result"""
    assert kernel.value("1 + 1") == "2"
    _, messages = kernel.run("[{ letter: 'A', frequency: 0.08167 }, { letter: 'B', frequency: 0.01492 }]")
    assert "<td>0.08167</td>" in of_kind(messages, "execute_result")[0]["data"]["text/html"]


# Tier 4: the rest.


def test_stdin_input_request(kernel):
    sent = kernel.client.execute("prompt('Enter: ')", allow_stdin=True)
    assert kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"].startswith("Enter: ")
    kernel.client.input('"test_input_42"')
    messages = kernel.until(lambda message: is_idle(message, sent))
    assert kernel.reply(sent)["status"] == "ok" and "test_input_42" in of_kind(messages, "execute_result")[0]["data"]["text/plain"]


def test_comms_lifecycle(kernel):
    opened = kernel.send("comm_open", {"comm_id": "c", "target_name": "not.registered", "data": {}})
    messages = kernel.until(lambda message: is_idle(message, opened))
    assert of_kind(messages, "comm_close")[0]["comm_id"] == "c" and kernel.value("1") == "1"


def test_interrupt_request(kernel):
    assert kernel.control("interrupt_request")["status"] == "ok"


def test_execution_count_increments(kernel):
    first, second = (kernel.run("const x = 1")[0]["execution_count"] for _ in range(2))
    assert second == first + 1


def test_parent_header_correlation(kernel):
    sent = kernel.client.execute("console.log('hello')")
    messages = kernel.until(lambda message: is_idle(message, sent))
    assert all(parent(message) == sent for message in messages), messages
    assert kernel.reply(sent)["status"] == "ok"


def test_shutdown_reply():
    kernel = Kernel()
    assert kernel.control("shutdown_request", {"restart": False}) == {"status": "ok", "restart": False}
    kernel.manager.provisioner.process.wait(timeout=10)
    kernel.close()
