//! No source costs more than a small multiple of its length: whatever it nests, and whichever way it is read.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use drupe_transpile::{
    Completeness, Diagnostic, DiagnosticKind, Language, Options, Project, SessionBindings, Stop, completeness, declaration_of,
    format, transpile, transpile_in, transpile_module,
};
use proptest::prelude::*;

/// Counts what is allocated: in all, and at once.
struct Counting;

static ALL: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn took(size: usize) {
    ALL.fetch_add(size, Relaxed);
    PEAK.fetch_max(LIVE.fetch_add(size, Relaxed) + size, Relaxed);
}

// SAFETY: the system's allocator does the work; what is counted has no bearing on it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_sub(layout.size(), Relaxed);
        took(size);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// One at a time, for the counts are the process's.
static ALONE: Mutex<()> = Mutex::new(());

/// What `work` allocates in all, and at most at once.
fn allocates(work: impl FnOnce()) -> (usize, usize) {
    let before = (ALL.load(Relaxed), LIVE.load(Relaxed));
    PEAK.store(before.1, Relaxed);
    work();
    (ALL.load(Relaxed) - before.0, PEAK.load(Relaxed).saturating_sub(before.1))
}

/// Everything that is done with a source, each within its bound.
fn is_bounded(source: &str, what: &str) {
    let (auto, session) = (Options::default(), SessionBindings::default());
    let typescript = Options::new(Language::TypeScript);
    let works: [(&str, &dyn Fn()); 4] = [
        ("transpile_in", &|| drop(transpile_in(source, &auto, &session))),
        ("transpile", &|| drop(transpile(source, &typescript))),
        ("transpile_module", &|| drop(transpile_module(source, &auto))),
        ("completeness", &|| drop(completeness(source, &auto))),
    ];
    for (name, work) in works {
        let (all, peak) = allocates(work);
        let n = source.len();
        assert!(all <= (16 << 20) + 16384 * n, "{name} of {what}, {n} bytes: {all} bytes in all");
        assert!(peak <= (8 << 20) + 1024 * n, "{name} of {what}, {n} bytes: {peak} bytes at once");
    }
}

