//! Errors of files: file, line, column and a code frame, in the text that was loaded; and no frames but the user's.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use drupe_client::{
    Chunk, Exception, Kernel, Outcome, Permissions, Policy,
    host::{Host, Modules, permissions::Kind},
};

use crate::support::{block_on, memory};

/// A folder that goes with its owner.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("drupe-pointing-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().canonicalize().unwrap().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

pub(crate) async fn reading(folder: &Path) -> Kernel {
    let mut policy = Policy::none();
    policy.allow(Kind::Read, &folder.to_string_lossy()).unwrap();
    let permissions = Permissions::new(policy);
    let modules = Modules::new(&permissions).root(folder);
    let host = Host::standard(&permissions).service("module", Arc::new(modules));
    memory::builder().host(host).spawn().await.unwrap()
}

pub(crate) async fn thrown(kernel: &Kernel, chunk: &str) -> Exception {
    thrown_by(kernel, Chunk::new(chunk)).await
}

async fn thrown_by(kernel: &Kernel, chunk: Chunk) -> Exception {
    match kernel.run(chunk.clone()).await.unwrap().outcome {
        Outcome::Threw(exception) | Outcome::SyntaxError(exception) => exception,
        other => panic!("{}: threw nothing: {other:?}", chunk.source()),
    }
}

/// A name and a text.
type File = (&'static str, &'static str);
type Case = (&'static [File], &'static str, &'static str, &'static str);

/// Files, what imports or requires them, and what is shown: the last two lines of the code frame, and where that is.
const CASES: &[Case] = &[
    (&[("bad.mjs", "const a = 1;\nlet x = ;\n")], "await import('./bad.mjs')", "2 | let x = ;\n  |         ^", "bad.mjs:2:9"),
    (&[("bad.cjs", "\nlet x = ;\n")], "require('./bad.cjs')", "2 | let x = ;\n  |         ^", "bad.cjs:2:9"),
    (
        &[("bad.ts", "type A = 1\nlet x: A = ;\n")],
        "await import('./bad.ts')",
        "2 | let x: A = ;\n  |            ^",
        "bad.ts:2:12",
    ),
    (&[("bad.ts", "type A = 1\nlet x: A = ;\n")], "require('./bad.ts')", "2 | let x: A = ;\n  |            ^", "bad.ts:2:12"),
    (
        &[("a.mjs", "import './b.mjs'"), ("b.mjs", "import './c.mjs'"), ("c.mjs", "export const ok = 1\nfoo bar")],
        "import './a.mjs'",
        "2 | foo bar\n  |     ^",
        "c.mjs:2:5",
    ),
    (
        &[("a.cjs", "require('./b.cjs')"), ("b.cjs", "require('./c.cjs')"), ("c.cjs", "if (")],
        "require('./a.cjs')",
        "1 | if (\n  |     ^",
        "c.cjs:1:5",
    ),
    (
        &[("a.mjs", "//\nimport { nope } from './b.mjs'"), ("b.mjs", "export const ok = 1")],
        "await import('./a.mjs')",
        "2 | import { nope } from './b.mjs'\n  |          ^",
        "a.mjs:2:10",
    ),
    (
        &[("a.mjs", "//\nimport { nope } from './c.cjs'"), ("c.cjs", "exports.ok = 1")],
        "await import('./a.mjs')",
        "2 | import { nope } from './c.cjs'\n  |          ^",
        "a.mjs:2:10",
    ),
    (
        &[("a.mjs", "import './b.mjs'"), ("b.mjs", "//\nimport './missing.mjs'")],
        "await import('./a.mjs')",
        "2 | import './missing.mjs'\n  |        ^",
        "b.mjs:2:8",
    ),
    (
        &[("a.ts", "type A = 1\nexport { x } from 'not-installed'; export const a: A = 1")],
        "import { a } from './a.ts'",
        "2 | export { x } from 'not-installed'; export const a: A = 1\n  |                   ^",
        "a.ts:2:19",
    ),
    (
        &[("a.ts", "enum E { A }\nexport * from './none.ts'")],
        "require('./a.ts')",
        "2 | export * from './none.ts'\n  |               ^",
        "a.ts:2:15",
    ),
    (&[("bad.json", "{\n \"a\": oops }")], "require('./bad.json')", "2 |  \"a\": oops }\n  |       ^", "bad.json:2:7"),
    (&[("bad.json", "{\n \"a\": 1,\n}")], "import d from './bad.json' with { type: 'json' }", "3 | }\n  | ^", "bad.json:3:1"),
    (
        &[("throws.ts", "type N = number\nexport function boom(x: N) {\n  throw new Error('boom')\n}")],
        "import { boom } from './throws.ts'; boom(1)",
        "3 |   throw new Error('boom')\n  |         ^",
        "throws.ts:3:9",
    ),
    (
        &[("enum.ts", "enum E { A }\nexport const f = () => null!.x")],
        "import { f } from './enum.ts'; f()",
        "2 | export const f = () => null!.x\n  |                              ^",
        "enum.ts:2:30",
    ),
    (
        &[("throws.cjs", "exports.f = () => { null.x }")],
        "require('./throws.cjs').f()",
        "1 | exports.f = () => { null.x }\n  |                          ^",
        "throws.cjs:1:26",
    ),
    (
        &[("tla.mjs", "export const x = await 1"), ("r.cjs", "\nrequire('./tla.mjs')")],
        "require('./r.cjs')",
        "2 | require('./tla.mjs')\n  | ^",
        "r.cjs:2:1",
    ),
    (&[("a.mjs", "import './d.txt'"), ("d.txt", "1")], "import './a.mjs'", "1 | import './d.txt'\n  |        ^", "a.mjs:1:8"),
    (&[("p.ts", "class A {\n  m(@dec x) {} }")], "await import('./p.ts')", "2 |   m(@dec x) {} }\n  |     ^", "p.ts:2:5"),
];

