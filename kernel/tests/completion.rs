//! Completions: names, members, literals, keys, and none of it by running code.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;
use drupe_protocol::{
    Value,
    introspection::{Completion, CompletionKind},
};

#[test]
fn names_in_scope_are_completed_the_nearest_first() {
    let mut kernel = TestKernel::new();
    kernel.run("let counter = 1; const county = 2; class Counter {}; var country = 3; function count() {}");
    let found = kernel.completed("1 + cou");
    // What was declared last is meant most often; properties of the global object come after, and other capitals last.
    assert_eq!(found[..5], ["county", "counter", "count", "country", "Counter"], "{found:?}");
    assert_eq!(kernel.completed("const couch = 1; cou")[..2], ["couch", "county"]);
    let completions = kernel.complete("'é😀' + cou");
    assert_eq!((completions.start, completions.end), (8, 11));
    assert_eq!(kernel.item("Coun", "Counter").kind, CompletionKind::Class);
    assert_eq!(kernel.item("coun", "count").kind, CompletionKind::Function);
    assert_eq!(kernel.item("coun", "counter"), Completion::new("counter", CompletionKind::Variable, Some("number".into())));
    assert_eq!(kernel.completed("conso"), ["console"]);
    assert_eq!(kernel.item("Prom", "Promise").kind, CompletionKind::Class);
    assert_eq!(kernel.item("NaN", "NaN").kind, CompletionKind::Constant);
    assert_eq!(kernel.item("retu", "return").kind, CompletionKind::Keyword);
    // What the code itself declares, and never what is being declared.
    assert_eq!(kernel.completed("const localName = 1; localN"), ["localName"]);
    assert_eq!(kernel.completed("const conso"), [""; 0]);
    // Capitals are forgiven, and ranked below.
    assert!(kernel.completed("COUNTE").contains(&"Counter".to_owned()));
    let all = kernel.completed("");
    assert!(all.len() > 60 && all[..3] == ["Counter", "county", "counter"], "{all:?}");
    assert!(!all.iter().any(|name| name == "toString" || name.starts_with("drupe") || name == "ops"), "{all:?}");
    // The cursor counts UTF-16, and what stands behind it does not matter.
    let found = kernel.complete_at("conso.log", 5);
    assert_eq!((found.start, found.end, &*found.items[0].text), (0, 5, "console"));
}

#[test]
fn members_are_own_then_inherited() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "class Base { inherited() {} get lazy() { throw 1 } }
         const object = Object.assign(new Base, { zebra: 1, apple() {}, _hidden: 2, 'not a name': 3, 7: 4, Inner: class {}, list: ['x'] })",
    );
    let found = kernel.completed("object.");
    assert_eq!(found[..6], ["apple", "Inner", "list", "zebra", "constructor", "inherited"], "{found:?}");
    assert!(found.iter().position(|name| name == "lazy") < found.iter().position(|name| name == "_hidden"));
    assert!(!found.iter().any(|name| name == "7" || name == "not a name" || name.contains("Symbol")), "{found:?}");
    assert_eq!(kernel.item("object?.", "apple").kind, CompletionKind::Method);
    assert_eq!(kernel.item("object.", "Inner").kind, CompletionKind::Class);
    assert_eq!(kernel.item("object.", "lazy").detail.as_deref(), Some("accessor"));
    assert_eq!(kernel.completed("object.list[0].padS"), ["padStart"]);
    assert_eq!(kernel.completed("object!.list.findLastI"), ["findLastIndex"]);
    assert_eq!(kernel.completed("(object).app"), ["apple"]);
    assert_eq!(kernel.completed("globalThis.obj"), ["Object"], "lexical bindings are no properties");
    assert_eq!(kernel.completed("new Base().inh"), ["inherited"]);
    assert_eq!(kernel.completed("Math.PI.toFi"), ["toFixed"]);
    assert_eq!(kernel.item("Math.P", "PI").kind, CompletionKind::Constant);
    // What only a call or a getter would tell is not told.
    for code in [
        "object.apple().",
        "object.lazy.",
        "nowhere.",
        "object.nothing.",
        "null.",
        "f`x`.",
        "(a + b).",
        "import.meta.",
        "if (object).",
    ] {
        assert_eq!(kernel.completed(code), [""; 0], "{code}");
    }
}

