//! Anything declared again as anything, across chunks.

use drupe_client::{Kernel, Outcome};

use crate::support::{block_on, spawn, text};

const KINDS: [&str; 6] = ["var", "let", "const", "class", "function", "enum"];

/// A declaration of `name` that `value` can tell from others.
fn declare(kind: &str, name: &str, number: u32) -> String {
    match kind {
        "function" => format!("function {name}() {{ return {number} }}"),
        "class" => format!("class {name} {{ static value = {number} }}"),
        "enum" => format!("enum {name} {{ value = {number} }}"),
        keyword => format!("{keyword} {name} = {number}"),
    }
}

fn value(kind: &str, name: &str) -> String {
    match kind {
        "function" => format!("`${{{name}()}} ${{{name}.name === '{name}'}}`"),
        "class" => format!("`${{new {name}().constructor.value}} ${{{name}.name === '{name}'}}`"),
        "enum" => format!("`${{{name}.value}} ${{{name}[{name}.value] === 'value'}}`"),
        _ => format!("`${{{name}}} true`"),
    }
}

/// What a chunk throws, and whether it ran at all.
async fn thrown(kernel: &Kernel, code: &str) -> String {
    match kernel.run(code).await.unwrap().outcome {
        Outcome::Threw(exception) | Outcome::SyntaxError(exception) => {
            format!("{}: {}", exception.name.unwrap_or_default(), exception.message)
        }
        other => panic!("{code}: {other:?}"),
    }
}

#[test]
fn every_kind_after_every_kind() {
    block_on(async {
        let kernel = spawn().await;
        for first in KINDS {
            for second in KINDS {
                for third in KINDS {
                    let name = format!("{first}_{second}_{third}");
                    for (number, kind) in (1..).zip([first, second, third]) {
                        let report = kernel.run(declare(kind, &name, number)).await.unwrap();
                        assert!(matches!(report.outcome, Outcome::Value { .. }), "{name} {number}: {:?}", report.outcome);
                        assert_eq!(text(&kernel, &value(kind, &name)).await, format!("'{number} true'"), "{name} {number}");
                    }
                }
            }
        }
    });
}

/// Runs that wait in the kernel were written before the ones they build upon had run.
#[test]
fn pipelined() {
    block_on(async {
        let kernel = spawn().await;
        let chunks = ["let x = 1", "var x = 2", "function x() { return 3 }", "class x { static value = 4 }", "const x = 5"];
        let runs: Vec<_> = chunks.iter().map(|chunk| kernel.run(*chunk)).collect();
        let last = kernel.run("x");
        for run in runs {
            assert!(matches!(run.await.unwrap().outcome, Outcome::Value { .. }));
        }
        assert_eq!(crate::support::value_text(&last.await.unwrap()), "5");
    });
}

#[test]
fn closures_see_the_newest() {
    block_on(async {
        let kernel = spawn().await;
        for (index, first) in KINDS.iter().enumerate() {
            for second in KINDS {
                let name = format!("n{index}_{second}");
                kernel.run(declare(first, &name, 1)).await.unwrap();
                kernel.run(format!("var old = () => {}", value(second, &name))).await.unwrap();
                kernel.run(declare(second, &name, 2)).await.unwrap();
                assert_eq!(text(&kernel, "old()").await, "'2 true'", "{first} {second}");
            }
        }
    });
}

#[test]
fn constants_are_constant() {
    block_on(async {
        let kernel = spawn().await;
        let error = "TypeError: Assignment to constant variable.";
        kernel.run("const c = 1").await.unwrap();
        kernel.run("const c = 2; var log = []; const note = x => (log.push(x), x)").await.unwrap();
        for code in [
            "c = 3",
            "c += note('operand')",
            "c++",
            "[c] = [note('pattern')]",
            "({ c } = { c: 1 })",
            "({ c = note('default') } = {})",
            "for (c of [1, 2]) note('body')",
            "for (c in { a: 1 }) ;",
            "c &&= 1",
            "'use strict'; (() => { c = 1 })()",
            "const d = 1; d = 2",
            "await 0; c = await note('awaited')",
            "enum Transformed { A } c = 5",
        ] {
            assert_eq!(thrown(&kernel, code).await, error, "{code}");
        }
        assert_eq!(text(&kernel, "log.join()").await, "'operand,pattern,default,awaited'");
        assert_eq!(text(&kernel, "c ||= 7; ((c) => { c = 4; return c })(1) + c").await, "6");
        assert_eq!(text(&kernel, "let c = 2; c = 3; c").await, "3");
        kernel.run("const c = 4").await.unwrap();
        assert_eq!(text(&kernel, "var c = 5; c = 6; c").await, "6");
    });
}

