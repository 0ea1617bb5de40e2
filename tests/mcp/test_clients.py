"""The official Python client, in both eras of the protocol, against `drupe mcp`."""

import asyncio
import os
import time
from pathlib import Path

from mcp import Client, StdioServerParameters, types

DRUPE = os.environ.get("DRUPE_BIN", str(Path(__file__).parents[2] / "target/debug/drupe"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


def connect(era: str, *flags: str, person=None) -> Client:
    server = StdioServerParameters(command=DRUPE, args=["mcp", *flags])
    return Client(server, mode=era, elicitation_callback=person)


async def call(client: Client, name: str, **args):
    """The data of an answer, and the answer."""
    answer = await client.call_tool(name, args)
    assert answer.structured_content is not None, answer
    return answer.structured_content, answer


async def every_tool(era: str) -> None:
    async with connect(era) as client:
        listed = await client.list_tools()
        assert sorted(tool.name for tool in listed.tools) == ["js_inspect", "js_interrupt", "js_run", "js_sessions", "js_wait"]
        opened, _ = await call(client, "js_sessions", action="open")
        session = opened["session"]["session"]
        ran, answer = await call(client, "js_run", session=session, code=f'display(Uint8Array.fromBase64("{PIXEL}")); let x = 42; x')
        assert (ran["outcome"], ran["value"], ran["state"], ran["images"]) == ("value", 42, "kept", 1), ran
        image = next(block for block in answer.content if block.type == "image")
        assert (image.mime_type, image.data) == ("image/png", PIXEL)
        names, _ = await call(client, "js_inspect", what="names", session=session)
        assert [one["name"] for one in names["names"]] == ["x"]
        going, _ = await call(client, "js_run", session=session, code="for (;;);", yield_ms=100)
        assert (going["status"], going["state"]) == ("running", "in_use"), going
        stopped, _ = await call(client, "js_interrupt", run=going["run"])
        assert (stopped["outcome"], stopped["state"]) == ("interrupted", "kept"), stopped
        waited, _ = await call(client, "js_wait", run=going["run"])
        assert waited["stopped"]["by"] == "interrupt", waited
        timed_out, answer = await call(client, "js_run", session=session, code="for (;;);", vm_timeout_ms=50)
        assert (timed_out["outcome"], timed_out["state"], answer.is_error) == ("timed_out", "kept", True), timed_out


async def printed_text(era: str) -> None:
    async with connect(era) as client:
        message = '{"jsonrpc":"2.0","id":2,"result":{}}'
        code = f"for (const end of ['\\n', '\\r', '\\u2028', '\\u0085', '\\f']) console.log(end + '{message}' + end)"
        ran, answer = await call(client, "js_run", code=code)
        assert ran["outcome"] == "value" and answer.content[0].text.count(message) == 5, answer
        after, _ = await call(client, "js_run", session=ran["session"], code="1 + 1")
        assert after["value"] == 2, after


async def cancelled_loop(era: str) -> None:
    async with connect(era) as client:
        opened, _ = await call(client, "js_sessions", action="open")
        session = opened["session"]["session"]
        begun = asyncio.Event()

        async def progress(_progress: float, _total: float | None, message: str | None) -> None:
            assert message == "going", message
            begun.set()

        code = {"session": session, "code": "var n = 7; console.log('going'); for (;;);"}
        loop = asyncio.create_task(client.call_tool("js_run", code, progress_callback=progress))
        await begun.wait()
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        after, _ = await call(client, "js_run", session=session, code="n")
        assert (after["value"], after["state"]) == (7, "kept"), after


async def answered_question(era: str) -> None:
    asked: list[str] = []

    async def person(_context, params) -> types.ElicitResult:
        asked.append(params.message)
        await asyncio.sleep(0.5)
        return types.ElicitResult(action="accept", content={"decision": "once"})

    async with connect(era, "--ask=read", person=person) as client:
        code = "globalThis.runs = (globalThis.runs ?? 0) + 1; [require('fs').readFileSync('/etc/passwd').length > 0, runs]"
        begun = time.monotonic()
        ran, _ = await call(client, "js_run", code=code, vm_timeout_ms=300)
        assert ran["value"] == [True, 1] and time.monotonic() - begun > 0.5, ran
        assert ran["cost"]["cpu_ms"] < 300 and ran["cost"]["wall_ms"] > 500, ran
        assert asked == ["JavaScript asks for permission to read /etc/passwd (open)."], asked


async def main() -> None:
    for era in ("legacy", "2026-07-28"):
        for test in (every_tool, printed_text, cancelled_loop, answered_question):
            await asyncio.wait_for(test(era), 60)
            print(f"{era}: {test.__name__}: ok")


asyncio.run(main())