#[test]
fn literals_have_the_members_of_their_class() {
    let mut kernel = TestKernel::new();
    kernel.run("let text = 'abc'; let big = 5n; let symbol = Symbol()");
    for (code, member) in [
        ("'abc'.toUpp", "toUpperCase"),
        ("\"a'b\".toUpp", "toUpperCase"),
        ("`a${ {b: '`'} }c`.toUpp", "toUpperCase"),
        ("`a${ text.toUpp", "toUpperCase"),
        ("(5).toFi", "toFixed"),
        ("5..toFi", "toFixed"),
        ("(-1.5).toFi", "toFixed"),
        ("5n.toLoc", "toLocaleString"),
        ("[1, [2]].findLastI", "findLastIndex"),
        ("x = [].findLastI", "findLastIndex"),
        ("/a\\/[/']+/g.exe", "exec"),
        ("true.valueO", "valueOf"),
        ("({}).hasOwn", "hasOwnProperty"),
        ("text.length.toFi", "toFixed"),
        ("symbol.descr", "description"),
        ("(text).padE", "padEnd"),
        ("6 / 2 / text.padE", "padEnd"),
        ("new Map([[1, 2]]).getOrInsertC", "getOrInsertComputed"),
        ("/* a. */ text.padE", "padEnd"),
    ] {
        assert_eq!(kernel.completed(code), [member], "{code}");
    }
    for code in ["// conso", "/* conso", "'conso", "`conso", "/conso", "5", "1.", "0x", "'abc", "this.#conso", "const {"] {
        let found = kernel.completed(code);
        assert!(found.is_empty() || code.ends_with('{'), "{code}: {found:?}");
    }
    assert!(!kernel.completed("text.").iter().any(|name| name == "0" || name == "1"));
}

#[test]
fn the_last_result_has_members() {
    let mut kernel = TestKernel::new();
    let mut run = kernel.request("({ recent: 1 })");
    run.keep_last = true;
    kernel.send(run);
    kernel.log();
    assert_eq!(kernel.completed("_.rec"), ["recent"]);
    assert_eq!(kernel.globals(), []);
}