/// The place of the assignment is told, not one in the code that throws.
#[test]
fn the_place_of_an_assignment_to_a_constant() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("const c = 1").await.unwrap();
        let Outcome::Threw(exception) = kernel.run("let a = 1;\n  c = 2").await.unwrap().outcome else { panic!("no throw") };
        let at = exception.at.unwrap();
        assert_eq!((at.position.line, at.position.column), (1, 2));
    });
}

#[test]
fn failed_chunks_leave_the_truth() {
    block_on(async {
        let kernel = spawn().await;
        assert!(thrown(&kernel, "let y = 1; let y = 2").await.starts_with("SyntaxError"));
        assert!(thrown(&kernel, "y").await.starts_with("ReferenceError"));
        assert_eq!(text(&kernel, "var y = 3; y").await, "3");
        assert!(thrown(&kernel, "const y = 1; const y = 2").await.starts_with("SyntaxError"));
        assert_eq!(text(&kernel, "y = 4; y").await, "4");
        assert!(thrown(&kernel, "const x;").await.starts_with("SyntaxError"));

        assert!(thrown(&kernel, "a; let a = 7").await.starts_with("ReferenceError"));
        assert!(thrown(&kernel, "a").await.starts_with("ReferenceError"));
        assert_eq!(text(&kernel, "let a = 8; a").await, "8");
        assert!(thrown(&kernel, "const { p } = null").await.starts_with("TypeError"));
        assert_eq!(text(&kernel, "function p() { return 9 } p()").await, "9");
        // What a constant was to hold is not there: it can be given, and then stays assignable; one that holds
        // something is one.
        for attempt in ["const c = fail()", "const { c, d = fail() } = {}", "let c = fail()", "class c { static { fail() } }"] {
            let kernel = spawn().await;
            assert!(thrown(&kernel, attempt).await.starts_with("ReferenceError: fail is not defined"), "{attempt}");
            if !attempt.contains('{') || attempt.starts_with("class") {
                assert!(thrown(&kernel, "c").await.starts_with("ReferenceError: c is not defined"), "{attempt}");
            }
            assert_eq!(text(&kernel, "c = 1; c").await, "1", "{attempt}");
            assert_eq!(text(&kernel, "c += 1; c").await, "2", "{attempt}");
            assert_eq!(text(&kernel, "let c = 3; c").await, "3", "{attempt}");
        }
        assert!(thrown(&kernel, "const held = 1, empty = fail()").await.starts_with("ReferenceError"));
        for _ in 0..2 {
            assert!(thrown(&kernel, "held = 2").await.starts_with("TypeError: Assignment to constant variable."));
        }
        assert_eq!(text(&kernel, "empty = 2; empty").await, "2");
        assert!(thrown(&kernel, "throw 1; const b = 7").await.ends_with('1'));
        assert_eq!(text(&kernel, "var b = 8; b").await, "8");
        assert_eq!(text(&kernel, "var e = 1; { let e = 2 } e").await, "1");
    });
}

#[test]
fn what_a_constant_of_a_failed_chunk_is_stays_so() {
    block_on(async {
        let constant = "TypeError: Assignment to constant variable.";
        // Its declaration was not reached: it is a variable from then on.
        for failed in ["const c = fail()", "throw 1; const c = 5", "const { c, d = fail() } = {}", "await fail(); const c = 1"] {
            for (code, expected) in [
                ("c = 1; c = 2; c", "2"),
                ("for (c = 0; c < 3; c++) ; c", "3"),
                ("for (c of [1, 2]) ; c", "2"),
                ("for (c in { a: 1, b: 2 }) ; c", "'b'"),
                ("[c] = [1]; ({ c } = { c: 2 }); c", "2"),
                ("function add(n) { c = (c ?? 0) + n } add(1); add(2); c", "3"),
                ("var add = n => { c = (c ?? 0) + n; return c }; add(1), add(2)", "3"),
                ("c ??= 4; c += 1; c", "5"),
                ("await 0; c = 1; await 0; c = 2; c", "2"),
                ("enum E { A = 6 } c = 1; c = E.A; c", "6"),
                ("c = undefined; c = 7; c", "7"),
            ] {
                let kernel = spawn().await;
                thrown(&kernel, failed).await;
                assert_eq!(text(&kernel, code).await, expected, "{failed}; {code}");
                assert_eq!(text(&kernel, "c = 8; c++; c").await, "9", "{failed}; {code}");
                assert!(thrown(&kernel, "c = 10; throw 1").await.ends_with('1'));
                assert_eq!(text(&kernel, "c += 1; c").await, "11", "{failed}; {code}");
                if code.contains("add") {
                    assert_eq!(text(&kernel, "add(1); c").await, "12", "{failed}; {code}");
                }
                kernel.run("const c = 20").await.unwrap();
                assert_eq!(thrown(&kernel, "c = 21").await, constant, "{failed}; {code}");
            }
        }
        // It has a value: it is a constant from then on.
        for failed in ["const c = 5; throw 1", "const c = null, d = fail()", "const c = 1; await fail()"] {
            let kernel = spawn().await;
            thrown(&kernel, failed).await;
            for code in
                ["c = 1", "c = 2", "for (c = 0; c < 3; c++) ;", "1; c = 1", "(() => { c = 3 })()", "const c = fail()", "c = 4"]
            {
                let error = if code.contains("fail") { "ReferenceError: fail is not defined" } else { constant };
                assert_eq!(thrown(&kernel, code).await, error, "{failed}; {code}");
            }
            assert_eq!(text(&kernel, "let c = 3; c = 4; c").await, "4", "{failed}");
        }
        // A variable of the user's own in between.
        let kernel = spawn().await;
        thrown(&kernel, "throw 1; const c = 5").await;
        thrown(&kernel, "let c = 3; throw 2").await;
        assert_eq!(text(&kernel, "c = 4; c = 5; c").await, "5");
        // The chunk that was to assign failed before it came so far.
        let kernel = spawn().await;
        thrown(&kernel, "const c = fail(), held = 1").await;
        thrown(&kernel, "const held = 1; c = fail()").await;
        thrown(&kernel, "import 'there is none'; c = 1; held = 2").await;
        assert_eq!(text(&kernel, "c = 2; c = 3; c").await, "3");
        assert_eq!(thrown(&kernel, "held = 2").await, constant);
        // A global of the environment has the name.
        for (failed, is_constant) in [("const URL = fail()", false), ("const URL = 1; fail()", true)] {
            let kernel = spawn().await;
            thrown(&kernel, failed).await;
            for _ in 0..2 {
                if is_constant {
                    assert_eq!(thrown(&kernel, "URL = 2").await, constant);
                } else {
                    assert_eq!(text(&kernel, "URL = 2; URL").await, "2");
                }
            }
        }
    });
}

