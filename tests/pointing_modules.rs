//! Places of errors about modules: the specifier that cannot be imported, the element whose library is missing, and the
//! program's own frames among those of the loader.

use std::fs;

use crate::{
    pointing::{Folder, reading, thrown},
    support::block_on,
};

/// Where a text has the mark `^`: the text without it, and its line and column, from 1.
fn unmarked(marked: &str) -> (String, usize, usize) {
    let at = marked.find('^').unwrap();
    let (before, after) = (&marked[..at], &marked[at + 1..]);
    let line = before.matches('\n').count() + 1;
    let column = before.encode_utf16().count() - before.rfind('\n').map_or(0, |end| before[..=end].encode_utf16().count()) + 1;
    (format!("{before}{after}"), line, column)
}

/// Chunks that import what is not there.
const IMPORTS: &[&str] = &[
    "import ^'./missing.mjs'",
    "import { a, b } from ^'./missing.mjs'",
    "let 𝒳 = '𝒳'; import { a } from ^'./missing.mjs'; a",
    "import {\n  a,\n  b,\n} from ^'./missing.mjs'\na + b",
    "'use strict'\nimport a from ^'not-installed'",
    "import './there.mjs'\nimport * as b from ^'./missing.mjs'\nb",
    "let x = 1\nfoo(x)\nimport { foo } from ^'./missing.mjs'",
    "export * from ^'./missing.mjs'",
    "export { a } from ^'./missing.mjs'",
    "import fs = require(^'./missing.cjs')\nfs",
    "enum E { A }\nimport {\n  a } from ^'./missing.mjs'\na",
    "import data from ^'./data.json' with { type: 'text', }\nimport './there.mjs'",
];

#[test]
fn a_module_that_a_chunk_cannot_import_is_told_at_its_specifier() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        fs::write(root.join("there.mjs"), "export {}").unwrap();
        for marked in IMPORTS {
            let (source, line, column) = unmarked(marked);
            let kernel = reading(&root).await;
            let exception = thrown(&kernel, &source).await;
            assert!(exception.text.contains(&format!("chunk:1:{line}:{column}")), "{marked}\n{exception}");
            let at = exception.at.clone().unwrap();
            assert_eq!((at.position.line as usize + 1, at.position.column as usize + 1), (line, column), "{marked}\n{exception}");
            let frame = exception.code_frame.as_ref().map(ToString::to_string).unwrap_or_default();
            let written = source.split('\n').nth(line - 1).unwrap().trim_end();
            assert!(frame.contains(&format!("{line} | {written}")), "{marked}\n{exception}");
        }
    });
}

/// Texts with JSX whose library is missing, at the mark.
const ELEMENTS: &[&str] = &[
    "function A() {\n  return (\n    ^<div>x</div>\n  )\n}\nA()",
    "function A() {\n  return (\n    // why\n    ^<div>\n      <b/>\n    </div>\n  )\n}\nA()",
    "const A = () => (\n  ^<>\n    x\n  </>\n)\nA()",
    "const A = () => (\n  ^<p\n    a='1'\n  />\n)\nA()",
    "let a = 1, b = (\n\n  ^<b/>)",
    "f(1,\n  ^<b/>)\nfunction f() {}",
    "const o = {\n  a:\n    ^<b/>,\n}",
    "^<b/>",
    "var x\nx = (\n  ^<b/>\n)",
    "let x, y; x = y = (\n  ^<b/>\n)",
    "let x; [x] = (\n  ^<b/>)",
    "let x = 1; x + (\n  ^<b/>)",
    "const o = {}\no.a = (\n  ^<b/>\n)",
    "class K { constructor() {\n  this.a = (\n    ^<b/>\n  )\n} }\nnew K",
    "console.log(\n  ^<b/>\n)",
    "let x; const f = (a, b) => a\nx = f(\n  ^<b/>, 1)",
    "function g(f) { return f(\n  ^<b/>) }\ng(x => x)",
    "function g(f, a) { return f(a,\n  ^<b/>) }\ng(x => x)",
    "function g({ f }) { return f((\n  ^<b/>)) }\ng({ f() {} })",
    "class K {}\nlet k; k = new K(\n  ^<b/>)",
    "[\n  ^<b/>,\n]",
    "let l; l = [\n  ^<b/>,\n]",
    "[1].map(n => (\n  ^<b/>\n))",
    "[1].map(n =>\n  ^<b/>)",
    "[1].map(n => n && (\n  ^<b/>\n))",
    "const a = Date ? (\n  ^<b/>\n) : null",
    "const a = await (\n  ^<b/>\n)",
    "function g(b) { const a = b + (\n  ^<b/>) }\ng(1)",
    "const g = b => b + (\n  ^<b/>)\ng(1)",
    "console.log((\n  ^<b/>\n))",
    "throw (\n  ^<b/>\n)",
    "if ((\n  ^<b/>\n)) {}",
    "await (\n  ^<b/>\n)",
];