#[test]
fn errors_of_files_have_a_place_and_a_code_frame() {
    block_on(async {
        for (files, chunk, last, place) in CASES {
            let folder = Folder::new();
            let root = folder.0.clone();
            for (name, text) in *files {
                fs::write(root.join(name), text).unwrap();
            }
            let kernel = reading(&root).await;
            let exception = thrown(&kernel, chunk).await;
            let frame = exception.code_frame.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(frame.ends_with(last.trim_end_matches('^')) || frame.contains(last), "{chunk}\n{exception}");
            let first = exception.text.lines().find(|line| line.starts_with("    at ")).unwrap_or_default();
            assert!(first.contains(&format!("/{place}")), "{chunk}: {first}\n{exception}");
            assert!(!exception.text.contains("drupe:"), "{chunk}\n{exception}");
            let at = exception.at.unwrap();
            let told = format!("{}:{}:{}", at.script, at.position.line + 1, at.position.column + 1);
            assert!(told.ends_with(&format!("/{place}")), "{chunk}: {told}");
        }
    });
}

#[test]
fn a_name_that_commonjs_does_not_tell_says_what_to_write() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        fs::write(root.join("c.cjs"), "exports.ok = 1").unwrap();
        fs::write(root.join("a.mjs"), "import { ok, nope } from './c.cjs'").unwrap();
        fs::write(root.join("b.mjs"), "export { nope } from './d.mjs'").unwrap();
        fs::write(root.join("d.mjs"), "").unwrap();
        let kernel = reading(&root).await;
        let exception = thrown(&kernel, "await import('./a.mjs')").await;
        assert!(
            exception.message.starts_with("Named export 'nope' not found. The requested module './c.cjs' is a CommonJS module"),
            "{exception}"
        );
        assert!(exception.message.contains("import pkg from './c.cjs';\nconst { nope } = pkg;"), "{exception}");
        assert!(exception.text.contains("Named export 'nope' not found"), "{exception}");
        let exception = thrown(&kernel, "await import('./b.mjs')").await;
        assert_eq!(exception.message, "The requested module './d.mjs' does not provide an export named 'nope'");
    });
}

