//! ES modules: graphs from the host, their formats, `import()`, `import.meta`, errors and stops.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::common::{
    TestKernel,
    files::{Files, importing},
};
use drupe_protocol::{
    Event, Request, encode,
    event::{Done, End, Stopped},
    module::{Check, Entry, Main, Reload},
    request::Run,
};

fn setup() -> (TestKernel, Files) {
    (TestKernel::new(), Files::default())
}

#[test]
fn a_graph_is_linked_and_evaluated_in_order_and_once() {
    let (mut kernel, mut files) = setup();
    files
        .esm(
            "/app/a.js",
            "import './b.js'; import { c } from './c.js'; console.log('a', c); export const a = c + 1",
            &["./b.js", "./c.js"],
        )
        .esm("/app/b.js", "import { c } from './c.js'; console.log('b', c);", &["./c.js"])
        .esm("/app/c.js", "console.log('c'); export let c = 1; export function up() { c++ } export default class K {}", &[]);
    let log = files.run(&mut kernel, "const ns = await import('./a.js'); ns.a");
    assert_eq!(log.printed(), ["c", "b 1", "a 1"]);
    assert_eq!(log.text().unwrap(), "2");
    // Live bindings, and one module however often it is imported.
    assert_eq!(files.text(&mut kernel, "const c = await import('./c.js'); c.up(); c.c"), "2");
    assert_eq!(files.text(&mut kernel, "(await import('./a.js')) === ns"), "true");
    assert_eq!(
        files.text(&mut kernel, "c"),
        "[Module: null prototype] {\n  c: 2,\n  default: [class K],\n  up: [Function: up]\n}"
    );
}

#[test]
fn a_module_may_await_and_import_more() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/a.js", "await 0; export const { b } = await import('./b.js'); export default await new Promise(f => setTimeout(f, 1, 'late'))", &[])
        .esm("/app/b.js", "export const b = await Promise.resolve(7)", &[]);
    assert_eq!(files.text(&mut kernel, "const { default: d, b } = await import('./a.js'); [d, b]"), "[ 'late', 7 ]");
    // From eval and from functions made of text, the place they are in counts.
    assert_eq!(
        files.text(&mut kernel, "(await eval(\"import('./b.js')\")).b + (await new Function(\"return import('./b.js')\")()).b"),
        "14"
    );
}

