"""What is shown beside text: formats, tables, updates, and the interfaces of other kernels."""

import base64
import json

import pytest
from kernels import Kernel, of_kind, printed

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


def result(kernel, code):
    reply, messages = kernel.run(code)
    assert reply["status"] == "ok", reply
    [content] = of_kind(messages, "execute_result")
    return content["data"]


def shown(kernel, code):
    reply, messages = kernel.run(code)
    assert reply["status"] == "ok", reply
    assert not of_kind(messages, "execute_result"), messages
    return [content["data"] for content in of_kind(messages, "display_data")]


@pytest.mark.parametrize(
    "code, mime, content",
    [
        ("html`<b>${1 + 1}</b>`", "text/html", "<b>2</b>"),
        ("md`# ${['a', 'b']}`", "text/markdown", "# ab"),
        ("svg`<svg/>`", "image/svg+xml", "<svg/>"),
        (r"latex`\frac{1}{2}`", "text/latex", r"\frac{1}{2}"),
        ("json({ a: [1] })", "application/json", {"a": [1]}),
        ("js`element.textContent = 1`", "application/javascript", "element.textContent = 1"),
        ("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': 'own' }) })", "text/html", "own"),
        ("({ async [Symbol.for('Jupyter.display')]() { await 1; return { 'text/html': 'later' } } })", "text/html", "later"),
        ("({ outerHTML: '<svg></svg>', tagName: 'svg', [Symbol.for('Jupyter.display')]() { return { 'image/svg+xml': this.outerHTML } } })", "image/svg+xml", "<svg></svg>"),
    ],
)
def test_formats(kernel, code, mime, content):
    for data in (result(kernel, code), shown(kernel, f"display({code})")[0]):
        assert data[mime] == content and isinstance(data["text/plain"], str)


def test_tables(kernel):
    for data in (
        result(kernel, "[{ name: 'Ada <b>', born: 1815 }, { name: 'Alan', extra: true }]"),
        shown(kernel, "display([{ name: 'Ada <b>', born: 1815 }, { name: 'Alan', extra: true }])")[0],
    ):
        html = data["text/html"]
        assert "<th>name</th><th>born</th><th>extra</th>" in html and "<td>Ada &lt;b&gt;</td><td>1815</td><td></td>" in html
        assert "2 rows × 3 columns" in html and "name: 'Ada <b>'" in data["text/plain"]
    assert "100000 rows × 1 column, the first 50 are shown" in result(kernel, "Array.from({ length: 1e5 }, (_, n) => ({ n }))")["text/html"]
    big = "Array.from({ length: 1e5 }, (_, n) => ({ n, text: 'x'.repeat(1000) }))"
    assert "100000 rows" in result(kernel, big)["text/html"]
    assert "<td>k</td><td>1</td>" in result(kernel, "new Map([['k', 1]])")["text/html"]
    assert "text/html" not in result(kernel, "[1, { a: 1 }]")
    [data] = shown(kernel, "console.table([{ a: 1 }])")
    assert "<td>1</td>" in data["text/html"] and "│" in data["text/plain"]


def test_tables_are_data_too(kernel):
    rows = "[{ name: 'Ada', born: 1815, at: new Date(0), is: true, x: 1.5 }, { name: 'Alan', born: null, x: NaN }]"
    for data in (result(kernel, rows), shown(kernel, f"display({rows})")[0], shown(kernel, f"console.table({rows})")[0]):
        resource = data["application/vnd.dataresource+json"]
        types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        assert types == {"name": "string", "born": "integer", "at": "datetime", "is": "boolean", "x": "number"}
        first = {"name": "Ada", "born": 1815, "at": "1970-01-01T00:00:00.000Z", "is": True, "x": 1.5}
        assert resource["data"] == [first, {"name": "Alan", "born": None, "x": None}]
    # The rows that are shown, also where the value is too large to come as data.
    for length in (1000, 100_000):
        code = f"Array.from({{ length: {length} }}, (_, n) => ({{ n, text: 'x'.repeat({length} / 100) }}))"
        resource = result(kernel, code)["application/vnd.dataresource+json"]
        assert [row["n"] for row in resource["data"]] == list(range(50))
    resource = result(kernel, "new Map([['k', 1]])")["application/vnd.dataresource+json"]
    assert resource["data"] == [{"key": "k", "value": 1}]


def test_values_are_no_html(kernel):
    attack = "<img src=x onerror=alert(1)>&\"'"
    escaped = "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;"
    named = json.dumps(attack)
    for code in (f"[{{ [{named}]: {named} }}]", f"new Map([[{named}, {named}]])", f"({{ a: {named} }})", named, f"new Error({named})"):
        data = result(kernel, code)
        assert "<img" not in data.get("text/html", ""), code
        assert ("text/html" not in data) or escaped in data["text/html"]
    _, messages = kernel.run(f"for (const x of progress([1], {{ label: {named} }}));")
    pages = [content["data"]["text/html"] for kind in ("display_data", "update_display_data") for content in of_kind(messages, kind)]
    assert pages and all("<img" not in page for page in pages)


