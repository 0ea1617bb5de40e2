//! What a parser can only guess at until it has read on: nested, so that one which reads everything again for each
//! guess takes twice as long for every level, or more.

use super::Shape;
use crate::case::nest;

/// What stands before, what opens a level, what is in the midst, and what closes a level.
const GUESSES: &[(&str, [&str; 4])] = &[
    ("type arguments or comparisons", ["", "a < (b = ", "1", ") > c"]),
    ("comparisons that never close", ["", "a<", "a", ""]),
    ("type arguments of calls", ["", "f<(a: T) => ", "U", ">(1)"]),
    ("type arguments with arrows in brackets", ["", "a<(b<", "T", ">(c))>(d)"]),
    ("defaults in typed object patterns", ["let x: ", "({ a = (y: ", "T", ") => 1 }: any) => void"]),
    ("defaults in typed array patterns", ["let x: ", "([a = (y: ", "T", ") => 1]: any) => void"]),
    ("infer in parentheses", ["type A = B extends ", "(infer U extends ", "T", ") ? 1 : 2"]),
    ("infer with a condition", ["type A = B extends ", "(infer U extends ", "T", " ? 1 : 2)"]),
    ("conditional types in extends", ["type A = ", "(B extends ", "C", " ? D : E)"]),
    ("conditional types in the false branch", ["type A = ", "B extends C ? D : ", "E", ""]),
    ("conditional types in the true branch", ["type A = ", "B extends C ? ", "D", " : E"]),
    ("arrow heads in defaults", ["", "(a = ", "1", ") => 0"]),
    ("arrow heads with types", ["", "(a: any = ", "1", "): any => 0"]),
    ("arrow heads that are calls", ["", "f((a, b = ", "1", "))"]),
    ("arrow heads in arrow heads' patterns", ["", "({ a = ", "1", " }) => 0"]),
    ("arrow heads in array patterns", ["", "([a = ", "1", "]) => 0"]),
    ("parentheses that are arrows' bodies", ["", "() => (", "1", ")"]),
    ("asynchronous arrow heads", ["", "async (a = ", "1", ") => 0"]),
    ("calls of async", ["", "async(", "1", ")"]),
    ("asynchronous generic arrows", ["", "async <T>(a = ", "1", ") => 0"]),
    ("generic arrows", ["", "<T,>(a = ", "1", ") => 0"]),
    ("generic arrows with constraints", ["", "<T extends any>(a: T = ", "1", ") => 0"]),
    ("casts or generic arrows", ["", "<T>(", "1", ")"]),
    ("casts of casts", ["", "<any>", "1", ""]),
    ("casts of types in casts", ["", "<A<", "T", ">>x"]),
    ("conditions or typed arrows", ["", "a ? (b) : c => ", "d", ""]),
    ("conditions with typed arrows in both branches", ["", "a ? (b): c => ", "d", " : e => f"]),
    ("conditions with parenthesised lists", ["", "a ? (b, c) : (d) => ", "e", ""]),
    ("conditions in conditions' arrows", ["", "(a ? (b = ", "1", ") : c)"]),
    ("objects or patterns", ["", "({ a: ", "b", " } = {})"]),
    ("objects or patterns with defaults", ["(", "{ a = ", "b", " }"]),
    ("arrays or patterns", ["", "[a = ", "b", "] = []"]),
    ("patterns in casts", ["", "[(<any>", "b", ")] = []"]),
    ("patterns with as", ["", "[(", "b", " as any)] = []"]),
    ("patterns in heads of loops", ["for (", "[a = ", "b", "]"]),
    ("function types or parentheses", ["let x: ", "(", "T", ")"]),
    ("function types with functions", ["let x: ", "(a: ", "T", ") => void"]),
    ("constructor types", ["let x: ", "new (a: ", "T", ") => void"]),
    ("abstract constructor types", ["let x: ", "abstract new (a?: ", "T", ") => void"]),
    ("function types with patterns", ["let x: ", "({ a: b, ...c }: ", "T", ") => void"]),
    ("generic function types", ["let x: ", "<T extends ", "U", ">() => void"]),
    ("defaults of type parameters", ["type A<T = ", "<U = ", "V", ">() => 1"]),
    ("mapped types", ["let x: ", "{ [K in ", "T", "]: 1 }"]),
    ("mapped types with as", ["let x: ", "{ [K in T as ", "K", "]: 1 }"]),
    ("index signatures or computed names", ["let x: ", "{ [a: ", "T", "]: 1 }"]),
    ("template types", ["let x: ", "`${", "T", "}`"]),
    ("tuples with names", ["let x: ", "[a?: ", "T", "]"]),
    ("indexed types", ["let x: ", "T[", "K", "]"]),
    ("type queries with arguments", ["let x: ", "typeof a<", "T", ">"]),
    ("import types", ["let x: ", "import('a').B<", "T", ">"]),
    ("type predicates", ["let x: ", "(a: any) => a is ", "T", ""]),
    ("assertion predicates", ["let x: ", "(a: any) => asserts a is ", "T", ""]),
    ("generic types", ["let x: ", "A<", "T", ">"]),
    ("optional calls with type arguments", ["", "a?.<T>(", "1", ")"]),
    ("optional chains with type arguments", ["", "a?.b<", "T", ">()"]),
    ("instantiations", ["", "(a<", "T", ">)"]),
    ("new with type arguments", ["", "new A<(b: ", "T", ") => 1>(1)"]),
    ("templates", ["", "`${", "1", "}`"]),
    ("tagged templates with type arguments", ["", "f<T>`${", "1", "}`"]),
    ("elements", ["", "<a>", "x", "</a>"]),
    ("elements that never close", ["", "<a>", "x", ""]),
    ("elements or casts", ["", "<a>(", "1", ")</a>"]),
    ("elements with expressions", ["", "<a>{", "1", "}</a>"]),
    ("elements in attributes", ["", "<a b=", "<c/>", "/>"]),
    ("elements in attributes' expressions", ["", "<a b={", "1", "} />"]),
    ("elements with type arguments", ["", "<A<", "T", "> />"]),
    ("fragments", ["", "<>", "x", "</>"]),
    ("arrows in attributes", ["", "<a b={(c = ", "1", ") => 1} />"]),
    ("regular expressions or divisions", ["", "(a) / (", "b", ") / g"]),
    ("decorators in parentheses", ["", "@(class ", "{}", ") class A {}"]),
    ("decorators of methods", ["", "(class { @(", "a", ") m() {} })"]),
    ("decorators with type arguments", ["", "@a<T>(", "1", ") class A {}"]),
    ("as with types", ["", "(", "a", " as any)"]),
    ("satisfies with types", ["a satisfies ", "(b: ", "T", ") => void"]),
    ("return types", ["", "(a): ((b: any) => ", "T", ") => 1"]),
    ("return types that are predicates", ["", "(a): a is (", "T", ") => 1"]),
    ("arrows that return typed arrows", ["", "(a): any => ", "1", ""]),
    ("classes that extend instantiations", ["", "class extends A<(b: ", "T", ") => 1> {}"]),
    ("assignments to casts", ["", "(<T>", "a", ") = 1"]),
    ("non-null assertions", ["", "(", "a", "!)"]),
    ("enumerations or names", ["", "enum\n(", "1", ")"]),
    ("abstract or names", ["", "abstract\nclass A { b = ", "1", " }"]),
    ("type or names", ["", "type\n= (a = ", "1", ") => 0"]),
    ("using or names", ["", "using\n[a = ", "1", "]"]),
    ("let or names", ["", "let\n[a = ", "1", "] = []"]),
    ("await or names", ["", "await (a = ", "1", ")"]),
    ("yield in defaults", ["", "function* f(a = ", "1", ") {}"]),
];

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (index, (name, [head, open, middle, close])) in GUESSES.iter().enumerate() {
        let whole = move |depth: usize, cut: bool| format!("{head}{}", nest(open, middle, close, depth, cut));
        // Each is tried deep enough for what doubles, and some deep enough for what grows with the square, by turns
        // whole and cut off.
        let (depth, cut) = [(28, false), (28, true), (400, false), (20_000, true)][index % 4];
        let how = if cut { "cut off" } else { "whole" };
        shapes.push(Shape::new(format!("{name}, {depth} {how}"), move || whole(depth, cut)));
    }
    // What was found to be worst, at every depth.
    for &(name, [head, open, middle, close]) in [0, 1, 4, 6, 11, 17, 22, 25, 53, 59, 60].map(|index| &GUESSES[index]).iter() {
        for (depth, cut) in [(12, false), (60, true), (3_000, false), (50_000, true)] {
            let how = if cut { "cut off" } else { "whole" };
            let deeper = format!("{name}, {depth} deep {how}");
            shapes.push(Shape::new(deeper, move || format!("{head}{}", nest(open, middle, close, depth, cut))));
        }
    }
    shapes
}
