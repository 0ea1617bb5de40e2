//! No input makes the crate panic, overflow its stack or take long.

use drupe_transpile::{Completeness, DiagnosticKind, Language, MAX_NESTING, MAX_SOURCE_BYTES, Options, completeness, transpile};
use proptest::prelude::*;

fn both(source: &str) {
    for language in [Language::Auto, Language::JavaScript, Language::TypeScript] {
        let options = Options::new(language);
        let _ = transpile(source, &options);
        let _ = completeness(source, &options);
    }
}

#[test]
fn deep_nesting() {
    let depth = 1_500;
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{", "", "}"),
        ("{a:", "1", "}"),
        ("!", "1", ""),
        ("-", "1", ""),
        ("typeof ", "1", ""),
        ("await ", "1", ""),
        ("new ", "X", ""),
        ("a=", "1", ""),
        ("a=>", "1", ""),
        ("()=>{", "", "}"),
        ("a?b:", "c", ""),
        ("a?", "1", ":b"),
        ("1+", "1", ""),
        ("a**", "1", ""),
        ("a.b(", "", ")"),
        ("f", "", "()"),
        ("a", "", ".b"),
        ("a", "", "?.b"),
        ("a", "", "`x`"),
        ("`${", "1", "}`"),
        ("if(a)", "b", ""),
        ("if(a)b;else ", "c", ""),
        ("for(;;)", "b", ""),
        ("while(a)", "b", ""),
        ("do ", "b", " while(a)"),
        ("with(a)", "b", ""),
        ("a:", "b", ""),
        ("try{", "", "}finally{}"),
        ("switch(a){case 1:", "", "}"),
        ("function f(){", "", "}"),
        ("class A{m(){", "", "}}"),
        ("class A extends ", "B", "{}"),
        ("async()=>", "1", ""),
        ("<a>", "", "</a>"),
        ("<a b={", "1", "}/>"),
        ("<any>", "x", ""),
        ("x as ", "y", ""),
        ("let x:A<", "B", ">"),
        ("type A=B<", "C", ">"),
        ("type A={a:", "C", "}"),
        ("type A=keyof ", "C", ""),
        ("type A=(a:", "C", ")=>B"),
        ("namespace A{", "1", "}"),
        ("enum A{B=", "1", "}"),
        ("(\")\"+", "1", ")"),
        ("('(',", "1", ")"),
        ("/*'*/(", "1", ")"),
        ("a/'/(", "1", ")"),
        ("x=/'/,(\")\"+", "1", ")"),
    ] {
        let source = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
        both(&source);
        both(&open.repeat(depth));
    }
    let chain = vec!["a"; 20_000].join(" + ");
    assert!(transpile(&chain, &Options::default()).is_ok());
}

#[test]
fn too_deep_is_a_limit() {
    let source = "(".repeat(MAX_NESTING + 1);
    let diagnostic = transpile(&source, &Options::default()).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Limit);
    assert!(diagnostic.message.contains("MAX_NESTING"), "{diagnostic}");
    assert!(matches!(completeness(&source, &Options::default()), Completeness::Invalid(_)));
}

#[test]
fn too_long_is_a_limit() {
    let source = " ".repeat(MAX_SOURCE_BYTES + 1);
    let diagnostic = transpile(&source, &Options::default()).unwrap_err();
    assert_eq!(diagnostic.kind, DiagnosticKind::Limit);
    assert!(diagnostic.message.contains("MAX_SOURCE_BYTES"), "{diagnostic}");
}

#[test]
fn big_flat_data() {
    let base64 = "aGVsbG8+d29ybGQ/".repeat(100_000);
    let source = format!("x = '{base64}'");
    assert!(transpile(&source, &Options::default()).is_ok());
    let json = format!("x = [{}]", "{\"a\": 1.5, \"b\": [1, 2, -3]},\n".repeat(20_000));
    assert!(transpile(&json, &Options::default()).is_ok());
    let statements = "f(a, b) / 2; if (x < y) { z() }\n".repeat(20_000);
    assert!(transpile(&statements, &Options::default()).is_ok());
    let braces = "function f(a) { return a && /['\"`]/.test(a) }\n".repeat(10_000);
    assert!(transpile(&braces, &Options::default()).is_ok());
}

/// Words and marks of the language, glued at random: more likely to get deep into the parser than random characters.
fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "</",
        "/>",
        "`",
        "${",
        "'",
        "\"",
        "\\",
        "/",
        "/*",
        "*/",
        "//",
        "\n",
        " ",
        ";",
        ",",
        ".",
        "?.",
        "?",
        "!",
        ":",
        "=",
        "=>",
        "+",
        "-",
        "++",
        "*",
        "**",
        "&&",
        "|",
        "@",
        "#",
        "...",
        "a",
        "b",
        "T",
        "1",
        "0x1",
        "3.5",
        "'s'",
        "`t`",
        "/r/",
        "é",
        "𝒳",
        "\u{2028}",
        "\u{feff}",
        "let ",
        "const ",
        "var ",
        "function ",
        "class ",
        "extends ",
        "implements ",
        "async ",
        "await ",
        "yield ",
        "return ",
        "if",
        "else ",
        "for",
        "of ",
        "in ",
        "while",
        "do ",
        "new ",
        "typeof ",
        "as ",
        "satisfies ",
        "type ",
        "interface ",
        "enum ",
        "namespace ",
        "declare ",
        "abstract ",
        "public ",
        "private ",
        "readonly ",
        "static ",
        "override ",
        "get ",
        "set ",
        "accessor ",
        "import ",
        "export ",
        "from ",
        "default ",
        "using ",
        "this",
        "super",
        "asserts ",
        "is ",
        "keyof ",
        "unique symbol",
        "infer ",
        "?:",
        "!:",
        "<T>",
        "<T,>",
        "(a)",
        "{}",
        "[]",
        "\r\n",
        "<!--",
        "-->",
        "\u{85}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn tokens_never_panic(tokens in prop::collection::vec(token(), 0..24)) {
        let source = tokens.concat();
        both(&source);
    }

    #[test]
    fn characters_never_panic(source in "\\PC{0,40}") {
        both(&source);
    }

    /// What is blanked keeps its length and its lines.
    #[test]
    fn blanks_keep_columns(tokens in prop::collection::vec(token(), 0..12)) {
        let source = tokens.concat();
        if let Ok(script) = transpile(&source, &Options::default()) && script.source_map.is_none() {
            prop_assert_eq!(source.encode_utf16().count(), script.code.encode_utf16().count());
            prop_assert_eq!(source.lines().count(), script.code.lines().count());
        }
    }
}

#[test]
fn comments_of_html_stand_before_a_member() {
    for source in ["class A { static <!-- →\n x = 1 }", "class A { <!-- é\n static x = 1 }; A.x", "class A { static 🍊 = 1 }"]
    {
        both(source);
    }
}

/// Types of the size of the largest files of packages: in a language without elements, `<` opens none.
#[test]
fn large_files_of_types_are_not_deep() {
    let overload =
        "export const f: { <A, E>(self: A, that: (a: A) => E): Map<A, E>\n <A>(self: A): A } = g(2, (a) => a as any)\n";
    let source = overload.repeat(6_000);
    let code = drupe_transpile::transpile_module(&source, &Options::new(Language::TypeScript)).unwrap().code;
    assert_eq!(code.matches("g(2, (a) => a").count(), 6_000);
}
