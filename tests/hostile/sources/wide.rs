//! Long lists and long tokens: what is to be linear.

use super::Shape;
use crate::case::{LARGEST, list};

/// What opens a list, an item in which `#` stands for its number, and what closes the list.
const LISTS: &[(&str, [&str; 3])] = &[
    ("let", ["", "let a#=#;", ""]),
    ("one let", ["let z", ",a#=#", ";"]),
    ("const and assignments to it", ["const a=0;", "a=#;", ""]),
    ("var again and again", ["", "var a=#;", ""]),
    ("let, then var", ["", "let a#;{var b#}", ""]),
    ("functions", ["", "function f#(){}", ""]),
    ("one function again and again", ["", "function f(){}", ""]),
    ("classes", ["", "class A#{}", ""]),
    ("static imports", ["", "import a# from 'm#';", ""]),
    ("static imports of one module", ["", "import{a# as b#}from 'm';", ""]),
    ("one import of names", ["import{", "a#,", "}from 'm';"]),
    ("dynamic imports", ["", "import('data:,#');", ""]),
    ("requires", ["", "require('./a#');", ""]),
    ("import equals", ["", "import a#=b.c;", ""]),
    ("exports", ["", "export let a#=#;", ""]),
    ("exports of one list", ["let a;export{", "a as b#,", "}"]),
    ("export stars", ["", "export*from 'm#';", ""]),
    ("CommonJS exports", ["", "exports.a#=#;", ""]),
    ("cases", ["switch(1){", "case #:a#;", "}"]),
    ("members of a class", ["class A{", "m#(){}", "}"]),
    ("fields of a class", ["class A{", "a#=#;", "}"]),
    ("private fields", ["class A{", "#p#=#;", "}"]),
    ("static blocks", ["class A{", "static{a#}", "}"]),
    ("overloads", ["", "function f(a:#):#;", "function f(){}"]),
    ("parameter properties", ["class A{constructor(", "public a#:any,", "b){}}"]),
    ("members of an enumeration", ["enum A{", "a#,", "}"]),
    ("members that name members", ["enum A{a0=1,", "b#=a0+#,", "}"]),
    ("enumerations that merge", ["", "enum A{a#=#}", ""]),
    ("namespaces that merge", ["", "namespace A{export let a#=#}", ""]),
    ("properties of an object", ["({", "a#:#,", "})"]),
    ("elements of an array", ["[", "#,", "]"]),
    ("holes", ["[", ",", "]"]),
    ("parameters", ["function f(", "a#,", "b){}"]),
    ("typed parameters", ["function f(", "a#:A#=#,", "b){}"]),
    ("arguments", ["f(", "a#,", "1)"]),
    ("parameters of an arrow", ["(", "a#,", "b)=>1"]),
    ("names of a pattern", ["let{", "a#,", "b}={}"]),
    ("defaults of a pattern", ["[", "a#=#,", "b]=[]"]),
    ("decorators", ["", "@a# ", "class A{}"]),
    ("members with decorators", ["class A{", "@a m#(){}", "}"]),
    ("decorated parameters", ["class A{m(", "@a b#,", "c){}}"]),
    ("attributes", ["<a ", "b#={#} ", "/>"]),
    ("children", ["<a>", "<b/>", "</a>"]),
    ("entities", ["<a>", "&lt;&#65;&nbsp;", "</a>"]),
    ("type parameters", ["function f<", "T# extends A,", "U>(){}"]),
    ("type arguments", ["f<", "A#,", "B>()"]),
    ("interfaces", ["", "interface A#{a:#}", ""]),
    ("members of an interface", ["interface A{", "a#:#;", "}"]),
    ("types", ["", "type A#=#;", ""]),
    ("members of a union", ["type A=0", "|#", ""]),
    ("casts", ["", "a as any;", ""]),
    ("annotations", ["", "let a#:A#;", ""]),
    ("declare", ["", "declare let a#:any;", ""]),
    ("abstract members", ["abstract class A{", "abstract a#():any;", "}"]),
    ("template parts", ["`", "${#}", "`"]),
    ("regular expressions", ["", "/a#/g;", ""]),
    ("labels", ["", "a#:;", ""]),
    ("directives", ["", "'use strict';", ""]),
    ("using", ["", "using a#=null;", ""]),
    ("await using", ["", "await using a#=null;", ""]),
    ("awaits", ["", "await 0;", ""]),
    ("semicolons", ["", ";", ""]),
    ("empty blocks", ["", "{}", ""]),
    ("newlines", ["", "\n", ""]),
    ("lines without semicolons", ["", "a\n", ""]),
    ("returns of carriages", ["", "a\r", ""]),
    ("mixed ends of lines", ["", "a\r\nb\nc\rd\u{2028}", ""]),
    ("comments", ["", "/**/", "1"]),
    ("line comments", ["", "//a\n", "1"]),
    ("HTML comments", ["", "<!--a\n", "1"]),
    ("JSX pragmas", ["", "/** @jsx a# */", "<b/>"]),
    ("doc comments", ["", "/** a */function f#(){}\n", ""]),
    ("source map comments", ["", "//# sourceMappingURL=a#\n", "1"]),
    ("references", ["", "/// <reference path='a#' />\n", "1"]),
    ("ts-ignore", ["", "// @ts-ignore\n", "1"]),
    ("escaped names", ["", "\\u{61}#;", ""]),
    ("strings with escapes", ["'", "\\u{1F34A}", "'"]),
    ("emoji", ["'", "\u{1F34A}", "'"]),
    ("combining marks", ["'a", "\u{301}", "'"]),
    ("names of Han", ["", "\u{6f22}#;", ""]),
    ("byte order marks", ["", "\u{feff}", "1"]),
];

