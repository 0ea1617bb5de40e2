//! One style, the same program, every comment.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use drupe_transpile::{Options, format};
use proptest::prelude::*;

fn of(source: &str) -> String {
    format(source, &Options::default()).unwrap()
}

#[test]
fn chunks_in_one_style() {
    let cases = [
        ("", ""),
        ("1+1", "1 + 1;\n"),
        ("a;b", "a;\nb;\n"),
        ("let x:number=1,y=`a${ x }`;", "let x: number = 1, y = `a${x}`;\n"),
        ("{a:1,b}", "{\n  a: 1,\n  b\n}\n"),
        ("{ f() }", "{\n  f();\n}\n"),
        ("if(a){b()}else c()", "if (a) {\n  b();\n} else c();\n"),
        ("const s='it',t=\"x\",n=0xFF,r=/a\\/b/g", "const s = 'it', t = \"x\", n = 0xFF, r = /a\\/b/g;\n"),
        ("function f<T>(a:T){return a}", "function f<T>(a: T) {\n  return a;\n}\n"),
        ("interface A{b:string}", "interface A {\n  b: string;\n}\n"),
        ("const e=<a b={1}>c</a>", "const e = <a b={1}>c</a>;\n"),
        ("await f(x=>x*2)", "await f((x)=>x * 2);\n"),
        ("a\n\n\n\nb\nc", "a;\n\nb;\nc;\n"),
        ("#!/bin/x\na", "#!/bin/x\na;\n"),
        // Comments between, behind and in statements.
        ("// one\nlet a=1 // two\n\n/* three */ f(a)\n// four", "// one\nlet a = 1; // two\n\n/* three */ f(a);\n// four\n"),
        (
            "/**\n * Doc.\n */\nfunction f(){\n// in\nreturn 1 // end\n}",
            "/**\n * Doc.\n */\nfunction f() {\n  // in\n  return 1; // end\n}\n",
        ),
        ("// only", "// only\n"),
    ];
    for (source, expected) in cases {
        assert_eq!(of(source), expected, "{source:?}");
        assert_eq!(of(expected), expected, "the formatted text changes once more");
    }
    // A script reads a brace as a block.
    let mut script = Options::default();
    script.brace_is_block = true;
    assert_eq!(format("{a:1}", &script).unwrap(), "{\n  a: 1;\n}\n");
}

#[test]
fn what_is_no_program_is_no_text() {
    for source in ["f(", "a b", "'abc", "1 = 2"] {
        assert!(format(source, &Options::default()).is_err(), "{source:?}");
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    let pieces = [
        "let a=1",
        "const {b,...c}=d",
        "f(x=>({y:x}))",
        "if(a)b;else{c}",
        "for(const x of y){z}",
        "class A<T> extends B{#p=1;m(a?:T){}static{q}}",
        "function* g(){yield*h}",
        "async()=>{await 0}",
        "type X={a:1}|null",
        "enum E{A=1,B}",
        "a?.b!.c??d",
        "x=`${y}\n`",
        "(a,b)",
        "-(-a)",
        "a+ +b",
        "({}).x",
        "{p:1}",
        "(function(){})()",
        "switch(a){case 1:b;break;default:}",
        "try{a}catch{b}finally{c}",
        "label:for(;;)break label",
        "/re/g.test(a)",
        "new (a())()",
        "(a??b)||c",
        "'use strict'",
        "@d class D{@e f=1}",
        "<a {...b}>{c} d</a>",
        "a as any as T",
        "do x();while(y)",
        "export const z=1",
        "import k from'k'",
        "0.5.toFixed()",
        "1..x",
        "delete a[b]",
        "async function f(this:T){}",
        "var \\u0061b",
    ];
    prop::sample::select(pieces.to_vec())
}

fn gap() -> impl Strategy<Value = &'static str> {
    let gaps = ["\n", ";\n", "\n\n\n", " // l\n", "\n/* b */\n", "\n/* c */ ", " /* d\n   e */\n", ";", "\n// m\n\n"];
    prop::sample::select(gaps.to_vec())
}

/// Comments and strings of letters, in order.
fn comments(text: &str) -> Vec<&str> {
    ["// l", "/* b */", "/* c */", "/* d", "e */", "// m"]
        .into_iter()
        .flat_map(|comment| text.match_indices(comment))
        .map(|(_, found)| found)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_meaning_and_comments(parts in prop::collection::vec((piece(), gap()), 1..8)) {
        let source: String = parts.iter().flat_map(|(piece, gap)| [*piece, *gap]).collect();
        if let Ok(formatted) = format(&source, &Options::default()) {
            prop_assert_eq!(comments(&formatted), comments(&source));
            let code = |text: &str| drupe_transpile::transpile(text, &Options::default()).map(|script| (script.bindings.clone(), script.ends_in_expression)).ok();
            prop_assert_eq!(code(&formatted), code(&source));
            prop_assert_eq!(format(&formatted, &Options::default()).unwrap(), formatted);
        }
    }
}