#[test]
fn the_frame_is_of_the_text_that_was_loaded_and_nothing_is_read_for_it() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        let file = root.join("f.mjs");
        fs::write(&file, "export const f = () => { throw new Error('first') }").unwrap();
        let kernel = reading(&root).await;
        kernel.run("import { f } from './f.mjs'").await.unwrap();
        fs::write(&file, "nothing of the kind\n\n").unwrap();
        let exception = thrown(&kernel, "f()").await;
        assert!(exception.to_string().contains("1 | export const f = () => { throw new Error('first') }"), "{exception}");
        fs::remove_file(&file).unwrap();
        let exception = thrown(&kernel, "f()").await;
        assert!(exception.code_frame.is_some(), "{exception}");
    });
}

// threat C9
#[test]
fn frames_of_long_and_of_minified_files_are_bounded() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        let line =
            format!("{}export const f = () => {{ throw new Error('here') }};{}", "0;".repeat(100_000), "1;".repeat(100_000));
        fs::write(root.join("min.mjs"), &line).unwrap();
        fs::write(root.join("long.mjs"), format!("{}\nnull.x", "0;\n".repeat(2_000_000))).unwrap();
        let kernel = reading(&root).await;
        let frame = thrown(&kernel, "import { f } from './min.mjs'; f()").await.code_frame.unwrap().to_string();
        assert!(frame.len() < 1_000 && frame.contains("throw new Error('here')"), "{frame}");
        let exception = thrown(&kernel, "await import('./long.mjs')").await;
        assert!(exception.text.contains("long.mjs:2000002:6"), "{exception}");
        assert!(exception.code_frame.is_none_or(|frame| frame.to_string().len() < 1_000));
    });
}

#[test]
fn an_error_of_a_package_shows_the_line_of_ones_own_that_led_there() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        fs::create_dir_all(root.join("node_modules/p")).unwrap();
        fs::write(root.join("node_modules/p/index.js"), "module.exports = () => { throw new Error('misused') }").unwrap();
        let kernel = reading(&root).await;
        let exception = thrown(&kernel, "const p = require('p')\np()").await;
        assert!(exception.to_string().contains("misused\nchunk:1:2:1\n1 | const p"), "{exception}");
        assert!(exception.text.contains("node_modules/p/index.js:1:"), "{exception}");
        fs::write(root.join("node_modules/p/bad.js"), "let x = ;").unwrap();
        let exception = thrown(&kernel, "require('p/bad.js')").await;
        assert!(exception.to_string().contains("1 | let x = ;\n  |         ^"), "{exception}");
    });
}