/// What opens, what stands in the midst, and what closes.
const NESTS: &[(&str, &str, &str)] = &[
    ("a < (b = ", "1", " > c)"),
    ("a < b = (", "1", ") > c"),
    ("let x: ({a = (y: ", "T", ") => 1}: any) => void;"),
    ("({a = (y: ", "T", ") => 1}: any) => void"),
    ("let x: ([a = (y: ", "T", ") => 1]: any) => void;"),
    ("type A = (infer U extends ", "T", ") ? 1 : 2"),
    ("type A = B extends (infer U extends ", "T", " ? 1 : 2) ? 3 : 4"),
    ("a<", "b", ">"),
    ("a<", "b", ""),
    ("<a>", "b", ""),
    ("<T>(", "x", ")"),
    ("<T,>(a = ", "x", ") => 1"),
    ("async <T>(a = ", "x", ") => 1"),
    ("async<T>(", "x", ")"),
    ("f<T>(", "x", ")"),
    ("new F<T>(", "x", ")"),
    ("new F<", "T", ">()"),
    ("f<A, ", "B", ">()"),
    ("f?.<T>(", "x", ")"),
    ("a?.[b<", "c", ">]"),
    ("a ? (b", "", ") : c => d : e"),
    ("a ? (b) : c => ", "d", " : e"),
    ("a ? (b = ", "1", ") : T => x : y"),
    ("a ? async (b = ", "1", ") : T => x : y"),
    ("(a: ", "T", ") => 1"),
    ("(a?: {b: ", "T", "}) => 1"),
    ("((a = ", "1", "): T => x)"),
    ("({a: ", "b", "}) => 1"),
    ("([a = ", "b", "]) => 1"),
    ("({a = ", "1", "} = {}) => 1"),
    ("[a = ", "1", "] = []"),
    ("({a = ", "1", "} = b)"),
    ("for (a of <T>(", "b", "));"),
    ("for (let [a = ", "b", "] of c);"),
    ("`${a<", "b", ">`x`}`"),
    ("`${`", "a", "`}`"),
    ("f`${g<", "T", ">`x`}`"),
    ("type A = `${", "B", "}`;"),
    ("type A = {[K in ", "B", "]: C};"),
    ("type A = {readonly [K in B as ", "C", "]?: D};"),
    ("type A = [a: ", "B", "];"),
    ("type A = (a: ", "B", ") => C;"),
    ("type A = new (a: ", "B", ") => C;"),
    ("type A = abstract new (a: ", "B", ") => C;"),
    ("type A = (", "B", ")[];"),
    ("type A = <T extends ", "B", ">() => C;"),
    ("type A = {(a: ", "B", "): C};"),
    ("type A = {[a: ", "B", "]: C};"),
    ("type A = asserts a is ", "B", ";"),
    ("function f(this: ", "T", ") {}"),
    ("function f(a: ", "T", "): a is T {}"),
    ("x as (", "T", ")"),
    ("x as <T>(a: ", "T", ") => T"),
    ("x satisfies {a: ", "T", "}"),
    ("import('a', <T>(", "b", "));"),
    ("@(f<", "T", ">) class A {}"),
    ("@f(class { @g(", "x", ") m() {} }) class A {}"),
    ("class A { [a<", "b", ">] = 1 }"),
    ("class A<T extends ", "B", "> {}"),
    ("class A extends B<", "C", "> {}"),
    ("class A { m<T>(a: ", "B", ") {} }"),
    ("class A { static { ", "x", " } }"),
    ("<a b={<c>", "x", "</c>}/>"),
    ("<a>{", "x", "}</a>"),
    ("<a><", "b", "/></a>"),
    ("<A<", "T", ">/>"),
    ("<>", "x", "</>"),
    ("/[/]/.test(", "x", ")"),
    ("a / b / (", "x", ")"),
    ("enum A { a = (() => { ", "", " })() }"),
    ("namespace A { ", "", " }"),
    ("if (a) ", "b", ""),
    ("if (a) b; else ", "c", ""),
    ("a: ", "b", ""),
    ("a => ", "b", ""),
    ("async a => ", "b", ""),
    ("a = ", "b", ""),
    ("a ** ", "b", ""),
    ("await ", "b", ""),
    ("yield ", "b", ""),
    ("-", "b", ""),
    ("a", "", "!"),
    ("a", "", ".b"),
    ("a", "", "?.b"),
    ("a", "", "()"),
    ("a", "", "[0]"),
    ("a", "", "<T>"),
    ("a", "", " as T"),
    ("a", "", "``"),
    ("type A = B", "", "[]"),
    ("type A = B", "", "['c']"),
    ("type A = B", "", " extends C ? D : E"),
    ("type A = B", "", " | C"),
    ("a", "", " + b"),
    ("a", "", " ?? b"),
    ("(a", "", ", b: T => 1)"),
];

// threat B11
#[test]
fn nests_of_whatever_may_be_read_in_two_ways_cost_a_multiple_of_their_length() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (open, middle, close) in NESTS {
        for length in [160, 2 << 10, 16 << 10] {
            let depth = length / (open.len() + close.len()).max(1);
            let nest = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            is_bounded(&nest, &format!("{open}{middle}{close} nested"));
            is_bounded(&open.repeat(depth), &format!("{open} unfinished"));
        }
    }
}