#[test]
fn modules_know_who_they_are() {
    let (mut kernel, mut files) = setup();
    files.esm("/app/lib/m.js", "export default import.meta; export const r = import.meta.resolve('./n.js')", &[]).esm(
        "/app/lib/n.js",
        "",
        &[],
    );
    let text = files.text(
        &mut kernel,
        "const m = await import('./lib/m.js'); const { dirname, filename, url, main, resolve } = m.default; [Object.keys(m.default).join(), dirname, filename, url, main, m.r]",
    );
    for part in [
        "'dirname,filename,main,resolve,url'",
        "'/app/lib'",
        "'/app/lib/m.js'",
        "'file:///app/lib/m.js'",
        "false",
        "'file:///app/lib/n.js'",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn formats_and_attributes() {
    let (mut kernel, mut files) = setup();
    let wasm: Vec<u8> = b"\0asm\x01\0\0\0\x01\x0c\x02\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x01\x7f\x02\x0e\x01\x08\x2e\x2f\x69\x6e\x63\x2e\x6a\x73\x01\x66\0\0\x03\x02\x01\x01\x07\x07\x01\x03\x61\x64\x64\0\x01\x0a\x0b\x01\x09\0\x20\0\x10\0\x20\x01\x6a\x0b".to_vec();
    files
        .add("/app/data.json", "json", "{\"n\":1}", &[])
        .esm("/app/inc.js", "export const f = (n) => n + 100", &[])
        .add("/app/add.wasm", "wasm", drupe_protocol::Value::TypedArray(drupe_protocol::value::TypedArrayKind::Uint8, wasm.into()), &["./inc.js"])
        .esm("/app/all.js", "import data from './data.json' with { type: 'json' }; import text from './data.json' with { type: 'text' }; import { add } from './add.wasm'; export { data, text, add }", &["./data.json#json", "./data.json#text", "./add.wasm"]);
    assert_eq!(
        files.text(&mut kernel, "const { data, text, add } = await import('./all.js'); [data.n, text, add(1, 2)]"),
        "[ 1, '{\"n\":1}', 103 ]"
    );
    assert_eq!(files.text(&mut kernel, "(await import('./data.json', { with: { type: 'json' } })).default === data"), "true");
    files.add("/app/bad.json", "json", "{", &[]);
    let log = files.run(&mut kernel, "await import('./bad.json', { with: { type: 'json' } })");
    assert!(
        log.thrown().starts_with("Uncaught SyntaxError: /app/bad.json: ")
            || log.thrown().starts_with("SyntaxError: /app/bad.json: "),
        "{}",
        log.thrown()
    );
}

#[test]
fn commonjs_has_named_exports_and_a_default() {
    let (mut kernel, mut files) = setup();
    files.cjs(
        "/app/node_modules/c/index.js",
        "exports.a = 1; exports.f = function() { return this === undefined }; exports.late = typeof require",
        &["a", "f"],
    );
    assert_eq!(
        files.text(
            &mut kernel,
            "const c = await import('c'); [c.a, (0, c.f)(), c.default.late, c['module.exports'] === c.default]"
        ),
        "[ 1, false, 'function', true ]"
    );
}

#[test]
fn what_is_wrong_with_a_graph_is_told_and_nothing_of_it_stays() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/a.js", "import { nope } from './b.js'", &["./b.js"])
        .esm("/app/b.js", "export const b = 1", &[])
        .esm("/app/s.js", "let x = ;", &[])
        .esm("/app/m.js", "import './gone.js'", &["./gone.js"])
        .esm("/app/t.js", "export const x = 1; throw new TypeError('on purpose')", &[]);
    let thrown = files.run(&mut kernel, "await import('./a.js')").thrown();
    assert!(thrown.contains("SyntaxError: The requested module './b.js' does not provide an export named 'nope'"), "{thrown}");
    assert!(files.run(&mut kernel, "await import('./s.js')").thrown().contains("SyntaxError: Unexpected token ';'"));
    let thrown = files.run(&mut kernel, "await import('./m.js')").thrown();
    assert!(thrown.contains("Cannot find module './gone.js'") && thrown.contains("ERR_MODULE_NOT_FOUND"), "{thrown}");
    assert!(!thrown.contains("drupe:") && thrown.contains("chunk:3:1:1"), "{thrown}");
    let thrown = files.run(&mut kernel, "await import('./t.js')").thrown();
    assert!(thrown.contains("TypeError: on purpose") && thrown.contains("file:///app/t.js:1:27"), "{thrown}");
    // As in Node: what failed while it was evaluated stays failed.
    assert_eq!(
        files.text(
            &mut kernel,
            "const e = []; for (let i = 0; i < 2; i++) await import('./t.js').catch(x => e.push(x)); e[0] === e[1]"
        ),
        "true"
    );
    files.esm("/app/b.js", "export const nope = 2", &[]).esm("/app/s.js", "export let x = 3", &[]).esm("/app/gone.js", "", &[]);
    assert_eq!(files.text(&mut kernel, "await import('./a.js'); await import('./m.js'); (await import('./s.js')).x"), "3");
}

#[test]
fn circles_work_and_their_errors_are_those_of_the_language() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/a.js", "import { b } from './b.js'; export const a = 1; export const sum = () => a + b", &["./b.js"])
        .esm(
            "/app/b.js",
            "import { a, sum } from './a.js'; export const b = 2; export const later = () => sum() + a",
            &["./a.js"],
        )
        .esm("/app/c.js", "import { d } from './d.js'; export const c = d", &["./d.js"])
        .esm("/app/d.js", "import { c } from './c.js'; export const d = c", &["./c.js"]);
    assert_eq!(files.text(&mut kernel, "(await import('./b.js')).later()"), "4");
    let thrown = files.run(&mut kernel, "await import('./c.js')").thrown();
    assert!(thrown.contains("ReferenceError: Cannot access 'c' before initialization"), "{thrown}");
}