/// One token that is long: before it, what it is made of, and after it.
const TOKENS: &[(&str, [&str; 3])] = &[
    ("a name", ["", "a", ""]),
    ("a name of escapes", ["", "\\u0061", ""]),
    ("a string", ["'", "a", "'"]),
    ("a template", ["`", "a", "`"]),
    ("a number", ["", "9", ""]),
    ("a fraction", ["0.", "1", ""]),
    ("a number with separators", ["1", "_1", ""]),
    ("an exponent", ["1e", "1", ""]),
    ("a BigInt", ["", "9", "n"]),
    ("a hexadecimal BigInt", ["0x", "f", "n"]),
    ("an octal", ["0", "7", ""]),
    ("a regular expression", ["/", "a", "/"]),
    ("a regular expression of groups", ["/", "(", "/"]),
    ("a class of characters", ["/[", "a-z", "]/v"]),
    ("flags", ["/a/", "g", ""]),
    ("a comment", ["/*", "a", "*/1"]),
    ("a line comment", ["//", "a", ""]),
    ("a comment of stars", ["/*", "*", "/1"]),
    ("a hashbang", ["#!", "a", "\n1"]),
    ("JSX text", ["<a>", "b", "</a>"]),
    ("a JSX string", ["<a b='", "c", "'/>"]),
    ("a JSX name", ["<a", "-b", "/>"]),
    ("a string that throws", ["throw new Error('", "a", "')"]),
    ("a line that throws", ["throw 1;", " ", "1"]),
    ("a line that is wrong at its end", ["'", "a", "';)"]),
    ("continued lines", ["'", "\\\n", "'"]),
    ("an enumeration's string", ["enum A{a='", "b", "'}"]),
];

pub(super) fn shapes() -> Vec<Shape> {
    let lists = LISTS.iter().map(|&(name, [open, item, close])| {
        Shape::new(format!("list of {name}"), move || format!("{open}{}{close}", list(100_000, |index| numbered(item, index))))
    });
    let tokens = TOKENS.iter().map(|&(name, [open, part, close])| {
        Shape::new(format!("token {name}"), move || format!("{open}{}{close}", part.repeat((LARGEST - 2048) / part.len())))
    });
    lists.chain(tokens).collect()
}

/// An item with its number; `#` before a name is the name of a private field, and that of an entity.
fn numbered(item: &str, index: usize) -> String {
    let kept = item.replace("#p", "\u{1}p").replace("&#", "&\u{1}").replace("//#", "//\u{1}");
    kept.replace('#', &index.to_string()).replace('\u{1}', "#")
}
