"""Packages of the user: how they are found, offered, and how their objects are shown."""

import json
import os
import signal

import pytest
from kernels import HERE, Kernel, children, is_idle, is_printed, needs_packages, of_kind, parent, printed


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel(cwd=str(HERE / "notebooks"))
    yield kernel
    kernel.close()


def result(kernel, code):
    reply, messages = kernel.run(code)
    assert reply["status"] == "ok", reply
    [content] = of_kind(messages, "execute_result")
    return content["data"]


def package(folder, name, version, **files):
    where = folder / "node_modules" / name
    where.mkdir(parents=True)
    (where / "package.json").write_text(json.dumps({"name": name, "version": version, "main": "index.js"}))
    for file, text in files.items():
        (where / f"{file}.js").write_text(text)


@pytest.fixture
def project(tmp_path):
    """A folder with a package, and a program `npm` that installs another."""
    package(tmp_path, "near", "1.4.0", index="exports.name = 'near'", sub="exports.name = 'near/sub'")
    package(tmp_path, "@jsr/std__path", "1.0.0", index="exports.name = 'path'")
    programs = tmp_path / "bin"
    programs.mkdir()
    npm = programs / "npm"
    npm.write_text(
        "#!/bin/sh\nfor word; do echo \"word $word\"; done\nmkdir -p node_modules/far\n"
        "echo '{ \"name\": \"far\", \"version\": \"2.1.0\" }' > node_modules/far/package.json\n"
        "echo 'exports.name = \"far\"' > node_modules/far/index.js\n"
    )
    npm.chmod(0o755)
    kernel = Kernel(cwd=str(tmp_path), env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"})
    yield kernel, tmp_path
    kernel.close()


def test_specifiers_of_registries_lead_to_what_is_installed(project):
    kernel, folder = project
    for code, name in [
        ("import near from 'npm:near@^1.2'; near.name", "near"),
        ("import { name } from 'npm:near/sub'; name", "near/sub"),
        ("(await import('npm:/near@1/sub')).default.name", "near/sub"),
        ("require('npm:near').name", "near"),
        ("import path from 'jsr:@std/path@1'; path.name", "path"),
    ]:
        assert kernel.value(code) == f"'{name}'", code
    for code, said in [
        ("import 'npm:near@2'", f"'near' in version 2 ({folder}/node_modules/near is 1.4.0). Not installed: %npm i near@2"),
        ("import 'npm:far@2'", f"looked in {folder}/node_modules"),
        ("import 'npm:far@2'", "Not installed: %npm i far@2"),
        ("require('npm:far')", "Not installed: %npm i far"),
        ("import 'jsr:@std/fs'", "Not installed: %npm exec --yes -- jsr add @std/fs"),
        ("import 'nowhere-to-be-found'", "Not installed: %npm i nowhere-to-be-found"),
        ("import 'npm:a b'", "does not name a package"),
    ]:
        reply, _ = kernel.run(code, allow_stdin=False)
        assert reply["status"] == "error" and said in reply["evalue"], reply
    assert not (folder / "node_modules/far").exists()


def test_a_package_that_is_missing_is_offered_to_a_person(project):
    kernel, folder = project
    for answer, status in (("n", "error"), ("y", "ok")):
        sent = kernel.client.execute("import far from 'npm:far@>=2 <3'\nfar.name", allow_stdin=True)
        asked = kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"]
        assert asked == f'npm:far@>=2 <3 is not installed for {folder}. Install it by npm i "far@>=2 <3"? [y/N] '
        kernel.client.input(answer)
        messages = kernel.until(lambda message: is_idle(message, sent))
        assert kernel.reply(sent)["status"] == status
        own = [message for message in messages if parent(message) == sent]
        assert ("word far@>=2 <3\n" in printed(own)) == (answer == "y")
    assert of_kind(own, "execute_result")[0]["data"]["text/plain"] == "'far'"
    # What is there is not asked about.
    assert kernel.value("import far from 'npm:far@2'; far.name", allow_stdin=True) == "'far'"
    assert "word a b\n" in printed(kernel.run('%npm i "a b"')[1])


def test_files_may_be_named_without_their_ending(project):
    kernel, folder = project
    (folder / "lib").mkdir()
    (folder / "lib/index.ts").write_text("export const where: string = 'index'")
    (folder / "double.ts").write_text("export const double = (n: number) => n * 2")
    code = "import { double } from './double'\nimport { where } from \"./lib\"\n`${double(4)} ${where} './double'`"
    reply, messages = kernel.run(code)
    assert reply["status"] == "ok", reply
    assert of_kind(messages, "execute_result")[0]["data"]["text/plain"] == "\"8 index './double'\""
    assert not printed(messages, "stderr")
    assert kernel.value("(await import('./double')).double(1)") == "2"
    reply, messages = kernel.run("import { double } from './double.ts'\nimport './nowhere'")
    assert "nowhere" in reply["evalue"] and not printed(messages, "stderr")


def test_a_file_is_loaded_into_the_cell(project):
    kernel, folder = project
    (folder / "part.ts").write_text("const part = 1")
    reply, _ = kernel.run("%load part.ts")
    assert reply["payload"] == [{"source": "set_next_input", "text": "const part = 1", "replace": True}]


@needs_packages
def test_tables_of_packages(kernel):
    kernel.run("import * as aq from 'arquero'\nimport * as arrow from 'apache-arrow'")
    data = result(kernel, "aq.table({ name: ['Ada <b>', 'Alan'], born: [1815, 1912] })")
    assert "<tr><th>0</th><td>Ada &lt;b&gt;</td><td>1815</td></tr>" in data["text/html"]
    assert data["text/plain"] == "   name     born\n0  Ada <b>  1815\n1  Alan     1912\n2 rows × 2 columns"
    for code in (
        "aq.table({ n: Array.from({ length: 1000 }, (_, n) => n) })",
        "arrow.tableFromArrays({ n: Int32Array.from({ length: 1000 }, (_, n) => n) })",
        "arrow.tableFromArrays({ n: Int32Array.from({ length: 1000 }, (_, n) => n) }).batches[0]",
    ):
        data = result(kernel, code)
        assert data["text/html"].count("<tr>") == 51 and "1000 rows × 1 column, the first 50 are shown" in data["text/html"]
        assert data["text/plain"].endswith("49  49\n1000 rows × 1 column, the first 50 are shown"), data["text/plain"]
    vector = result(kernel, "arrow.vectorFromArray([1n, null, 3n])")
    assert vector["text/plain"].split() == "Int64 0 1 1 null 2 3 3 rows × 1 column".split()
    reply, messages = kernel.run("display(aq.table({ a: [1] })); arrow.tableFromArrays({ a: [1] }) && undefined")
    [shown] = of_kind(messages, "display_data")
    assert "<td>1</td>" in shown["data"]["text/html"] and "1 row × 1 column" in shown["data"]["text/plain"]
    assert set(shown["data"]) == {"text/html", "text/plain", "application/vnd.dataresource+json"}
    resource = result(kernel, "aq.table({ name: ['Ada', 'Alan'], born: [1815, null] })")["application/vnd.dataresource+json"]
    assert resource["data"] == [{"name": "Ada", "born": 1815}, {"name": "Alan", "born": None}]
    assert [field["type"] for field in resource["schema"]["fields"]] == ["string", "integer"]


def test_a_dom_is_no_cell_of_a_replay(tmp_path):
    package(tmp_path, "d3", "7.0.0", index="exports.title = () => document.title")
    package(tmp_path, "linkedom", "1.0.0", index="exports.parseHTML = () => { const document = { title: 'a page' }; document.defaultView = { document }; return { document } }")
    kernel = Kernel(cwd=str(tmp_path))
    code = "import d3 from 'npm:d3'\nd3.title()"
    assert kernel.value(code, allow_stdin=True) == kernel.value("var shown = d3.title(); shown") == "'a page'"
    for cells in (2, 4):
        busy = kernel.client.execute("console.log('begun'); for (;;);")
        kernel.until(is_printed("begun"))
        [child] = children(kernel.manager.provisioner.process.pid)
        os.kill(child, signal.SIGKILL)
        kernel.reply(busy)
        told = printed(kernel.run("typeof document")[1], "stderr")
        assert f"runs the {cells} cells again" in told, told
        reply, messages = kernel.run("%replay", allow_stdin=True)
        assert reply["status"] == "ok" and f"{cells} cells were run again" in printed(messages), messages
        assert kernel.value("shown") == "'a page'"
    # A session that does not draw has none.
    kernel.run("%reset")
    assert kernel.value("typeof document") == "'undefined'"
    kernel.close()


@needs_packages
def test_drawings_of_packages(kernel):
    assert kernel.value("typeof document") == "'undefined'"
    plot = result(kernel, "import * as Plot from '@observablehq/plot'\nPlot.barY([1, 2, 3]).plot()")
    assert plot["image/svg+xml"].startswith('<svg xmlns="http://www.w3.org/2000/svg"') and plot["text/plain"] == "<svg> 640 × 400"
    figure = result(kernel, "Plot.plot({ title: 'Bars', marks: [Plot.barY([1, 2])] })")
    assert "<h2>Bars</h2>" in figure["text/html"] and figure["text/plain"] == "<figure>"
    drawn = result(kernel, "import * as d3 from 'd3'\nconst svg = d3.create('svg'); svg.append('circle').attr('r', 4); svg")
    assert '<circle r="4" />' in drawn["image/svg+xml"]
    assert result(kernel, "svg.node()") == drawn
    assert set(result(kernel, "svg.select('circle').node()")) == {"text/plain"}
    # What only looks like an element, or a table, is shown as usual.
    for code in ("new (class { get outerHTML() { throw 1 } })", "({ _groups: 1 })", "new (class { $isSeries = true; $config = 1 })"):
        assert set(result(kernel, code)) == {"text/plain"}