#[test]
fn string_keys_are_completed_in_their_quotes() {
    let mut kernel = TestKernel::new();
    kernel.run(r#"const x = { 'content-type': 1, contents: 2, "it's": 3, 'say "hi"': 4, 0: 5, in: { deep: 1 } }"#);
    assert_eq!(kernel.completed("x['cont")[..2], ["content-type", "contents"]);
    assert_eq!(kernel.completed(r#"x["it"#), ["it's"]);
    assert_eq!(kernel.completed("x['it"), [r"it\'s"]);
    assert_eq!(kernel.completed(r#"x?.["say \"h"#), [r#"say \"hi\""#]);
    assert_eq!(kernel.completed("x['in']['de"), ["deep"]);
    assert_eq!(kernel.completed("['cont"), [""; 0]);
    assert!(!kernel.completed("x['").contains(&"0".to_owned()));
    let completions = kernel.complete("x['cont");
    assert_eq!((completions.start, completions.end), (3, 7));
}

const HOSTILE: &str = "
    var ran = 0;
    const trap = new Proxy({ target: 1 }, new Proxy({}, { get() { ran++; throw 1 } }));
    const heir = Object.setPrototypeOf({ own: 1 }, trap);
    const lazy = { get value() { ran++; return {} }, set value(v) { ran++ }, [Symbol.toPrimitive]() { ran++ }, toString() { ran++ } };
    Object.defineProperty(globalThis, 'lazyGlobal', { get() { ran++; return 1 }, configurable: true, enumerable: true });
    class Tagged { get [Symbol.toStringTag]() { ran++; return 'x' } static get name() { ran++; return 'y' } get ['construct' + 'or']() { ran++ } }
    const tagged = new Tagged;
    const { proxy: revoked, revoke } = Proxy.revocable({}, {}); revoke();
    Object.defineProperty(Object.prototype, 'names', { set() { ran++ }, get() { ran++ }, configurable: true });
    Object.defineProperty(Object.prototype, 'result', { set() { ran++ }, get() { ran++ }, configurable: true });
    Array.prototype[Symbol.iterator] = function* () { ran++ };
    Object.defineProperty(Array.prototype, 0, { set() { ran++ }, get() { ran++ }, configurable: true });
    const inspected = { [Symbol.for('nodejs.util.inspect.custom')]() { ran++ } };
    String.prototype.toString = () => { ran++ };
    Object.prototype.value = Object.prototype.get = 'polluted';
    Error.prepareStackTrace = () => { ran++ };";

#[test]
fn no_getter_and_no_trap_runs() {
    let mut kernel = TestKernel::new();
    let log = kernel.run(HOSTILE);
    assert!(log.is_value(), "{log:?}");
    assert_eq!(kernel.completed("trap.tar"), ["target"]);
    assert_eq!(kernel.completed("heir.ow"), ["own"]);
    for code in [
        "trap.",
        "heir.",
        "heir.x.",
        "trap.target.",
        "lazy.",
        "lazy.value.",
        "lazyGlobal.",
        "lazyG",
        "tagged.",
        "Tagged.",
        "revoked.",
        "",
        "trap['",
        "'x'.",
        "new Tagged().",
        "new trap().",
    ] {
        kernel.complete(code);
    }
    let names = kernel.globals();
    assert!(names.iter().any(|global| global.name == "lazyGlobal" && global.type_name == "accessor"), "{names:?}");
    assert!(names.iter().any(|global| global.name == "trap"));
    kernel.status();
    assert_eq!(kernel.value("ran"), Value::from(0));

    // The same in the midst of a loop.
    kernel.start_and_hear("console.log('go'); for (;;) {}");
    for code in ["trap.", "heir.", "lazy.value.", "tagged.", "revoked.", ""] {
        kernel.complete(code);
    }
    kernel.globals();
    assert!(kernel.interrupt(None));
    kernel.log();
    assert_eq!(kernel.value("ran"), Value::from(0));
}

/// What the environment loads on first use has members before its first use, and loading is all that happens.
#[test]
fn every_global_has_its_members_in_a_fresh_session() {
    let mut kernel = TestKernel::new();
    let Value::Array(names) = kernel.value("Object.getOwnPropertyNames(globalThis)") else { panic!() };
    let names = names.iter().map(|name| if let Value::String(name) = name { name.clone() } else { panic!() }).collect::<Vec<_>>();
    assert!(names.len() > 100, "{names:?}");
    let mut fresh = TestKernel::new();
    // What ends in that mark is the kernel's own, and nobody types it.
    for name in names.iter().filter(|name| !name.ends_with('ǃ')) {
        let members = fresh.completed(&format!("{name}."));
        let Value::Array(wanted) = kernel.value(&format!(
            "(() => {{ const found = new Set; for (let at = {name} ?? null; at !== null; at = Object.getPrototypeOf(at))
                for (const key of Object.getOwnPropertyNames(Object(at))) if (/^[a-z$_][\\w$]*$/i.test(key)) found.add(key);
                return [...found].filter(key => !key.startsWith('_')) }})()"
        )) else {
            panic!()
        };
        for key in wanted {
            let Value::String(key) = key else { panic!() };
            assert!(members.contains(&key), "{name}.{key}: {members:?}");
        }
    }
    for (code, member) in [
        ("process.plat", "platform"),
        ("globalThis.process.vers", "version"),
        ("Buffer.allo", "alloc"),
        ("Buffer.prototype.readUInt8", "readUInt8"),
        ("crypto.randomU", "randomUUID"),
        ("crypto.subtle.dig", "digest"),
        ("URL.can", "canParse"),
        ("new URL('x').searchP", "searchParams"),
        ("performance.no", "now"),
        ("navigator.hard", "hardwareConcurrency"),
        ("require.res", "resolve"),
        ("process['plat", "platform"),
    ] {
        let mut kernel = TestKernel::new();
        let found = kernel.completed(code);
        assert!(found.iter().any(|name| name == member), "{code}: {found:?}");
    }
}

#[test]
fn a_getter_of_the_users_is_none_of_the_environments_whatever_it_calls_itself() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "var ran = 0;
         Object.defineProperty(globalThis, 'Lazy', { get() { ran++; return { found: 1 } }, configurable: true });
         const holder = { get process() { ran++; return { found: 1 } }, get subtle() { ran++; return { found: 1 } } };
         Object.defineProperty(globalThis, 'crypto', { get() { ran++; return { found: 1 } }, configurable: true })",
    );
    for code in ["Lazy.", "holder.process.", "holder.subtle.", "crypto.", "globalThis.crypto.fou"] {
        assert_eq!(kernel.completed(code), [""; 0], "{code}");
    }
    assert_eq!(kernel.value("ran"), Value::from(0));
}