#[test]
fn an_element_whose_library_is_missing_is_told_where_it_begins() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        for (index, marked) in ELEMENTS.iter().enumerate() {
            let (source, line, column) = unmarked(marked);
            let file = format!("e{index}.tsx");
            fs::write(root.join(&file), format!("export {{}}\n{source}")).unwrap();
            let imported = format!("i{index}.tsx");
            fs::write(root.join(&imported), format!("/** @jsxImportSource nothing */ export {{}}\n{source}")).unwrap();
            let kernel = reading(&root).await;
            for (chunk, script, line) in [
                (source.clone(), "chunk:1", line),
                (format!("await import('./{file}')"), &*file, line + 1),
                (format!("await import('./{imported}')"), &*imported, line + 1),
            ] {
                let exception = thrown(&kernel, &chunk).await;
                let message = &exception.message;
                let is_missing = message == "React is not defined" || message.contains("'nothing'");
                assert!(is_missing && exception.text.contains(&format!("{script}:{line}:{column}")), "{marked}\n{exception}");
                let frame = exception.code_frame.as_ref().map(ToString::to_string).unwrap_or_default();
                let written = source.split('\n').nth(line - if script == "chunk:1" { 1 } else { 2 }).unwrap();
                assert!(frame.contains(&format!("{line} | {}", written.trim_end())), "{marked}\n{exception}");
            }
        }
    });
}

/// V8 has one place for a call and for what it does first.
#[test]
fn a_call_with_an_element_is_told_where_it_begins() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        let before = "const React = { createElement() {} }; function f() { throw new Error('no') }\n";
        let calls = [("f(\n  <b/>)", 1), ("const a = f(\n  <b/>)", 11), ("(() => f(\n  <b/>))()", 8), ("new f(\n  <b/>)", 1)];
        for (index, (call, column)) in calls.into_iter().enumerate() {
            let file = format!("c{index}.tsx");
            fs::write(root.join(&file), format!("{before}{call}\nexport {{}}")).unwrap();
            let kernel = reading(&root).await;
            let exception = thrown(&kernel, &format!("await import('./{file}')")).await;
            assert!(exception.text.contains(&format!("{file}:2:{column}")), "{call}\n{exception}");
        }
    });
}

/// A stack shows ten places. The loader's own are not shown, and take none of them.
#[test]
fn the_loader_takes_no_place_in_a_stack() {
    block_on(async {
        let folder = Folder::new();
        let root = folder.0.clone();
        for index in 0..14 {
            fs::write(root.join(format!("f{index}.cjs")), format!("\nrequire('./f{}.cjs')", index + 1)).unwrap();
        }
        fs::write(root.join("f14.cjs"), "\n\nthrow new Error('deep')").unwrap();
        let kernel = reading(&root).await;
        let exception = thrown(&kernel, "require('./f0.cjs')").await;
        let lines: Vec<&str> = exception.text.lines().filter(|line| line.starts_with("    at ")).collect();
        assert_eq!(lines.len(), 10, "{exception}");
        assert!(lines[0].ends_with("/f14.cjs:3:7)"), "{exception}");
        for (line, index) in lines[1..].iter().zip((5..14).rev()) {
            assert!(line.contains(&format!("/f{index}.cjs:2:1")), "{index}: {line}\n{exception}");
        }
        assert!(!exception.text.contains("drupe:"), "{exception}");
        // Fewer are shown where the program wants fewer, and none of a stack that has no more.
        let exception = thrown(&kernel, "Error.stackTraceLimit = 3; require('./f0.cjs')").await;
        assert_eq!(exception.text.matches("\n    at ").count(), 3, "{exception}");
        let exception = thrown(&kernel, "Error.stackTraceLimit = 10; require('./f13.cjs')").await;
        assert_eq!(exception.text.matches("\n    at ").count(), 3, "{exception}");
        assert!(exception.text.contains("\n    at chunk:3:1:29"), "{exception}");
        // Where it is called, and not in the loader.
        fs::write(root.join("tla.mjs"), "export const x = await 1").unwrap();
        fs::write(root.join("r.cjs"), "function r() {\n  require('./tla.mjs')\n}\nr()").unwrap();
        let exception = thrown(&kernel, "require('./r.cjs')").await;
        assert!(exception.text.contains("at r (") && exception.text.contains("/r.cjs:2:3)"), "{exception}");
    });
}