#[test]
fn positions_lead_to_what_the_user_wrote() {
    let (mut kernel, mut files) = setup();
    files.esm("/app/t.ts", "throw new Error('x')", &[]);
    files.map("/app/t.ts", &[0, 0, 41, 6]);
    let thrown = files.run(&mut kernel, "await import('./t.ts')").thrown();
    assert!(thrown.contains("file:///app/t.ts:42:13"), "{thrown}");
}

#[test]
fn a_program_runs_as_the_main_module() {
    let (mut kernel, mut files) = setup();
    files.esm("/app/p.js", "console.log(import.meta.main, typeof require, typeof module); await 1; console.log('end')", &[]).cjs(
        "/app/p.cjs",
        "console.log(require.main === module, module.id, __filename, __dirname, this === exports)",
        &[],
    );
    let main = |specifier: &str| Entry::Main(Main { specifier: specifier.to_owned(), args: Vec::new() });
    let log = files.enter(&mut kernel, main("file:///app/p.js"));
    assert_eq!(log.printed(), ["true undefined undefined", "end"]);
    let log = files.enter(&mut kernel, main("file:///app/p.cjs"));
    assert_eq!(log.printed(), ["true . /app/p.cjs /app true"]);
}

#[test]
fn an_interrupted_load_or_evaluation_leaves_nothing_half_done() {
    let (mut kernel, mut files) = setup();
    let run = kernel.start("await import('./a.js')");
    while !matches!(kernel.event(), Event::HostCall(_)) {}
    assert!(kernel.interrupt(Some(run)));
    let log = kernel.log();
    assert!(matches!(&log.outcome.end, End::Interrupted(by) if by.stopped == Stopped::Await), "{log:?}");
    files.esm("/app/a.js", "export const a = 1", &[]).esm("/app/loop.js", "for (;;);", &[]);
    assert_eq!(files.text(&mut kernel, "(await import('./a.js')).a"), "1");
    // threat B1
    let mut run = kernel.request("await import('./loop.js')");
    run.vm_timeout_ms = Some(50);
    kernel.send(run);
    let log = files.serve(&mut kernel);
    assert!(matches!(&log.outcome.end, End::VmTimeout(_)), "{log:?}");
    assert_eq!(files.text(&mut kernel, "(await import('./a.js')).a"), "1");
}

// threat H3
#[test]
fn a_session_takes_only_so_many_modules() {
    let (mut kernel, mut files) = setup();
    let imports = (0..20_100).map(|index| format!("./m{index}.js")).collect::<Vec<_>>();
    let source = imports.iter().map(|import| format!("import '{import}';")).collect::<String>();
    files.esm("/app/bomb.js", &source, &imports.iter().map(String::as_str).collect::<Vec<_>>());
    for import in &imports {
        files.esm(&format!("/app/{}", &import[2..]), "", &[]);
    }
    let thrown = files.run(&mut kernel, "await import('./bomb.js')").thrown();
    assert!(thrown.contains("RangeError: a session may load 20000 modules"), "{thrown}");
    files.esm("/app/a.js", "export const a = 1", &[]);
}

