//! Errors that point into text which is no file: what was evaluated, and the imports of chunks.

use std::fs;

use crate::{
    pointing::{Folder, reading, thrown},
    support::{block_on, memory},
};

/// Code that evaluates text in which something is wrong, and the end of the code frame, which is of that text.
const EVALUATED: &[(&str, &str)] = &[
    ("eval('let x = ;')", "eval:1:9|1 | let x = ;\n  |         ^"),
    ("\n\neval('1;\\n\\n  foo()')", "eval:3:3|1 | 1;\n2 | \n3 |   foo()\n  |   ^"),
    ("new Function('a', 'return b')()", "eval:3:1|1 | (function anonymous(a\n2 | ) {\n3 | return b\n  | ^"),
    ("new Function('a', 'return (')", "eval:4:1|4 | })\n  | ^"),
    (
        "(0, eval)('(function g() { \\n throw new Error(1) })')()",
        "eval:2:8|1 | (function g() { \n2 |  throw new Error(1) })\n  |        ^",
    ),
    (
        "eval('function q() { boom() }; q()\\n//# sourceURL=mine.js')",
        "mine.js:1:16|1 | function q() { boom() }; q()\n  |                ^",
    ),
    (
        "const f = () => { throw new Error('own') }\neval('f()')",
        "chunk:2:1:25|1 | const f = () => { throw new Error('own') }\n  |                         ^",
    ),
];

#[test]
fn text_that_was_evaluated_is_shown_and_no_other_in_its_place() {
    block_on(async {
        for (chunk, expected) in EVALUATED {
            let kernel = memory::spawn().await;
            kernel.run("1").await.unwrap();
            let exception = thrown(&kernel, chunk).await;
            let at = exception.at.as_ref().unwrap();
            let frame = exception.code_frame.as_ref().unwrap();
            let said = format!("{}:{}:{}|{frame}", at.script, at.position.line + 1, at.position.column + 1);
            assert_eq!(said, *expected, "{chunk}\n{exception}");
            assert_eq!(&frame.at, at, "{chunk}");
        }
    });
}

#[test]
fn an_import_of_a_chunk_that_is_missing_is_pointed_at() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        fs::write(root.join("m.mjs"), "export const ok = 1").unwrap();
        let kernel = reading(&root).await;
        for (chunk, frame) in [
            ("import { ok, nope } from './m.mjs'; nope", "1 | import { ok, nope } from './m.mjs'; nope\n  |              ^"),
            ("1;\nimport { nope as x } from './m.mjs'; x", "1 | 1;\n2 | import { nope as x } from './m.mjs'; x\n  |          ^"),
            ("import d from './m.mjs'; d", "1 | import d from './m.mjs'; d\n  |        ^"),
            (
                "import { ok } from './m.mjs'\nimport d, { ok as o } from './m.mjs'; enum E { A = ok + o + d }",
                "2 | import d, { ok as o } from './m.mjs'; enum E { A = ok + o + d }\n  |        ^",
            ),
        ] {
            let exception = thrown(&kernel, chunk).await;
            let shown = exception.code_frame.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(shown.ends_with(frame), "{chunk}\n{exception}");
        }
    });
}
