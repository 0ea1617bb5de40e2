//! Brackets and statements, nested as deep as there is room, and chains of one level that a tree makes deep.

use super::Shape;
use crate::case::nest;

/// What opens a level, what is in the midst, and what closes a level.
const NESTS: &[(&str, [&str; 3])] = &[
    ("parentheses", ["(", "1", ")"]),
    ("brackets", ["[", "1", "]"]),
    ("braces", ["{", "1", "}"]),
    ("objects", ["({a:", "1", "})"]),
    ("computed names", ["({[", "1", "]:1})"]),
    ("functions", ["function f(){", "1", "}"]),
    ("functions as expressions", ["(function(){", "1", "})"]),
    ("arrows with bodies", ["()=>{", "1", "}"]),
    ("classes", ["class A{m(){", "1", "}}"]),
    ("static blocks", ["class A{static{", "1", "}}"]),
    ("computed members", ["class A{[", "1", "](){}}"]),
    ("fields", ["class A{a=", "1", "}"]),
    ("private fields", ["class{#a=", "1", "}"]),
    ("heritage", ["class A extends ", "B", "{}"]),
    ("getters", ["({get a(){", "1", "}})"]),
    ("blocks with labels", ["a:{", "1", "}"]),
    ("if", ["if(1)", "1", ""]),
    ("else", ["if(1);else ", "1", ""]),
    ("if with blocks", ["if(1){", "1", "}"]),
    ("for", ["for(;;)", "1", ""]),
    ("for in heads", ["for(a in ", "1", ");"]),
    ("for await", ["for await(a of b){", "1", "}"]),
    ("while", ["while(1)", "1", ""]),
    ("do", ["do ", "1", ";while(1)"]),
    ("switch", ["switch(1){case 1:", "1", "}"]),
    ("try", ["try{", "1", "}catch{}"]),
    ("finally", ["try{}finally{", "1", "}"]),
    ("with", ["with(a)", "1", ""]),
    ("labels", ["a:", "1", ""]),
    ("namespaces", ["namespace A{", "1", "}"]),
    ("modules in declarations", ["declare module A{", "let a;", "}"]),
    ("object types", ["let x:{a:", "T", "}"]),
    ("templates", ["`${", "1", "}`"]),
    ("calls", ["f(", "1", ")"]),
    ("new", ["new (", "A", ")"]),
    ("imports as calls", ["import(", "1", ")"]),
    ("elements", ["<a>", "x", "</a>"]),
    ("using", ["{using a=b;", "1", "}"]),
    ("negations", ["!", "1", ""]),
    ("signs", ["- ", "1", ""]),
    ("typeof", ["typeof ", "1", ""]),
    ("await", ["await ", "1", ""]),
    ("new without arguments", ["new ", "A", ""]),
    ("spreads", ["[...", "a", "]"]),
    ("arrows", ["a=>", "1", ""]),
    ("assignments", ["a=", "1", ""]),
    ("conditions", ["a?b:", "1", ""]),
    ("conditions in the midst", ["a?", "1", ":b"]),
    ("powers", ["a**", "1", ""]),
    ("keyof", ["keyof ", "T", ""]),
];

/// Chains that lean to the left: what stands first, and what is added again and again.
const CHAINS: &[(&str, [&str; 2])] = &[
    ("sums", ["1", "+1"]),
    ("conjunctions", ["a", "&&a"]),
    ("nullish", ["a", "??a"]),
    ("members", ["a", ".b"]),
    ("optional members", ["a", "?.b"]),
    ("calls in a chain", ["a", "()"]),
    ("indices", ["a", "[0]"]),
    ("commas", ["a", ",a"]),
    ("tagged templates", ["a", "``"]),
    ("non-null", ["a", "!"]),
    ("as", ["a", " as T"]),
    ("satisfies", ["a", " satisfies T"]),
    ("comparisons", ["a", "<b"]),
    ("shifts", ["a", ">>b"]),
    ("arrays of types", ["let x:T", "[]"]),
    ("unions", ["let x:T", "|T"]),
    ("qualified names", ["let x:A", ".B"]),
    ("else if", ["if(1);", "else if(1);"]),
    ("in", ["a", " in a"]),
    ("instantiations", ["a", "<b>"]),
];

pub(super) fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (index, &(name, [open, middle, close])) in NESTS.iter().enumerate() {
        let (depth, cut) = [(90_000, true), (200_000, false), (5_000, false), (usize::MAX, true)][index % 4];
        let how = if cut { "cut off" } else { "whole" };
        let deep = if depth == usize::MAX { "1 MiB".to_owned() } else { depth.to_string() };
        shapes.push(Shape::new(format!("{name}, {deep} {how}"), move || nest(open, middle, close, depth, cut)));
    }
    for (index, &(name, [first, then])) in CHAINS.iter().enumerate() {
        let count = [2_000, 30_000, usize::MAX][index % 3];
        let long = if count == usize::MAX { "1 MiB".to_owned() } else { count.to_string() };
        shapes
            .push(Shape::new(format!("chain of {name}, {long}"), move || format!("{first}{}", nest(then, "", "", count, true))));
    }
    shapes
}