#[test]
fn what_chunks_import_is_live_and_can_be_anything_later() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/m.js", "export let n = 1; export const up = () => ++n; export default function f() { return this }", &[])
        .cjs("/app/c.js", "exports.seen = 1; exports['hid' + 'den'] = 2", &["seen"]);
    files.import(&mut kernel, "./m.js", &[("n", "n"), ("up", "up"), ("all", "*"), ("f", "default")]);
    assert_eq!(
        files.text(&mut kernel, "const before = n; up(); [before, n, all.n, typeof n, f() === globalThis]"),
        "[ 1, 2, 2, 'number', false ]"
    );
    let log = files.run(&mut kernel, "const late = () => n; var n = 'mine'; late()");
    assert_eq!(log.text().unwrap(), "'mine'");
    files.import(&mut kernel, "./m.js", &[("n", "n")]);
    assert_eq!(files.text(&mut kernel, "late()"), "2");
    files.import(&mut kernel, "./c.js", &[("hidden", "hidden")]);
    assert_eq!(files.text(&mut kernel, "hidden"), "2");
    let log = files.import(&mut kernel, "./m.js", &[("x", "nope")]);
    assert!(log.thrown().contains("The requested module './m.js' does not provide an export named 'nope'"), "{log:?}");
    let names = kernel.globals().into_iter().map(|name| format!("{}:{}", name.name, name.type_name)).collect::<Vec<_>>();
    for name in ["n:number", "up:function", "f:function", "hidden:number"] {
        assert!(names.iter().any(|listed| listed == name), "{name} in {names:?}");
    }
}

/// What the parent alone may ask for, user code finds no module by.
#[test]
fn user_code_cannot_make_the_requests_of_its_parent() {
    let (mut kernel, mut files) = setup();
    files.esm("/app/m.js", "export const n = 1", &[]).esm("/app/p.js", "globalThis.entered = (globalThis.entered ?? 0) + 1", &[]);
    let hidden = [
        "drupe:entry",
        "drupe:import:0",
        "drupe:import:1",
        "drupe:import:-1",
        "drupe:import:",
        "drupe:main:[\"file:///app/p.js\",[]]",
        "drupe:bind:[\"./m.js\",null,[[\"n\",\"n\"]],true]",
        "drupe:reload:[null]",
        "drupe:check:[\"file:///app/p.js\"]",
    ];
    let attempt = format!(
        "globalThis.attempt = async () => (await Promise.all({hidden:?}.map((name) => import(name).then(() => [name], (error) => error.code === \
         'ERR_MODULE_NOT_FOUND' ? [] : [name, `${{error}}`])))).flat(); await attempt()"
    );
    assert_eq!(files.text(&mut kernel, &attempt), "[]");
    // Nor when a chunk has imports, or a module is run: each request is made once.
    let code = "void await import('drupe:import:0'); [n, ...await attempt()]";
    files.import_by(&mut kernel, code, &[("./m.js", &[("n", "n")])]);
    assert_eq!(files.text(&mut kernel, "[n, ...await attempt()]"), "[ 1 ]");
    files.esm("/app/p.js", "globalThis.entered = [...(globalThis.entered ?? []), 1, ...await attempt()]", &[]);
    files.enter(&mut kernel, Entry::Main(Main { specifier: "file:///app/p.js".to_owned(), args: Vec::new() }));
    assert_eq!(files.text(&mut kernel, "entered"), "[ 1 ]");
}

/// Of several imports the later ones are the script's too, whatever runs before they are made.
#[test]
fn imports_are_made_by_their_own_script_alone() {
    const BOTH: &str = "void await import('drupe:import:0'); void await import('drupe:import:1'); [s, n]";
    let (mut kernel, mut files) = setup();
    files.esm("/app/m.js", "export const n = 1", &[]);
    let attempts =
        "for (const by of [(name) => import(name), eval('(name) => import(name)'), new Function('name', 'return import(name)')])
        await by('drupe:import:1').then(() => { globalThis.stolen = true }, () => {});";
    // By a module that is imported before.
    files.esm("/app/thief.js", &format!("{attempts} export const s = typeof stolen"), &[]);
    let imports: [(&str, &[(&str, &str)]); 2] = [("./thief.js", &[("s", "s")]), ("./m.js", &[("n", "n")])];
    let log = files.import_by(&mut kernel, BOTH, &imports);
    assert_eq!(log.text().unwrap(), "[ 'undefined', 1 ]");
    // By what an earlier run has left behind, while the first import takes its time.
    let left = format!("globalThis.tries = 0; setInterval(async () => {{ {attempts} tries++ }}, 1); 0");
    files.run(&mut kernel, &left);
    let slow = "while (tries < 3) await new Promise((go) => setTimeout(go, 1)); export const s = typeof stolen";
    files.esm("/app/slow.js", slow, &[]);
    let imports: [(&str, &[(&str, &str)]); 2] = [("./slow.js", &[("s", "s")]), ("./m.js", &[("n", "n")])];
    let log = files.import_by(&mut kernel, BOTH, &imports);
    assert_eq!(log.text().unwrap(), "[ 'undefined', 1 ]");
}