/// Sources of about `length` bytes that are long rather than deep: each has brought some pass to quadratic time, or
/// might.
fn flat(length: usize) -> Vec<(&'static str, String)> {
    let many = |part: &str| part.repeat(length / part.len());
    let numbered = |part: fn(usize) -> String| {
        let mut text = String::new();
        for index in 0.. {
            if text.len() >= length {
                break;
            }
            text.push_str(&part(index));
        }
        text
    };
    let half = length / 2;
    let doubled = |between: &str| {
        let members = (1..60).map(|index| format!("a{index} = {}", format!("a{}{between}", index - 1).repeat(2) + "''"));
        members.collect::<Vec<_>>().join(", ")
    };
    vec![
        ("empty statements", many(";")),
        ("blocks", many("{}")),
        ("arrays", format!("x = [{}]", many("[],"))),
        ("objects", format!("x = [{}]", many("{},"))),
        ("elisions", format!("x = [{}]", many(","))),
        ("arrow functions", format!("x = [{}]", many("a=>a,"))),
        ("strings", many("'a'+") + "'b'"),
        ("declarations", numbered(|index| format!("let a{index};"))),
        ("the same variable", many("var a;")),
        ("declarators", format!("let {}z", numbered(|index| format!("a{index},")))),
        ("functions and using", "using r = s;".to_owned() + &numbered(|index| format!("function f{index}(){{}}"))),
        ("imports", numbered(|index| format!("import {{a{index}}} from 'b{index}';"))),
        ("exports", numbered(|index| format!("export const a{index} = 1;"))),
        ("comments", many("/* a */ // b\n")),
        ("errors", many("<a>>")),
        ("raw angles", format!("<a>{}</a>", many(">"))),
        ("escapes", format!("'{}'", many("\\u0041"))),
        ("entities", format!("<a>{}</a>", many("&lt;"))),
        ("labels", many("a:b;")),
        ("regular expressions", many("/a/;")),
        ("templates", format!("`{}`", many("${a}"))),
        ("parameters", format!("function f({}z) {{}}", numbered(|index| format!("a{index},")))),
        ("typed parameters that are arrow functions", format!("(a{})", many(",b:T=>1"))),
        ("cast in arguments", format!("f({}1)", many("<T>x,"))),
        ("enums", numbered(|index| format!("enum A{index}{{b}}"))),
        ("what enums are printed as, in a template", format!("enum A {{ b }} `{}`", many("/*#__PURE__*/ function("))),
        ("members", format!("enum A {{{}}}", numbered(|index| format!("a{index},")))),
        ("members that double", format!("enum A {{ a0 = 'aaaaaaaa', {} }}", doubled(" + "))),
        ("constants that double", format!("enum A {{}} const a0 = 'aaaaaaaa', {}", doubled(" + "))),
        ("a constant that is read often", format!("const enum A {{ a = '{}' }} {}", "x".repeat(half), "A.a;".repeat(half / 4))),
        ("a member that is a long sum", format!("enum A {{ a = {}1 }}", many("1+"))),
        ("a member that is a long template", format!("enum A {{ a = {}'x'{} }}", "`${".repeat(half / 5), "}`".repeat(half / 5))),
        ("a long factory", format!("/** @jsx {} */ {}", "x".repeat(half), "<a/>;".repeat(half / 5))),
        ("a long namespace", format!("namespace {} {{ export let a; {} }}", "x".repeat(half), "a;".repeat(half / 2))),
        ("a long class", format!("class {} {{ {} }}", "x".repeat(half), "@d a;".repeat(half / 5))),
        ("the same name in many scopes", format!("enum A {{}} let a; {}", many("{let a;}"))),
        ("names in deep scopes", format!("enum A {{}} {}{}{}", "{".repeat(1_000), "a;".repeat(half / 2), "}".repeat(1_000))),
        ("elements", format!("<a>{}</a>", many("<b/>"))),
        ("attributes", format!("<a {}/>", many("b='c' "))),
        ("decorators", format!("{} class A {{}}", many("@d "))),
        ("decorated members", format!("class A {{ {} }}", many("@d a;"))),
        ("decorated classes", many("@d class A {}\n")),
        ("parameter properties", format!("class A {{ constructor({}) {{}} }}", numbered(|index| format!("public a{index},")))),
        ("a big integer", format!("{}n", "9".repeat(length))),
        ("a long number", "9".repeat(length)),
        ("digits", many("1_")),
        ("assignments to a constant", "const c = 1;".to_owned() + &many("c=1;")),
        ("spaces before types", format!("let a {}: T", many(" "))),
        ("comments before types", "let a".to_owned() + &many("/**/")),
    ]
}

// threat B11
#[test]
fn long_sources_cost_a_multiple_of_their_length_whatever_is_made_of_them() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (what, source) in flat(64 << 10) {
        is_bounded(&source, what);
    }
}

// threat B11
#[test]
fn a_source_twice_as_long_takes_about_twice_as_much() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let options = Options::default();
    let cost = |source: &str| allocates(|| drop(transpile_in(source, &options, &SessionBindings::default()))).0;
    for ((what, once), (_, twice)) in flat(16 << 10).into_iter().zip(flat(32 << 10)) {
        let (once, twice) = (cost(&once), cost(&twice));
        assert!(twice < 3 * once + (4 << 20), "{what}: {once} bytes, then {twice}");
    }
}

