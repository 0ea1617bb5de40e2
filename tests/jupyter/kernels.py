"""Kernels for tests, and what they say."""

import contextlib
import os
import pathlib
import queue
import time

import pytest
from jupyter_client.manager import KernelManager

PATIENCE = 60

HERE = pathlib.Path(__file__).parent

# Tests that import packages are skipped where these are not installed, but not in CI.
HAS_PACKAGES = (HERE / "node_modules").is_dir() or "DRUPE_REQUIRE_FIXTURES" in os.environ
needs_packages = pytest.mark.skipif(not HAS_PACKAGES, reason="npm ci --prefix tests/jupyter")


class Kernel:
    """A kernel, with a client of it."""

    def __init__(self, name="drupe", manager=None, **launch):
        self.replies = {}
        self.manager = manager or KernelManager(kernel_name=name)
        self.manager.start_kernel(**launch)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def close(self):
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=True)

    def iopub(self, timeout=PATIENCE):
        return self.client.get_iopub_msg(timeout=timeout)

    def until(self, fits, timeout=PATIENCE):
        """Messages on iopub, up to the first that fits."""
        messages, deadline = [], time.monotonic() + timeout
        while True:
            message = self.iopub(max(0.01, deadline - time.monotonic()))
            messages.append(message)
            if fits(message):
                return messages

    def reply(self, message_id, timeout=PATIENCE):
        """The reply on the shell channel to a request. Replies to others are kept."""
        while message_id not in self.replies:
            reply = self.client.get_shell_msg(timeout=timeout)
            self.replies[parent(reply)] = reply["content"]
        return self.replies.pop(message_id)

    def control(self, kind, content=None, timeout=PATIENCE):
        """The reply on the control channel to a new request."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=timeout)
            if parent(reply) == message["header"]["msg_id"]:
                return reply["content"]

    def send(self, kind, content, subshell=None, buffers=None):
        """Sends a request on the shell channel, and returns its id."""
        message = self.client.session.msg(kind, content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def run(self, code, timeout=PATIENCE, **options):
        """Runs a cell: its reply, and what it said until it was idle."""
        sent = self.client.execute(code, **options)
        messages = self.until(lambda message: is_idle(message, sent), timeout)
        return self.reply(sent, timeout), [message for message in messages if parent(message) == sent]

    def value(self, code, **options):
        """The text of a cell's result."""
        reply, messages = self.run(code, **options)
        assert reply["status"] == "ok", reply
        results = of_kind(messages, "execute_result")
        return results[0]["data"]["text/plain"] if results else None

    def nothing(self, fits, seconds=0.3):
        """Checks that no message that fits comes for a while."""
        with contextlib.suppress(queue.Empty):
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0:
                message = self.iopub(left)
                assert not fits(message), message


def children(pid):
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/children") as listed:
            found += [int(child) for child in listed.read().split()]
    return found


def parent(message):
    return message["parent_header"].get("msg_id")


def is_idle(message, sent):
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle" and parent(message) == sent


def of_kind(messages, kind):
    return [message["content"] for message in messages if message["msg_type"] == kind]


def printed(messages, name="stdout"):
    return "".join(content["text"] for content in of_kind(messages, "stream") if content["name"] == name)


def is_printed(text):
    return lambda message: message["msg_type"] == "stream" and text in message["content"]["text"]
