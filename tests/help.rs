//! Help from a real process, while its run is busy.

use std::sync::Arc;

use drupe_client::{
    CompletionKind, Error, GlobalKind, Kernel, MemberKind, Outcome, Permissions, Policy, Respawn, Signature, Sort,
    host::permissions::Kind, utf16_offset,
};
use rustix::process::{Signal, kill_process};

use tokio::sync::Notify;

use crate::support::{block_on, builder, kernel_pid, spawn, text, until_printed};

// Done when: completion and globals answer during a loop.
#[test]
fn help_comes_during_a_loop() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("const answer: number = 42; var list = [1, 2, 3]").await.unwrap();
        let mut run = kernel.run("console.log('looping');\nfor (;;) {}");
        until_printed(&mut run, "looping").await;

        let completions = kernel.complete("list.findLastI", 14).await.unwrap();
        assert_eq!((completions.start, completions.end), (5, 14));
        // Quotes in the text of an element begin no string.
        let completions = kernel.complete("<p>it's</p>; list.findLastI", 27).await.unwrap();
        assert_eq!((completions.start, completions.end, &*completions.items[0].text), (18, 27, "findLastIndex"));
        assert_eq!(completions.items.len(), 1);
        assert_eq!((&*completions.items[0].text, completions.items[0].kind), ("findLastIndex", CompletionKind::Method));

        let globals = kernel.globals().await.unwrap();
        let found: Vec<_> =
            globals.iter().map(|global| (&*global.name, global.kind, &*global.type_name, &*global.preview)).collect();
        assert_eq!(found, [("answer", GlobalKind::Const, "number", "42"), ("list", GlobalKind::Var, "Array", "[ 1, 2, 3 ]")]);

        let status = kernel.status().await.unwrap();
        assert_eq!((status.run, status.executing), (Some(run.id()), true));
        assert_eq!(status.at.unwrap().position.line, 1);

        // Many at once, and all that somebody waits for are answered.
        let (a, b, c) = tokio::join!(kernel.complete("answ", 4), kernel.globals(), kernel.status());
        assert_eq!(a.unwrap().items[0].text, "answer");
        assert_eq!(b.unwrap().len(), 2);
        assert!(c.unwrap().executing);

        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        assert_eq!(text(&kernel, "answer").await, "42");
    });
}

#[test]
fn globals_say_how_and_by_which_run_they_were_declared() {
    block_on(async {
        let kernel = spawn().await;
        let first = kernel.run("let a = 1; const b = 'héllo'; var c = [1, 2, 3]; class D {} function e() {} enum F { G } globalThis.h = new Uint8Array(1000)");
        let first_id = first.id();
        first.await.unwrap();
        // Declared again as something else, in the home that V8 gave it first.
        let second = kernel.run("const c = 5; let a: string = 'x'");
        let second_id = second.id();
        second.await.unwrap();
        // What only waits has declared nothing yet.
        let mut looping = kernel.run("console.log('looping'); for (;;) {}");
        until_printed(&mut looping, "looping").await;
        let waiting = kernel.run("const a = 3, z = 4");
        let globals = kernel.globals().await.unwrap();
        let found: Vec<_> = globals.iter().map(|global| (&*global.name, global.kind, global.run, global.size)).collect();
        use GlobalKind::{Class, Const, Enum, Function, Let, Property, Var};
        for expected in [
            ("a", Let, Some(second_id), Some(1)),
            ("b", Const, Some(first_id), Some(5)),
            ("c", Const, Some(second_id), None),
            ("D", Class, Some(first_id), None),
            ("e", Function, Some(first_id), None),
            ("F", Enum, Some(first_id), None),
            ("h", Property, None, Some(1000)),
        ] {
            assert!(found.contains(&expected), "{expected:?} in {found:?}");
        }
        assert!(!found.iter().any(|(_, kind, ..)| *kind == Var), "{found:?}");
        let bytes = |name| globals.iter().find(|global| global.name == name).unwrap().bytes.unwrap();
        assert!((16..64).contains(&bytes("b")) && (1000..1200).contains(&bytes("h")), "{globals:?}");
        assert!(kernel.interrupt().await.unwrap());
        looping.await.unwrap();
        assert!(waiting.await.unwrap().outcome.is_value());
        let a = kernel.globals().await.unwrap().into_iter().find(|global| global.name == "a").unwrap();
        assert_eq!((a.kind, &*a.preview), (Const, "3"));
    });
}