// threat B11
#[test]
fn types_that_decorators_are_told_of_cost_a_multiple_of_their_length() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let project = Project { legacy_decorators: true, decorator_metadata: true, ..Project::default() };
    let mut options = Options::new(Language::TypeScript);
    options.project = project;
    let chain = |length: usize, one: fn(usize) -> String| (0..length).map(one).collect::<String>();
    let aliases = |length| chain(length, |index| format!("type A{index} = A{};", index + 1));
    let in_order = chain(6_000, |index| format!("type A{} = A{index};", index + 1));
    let parameters = chain(6_000, |index| format!("T{index} extends T{},", index + 1));
    let doubling = chain(2_000, |index| format!("type A{} = (A{index} | A{index}) & (A{index} | A{index});", index + 1));
    let fields = chain(2_000, |index| format!("@d x{index}: A{index};"));
    for (what, told, source) in [
        ("aliases", "String", format!("{} type A6000 = string; class C {{ @d x: A0 }}", aliases(6_000))),
        ("aliases in order", "String", format!("type A0 = string; {in_order} class C {{ @d x: A6000 }}")),
        ("aliases in a circle", "Object", format!("{} type A6000 = A0; class C {{ @d x: A0 }}", aliases(6_000))),
        ("parameters", "Number", format!("class C<{parameters} T6000 extends number> {{ @d x: T0 }}")),
        ("aliases that double", "String", format!("type A0 = string; {doubling} class C {{ @d x: A2000 }}")),
        ("conditions", "String", format!("class C {{ @d x: {} string }}", "B extends D ? string : ".repeat(1_000))),
        ("fields", "String", format!("{} type A2000 = string; class C {{ {fields} }}", aliases(2_000))),
    ] {
        let mut code = String::new();
        let (all, peak) = allocates(|| code = transpile_module(&source, &options).unwrap().code.into_owned());
        assert!(code.contains(&format!("\"design:type\", {told})")), "{what}");
        let n = source.len();
        assert!(all <= (16 << 20) + 16384 * n, "{what}, {n} bytes: {all} bytes in all");
        assert!(peak <= (8 << 20) + 1024 * n, "{what}, {n} bytes: {peak} bytes at once");
    }
}

fn refused(source: &str) -> Diagnostic {
    let diagnostic = transpile(source, &Options::default()).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Limit, "{diagnostic}");
    diagnostic
}

// threat B11
#[test]
fn what_is_too_ambiguous_is_refused_and_the_error_says_so() {
    let depth = 10;
    let source = format!("{}1{}", "a < (b = ".repeat(depth), " > c)".repeat(depth));
    assert!(source.len() < 160);
    // In a language that has no types nothing is ambiguous.
    assert!(transpile(&source, &Options::new(Language::JavaScript)).is_ok());
    let source = format!("{}T{}", "({a = (y: ".repeat(40), ") => 1}: any) => void".repeat(40));
    assert!(refused(&source).message.contains("too ambiguous"), "{}", refused(&source));
    assert!(matches!(completeness(&source, &Options::default()), Completeness::Invalid(_)));
    assert!(format(&source, &Options::default()).is_err());
    assert_eq!(declaration_of(&source, &Options::default(), "a"), None);
}

/// How much memory the process has had at most since that was reset, and has now, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let field = |name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    };
    (field("VmHWM:"), field("VmRSS:"))
}

// threat B11
#[cfg(target_os = "linux")]
#[test]
fn what_is_nested_deeper_than_anybody_could_run_is_refused_without_much_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("a=>", ""),
        ("!", ""),
        ("a?", ":1"),
        ("`${", "}`"),
        ("f(", ")"),
        ("({a:", "})"),
        ("if(a)", ""),
        ("function f(){", "}"),
        ("class A extends (", "){}"),
        ("typeof ", ""),
    ] {
        let part = open;
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let (_, before) = resident();
        let depth = 90_000 / open.len().min(2);
        let diagnostic = refused(&format!("{}1{}", open.repeat(depth), close.repeat(depth)));
        assert!(diagnostic.message.contains("nested too deeply"), "{part}: {diagnostic}");
        // What is not finished is never compiled; it is no dearer.
        transpile(&format!("{}1", open.repeat(depth)), &Options::default()).unwrap_err();
        let (most, _) = resident();
        assert!(most.saturating_sub(before) < 96 << 10, "{part}: {} KiB", most - before);
    }
}