def test_results_show_four_levels(kernel):
    nested = "({ a: { b: { c: { d: { e: { f: 1 } } } } } })"
    flat = lambda data: " ".join(data["text/plain"].split())
    four = "{ a: { b: { c: { d: { e: [Object] } } } } }"
    assert flat(result(kernel, nested)) == flat(shown(kernel, f"display({nested})")[0]) == four
    # The same within what says itself how it is shown. The cells of a table show all.
    custom = f"({{ [Symbol.for('nodejs.util.inspect.custom')]: (depth, options, inspect) => inspect({nested}, options) }})"
    assert flat(result(kernel, custom)) == four
    table = result(kernel, "[{ deep: { b: { c: { d: { e: 1 } } } } }]")
    assert "&quot;e&quot;:1" in table["text/html"] and "d: [Object]" in table["text/plain"], table
    # Another depth is asked for, and what is printed has Node's.
    assert "f: 1" in flat(shown(kernel, f"display({nested}, {{ depth: 9 }})")[0])
    _, messages = kernel.run(f"console.log({nested}); console.dir({nested}, {{ depth: 9 }})")
    said = " ".join(printed(messages).split())
    assert said.startswith("{ a: { b: { c: [Object] } } } { a:") and "f: 1" in said


def test_images_and_charts(kernel):
    bytes_ = f"new Uint8Array({list(PNG)})"
    for data in (result(kernel, bytes_), shown(kernel, f"display({bytes_})")[0], result(kernel, f"Jupyter.image({bytes_})")):
        assert base64.b64decode(data["image/png"]) == PNG
    assert base64.b64decode(shown(kernel, f"display(new Blob([{bytes_}]))")[0]["image/png"]) == PNG
    spec = "({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar', data: { values: [{ a: 1 }] } })"
    assert result(kernel, spec)["application/vnd.vegalite.v5+json"]["mark"] == "bar"


def test_updates_and_clears(kernel):
    _, messages = kernel.run("const shown = display('one', { id: 'd1' }); shown.update('two'); clearOutput(true); display('three')")
    kinds = [message["msg_type"] for message in messages if message["msg_type"] not in ("status", "execute_input")]
    assert kinds == ["display_data", "update_display_data", "clear_output", "display_data"]
    assert [content["transient"] for content in of_kind(messages, "update_display_data")] == [{"display_id": "d1"}]
    assert of_kind(messages, "clear_output") == [{"wait": True}]
    _, messages = kernel.run("for (const x of progress([1, 2, 3], { label: 'work' })) await new Promise(r => setTimeout(r, 120))")
    updates = of_kind(messages, "update_display_data")
    assert len(updates) == 3 and "3/3" in updates[-1]["data"]["text/plain"] and "<progress" in updates[-1]["data"]["text/html"]
    [begun] = of_kind(messages, "display_data")
    assert begun["transient"] == updates[-1]["transient"]
    reply, messages = kernel.run("for await (const x of progress((async function* () { yield 1; yield 2 })())) console.log(x)")
    assert reply["status"] == "ok" and printed(messages) == "1\n2\n", reply
    assert of_kind(messages, "update_display_data")[-1]["data"]["text/plain"].startswith("2 ")


@pytest.mark.parametrize(
    "code, mime, content",
    [
        ("await Deno.jupyter.display(Deno.jupyter.html`<i>`)", "text/html", "<i>"),
        ("await Deno.jupyter.display({ 'text/plain': 'x', 'text/html': '<u>' }, { raw: true })", "text/html", "<u>"),
        ("await Deno.jupyter.broadcast('display_data', { data: { 'text/html': '<s>' }, metadata: {}, transient: { display_id: 'q' } })", "text/html", "<s>"),
        ("import * as tslab from 'tslab';\ntslab.display.html('<p>')", "text/html", "<p>"),
        ("import { display as show } from \"tslab\"\nshow.markdown('# t')", "text/markdown", "# t"),
        ("require('tslab').display.svg('<svg/>')", "image/svg+xml", "<svg/>"),
        ("$$.html('<q>')", "text/html", "<q>"),
    ],
)
def test_what_was_written_for_other_kernels_runs(kernel, code, mime, content):
    [data] = shown(kernel, code)
    assert data[mime] == content and data["text/plain"]


def test_names_of_displays_may_be_declared(kernel):
    assert kernel.run("const html = 1, display = 2; let json = html + display")[0]["status"] == "ok"
    assert kernel.value("json") == "3"
    assert kernel.value("typeof Deno") == "'undefined'"
    kernel.run("%reset")
    assert kernel.value("typeof html") == "'function'"


@pytest.mark.parametrize(
    "replaced",
    [
        "globalThis.require = () => 'mine'",
        "const require = () => 'mine'",
        "function require() { return 'mine' }",
        "Object.defineProperty(globalThis, 'require', { value: () => 'mine' })",
    ],
)
def test_what_replaces_require_stays_and_displays_work(replaced):
    # It is replaced before anything has used it.
    kernel = Kernel()
    try:
        reply, _ = kernel.run(f"{replaced}; undefined")
        assert reply["status"] == "ok", reply
        [data] = shown(kernel, "await display({ a: [1] }); undefined")
        assert data["text/plain"] == "{ a: [ 1 ] }"
        reply, messages = kernel.run("!echo shell")
        assert (reply["status"], printed(messages)) == ("ok", "shell\n")
        assert result(kernel, "require('util')")["text/plain"] == "'mine'"
    finally:
        kernel.close()


def test_a_hundred_megabytes_arrive(kernel):
    _, messages = kernel.run("for (let i = 0; i < 10; i++) display({ 'text/html': 'x'.repeat(10_000_000) }, { raw: true })", timeout=120)
    assert sum(len(content["data"]["text/html"]) for content in of_kind(messages, "display_data")) == 100_000_000
