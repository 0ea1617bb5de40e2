"""A kernel of `drupe serve --stdio --json`: 50 lines that an editor's plugin can begin with. They need no packages."""

import asyncio
import collections
import json
import os
import subprocess

LONGEST = 128 << 20  # bytes of a message
GONE = {"type": "error", "code": "gone", "message": "the server has ended, and the variables are lost"}


class Kernel:
    """Bodies are those of protocol/SERVE.md. The body of an error has a `code`, and so has the last event of a server."""

    def __init__(self, flags=(), **options):
        self.flags, self.options, self.server, self.tasks = flags, options, None, set()

    async def start(self):
        """Starts a server with a kernel, unless there is one. Returns whether it did. Raises OSError."""
        if self.server:
            return False
        command = [os.environ.get("DRUPE_BIN", "drupe"), "serve", "--stdio", "--json", *self.flags]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "limit": LONGEST}
        self.server, self.id = await asyncio.create_subprocess_exec(*command, **pipes), None
        self.asked, self.replies, self.events = 0, {}, collections.defaultdict(asyncio.Queue)
        self.spawn(self.read(self.server))
        self.send("hello", versions=[1], client="plugin host")
        opened = await self.ask("open", **self.options)
        if "code" in opened:
            await self.stop()
            raise OSError(opened["message"])
        self.id = opened["kernel"]
        return True

    async def read(self, server):
        """Hands on what a server says, until it ends. Each run has a queue of events."""
        try:
            async for line in server.stdout:
                name, body = json.loads(line)
                if "id" in body:
                    self.replies.pop(body["id"]).set_result(body)
                elif name == "event" and "run" in body:
                    self.events[body["run"]].put_nowait(body)
        except ValueError:  # this is another program
            server.kill()
        self.server = None
        for reply in self.replies.values():
            reply.set_result(GONE)
        for events in self.events.values():
            events.put_nowait(GONE)

    def ask(self, request, /, **body):
        """Sends a request at once. The future gets the body of its reply."""
        reply = asyncio.get_running_loop().create_future()
        if self.server:
            self.asked += 1
            self.replies[self.asked] = reply
            self.send(request, id=self.asked, kernel=self.id, **body)
        else:
            reply.set_result(GONE)
        return reply

    def send(self, name, /, **body):
        self.server.stdin.write(json.dumps([name, body]).encode() + b"\n")

    def spawn(self, work):
        task = asyncio.ensure_future(work)
        self.tasks.add(task)  # asyncio itself may forget it
        task.add_done_callback(self.tasks.discard)

    async def stop(self):
        """Ends the server, as the end of its input does."""
        if server := self.server:
            server.stdin.close()
            await server.wait()