// threat B11
#[test]
fn what_is_too_costly_to_transform_is_refused_and_the_error_says_so() {
    let sources = flat(64 << 10);
    for what in ["members that double", "a constant that is read often", "a member that is a long sum", "enums"] {
        let (_, source) = sources.iter().find(|(name, _)| *name == what).expect(what);
        assert!(refused(source).message.contains("too costly"), "{what}: {}", refused(source));
    }
}

// threat B11
#[test]
fn a_pragma_that_is_too_long_is_refused() {
    for pragma in ["@jsx", "@jsx h @jsxFrag"] {
        for name in ["a.".repeat(40_000) + "b", "a.b.c.d.e".to_owned(), "a".repeat(200)] {
            let source = format!("/** {pragma} {name} */ <><x/></>");
            let options = Options::new(Language::Tsx);
            for done in [transpile(&source, &options).map(drop), transpile_module(&source, &options).map(drop)] {
                let diagnostic = done.unwrap_err();
                assert!(diagnostic.message.contains("cannot be what JSX compiles to"), "{diagnostic}");
                assert!(diagnostic.message.len() < 400, "{diagnostic}");
            }
        }
    }
}

// threat B11
#[test]
fn a_number_of_too_many_digits_is_refused() {
    let source = format!("{}n", "9".repeat((256 << 10) + 1));
    assert!(refused(&source).message.contains("digits"));
    assert!(transpile(&format!("{}n", "9".repeat(20_000)), &Options::default()).is_ok());
    assert!(transpile(&format!("x = '{}n'", "9".repeat(20_000)), &Options::default()).is_ok());
}

// threat B11
#[test]
fn work_that_is_stopped_ends_with_a_diagnostic_of_its_own() {
    let mut options = Options::default();
    options.stop = Stop::new();
    assert!(transpile("1 + 1", &options).is_ok());
    options.stop.raise();
    let diagnostic = transpile("1 + 1", &options).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Stopped);
}

/// Ordinary programs, generated code among them, are far from every bound.
#[test]
fn ordinary_sources_pass() {
    let options = Options::default();
    let chained = format!("x{}", "\n  .then((a) => a ? (b) => b + 1 : (c) => c)".repeat(1_000));
    let concatenated = format!("x = {}''", "'some text, as a compiler would write it' +\n".repeat(5_000));
    let nested = format!("{}1{}", "a ? (b) => ".repeat(10), " : (c) => c".repeat(10));
    let generic = format!("{}T{}", "Map<string, Array<".repeat(30), ">>".repeat(30));
    let else_if = format!("if (a) {{ b() }}{}", " else if (c < d) { e(f) }".repeat(500));
    let casts = "const a = <T,>(b: T) => (c as unknown as Promise<Array<T>>).then<T[]>((d): T[] => d);\n".repeat(2_000);
    let component = "function C<T>(p: {a: T; b?: (c: T) => void}) { return <div a={p.a as any}>{p.b ? <b>x</b> : null}</div> }\n";
    for source in [
        chained,
        concatenated,
        nested,
        format!("let x: {generic}"),
        else_if,
        casts,
        component.repeat(500),
        format!("[{}]", "1, 'a', {b: 2}, [3],\n".repeat(50_000)),
        "enum A { a = 1, b = a << 1, c = 'x' }\n".repeat(500),
    ] {
        let done = transpile(&source, &options);
        assert!(done.is_ok(), "{}: {}", &source[..80], done.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    // threat B11
    #[test]
    fn nests_of_several_sorts_cost_a_multiple_of_their_length(
        parts in prop::collection::vec(prop::sample::select(NESTS), 1..6),
        depth in 1..24_usize,
        middle in prop::sample::select(vec!["1", "T", "", "a<b", "({", "`", "</a>"]),
        whole: bool,
    ) {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let open: String = (0..depth).flat_map(|_| parts.iter().map(|(open, ..)| *open)).collect();
        let close: String = (0..depth).flat_map(|_| parts.iter().rev().map(|(.., close)| *close)).collect();
        let source = if whole { format!("{open}{middle}{close}") } else { format!("{open}{middle}") };
        is_bounded(&source, &source);
    }
}
