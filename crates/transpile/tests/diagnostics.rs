//! Errors in the user's coordinates, with a frame that stays readable.

mod common;

use common::{show, show_with};
use drupe_protocol::event::Location;
use drupe_transpile::{DiagnosticKind, Language, LineIndex, Options, Position, code_frame, transpile};
use expect_test::expect;

#[test]
fn frames() {
    expect![[r#"
        4:5: Expected ';' or a line break, found 'bar'
        2 | let b = 2
        3 | let c = 3
        4 | foo bar
          |     ^^^"#]]
    .assert_eq(&show("let a = 1\nlet b = 2\nlet c = 3\nfoo bar\nlet d = 4"));
    expect![[r#"
        1:16: Expected ';' or a line break, found 'é'
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
        1:8: Unexpected '=': expected a type
        1 | let x: = 1
          |        ^"#]]
    .assert_eq(&show("let x: = 1"));
    expect![[r#"
        1:8: Expected the closing tag </div>
        1 | <div></span>
          |        ^^^^"#]]
    .assert_eq(&show("<div></span>"));
}

#[test]
fn giant_lines_are_cut() {
    let long = format!("x = '{}'; foo bar; y = '{}'", "a".repeat(100_000), "b".repeat(100_000));
    expect![[r#"
        1:100013: Expected ';' or a line break, found 'bar'
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
    expect![[r#"
        1:1: an alias by import = is not supported in a chunk; use const
        1 | import A = B.C
          | ^^^^^^^^^^^^^^"#]]
    .assert_eq(&show("import A = B.C"));
    let diagnostic = transpile("export = 1", &Options::default()).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Unsupported);
}

#[test]
fn chunk_name() {
    let options = Options { name: "cell-3".into(), ..Options::default() };
    expect![[r#"
        cell-3:1:3: Expected ';' or a line break, found 'b'
        1 | a b
          |   ^"#]]
    .assert_eq(&show_with("a b", &options));
}

#[test]
fn chosen_language() {
    let of = |language| Options { language, ..Options::default() };
    expect![[r#"
        1:6: Expected ';' or a line break, found ':'
        1 | let x: number = 1
          |      ^"#]]
    .assert_eq(&show_with("let x: number = 1", &of(Language::JavaScript)));
    expect![[r#"
        1:1: Expression expected, found '<'
        1 | <a/>
          | ^"#]]
    .assert_eq(&show_with("<a/>", &of(Language::JavaScript)));
    expect![[r#"
        React.createElement("a", null);
    "#]]
    .assert_eq(&show_with("<a/>", &of(Language::Jsx)));
    expect!["        a"].assert_eq(&show_with("<string>a", &of(Language::TypeScript)));
    expect![[r#"
        1:10: Unexpected end of input
        1 | <string>a
          |          ^"#]]
    .assert_eq(&show_with("<string>a", &of(Language::Tsx)));
}

#[test]
fn places_of_exceptions_are_framed_in_the_same_way() {
    let framed = |source: &str, line, column| {
        let at = Location { script: "chunk:1".into(), position: Position { line, column } };
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