#[test]
fn what_an_error_says_by_an_accessor_is_shown() {
    block_on(async {
        let kernel = memory::spawn().await;
        let class =
            "class Issues extends Error { name = 'Issues'; get message() { asked++; return 'two of them' } } var asked = 0";
        kernel.run(class).await.unwrap();
        let exception = thrown_by(&kernel, Chunk::new("throw new Issues()").inspect_hooks(true)).await;
        assert_eq!((exception.name.as_deref(), &*exception.message), (Some("Issues"), "two of them"));
        assert!(exception.text.starts_with("Issues: two of them\n    at chunk:2:1:7"), "{exception}");
        // Once its stack was read, it is shown without asking.
        let shown = kernel.run("const seen = new Issues(); seen.stack; asked = 0; seen").await.unwrap();
        let Outcome::Value { text, .. } = shown.outcome else { panic!("{shown:?}") };
        assert!(text.starts_with("Issues: two of them\n    at"), "{text}");
        assert!(!text.contains("Getter"), "{text}");
        let shown = kernel.run("asked").await.unwrap();
        assert!(matches!(&shown.outcome, Outcome::Value { text, .. } if text == "0"), "{shown:?}");
        // One that does not end is stopped by the budget, and one that throws says nothing.
        let endless =
            drupe_client::Chunk::new("class Endless extends Error { get message() { for (;;) {} } }\nthrow new Endless()");
        let report = kernel.run(endless.vm_timeout(std::time::Duration::from_millis(50))).await.unwrap();
        assert!(matches!(report.outcome, Outcome::TimedOut { .. } | Outcome::Threw(_)), "{report:?}");
        let odd = Chunk::new("throw new (class Odd extends Error { get message() { throw 1 } })").inspect_hooks(true);
        let exception = thrown_by(&kernel, odd).await;
        assert!(exception.text.contains("Odd"), "{exception}");
        // Nobody lets objects speak: only what somebody has read is known, and `Error.captureStackTrace` reads nothing.
        let exception = thrown(&kernel, "asked = 0; throw new Issues()").await;
        assert!(!exception.text.contains("two of them"), "{exception}");
        let captured =
            "class Captured extends Error { constructor(c) { super(); Error.captureStackTrace(this, Captured); this.code = c }
            get message() { asked++; return 'code ' + this.code } }\nthrow new Captured(5)";
        thrown(&kernel, captured).await;
        let shown = kernel.run("[asked, new Captured(5).stack.split('\\n')[0], asked]").await.unwrap();
        assert!(matches!(&shown.outcome, Outcome::Value { text, .. } if text == "[ 0, 'Error: code 5', 1 ]"), "{shown:?}");
        let exception = thrown_by(&kernel, Chunk::new("throw new Captured(6)").inspect_hooks(true)).await;
        assert!(exception.text.starts_with("Captured [Error]: code 6\n    at chunk:"), "{exception}");
    });
}

#[test]
fn errors_that_hold_errors_show_them_all() {
    block_on(async {
        let kernel = memory::spawn().await;
        let exception = thrown(&kernel, "throw new SuppressedError(new Error('disposing'), new Error('working'), 'both')").await;
        for part in ["SuppressedError: both", "[error]: Error: disposing", "[suppressed]: Error: working"] {
            assert!(exception.text.contains(part), "{part}: {exception}");
        }
        let exception =
            thrown(&kernel, "{ using r = { [Symbol.dispose]() { throw new Error('d') } }; throw new Error('w') }").await;
        for part in ["[error]: Error: d", "[suppressed]: Error: w"] {
            assert!(exception.text.contains(part), "{part}: {exception}");
        }
        let exception = thrown(&kernel, "throw new AggregateError([new Error('one'), new TypeError('two'), 3], 'several')").await;
        for part in ["AggregateError: several", "[errors]: [", "Error: one", "TypeError: two", "3"] {
            assert!(exception.text.contains(part), "{part}: {exception}");
        }
    });
}

#[test]
fn frames_of_what_the_compiler_wrote_are_left_out() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        let source = "const d = (v: any, c: any) => { throw new Error('decorating') }\n@d class A {\n  @d m() {}\n}\n";
        fs::write(root.join("d.ts"), format!("export {{}}\n{source}")).unwrap();
        let kernel = reading(&root).await;
        for (chunk, at) in [(source, "chunk:1:1:39"), ("await import('./d.ts')", "d.ts:2:39")] {
            let exception = thrown(&kernel, chunk).await;
            assert!(exception.text.contains(at), "{exception}");
            let lines = source.lines().count() + 1;
            for frame in &exception.frames {
                assert!((frame.position.line as usize) < lines, "{frame:?} is in no line that was written\n{exception}");
            }
            assert!(!exception.text.contains("applyDec"), "{exception}");
        }
    });
}