#[test]
fn nothing_is_loaded_while_something_executes() {
    let mut kernel = TestKernel::new();
    kernel.start_and_hear("console.log('go'); for (;;) {}");
    assert_eq!(kernel.completed("URL."), [""; 0]);
    assert_eq!(kernel.item("UR", "URL").kind, CompletionKind::Class);
    assert!(kernel.interrupt(None));
    kernel.log();
    assert_eq!(kernel.completed("URL.canP"), ["canParse"]);
}

#[test]
fn modules_have_members_and_promises_of_them_have_those_of_promises() {
    let mut kernel = TestKernel::new();
    assert_eq!(kernel.completed("import('fs').th"), ["then"]);
    assert_eq!(kernel.completed("import('fs').toUpp"), [""; 0]);
    assert_eq!(kernel.completed("import(name).fin"), ["finally"]);
    assert_eq!(kernel.completed("(await import('fs')).readFileS"), ["readFileSync"]);
    assert_eq!(kernel.completed("(await import('node:path')).posix.bas"), ["basename"]);
    assert_eq!(kernel.completed("require('os').EO"), ["EOL"]);
    assert_eq!(kernel.completed("require('no-such').x"), [""; 0]);
    kernel.run("const kept = Promise.resolve({ inner: 1 }); const open = new Promise(() => {})");
    assert_eq!(kernel.completed("(await kept).inn"), ["inner"]);
    assert_eq!(kernel.completed("(await open).t"), [""; 0]);
    assert_eq!(kernel.completed("kept.th"), ["then"]);
}

#[test]
fn the_names_of_variables_are_left_to_the_parent() {
    let mut kernel = TestKernel::new();
    assert!(kernel.complete("process.env.HOM").environment);
    assert!(kernel.complete("process.env['HOM").environment);
    assert!(!kernel.complete("process.").environment && !kernel.complete("({}).x").environment);
}

/// Loading may lead to the user's code, which need not end.
#[test]
fn what_is_loaded_for_a_completion_is_stopped_if_it_does_not_end() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "var laps = 0; let open = true; const own = console;
         Object.defineProperty(globalThis, 'console', { configurable: true, get() { while (open) laps++; return own } })",
    );
    assert_eq!(kernel.completed("require('console').lo"), [""; 0]);
    assert_eq!(kernel.text("open = false; laps > 0"), "true");
    assert!(kernel.completed("require('console').lo").contains(&"log".to_owned()));
    // A run that awaits is interrupted all the same, and not by what was stopped for the completion.
    kernel.run("open = true; Object.defineProperty(Array.prototype, 0, { configurable: true, set() { while (open); } })");
    let run = kernel.start("own.log('waits'); await new Promise(() => {})");
    kernel.console();
    kernel.completed("require('assert').str");
    assert!(kernel.interrupt(Some(run)));
    assert!(matches!(kernel.log().outcome.end, drupe_protocol::event::End::Interrupted(_)));
    assert_eq!(kernel.text("delete Array.prototype[0]; 1 + 1"), "2");
}
