//! Errors in the user's coordinates, with a frame that stays readable.

use crate::common::{show, show_with};
use drupe_protocol::event::Location;
use drupe_transpile::{DiagnosticKind, Language, LineIndex, Options, Position, code_frame, transpile, transpile_module};
use expect_test::expect;

#[test]
fn frames() {
    expect![[r#"
        4:5: Unexpected identifier 'bar': expected ';' or a line break
        2 | let b = 2
        3 | let c = 3
        4 | foo bar
          |     ^^^"#]]
    .assert_eq(&show("let a = 1\nlet b = 2\nlet c = 3\nfoo bar\nlet d = 4"));
    expect![[r#"
        1:16: Unexpected identifier 'é': expected ';' or a line break
        1 |  let 𝒳 = '𝒳' é é)
          |              ^"#]]
    .assert_eq(&show("\tlet 𝒳 = '𝒳' é é)"));
    expect![[r#"
        1:5: Unexpected end of input
        1 | f(1,
          |     ^"#]]
    .assert_eq(&show("f(1,"));
    expect![[r#"
        1:1: 'return' outside of a function
        1 | return 42;await 5
          | ^^^^^^^^^^"#]]
    .assert_eq(&show("return 42;await 5"));
    expect![[r#"
        1:8: Unexpected token '=': expected a type
        1 | let x: = 1
          |        ^"#]]
    .assert_eq(&show("let x: = 1"));
    expect![[r#"
        1:8: Expected the closing tag </div> of the element at 1:2
        1 | <div></span>
          |        ^^^^"#]]
    .assert_eq(&show("<div></span>"));
}

#[test]
fn giant_lines_are_cut() {
    let long = format!("x = '{}'; foo bar; y = '{}'", "a".repeat(100_000), "b".repeat(100_000));
    expect![[r#"
        1:100013: Unexpected identifier 'bar': expected ';' or a line break
        1 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; foo bar; y = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
          |                                          ^^^"#]]
    .assert_eq(&show(&long));
}

#[test]
fn columns_are_utf16() {
    let diagnostic = transpile("'𝒳' )", &Options::default()).unwrap_err();
    assert_eq!(diagnostic.range.start, Position { line: 0, column: 5 });
    let diagnostic = transpile("a\r\nb\u{2028}c )", &Options::default()).unwrap_err();
    assert_eq!(diagnostic.range.start, Position { line: 2, column: 2 });
}

#[test]
fn a_last_function_has_a_body() {
    for rest in ["", ";", "\nimport A = T.C", "\nimport x = require('x')", "\nexport { f }"] {
        let source = format!("function f(): void{rest}");
        let text = transpile(&source, &Options::default()).unwrap_err().to_string();
        assert!(
            text.starts_with("1:10: The function has no body, and no implementation follows it directly"),
            "{source}: {text}"
        );
    }
}

#[test]
fn what_imports_cannot_be() {
    expect![[r#"
        1:8: Identifier 'a' has already been declared
        1 | import a from 'a'; const a = 1
          |        ^"#]]
    .assert_eq(&show("import a from 'a'; const a = 1"));
    expect![[r#"
        1:18: Identifier 'a' has already been declared
        1 | import { a, b as a } from 'a'
          |                  ^"#]]
    .assert_eq(&show("import { a, b as a } from 'a'"));
    expect![[r#"
        1:1: export = in a chunk is not supported; write the expression alone
        1 | export = 1
          | ^^^^^^^^^^"#]]
    .assert_eq(&show("export = 1"));
    let diagnostic = transpile("export = 1", &Options::default()).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Unsupported);
}

#[test]
fn chunk_name() {
    let mut options = Options::default();
    options.name = "cell-3".into();
    expect![[r#"
        cell-3:1:3: Unexpected identifier 'b': expected ';' or a line break
        1 | a b
          |   ^"#]]
    .assert_eq(&show_with("a b", &options));
}

#[test]
fn chosen_language() {
    let of = Options::new;
    expect![[r#"
        1:6: Unexpected token ':': expected ';' or a line break
        1 | let x: number = 1
          |      ^"#]]
    .assert_eq(&show_with("let x: number = 1", &of(Language::JavaScript)));
    expect![[r#"
        1:1: Unexpected token '<'
        1 | <a/>
          | ^"#]]
    .assert_eq(&show_with("<a/>", &of(Language::JavaScript)));
    expect![[r#"
        React.createElement("a", null);
    "#]]
    .assert_eq(&show_with("<a/>", &of(Language::Jsx)));
    expect!["        a"].assert_eq(&show_with("<string>a", &of(Language::TypeScript)));
    expect![[r#"
        1:2: '<string>' begins an element in a file with JSX: write 'value as string' to say that a value is of a type
        1 | <string>a
          |  ^^^^^^"#]]
    .assert_eq(&show_with("<string>a", &of(Language::Tsx)));
}

/// In a file that has types and no JSX, a tag is an assertion of a type: what goes wrong then is far from what is
/// wrong.
#[test]
fn jsx_where_there_is_none_is_told_as_such() {
    let said = |source: &str| {
        let options = Options::new(Language::TypeScript);
        transpile(source, &options).map(|_| ()).map_err(|diagnostic| diagnostic.message)
    };
    for source in [
        "const a = <div>hello</div>",
        "const a = <div/>",
        "const a = <div className=\"x\">hello</div>",
        "const a = <App {...props} />",
        "const a = <input disabled />",
        "const a = <></>",
        "const a = <>text</>",
        "const f = () => <a.b x={1} />",
        "function f() { return <div>\n  hello world\n</div>; }",
        "const a = (\n  <ul>\n    {list.map((x) => <li key={x}>{x}</li>)}\n  </ul>\n);",
        "const a = yes && <p>it's</p>",
        "f(<br/>)",
    ] {
        let message = said(source).unwrap_err();
        assert_eq!(message, "JSX needs a file that ends in .tsx or .jsx: rename this one", "{source}");
    }
    for source in ["const a = <string>b c", "a < b c", "f<A B>()", "const f = <T extends>(x: T) => x", "a </b c"] {
        assert!(!said(source).is_err_and(|message| message.contains("JSX")), "{source}: {:?}", said(source));
    }
    // With JSX, an error within an element is an error of its own.
    for source in
        ["const a = <p>{x y}</p>", "const a = <p>{f(() => { x y })}</p>", "const a = <p b={x y}>c</p>", "<p>{`${x y}`}</p>"]
    {
        let message = transpile(source, &Options::default()).unwrap_err().message;
        assert!(!message.contains("rename"), "{source}: {message}");
    }
}

#[test]
fn declarations_of_imports_in_a_block_are_told_what_to_do() {
    for source in [
        "if (x) { import a from 'b' }",
        "() => { import { a } from 'b' }",
        "if (x) import 'b'",
        "try { import * as a from 'b' } catch {}",
    ] {
        let message = transpile(source, &Options::default()).unwrap_err().message;
        assert_eq!(
            message, "An import declaration stands at the top level of a module; elsewhere use await import('…')",
            "{source}"
        );
    }
    for source in ["if (x) { export const a = 1 }", "{ export default 1 }", "() => { export * from 'b' }"] {
        let message = transpile(source, &Options::default()).unwrap_err().message;
        assert_eq!(message, "An export declaration stands at the top level of a module", "{source}");
    }
}

#[test]
fn places_of_exceptions_are_framed_in_the_same_way() {
    let framed = |source: &str, line, column| {
        let at = Location::new("chunk:1", Position { line, column });
        code_frame(source, &LineIndex::new(source), &at).map(|frame| frame.to_string())
    };
    expect![[r#"
        2 | b
        3 | c
        4 |  𝒳.d
          |    ^"#]]
    .assert_eq(&framed("a\nb\nc\n\t𝒳.d\ne", 3, 4).unwrap());
    // V8 may tell a place behind the end; a position need not be true, for the kernel is not believed.
    assert_eq!(framed("a", 0, 99).unwrap(), "1 | a\n  |  ^");
    assert_eq!(framed("", 0, 0).unwrap(), "1 | \n  | ^");
    assert_eq!(framed("a\nb", 2, 0), None);
    assert_eq!(framed("a", u32::MAX, u32::MAX), None);
}

/// What is wrong in a chunk with types is no matter of the types.
#[test]
fn errors_of_chunks_with_types_are_those_of_typescript() {
    for (source, words) in [
        ("return 1 as any", "'return' outside of a function"),
        ("`${1 || (2 as any) ?? 3}`", "'??' needs parentheses"),
        ("const q = (0 as any) ?? 1 || 2", "'??' needs parentheses"),
        ("function f(a: number) {}\nbreak; f(1 as any)", "break"),
    ] {
        let said = show(source);
        assert!(said.contains(words), "{source}: {said}");
    }
}

/// What is wrong, and the column where.
const WORDS: &[(&str, u32, &str)] = &[
    ("let s = \"abc", 9, "Unterminated string constant: no closing quote on its line"),
    ("let t = `abc", 9, "Unterminated template: '`' is missing"),
    ("let r = /abc", 9, "Unterminated regular expression: no '/' on its line"),
    ("/* abc", 7, "Unexpected end of input"),
    ("@ class A {}", 3, "Unexpected token 'class': expected a name"),
    ("class A { @ x = 1 }", 15, "Unexpected token '=': expected the name of a member"),
    ("let class = 1", 5, "Unexpected token 'class': expected a name"),
    ("var if = 1", 5, "Unexpected token 'if': expected a name"),
    ("let let = 1", 5, "'let' cannot be the name of a let, const or class"),
    ("function f() { await x }", 16, "'await' needs an async function around it"),
    ("function f() { yield x }", 22, "'yield' needs a generator around it: function* () { … }"),
    ("let {a: 1} = {}", 9, "Unexpected number: expected a name, '[' or '{'"),
    ("let {a, ...b, c} = {}", 9, "A rest parameter must be the last"),
    ("let [a b] = c", 8, "Unexpected identifier 'b': expected ','"),
    ("({a = 1})", 3, "'=' gives defaults in patterns only; an object's property is written 'name: value'"),
    ("let x = 0b12", 12, "A number ends where a name or another digit may not follow it directly"),
    ("let x = 0xg", 11, "Expected a hexadecimal digit after 0x"),
    ("let x = 1e", 11, "The number needs digits after its 'e'"),
    ("let x = 1.2.3", 12, "Unexpected number: expected ';' or a line break"),
    ("foo: foo: for(;;){}", 6, "Label foo is already declared"),
    ("o.let x", 7, "Unexpected identifier 'x': expected ';' or a line break"),
    ("a.await b", 9, "Unexpected identifier 'b': expected ';' or a line break"),
    ("a?. yield b", 11, "Unexpected identifier 'b': expected ';' or a line break"),
    ("if (1) let x = 1", 12, "Lexical declaration cannot appear in a single-statement context: put a block around it: { … }"),
    ("<div></span>", 8, "Expected the closing tag </div> of the element at 1:2"),
    ("<div a=1/>", 8, "A JSX attribute is a string, or an expression in braces"),
    ("<div {x}/>", 7, "A JSX attribute in braces is a spread: {...props}"),
    ("interface A { x: }", 18, "Unexpected token '}': expected a type"),
    ("enum E { A = }", 14, "Unexpected token '}'"),
    ("function f(a?: string, b?) { return } }", 39, "Unexpected token '}'"),
    ("import { a b } from 'x'", 12, "Unexpected identifier 'b': expected ','"),
    ("x = = 1", 5, "Unexpected token '='"),
    ("[1 2]", 4, "Unexpected number: expected ','"),
    ("f(1 'a')", 5, "Unexpected string: expected ','"),
    ("p.then(_: _.ok)", 9, NAMED),
    ("f(1, key: 2)", 9, NAMED),
    ("[1, a: 2]", 6, "Unexpected token ':': expected ','"),
    ("f(a b: 1)", 5, "Unexpected identifier 'b': expected ','"),
    ("f(1 `a`", 8, "Unexpected end of input"),
    ("for (let i = 0; i < 3; i++ { }", 28, "Unexpected token '{': expected ')'"),
    ("while () {}", 8, "Unexpected token ')'"),
    ("do { } whle (1)", 8, "Unexpected identifier 'whle': expected 'while'"),
    ("switch (1) { foo }", 14, "Unexpected identifier 'foo': expected '}'"),
    ("if x { }", 4, "Unexpected identifier 'x': expected '('"),
    ("else { }", 1, "Unexpected token 'else'"),
    ("function () { }", 10, "Unexpected token '(': expected a name"),
    ("function f(a,, b) { }", 14, "Unexpected token ',': expected a name, '[' or '{'"),
    ("async () => { await }", 21, "Unexpected token '}'"),
    ("a => {} ()", 9, "Unexpected token '(': expected ';' or a line break"),
    ("class A { x y }", 13, "Unexpected identifier 'y': expected ';' or a line break after the member"),
    ("a # b", 3, "Unexpected token '#': expected ';' or a line break"),
    ("“hello”", 1, "Unexpected character '“'"),
    ("}", 1, "Unexpected token '}'"),
    ("=>", 1, "Unexpected token '=>'"),
    ("?.x", 1, "Unexpected token '?.'"),
    ("a..b", 3, "Unexpected token '.': expected a name"),
    ("using {a} = b", 7, "Unexpected token '{': expected ';' or a line break"),
    ("x!.!y", 4, "Unexpected token '!': expected a name"),
    ("import type { A } fro 'x'", 19, "Unexpected identifier 'fro': expected 'from'"),
    ("let a: string | = 1", 17, "Unexpected token '=': expected a type"),
    ("enum { A }", 1, "Unexpected token 'enum'"),
    ("import x = require(1)", 20, "Unexpected number: expected a string"),
];

#[test]
fn mistakes_are_told_in_words_that_people_know() {
    let mut wrong = Vec::new();
    for (source, column, words) in WORDS {
        let said = transpile(source, &Options::default()).map(|script| script.code.into_owned());
        let said = said.map_err(|diagnostic| (diagnostic.range.start.column + 1, diagnostic.message));
        if said != Err((*column, (*words).to_owned())) {
            wrong.push(format!("{source}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The errors of JSX in a file that has it: its text, the place and the sentence.
const OF_JSX: [(&str, [u32; 2], &str); 33] = [
    (
        "x = <div>{if (y) z}</div>",
        [0, 10],
        "Braces in an element hold an expression, and 'if' begins a statement: write {condition ? <a/> : <b/>}, or {condition && <a/>}",
    ),
    (
        "x = <div>\n  {if (y) { return <b/> }}\n</div>",
        [1, 3],
        "Braces in an element hold an expression, and 'if' begins a statement: write {condition ? <a/> : <b/>}, or {condition && <a/>}",
    ),
    (
        "x = <ul>{for (const y of z) <li/>}</ul>",
        [0, 9],
        "Braces in an element hold an expression, and 'for' begins a statement: write {list.map(item => <li>{item}</li>)}",
    ),
    (
        "x = <p>{return y}</p>",
        [0, 8],
        "Braces in an element hold an expression, and 'return' begins a statement: leave out the word",
    ),
    (
        "x = <p>{const y = 1}</p>",
        [0, 8],
        "Braces in an element hold an expression, and 'const' begins a statement: put it before the element",
    ),
    (
        "x = <p>{let y = 1}</p>",
        [0, 12],
        "Braces in an element hold an expression, and 'let' begins a statement: put it before the element",
    ),
    (
        "x = <p a={if (y) z}/>",
        [0, 10],
        "Braces in an element hold an expression, and 'if' begins a statement: write {condition ? <a/> : <b/>}, or {condition && <a/>}",
    ),
    ("x = <any>window", [0, 5], CAST),
    ("x = (<any>window).foo;\ny()", [0, 6], CAST),
    (
        "x = <number>y * 2",
        [0, 5],
        "'<number>' begins an element in a file with JSX: write 'value as number' to say that a value is of a type",
    ),
    ("x = <div>{</div>", [0, 10], "Unexpected closing tag </div>: is a '}' or ')' missing before it?"),
    ("x = <div>{y.map(z => <b/>}</div>", [0, 25], "Unexpected token '}': expected ','"),
    ("x = <div>{()</div>", [0, 12], "Unexpected closing tag </div>: is a '}' or ')' missing before it?"),
    ("x = <div><b>y</div>", [0, 15], "Expected the closing tag </b> of the element at 1:11"),
    ("x = (\n  <div>\n    <b>y</i>\n  </div>\n)", [2, 10], "Expected the closing tag </b> of the element at 3:6"),
    ("x = <div></Div>", [0, 11], "Expected the closing tag </div> of the element at 1:6"),
    ("x = <a.b></a.c>", [0, 11], "Expected the closing tag </a.b> of the element at 1:6"),
    ("x = <><b/></b>", [0, 12], "Expected the closing tag </> of the fragment at 1:5"),
    ("x = <b></>", [0, 7], "Expected the closing tag </b> of the element at 1:6"),
    ("x = <div>{<b>}</div>", [0, 13], "Unexpected token '}' in the text of an element: write {'}'} or &rbrace;"),
    ("x = <div>\n  <p>\n", [2, 0], "Unexpected end of input: the element <p> at 2:4 has no closing tag"),
    ("x = <>y", [0, 7], "Unexpected end of input: the fragment at 1:5 has no closing tag </>"),
    ("f = <T>(x: T) => x", [0, 15], ARROW),
    ("f = async <T>(x: T) => x", [0, 15], ARROW),
    ("x = <a/><b/>", [0, 8], "JSX elements side by side need one parent: put <> and </> around them"),
    ("f(\n  <a>1</a>\n  <b>2</b>\n)", [2, 2], "JSX elements side by side need one parent: put <> and </> around them"),
    ("x = <div>{y</div>", [0, 12], "Unexpected closing tag </div>: is a '}' or ')' missing before it?"),
    ("x = <div>{y z}</div>", [0, 12], "Unexpected identifier 'z': expected '}'"),
    ("x = <div>\n  {l.map(y => <li>{y}</li>}\n</div>", [1, 26], "Unexpected token '}': expected ','"),
    ("x = <div>a > b</div>", [0, 11], "Unexpected token '>' in the text of an element: write {'>'} or &gt;"),
    ("x = <a b={}/>", [0, 9], "A JSX attribute needs an expression between its braces"),
    ("x = <a:b.c/>", [0, 9], "A JSX name with a namespace has no members"),
    ("x = </div>", [0, 4], "Unexpected closing tag </div>: no such element is open here"),
];
const NAMED: &str =
    "Unexpected token ':': an argument has no name; write 'name => …' for a function, '{ name: … }' for an object";

const CAST: &str = "'<any>' begins an element in a file with JSX: write 'value as any' to say that a value is of a type";

const ARROW: &str = "'<T>' begins an element in a file with JSX: write '<T,>(…) => …' for a generic arrow function";

#[test]
fn errors_of_jsx_name_the_element() {
    for (source, [line, column], message) in OF_JSX {
        let diagnostic = transpile_module(source, &Options::new(Language::Tsx)).unwrap_err();
        let start = diagnostic.range.start;
        assert_eq!((&*diagnostic.message, start.line, start.column), (message, line, column), "{source}");
    }
    for source in ["x = <a/> < b", "f = <T,>(x: T) => x", "x = <a/>\n> b", "x = <div class='y' for='z'/>", "x = [<a/>, <b/>]"] {
        assert!(transpile_module(source, &Options::new(Language::Tsx)).is_ok(), "{source}");
    }
}
