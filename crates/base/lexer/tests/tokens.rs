//! Tokens tile any text, and mean what they should.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use drupe_lexer::{Kind, Level, call, site, tokens};
use proptest::prelude::*;

/// The tokens of a text without white space.
fn read(text: &str) -> Vec<(Kind, &str)> {
    let significant = tokens(text).filter(|token| token.kind != Kind::Space);
    significant.map(|token| (token.kind, &text[token.range()])).collect()
}

fn kinds(text: &str) -> Vec<Kind> {
    read(text).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn what_is_typed_is_told_apart() {
    use Kind::*;
    assert_eq!(read("let x = 1.5e-3"), [(Keyword, "let"), (Name, "x"), (Operator, "="), (Number, "1.5e-3")]);
    assert_eq!(read("a.delete"), [(Name, "a"), (Operator, "."), (Name, "delete")]);
    assert_eq!(read("'it\\'s' // x"), [(String, "'it\\'s'"), (Comment, "// x")]);
    assert_eq!(read("x = /[/']\\//gi"), [(Name, "x"), (Operator, "="), (RegExp, "/[/']\\//gi")]);
    assert_eq!(read("null"), [(Constant, "null")]);
    assert_eq!(read("'open"), [(String, "'open")]);
    assert_eq!(read("5..toFixed"), [(Number, "5."), (Operator, "."), (Name, "toFixed")]);
    assert_eq!(read("0xe-1"), [(Number, "0xe"), (Operator, "-"), (Number, "1")]);
    assert_eq!(read("a?.5:b"), [(Name, "a"), (Operator, "?"), (Number, ".5"), (Operator, ":"), (Name, "b")]);
    assert_eq!(
        read("this.#a"),
        [(Constant, ""); 0].into_iter().chain([(Keyword, "this"), (Operator, "."), (Private, "#a")]).collect::<Vec<_>>()
    );
    assert_eq!(read("{ default: 1, if: 2 }")[3..5], [(Number, "1"), (Operator, ",")]);
    assert_eq!(read("\\u{61}b = 1")[0], (Name, "\\u{61}b"));
    assert_eq!(read("#!/bin/sh\n1"), [(Comment, "#!/bin/sh"), (Number, "1")]);
    assert_eq!(read("// a\r1"), [(Comment, "// a"), (Number, "1")]);
    assert_eq!(read("'a\\\r\nb'"), [(String, "'a\\\r\nb'")]);
    assert_eq!(read("'a\nb"), [(String, "'a"), (Name, "b")]);
}

#[test]
fn a_slash_divides_after_a_value() {
    let regular = |text: &str| kinds(text).into_iter().filter(|kind| *kind == Kind::RegExp).count();
    for text in [
        "a / b / c",
        "x++ / y / z",
        "(a) / b / c",
        "a[0] / b / c",
        "1 / b / c",
        "`a` / b / c",
        "this / b / c",
        "x = {} / b / c",
        "x! / b / c",
        "a.return / b / c",
        "type / b / c",
        "'a' / b / c",
        "x = {a: {}} / b / c",
        "if (a) b / c / d",
    ] {
        assert_eq!(regular(text), 0, "{text}");
    }
    for text in [
        "return /b/",
        "x = /b/",
        "if (a) /b/.test(c)",
        "{} /b/",
        "f(/b/)",
        "a => /b/",
        "for await (a of b) /c/",
        "`${/b/}`",
        "a ? /b/ : c",
        "yield /b/",
        "++ /b/",
        "}\n/b/",
        "case /b/",
        "x of /b/",
        "!/b/",
    ] {
        assert_eq!(regular(text), 1, "{text}");
    }
}

#[test]
fn templates_hold_code() {
    use Kind::*;
    let expected = [(Template, "`a"), (Open, "${"), (Open, "{"), (Close, "}"), (Close, "}"), (TemplateRest, "b`")];
    assert_eq!(read("`a${{}}b`"), expected);
    assert_eq!(read("`日本"), [(Template, "`日本")]);
    assert_eq!(
        kinds("`${`${a}`}` + b"),
        [Template, Open, Template, Open, Name, Close, TemplateRest, Close, TemplateRest, Operator, Name]
    );
    // What is left open in its code does not swallow the rest.
    assert_eq!(read("`${f(}b`").last(), Some(&(TemplateRest, "b`")));
}

#[test]
fn elements_hold_text_and_code() {
    use Kind::*;
    assert_eq!(
        read("<p>it's {a}</p>"),
        [
            (Operator, "<"),
            (Name, "p"),
            (Operator, ">"),
            (JsxText, "it's "),
            (Open, "{"),
            (Name, "a"),
            (Close, "}"),
            (Operator, "</"),
            (Name, "p"),
            (Operator, ">")
        ]
    );
    assert_eq!(read("<a-b c='d\\' e={1}/> / 2").last(), Some(&(Number, "2")));
    for text in [
        "<>it's</>",
        "<p><q/>it's</p>",
        "f(<p {...a}>it's</p>)",
        "x = <A.B c>it's</A.B>",
        "<p>{a ? <q>it's</q> : 'b'}</p>",
        "<p>{f(}it's</p>",
    ] {
        assert!(kinds(text).contains(&JsxText), "{text}");
        assert!(read(text).iter().all(|(kind, text)| *kind != String || *text == "'b'"), "{text}");
    }
    for text in [
        "a < b > 'c'",
        "<T>(x: T) => 'c'",
        "<T, U>(x) => 'c'",
        "<T extends U>(x) => 'c'",
        "<number>'c'",
        "f<T>('c')",
        "x = <any>f('c')",
        "class A<T> extends B<T> { a = 'c' }",
        "const a: Array<string> = 'c'",
        "async <T>(x) => 'c'",
    ] {
        assert!(!kinds(text).contains(&JsxText) && read(text).contains(&(String, "'c'")), "{text}");
    }
}

#[test]
fn what_is_open_is_known() {
    let levels = |text: &str| {
        let mut reading = tokens(text);
        reading.by_ref().for_each(drop);
        reading.levels().to_vec()
    };
    assert_eq!(
        levels("f({ a: [`b${"),
        [Level::Parenthesis { head: false }, Level::Object, Level::Bracket, Level::Template, Level::TemplateCode]
    );
    assert_eq!(levels("if ("), [Level::Parenthesis { head: true }]);
    assert_eq!(
        levels("<p>{<q a={{"),
        [Level::Children, Level::JsxCode, Level::Tag { closing: false, angles: 0 }, Level::JsxCode, Level::Object]
    );
    for text in ["f({ a: [`b${c}`] })", "<p>{<q a={{}}/>}</p>", "<A<B> c/>", "x => { return {} }"] {
        assert_eq!(levels(text), [], "{text}");
    }
}

/// Pieces of programs, and of no programs.
fn source() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "let ",
        "return ",
        "/",
        "//",
        "/*",
        "*/",
        "'",
        "\"",
        "`",
        "${",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "</",
        "/>",
        "=>",
        "=",
        ".",
        "?.",
        "...",
        "#",
        "\\",
        "\\u{",
        "0x",
        "1e",
        "5",
        "+",
        "-",
        "\n",
        "\r",
        "\r\n",
        " ",
        "\u{2028}",
        "\u{feff}",
        "é",
        "日",
        "😀",
        "if",
        "for await",
        "import",
        "from ",
        ";",
        ",",
        ":",
        "!",
        "@",
        "<p>",
        "</p>",
        "<T,>",
        "#!",
    ];
    prop::collection::vec(
        prop_oneof![8 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => any::<String>()],
        0..40,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn tokens_tile_any_text(text in source()) {
        let mut end = 0;
        for token in tokens(&text) {
            prop_assert_eq!(token.start, end);
            prop_assert!(token.end > token.start && text.is_char_boundary(token.end));
            end = token.end;
        }
        prop_assert_eq!(end, text.len());
    }

    /// What is typed on changes only tokens that what follows may still belong to.
    #[test]
    fn any_prefix_is_read(text in source()) {
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let prefix = &text[..end];
            prop_assert_eq!(tokens(prefix).map(|token| token.end - token.start).sum::<usize>(), end);
            if let Some(found) = call(prefix) {
                prop_assert!(prefix.get(found.name).is_some());
            }
            drop(site(prefix));
        }
    }
}
