//! Object literal or block: decided by parsing.

use crate::common::{script, show};
use expect_test::expect;

#[test]
fn objects() {
    expect!["({})"].assert_eq(&show("{}"));
    expect!["({foo:'bar'})"].assert_eq(&show("{foo:'bar'}"));
    expect!["({a:1}.a)"].assert_eq(&show("{a:1}.a"));
    expect![[r#"
        ({a:1})
    "#]]
    .assert_eq(&show("{a:1}\n"));
    expect![[r#"
        /* c */ // d
        ({a:         1, b: x     }) // e"#]]
    .assert_eq(&show("/* c */ // d\n {a: <string>1, b: x as T} // e"));
    expect!["({ a, async *b() {}, ...c })"].assert_eq(&show("{ a, async *b() {}, ...c }"));
    expect!["({ a: await b })"].assert_eq(&show("{ a: await b }"));
    expect![[r#"
        ({
            a: React.createElement("b", null)
        });
    "#]]
    .assert_eq(&show("{ a: <b/> }"));
    expect!["({a:1}, {b:2})"].assert_eq(&show("{a:1}, {b:2}"));
}

#[test]
fn blocks() {
    for source in [
        "{};",
        "{let x=12}",
        "{ a = 1 }",
        "{ f() ; g() }",
        "{ f() }",
        "{ f(a, b)\n}",
        "{ { f() } }",
        "{ f(g()) }",
        "{a:1};",
        "{}{}",
        "{}\nfoo(1)",
        "{a:1}) + ({b:2}",
    ] {
        let shown = show(source);
        assert!(shown == source || shown.contains("xpected"), "{source}: {shown}");
    }
    assert!(script("{}").ends_in_expression);
    assert!(!script("{};").ends_in_expression);
}

#[test]
fn declarations_are_not_expressions() {
    for source in ["function f(){}", "class K{}", "async function g(){}"] {
        assert_eq!(script(source).code, source);
        assert!(!script(source).ends_in_expression);
    }
}

#[test]
fn nothing_else() {
    expect![[r#"
        1:6: Unexpected token '.'
        1 | {a:1}.a;
          |      ^"#]]
    .assert_eq(&show("{a:1}.a;"));
    expect![[r#"
        1:9: Unexpected token '}'
        1 | {a:1, b}}
          |         ^"#]]
    .assert_eq(&show("{a:1, b}}"));
}