#[test]
fn who_asks_a_kernel_that_dies_learns_it() {
    block_on(async {
        let kernel = builder().respawn(Respawn::Never).spawn().await.unwrap();
        let pid = kernel_pid(&kernel).await;
        // Frozen, it cannot answer before it dies.
        kill_process(pid, Signal::STOP).unwrap();
        let (completions, globals, status, ()) =
            tokio::join!(kernel.complete("x", 1), kernel.globals(), kernel.status(), async {
                kill_process(pid, Signal::KILL).unwrap()
            });
        assert!(matches!(completions, Err(Error::Died { .. })), "{completions:?}");
        assert!(matches!(globals, Err(Error::Died { .. })), "{globals:?}");
        assert!(matches!(status, Err(Error::Died { .. })), "{status:?}");
        assert!(matches!(kernel.status().await, Err(Error::Died { .. })));
        kernel.restart().await.unwrap();
        assert_eq!(kernel.globals().await.unwrap(), []);
        kernel.terminate().await;
        assert!(matches!(kernel.globals().await, Err(Error::Terminated)));
    });
}

#[test]
fn a_preview_declares_nothing() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("const answer: number = 42; enum Colour { Red }").await.unwrap();
        let before = kernel.globals().await.unwrap();
        for (code, value) in [
            ("(answer as number) / 2", "21"),
            ("{ a: answer! }", "{ a: 42 }"),
            ("Colour[Colour.Red]", "'Red'"),
            ("answer satisfies number", "42"),
        ] {
            assert_eq!(kernel.preview(code).await.unwrap().as_deref(), Some(value), "{code}");
        }
        for code in [
            "let fresh = 1",
            "let fresh = 1; fresh",
            "var fresh = 1; fresh",
            "if (true) { var fresh = 1 } 5",
            "for (var fresh of [1]); 5",
            "{ function fresh() {} } 5",
            "function fresh() {} 5",
            "class answer {} 5",
            "enum fresh {} 5",
            "fresh = 1",
            "answer = 1",
            "await 1",
            "answer +",
            "console.log(answer)",
        ] {
            assert_eq!(kernel.preview(code).await.unwrap(), None, "{code}");
        }
        assert_eq!(kernel.globals().await.unwrap(), before);
        assert_eq!(text(&kernel, "typeof fresh + answer").await, "'undefined42'");
        // A run that waits is not kept waiting.
        let (gate, open) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (waits, opened) = (gate.clone(), open.clone());
        let wait = move |_| {
            waits.notify_one();
            let opened = opened.clone();
            async move {
                opened.notified().await;
                Ok(())
            }
        };
        kernel.register("gate", wait).unwrap();
        let run = kernel.run("await host.gate(); 7");
        gate.notified().await;
        assert_eq!(kernel.preview("1 + 1").await.unwrap(), None);
        open.notify_one();
        assert!(run.await.unwrap().outcome.is_value());
    });
}