/// Source texts in which `nosuch` throws, at the mark, and what has no other frame but in what was written.
const COMPILED: &[&str] = &[
    "enum E {\n  A = 1, B = ^nosuch()\n}",
    "enum E { A = ^nosuch() }",
    "enum E { A = ^`${nosuch()}` }",
    "enum E { A, B = ^A + nosuch(), C }",
    "enum E { A, B = ^[1, nosuch(2)].length, C }",
    "enum E { 'a b' = new ^nosuch() as any }",
    "const enum E { A = ^nosuch`a` as any }",
    "enum E { A = ^nosuch }",
    "enum E { A = ^nosuch.a.b }",
    "enum E { A = (() => ^nosuch)() }",
    "namespace N {\n  export const a = 1\n  export const b = ^nosuch()\n}",
    "namespace N {\n  ^nosuch()\n}",
    "namespace N { export enum E { A = ^nosuch() } }",
    "namespace N.M { export let a = ^nosuch }",
    "namespace N { export class A { static x = ^nosuch } }",
    "namespace N { export function f() { ^nosuch() } f() }",
    "class A { constructor^(private a = nosuch()) {} }\nnew A()",
    "class A { constructor(private a: number) {\n  ^nosuch() } }\nnew A(1)",
    "class A { b = ^nosuch; constructor(private a: any) {} }\nnew A(1)",
    "enum E { A }\nclass A { static { let a: number = 1;\n  ^nosuch() } }",
    "enum E { A }\nclass A { static a: number = 1; static b = ^nosuch }",
    "class A { @^nosuch x = 1 }",
    "@^nosuch class A {}",
    "class A { @(1, ^nosuch) m() {} }",
    "const React = { createElement() {} };\n<div\n  a={^nosuch}\n/>",
    "const React = { createElement() {} };\n<div\n  {...^nosuch}>a</div>",
    "const React = { createElement() {} };\n<p>a\n  {[1].map(() => <b>{^nosuch}</b>)}</p>",
    "const React = { createElement() {} };\n<p>\n  <^nosuch.a />\n</p>",
];

#[test]
fn what_is_compiled_throws_where_it_was_written() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        for (index, marked) in COMPILED.iter().enumerate() {
            let at = marked.find('^').unwrap();
            let (before, after) = (&marked[..at], &marked[at + 1..]);
            let source = format!("{before}{after}");
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
            let file = format!("f{index}.tsx");
            let text = format!("export {{}}\n{source}");
            fs::write(root.join(&file), &text).unwrap();
            let kernel = reading(&root).await;
            let import = format!("await import('./{file}')");
            for (chunk, text, script, line) in [(&source, &source, "chunk:1", line), (&import, &text, &*file, line + 1)] {
                let exception = thrown(&kernel, chunk).await;
                assert!(exception.text.contains(&format!("{script}:{line}:{column}")), "{marked}\n{exception}");
                let frame = exception.code_frame.as_ref().map(ToString::to_string).unwrap_or_default();
                assert!(frame.contains("nosuch"), "{marked}\n{exception}");
                for frame in exception.frames.iter().filter(|frame| frame.script.ends_with(script)) {
                    let written = text.split('\n').nth(frame.position.line as usize);
                    assert!(
                        written.is_some_and(|line| frame.position.column as usize <= line.len()),
                        "{marked}: {frame:?}\n{exception}"
                    );
                }
            }
        }
    });
}

#[test]
fn an_assignment_to_a_constant_has_no_frame_but_its_own() {
    block_on(async {
        let kernel = memory::spawn().await;
        kernel.run("const c9 = 1").await.unwrap();
        let exception = thrown(&kernel, "let x = 1;\nc9 = 2").await;
        assert_eq!(exception.text, "TypeError: Assignment to constant variable.\n    at chunk:2:2:1", "{exception}");
        assert_eq!(exception.frames.len(), 1, "{exception}");
        assert!(exception.to_string().contains("2 | c9 = 2\n  | ^"), "{exception}");
        let exception = thrown(&kernel, "const f = () => { ({ c9 } = { c9: 1 }) }\nf()").await;
        assert!(exception.text.starts_with("TypeError: Assignment to constant variable.\n    at f (chunk:3:1:"), "{exception}");
    });
}
