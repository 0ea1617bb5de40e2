#!/usr/bin/env python3
"""A plugin host: runs lines of an editor's buffer, and tells the editor what to show beside them.

The editor writes commands to standard input and reads answers from standard output, both as lines of JSON. README.md
lists them. The arguments of the host are flags of `drupe serve`.
"""
import asyncio
import collections
import json
import sys

from kernel import LONGEST, Kernel

LIMITS = {"vm_timeout_ms": 60_000, "memory_limit": 256 << 20, "console_limit": 10_000_000}
WIDTH, PAUSE = 120, 0.05  # characters of a chunk; seconds between two texts of a line


async def serve(kernel):
    """Carries out commands until the editor goes."""
    commands = asyncio.StreamReader(limit=LONGEST)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    known, active = {"run": run, "interrupt": interrupt, "complete": complete, "reset": reset}, []
    async for line in commands:
        command = None
        try:
            command = json.loads(line)
            work = known[command.pop("do")]
            if await kernel.start():
                say(note="the kernel is new: there are no variables yet")
            await work(kernel, active, **command)
        except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
            say(note=f"{type(error).__name__}: {error}, in {line.decode(errors='replace').strip()[:WIDTH]}")
            if isinstance(command, dict) and "run" in command:
                say(run=command["run"], ended="refused")
    await kernel.stop()


async def run(kernel, active, run, lines):
    texts = Texts(run, max(len(lines), 1))
    begun = await kernel.ask("run", code="\n".join(lines), name=texts.script, value_limit=0)
    if "code" in begun:
        raise ValueError(begun["message"])
    active.append(begun["run"])
    texts.set(texts.last, "running", "…")
    kernel.spawn(follow(kernel.events[begun["run"]], texts, active, begun["run"]))


async def follow(events, texts, active, number):
    """Shows the events of a run. Its timers may print after its end, too."""
    is_last = False
    while not is_last:
        event = await events.get()
        is_last = "code" in event  # the server is gone
        if (number in active or not is_last) and (how := texts.take(event)):
            active.remove(number)
            texts.show()
            say(run=texts.run, ended=how)


async def interrupt(kernel, active):
    for number in reversed(active):
        kernel.ask("interrupt", run=number)


async def complete(kernel, active, ask, before):
    units = before.encode("utf-16-le", "surrogatepass")  # the protocol counts these

    def answer(reply):
        start, items = reply.result().get("start", len(units)), reply.result().get("items", [])
        replaces = units[2 * start :].decode("utf-16-le", "surrogatepass")
        say(ask=ask, replaces=replaces, names=[item["name"] for item in items])

    kernel.ask("complete", code=before, cursor=len(units) // 2).add_done_callback(answer)


async def reset(kernel, active):
    done = kernel.ask("reset")
    done.add_done_callback(lambda reply: say(note=reply.result().get("message", "the variables are forgotten")))


class Texts:
    """The virtual texts of a run: chunks of several kinds beside each line."""

    def __init__(self, run, last):
        self.run, self.last, self.script = run, last, f"lines:{run}"
        self.chunks, self.printed, self.changed = collections.defaultdict(dict), collections.Counter(), set()

    def set(self, line, kind, text):
        self.chunks[line].pop(kind, None)
        if text:
            words = " ".join(text[: 4 * WIDTH].split())[:WIDTH]  # one line, which moves no cursor
            self.chunks[line][kind] = "".join(char if char.isprintable() else "·" for char in words)
        if not self.changed:
            asyncio.get_running_loop().call_later(PAUSE, self.show)
        self.changed.add(line)

    def show(self):
        for line in sorted(self.changed):
            say(run=self.run, line=line, chunks=list(self.chunks[line].items()))
        self.changed.clear()

    def take(self, event):
        """Shows an event. Returns how the run has ended, if it has."""
        kind, text, thrown = event["type"], event.get("text") or event.get("message", ""), event.get("exception")
        how = event.get("outcome") or event.get("cause") or event.get("code")
        if kind in ("console", "output") and text:
            line = self.line_of(event)
            self.printed[line] += 1
            self.set(line, "output", f"({self.printed[line]}×) {text}" if self.printed[line] > 1 else text)
        elif kind == "exception":
            self.set(self.line_of(event), "error", text)
        elif kind == "session" and event["reason"] == "respawned":
            say(note=f"the kernel is new: the variables are lost. {text}")
        elif how:
            self.set(self.last, "running", "")
            if thrown:
                self.set(self.line_of(thrown), "error", thrown.get("text") or thrown.get("message"))
            elif how != "value" or text != "undefined":
                self.set(self.last, "value" if how == "value" else "error", text)
            if event.get("dropped_events"):
                say(note=f"{event['dropped_events']} more outputs are left out")
        return how

    def line_of(self, place):
        """The line that an event names, if it is one of this run. Otherwise the last."""
        is_here = place.get("script") == self.script and 0 < place.get("line", 0) <= self.last
        return place["line"] if is_here else self.last


def say(**answer):
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Kernel(sys.argv[1:], **LIMITS)))