#[test]
fn names_are_told_as_the_user_wrote_them() {
    block_on(async {
        let kernel = spawn().await;
        let chunk = "/**\n * Adds numbers.\n */\nasync function add(a: number, b?: number): Promise<number> { return a + (b ?? 0) }\nlet count: number = 1;\n/** A shape. */ class Shape extends Array { #secret = 1; name: string = ''; static make() {} get area() { throw 1 } constructor(w: number) { super() } grow(by: number) {} }";
        let run = kernel.run(chunk);
        let id = run.id();
        run.await.unwrap();
        let mut run = kernel.run("console.log('looping');\nfor (;;) {}");
        until_printed(&mut run, "looping").await;

        let add = kernel.inspect("await add(1)", 7).await.unwrap().unwrap();
        assert_eq!((add.start, add.end, &*add.name, add.sort, add.run), (6, 9, "add", Sort::AsyncFunction, Some(id)));
        assert_eq!(add.signature.as_deref(), Some("async function add(a: number, b?: number): Promise<number>"));
        assert_eq!(add.doc.as_deref(), Some("Adds numbers."));
        assert!(add.source.unwrap().ends_with("{ return a + (b ?? 0) }"));
        let at = add.at.unwrap();
        assert_eq!((&*at.script, at.position.line, at.position.column), (&*format!("chunk:{id}"), 3, 0));

        let count = kernel.inspect("count", 5).await.unwrap().unwrap();
        assert_eq!((count.sort, &*count.type_name, &*count.preview, count.run), (Sort::Value, "number", "1", Some(id)));
        assert_eq!(count.signature.as_deref(), Some("let count: number"));

        let shape = kernel.inspect("new Shape", 9).await.unwrap().unwrap();
        assert_eq!((shape.sort, shape.signature.as_deref()), (Sort::Class, Some("class Shape extends Array")));
        assert_eq!((shape.doc.as_deref(), shape.extends.as_deref()), (Some("A shape."), Some("Array")));
        assert_eq!((shape.constructor.as_deref(), shape.private_members), (Some("(w: number)"), 1));
        assert_eq!(shape.fields, ["name: string"]);
        let members: Vec<_> = shape.members.iter().map(|member| (&*member.name, member.kind, member.is_static)).collect();
        use MemberKind::{Accessor, Method};
        assert_eq!(members, [("make", Method, true), ("area", Accessor, false), ("grow", Method, false)]);

        let grow = kernel.inspect("Shape.prototype.grow", 20).await.unwrap().unwrap();
        assert_eq!((grow.is_member, grow.signature.as_deref(), grow.run), (true, Some("grow(by: number)"), None));
        // A getter is not run, a built-in has no source, and what is not there is not told.
        assert_eq!(kernel.inspect("Shape.prototype.area", 20).await.unwrap().unwrap().sort, Sort::Accessor);
        let slice = kernel.inspect("[].slice", 8).await.unwrap().unwrap();
        assert_eq!((slice.sort, slice.length, slice.source, slice.at), (Sort::Function, Some(2), None, None));
        assert_eq!(kernel.inspect("nowhere", 3).await.unwrap(), None);
        assert_eq!(kernel.inspect("1 + ", 4).await.unwrap(), None);

        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        kernel.reset().await.unwrap();
        assert_eq!(kernel.inspect("add", 3).await.unwrap(), None);

        // What `eval` made is the user's, too, though it has no place.
        kernel.run("var C = eval('(class C { a = 1; #b = 2 })'), F = new Function('x', 'y', 'return x')").await.unwrap();
        let made = kernel.inspect("C", 1).await.unwrap().unwrap();
        assert_eq!((made.at, made.private_members, &*made.fields), (None, 1, &["a".to_owned()][..]));
        let made = kernel.inspect("F", 1).await.unwrap().unwrap();
        assert_eq!(made.signature.as_deref(), Some("function anonymous(x,y )"));

        let own = kernel.inspect("require('fs').readFileSync", 26).await.unwrap().unwrap();
        assert_eq!((own.signature.as_deref(), own.source), (Some("readFileSync(path, options?)"), None));
    });
}

async fn signature(kernel: &Kernel, code: &str) -> Option<Signature> {
    kernel.signature(code, utf16_offset(code, code.len())).await.unwrap()
}

