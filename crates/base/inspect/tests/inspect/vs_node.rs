//! The texts against those of Node's `util.inspect`, expression by expression.

#[path = "../../../../../kernel/tests/common/node.rs"]
mod node;

use drupe_inspect::{Options, said, text_in};

use crate::page::{Page, with_prepared_page};

/// One expression a line; lines that begin with `# ` are headings. Each is evaluated in a context of its own here, and
/// all in one process there.
const CASES: &str = include_str!("cases.txt");

/// What is shown differently on purpose, or because the engine is a newer one: the expression, our text, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "Object.setPrototypeOf([1],Object.create(null))",
        "Array <[Object: null prototype] {}>(1) [ 1 ]",
        "what an object is, is told by its slots, not by whether it can be iterated",
    ),
    ("Object.setPrototypeOf(new Map,{})", "Object(0) {}", "as above"),
    ("(class extends (class B{}){})", "[class (anonymous) extends B]", "it is a class; Node's look at the source misses it"),
    (
        "Object.setPrototypeOf(new ArrayBuffer(1),null)",
        "[ArrayBuffer: null prototype] { [Uint8Contents]: <00>, byteLength: 1 }",
        "the length is a slot, and is read as one",
    ),
    (
        "Object.assign(new String('abc'),{x:1,5:2})",
        "[String: 'abc'] { x: 1 }",
        "a string's indices are not listed, so that long ones cost nothing; those beyond its end go with them",
    ),
    (
        "(Error.stackTraceLimit=0,Object.assign(new Error('x'),{message:'changed'}))",
        "[Error: x]",
        "newer engines keep the message that the error was made with",
    ),
];

/// The same, in colour.
const IN_COLOUR: &[(&str, &str, &str)] = &[
    (
        "Object.create(Object.create(null,{x:{value:1,enumerable:true}}))",
        "Object <[Object: null prototype]> {}",
        "the name of a class is one word, in one colour",
    ),
    (
        "(()=>{const a={b:{}};a.b.a=a;a.b.b=a.b;return a})()",
        "\u{1b}[36m<ref *1>\u{1b}[39m { b: \u{1b}[36m<ref *2>\u{1b}[39m { a: \u{1b}[36m[Circular *1]\u{1b}[39m, b: \u{1b}[36m[Circular *2]\u{1b}[39m } }",
        "colours take no columns; Node counts some of them",
    ),
    (FOLDED, FOLDED_TEXT, "the line stands in the text of the stack, which has no colours"),
];

const FOLDED: &str = r"Object.assign(new Error('x',{cause:Object.assign(new Error('y'),{stack:'Error: y\n    at c\n    at d\n    at e\n    at f\n    at g'})}),{stack:'Error: x\n    at b\n    at d\n    at e\n    at f\n    at g'})";
const FOLDED_TEXT: &str = "Error: x\n    at b\n    at d\n    ... 2 lines matching cause stack trace ...\n    at g {\n  [cause]: Error: y\n      at c\n      at d\n      at e\n      at f\n      at g\n}";

/// Cases that need an embedder that notes what the accessors of an error came to.
const NOTED: &[&str] = &[
    "((e)=>{e.stack;e.stack='assigned';return e})(new (class A extends Error{get name(){return 'N'}})('msg'))",
    r"((e)=>{e.stack;e.stack='N: assigned\n    at f (x.js:1:1)';return e})(new (class A extends Error{get name(){return 'N'}})('msg'))",
];

#[test]
fn texts_agree_with_node() {
    let cases = cases();
    assert!(cases.len() >= 300, "{} cases", cases.len());
    compare(&cases, "{}", DIFFERENCES, |page, case| page.text(case));
}

#[test]
fn stacks_that_were_assigned_after_they_were_read_agree_with_node() {
    compare_in(|isolate| isolate.set_prepare_stack_trace_callback(noting), NOTED, "{}", &[], |page, case| page.text(case));
}

/// Makes a stack of one line, and notes it.
fn noting<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Value>,
    _: v8::Local<'s, v8::Array>,
) -> v8::Local<'s, v8::Value> {
    let error = error.try_cast::<v8::Object>().unwrap();
    let [name, message] = ["name", "message"].map(|part| {
        let key = v8::String::new(scope, part).unwrap();
        error.get(scope, key.into()).unwrap().to_rust_string_lossy(scope)
    });
    let stack = format!("{name}: {message}");
    said::note(scope, error, &stack, &message).unwrap();
    v8::String::new(scope, &stack).unwrap().into()
}

#[test]
fn options_mean_what_they_mean_in_node() {
    let cases: Vec<&str> = cases().into_iter().filter(|case| !DIFFERENCES.iter().any(|known| known.0 == *case)).collect();
    let with = |options: Options| move |page: &mut Page<'_, '_, '_>, case: &str| page.text_with(case, &options);
    compare(&cases, "{ depth: 0 }", &[], with(Options { depth: 0, ..Options::default() }));
    compare(&cases, "{ depth: 6 }", &[], with(Options { depth: 6, ..Options::default() }));
    let short = Options { max_array_length: 3, max_string_length: 4, ..Options::default() };
    compare(&cases, "{ maxArrayLength: 3, maxStringLength: 4 }", &[], with(short));
}

#[test]
fn colours_agree_with_node() {
    let cases: Vec<&str> = cases().into_iter().filter(|case| !DIFFERENCES.iter().any(|known| known.0 == *case)).collect();
    compare(&cases, "{ colors: true }", IN_COLOUR, |page, case| {
        let value = page.eval(case);
        let layout = drupe_preview::Options { styles: Some(&drupe_preview::Styles::NODE), ..Default::default() };
        text_in(page.scope, value, &Options::default(), None, &layout, true)
    });
}

fn cases() -> Vec<&'static str> {
    CASES.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
}

fn compare(cases: &[&str], options: &str, known: &[(&str, &str, &str)], ours: impl Fn(&mut Page<'_, '_, '_>, &str) -> String) {
    compare_in(|_| {}, cases, options, known, ours);
}

fn compare_in(
    prepare: fn(&mut v8::Isolate),
    cases: &[&str],
    options: &str,
    known: &[(&str, &str, &str)],
    ours: impl Fn(&mut Page<'_, '_, '_>, &str) -> String,
) {
    let Some(expected) = texts_of_node(cases, options) else { return };
    assert_eq!(expected.len(), cases.len());
    let mut differences = Vec::new();
    for (case, expected) in cases.iter().zip(&expected) {
        with_prepared_page(prepare, |page| {
            let ours = ours(page, case);
            let is_known = known.iter().any(|known| known.0 == *case && known.1 == ours);
            if ours != *expected && !is_known {
                differences.push(format!("{case}\n--- node\n{expected}\n--- ours\n{ours}\n"));
            }
        });
    }
    assert!(differences.is_empty(), "{options}: {} of {} differ:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

/// Node's texts for all cases, in one process; `None` where there is no Node.
fn texts_of_node(cases: &[&str], options: &str) -> Option<Vec<String>> {
    let script = format!(
        r"
        const {{ inspect }} = require('util'), vm = require('vm');
        const cases = require('fs').readFileSync(0, 'utf8').split('\0');
        const out = cases.map((source) => {{
            let value;
            try {{ value = vm.runInThisContext(source, {{ filename: 'page.js' }}); }} catch (thrown) {{ value = thrown; }}
            return inspect(value, {options});
        }});
        process.stdout.write(out.join('\0'));
        "
    );
    node::node("v", &["-e", &script], &cases.join("\0"), "\0")
}