#[test]
fn sessions_begin_without_bindings() {
    block_on(async {
        let kernel = spawn().await;
        for round in 0..3 {
            assert_eq!(text(&kernel, "const c = 1, { l } = { l: 2 }; var v = 3; c + l + v").await, "6");
            match round {
                0 => kernel.reset().await.unwrap(),
                _ => kernel.restart().await.unwrap(),
            };
            assert_eq!(text(&kernel, "typeof c + typeof l + typeof v").await, "'undefinedundefinedundefined'");
            assert_eq!(text(&kernel, "c = 1; var l; let v = 2; `${c} ${l} ${v}`").await, "'1 undefined 2'");
            kernel.reset().await.unwrap();
        }
    });
}

#[test]
fn every_form_of_variable() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("let a = 1, b = 2, f = 3; var g = 4, h = 5").await.unwrap();
        for (code, expected) in [
            ("var a; a", "1"),
            ("var a = a || 9, n = 1; `${a} ${n}`", "'1 1'"),
            ("if (true) { var a = 2, m = 3 } `${a} ${m}`", "'2 3'"),
            ("for (var a = 0, k; a < 3; a++) ; `${a} ${k}`", "'3 undefined'"),
            ("for (var [a, ...b] of [[1, 2, 3]]) ; `${a} ${b}`", "'1 2,3'"),
            ("for (var a in { key: 1 }) ; a", "'key'"),
            ("var { a, g, ...b } = { a: 1, g: 2, z: 3 }; `${a} ${g} ${b.z}`", "'1 2 3'"),
            ("let { a = 5, x: [g, h = 6] } = { x: [7] }; `${a} ${g} ${h}`", "'5 7 6'"),
            ("const { g: [q], ...h } = { g: [1], z: 2 }; `${q} ${h.z}`", "'1 2'"),
            ("let g; g", "undefined"),
            ("f() + 1; function f() { return 4 }", "5"),
            ("f() + 1; function f() { return 4 } f()", "4"),
            ("f = 1; f", "1"),
            ("await 0; var f = 2; f", "2"),
            ("await f(); async function f() { await 0; return 6 }", "6"),
            ("namespace f { export const x = 1 } f.x", "1"),
            ("namespace g { export const x = 2 } g.x", "2"),
            ("function tag(value: any, context: any) {} @tag class g { static x = 3 } g.x", "3"),
            ("class R { static make() { return new R() } } var k = () => late", "undefined"),
            ("var R = R; var late = 1; `${R.name} ${k()}`", "'R 1'"),
            ("let late = 2; class Z { static b = 1 }\n[k()].length", "1"),
            ("class k { static b = 2 }\n[k.b].length", "1"),
            ("const é = 1, \\u0061b = 2; let late = 3; `${é + ab} ${late}`", "'3 3'"),
            ("'use strict'; const k = 1; function Z() { return k } Z()", "1"),
            ("let escape = 1; `${escape} ${typeof globalThis.escape}`", "'1 function'"),
        ] {
            assert_eq!(text(&kernel, code).await, expected, "{code}");
        }
    });
}