/// A chunk that was stopped at its imports does not make its later ones in the next run.
#[test]
fn a_stopped_chunk_leaves_the_imports_of_the_next_alone() {
    const BOTH: &str = "void await import('drupe:import:0'); void await import('drupe:import:1'); [typeof w, typeof s, n]";
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/m.js", "export const n = 1", &[])
        .esm("/app/waits.js", "console.log('waits'); await new Promise((go) => { globalThis.go = go }); export const w = 1", &[])
        .esm("/app/goes.js", "go(); for (let i = 0; i < 50; i++) await null; export const s = 1", &[]);
    let imports: [(&str, &[(&str, &str)]); 2] = [("./waits.js", &[("w", "w")]), ("./m.js", &[("n", "n")])];
    let run = importing(kernel.request(BOTH), &imports);
    let run = kernel.send(run);
    files.serve_until_printed(&mut kernel);
    assert!(kernel.interrupt(Some(run)));
    let log = files.serve(&mut kernel);
    assert!(matches!(&log.outcome.end, End::Interrupted(_)), "{log:?}");
    let imports: [(&str, &[(&str, &str)]); 2] = [("./goes.js", &[("s", "s")]), ("./m.js", &[("n", "n")])];
    let log = files.import_by(&mut kernel, BOTH, &imports);
    assert_eq!(log.text().unwrap(), "[ 'undefined', 'number', 1 ]");
}

#[test]
fn a_request_of_a_newer_parent_is_told_as_unknown() {
    let (mut kernel, mut files) = setup();
    let entry = Some(Entry::Check(Check { specifier: "./a.js".to_owned() }));
    let mut frame = Vec::new();
    encode(&Request::Run(Box::new(Run { entry, ..kernel.request("") })), &mut frame).unwrap();
    // A word of the same length, which this revision does not have.
    let at = frame.windows(5).position(|bytes| bytes == b"check").unwrap();
    frame[at..at + 5].copy_from_slice(b"trace");
    kernel.send_frame(&frame);
    let log = files.serve(&mut kernel);
    assert!(log.thrown().contains("this kernel does not know what the run asks for: trace"), "{log:?}");
    assert_eq!(files.text(&mut kernel, "1 + 1"), "2");
}

#[test]
fn what_is_reloaded_is_new_with_all_that_imports_it() {
    let (mut kernel, mut files) = setup();
    files
        .esm("/app/top.js", "import { v } from './leaf.js'; export const top = v", &["./leaf.js"])
        .esm("/app/leaf.js", "export const v = 1", &[])
        .esm("/app/other.js", "globalThis.loads = (globalThis.loads ?? 0) + 1", &[]);
    let top = "(await import('./top.js')).top";
    files.run(&mut kernel, "await import('./other.js')");
    assert_eq!(files.text(&mut kernel, top), "1");
    files.esm("/app/leaf.js", "export const v = 2", &[]);
    assert_eq!(files.text(&mut kernel, top), "1");
    files.enter(&mut kernel, Entry::Reload(Reload { specifier: "./leaf.js".to_owned() }));
    assert_eq!(files.text(&mut kernel, top), "2");
    files.run(&mut kernel, "await import('./other.js')");
    assert_eq!(files.text(&mut kernel, "loads"), "1");
    files.esm("/app/leaf.js", "export const v = 3", &[]);
    files.enter(&mut kernel, Entry::ReloadAll(Done {}));
    assert_eq!(files.text(&mut kernel, &format!("await import('./other.js'); [{top}, loads]")), "[ 3, 2 ]");
}