#[test]
fn a_call_tells_its_parameters_as_they_were_written() {
    block_on(async {
        let kernel = spawn().await;
        let code = "/** Adds them.\n *\n * More of it. */\nfunction add(a: number, { b }: { b: number } = { b: 2 }, ...rest: string[]): number { return a + b }
            class Point { constructor(public x: number, y?: string) {} }
            const arrow = (first: string, second = [1, 2]) => first";
        kernel.run(code).await.unwrap();
        let add = signature(&kernel, "1 + add(1, ").await.unwrap();
        assert_eq!(add.parameters, ["a: number", "{ b }: { b: number } = { b: 2 }", "...rest: string[]"]);
        assert_eq!((add.active, add.returns.as_deref(), add.doc.as_deref()), (Some(1), Some("number"), Some("Adds them.")));
        assert_eq!((add.start, add.end, &*add.name), (4, 7, "add"));
        assert_eq!(signature(&kernel, "add(1, 2, 3, 4, 5").await.unwrap().active, Some(2));
        let point = signature(&kernel, "new Point(").await.unwrap();
        assert_eq!((point.parameters, point.active), (vec!["public x: number".to_owned(), "y?: string".to_owned()], Some(0)));
        assert_eq!(signature(&kernel, "arrow('a', ").await.unwrap().parameters, ["first: string", "second = [1, 2]"]);
        assert_eq!(signature(&kernel, "'abc'.padStart(3, ").await.unwrap().parameters, ["length", "[fill]"]);
        // A built-in function is told from others of its name.
        kernel.run("const set = add.bind(null), map = Math.max, weights = new WeakMap(), { get } = Reflect").await.unwrap();
        for (code, parameters) in [
            ("console.log(", &["...data"][..]),
            ("Math.log(", &["x"]),
            ("Reflect.get(", &["target", "key", "[receiver]"]),
            ("get(", &["target", "key", "[receiver]"]),
            ("weights.get(", &["key"]),
            ("Reflect.apply(", &["target", "thisArg", "args"]),
            ("Date.parse(", &["text"]),
            ("JSON.parse(", &["text", "[reviver]"]),
            ("Atomics.add(", &["typedArray", "index", "value"]),
            ("Atomics.sub(", &["argument1", "argument2", "argument3"]),
            ("set(", &["argument1"]),
            ("map(", &["...values"]),
            ("[].map(", &["callback", "[thisArg]"]),
            ("new Uint8Array(3).set(", &["source", "[offset]"]),
            ("weights.constructor(", &["[entries]"]),
            ("new Map(", &["[entries]"]),
            ("Object.keys(", &["object"]),
        ] {
            let found = signature(&kernel, code).await.map(|signature| signature.parameters);
            assert_eq!(found.unwrap_or_default(), parameters, "{code}");
        }
        for code in ["add", "add(1)", "nothing(", "if ("] {
            assert_eq!(signature(&kernel, code).await, None, "{code}");
        }
    });
}

#[test]
fn names_of_variables_are_completed_as_far_as_they_may_be_read() {
    block_on(async {
        let complete = async |policy: Policy, code: &str| {
            let kernel = builder().permissions(&Permissions::new(policy)).spawn().await.unwrap();
            let found = kernel.complete(code, utf16_offset(code, code.len())).await.unwrap();
            found.items.into_iter().map(|item| item.text).filter(|text| text == "PATH").collect::<Vec<_>>()
        };
        let mut one = Policy::none();
        one.allow(Kind::Env, "PATH").unwrap();
        assert_eq!(complete(one, "process.env.PAT").await, ["PATH"]);
        assert_eq!(complete(Policy::none(), "process.env.PAT").await, [""; 0]);
        assert_eq!(complete(Policy::all(), "process.env['PA").await, ["PATH"]);
    });
}

#[test]
fn streams_of_the_process_complete_before_anybody_used_them() {
    block_on(async {
        let kernel = spawn().await;
        for (code, member) in [
            ("process.stdout.wri", "write"),
            ("process.stderr.wri", "write"),
            ("process.stdin.on", "once"),
            ("process.arg", "argv"),
        ] {
            let found = kernel.complete(code, utf16_offset(code, code.len())).await.unwrap();
            assert!(found.items.iter().any(|item| item.text == member), "{code}: {:?}", found.items);
        }
        assert_eq!(text(&kernel, "process.stdout.writable").await, "true");
    });
}
