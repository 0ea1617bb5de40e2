//! Types are blanked in place: nothing else moves, and no statement runs into the next.

use crate::common::{script, show};
use expect_test::{Expect, expect};

fn check(source: &str, expected: Expect) {
    let emitted = show(source);
    assert_eq!(source.encode_utf16().count(), emitted.encode_utf16().count(), "the length changed: {emitted:?}");
    assert!(script(source).source_map.is_none());
    // Marks at both ends of each line make the blanks there visible.
    expected.assert_eq(&emitted.split('\n').map(|line| format!("¦{line}¦")).collect::<Vec<_>>().join("\n"));
}

#[test]
fn plain_javascript_is_borrowed() {
    for source in
        ["1+1", "with (a) { b }; 010", "await x; for await (const y of z);", "delete x; yield = 3", "<!-- c\n1\n--> d", "#!x\n1"]
    {
        let script = script(source);
        assert!(matches!(script.code, std::borrow::Cow::Borrowed(_)), "{source}");
        assert!(script.source_map.is_none());
    }
}

#[test]
fn annotations() {
    check("let x: number = 1", expect!["¦let x         = 1¦"]);
    check(
        "function f<T>(this: Foo, a: string, { b }?: { b: T }, [c]?: any, ...d: T[]): asserts a is string {}",
        expect!["¦function f   (           a        , { b }           , [c]      , ...d     )                      {}¦"],
    );
    check("let d!: string, e = a!.b!, g = f<string>(1)", expect!["¦let d         , e = a .b , g = f        (1)¦"]);
    check("try {} catch (e: unknown) {}", expect!["¦try {} catch (e         ) {}¦"]);
    check("const f = async <T,>(x?: T): Promise<T> => x", expect!["¦const f = async     (x    )             => x¦"]);
    check(
        "({ m<T>(x?: T): void {}, get a(): number { return 1 }, set a(v: number) {} })",
        expect!["¦({ m   (x    )       {}, get a()         { return 1 }, set a(v        ) {} })¦"],
    );
    check("for (const x of y as string[]) {}", expect!["¦for (const x of y            ) {}¦"]);
    check("x! = 1; x!.y!++; a![0]!()", expect!["¦x  = 1; x .y ++; a [0] ()¦"]);
    check(
        "f<string>`x`; new Map<string, number>(); new Foo<T>; a?.b<string>(1); a?.<T>()",
        expect!["¦f        `x`; new Map                (); new Foo   ; a?.b        (1); a?.   ()¦"],
    );
    check(
        "let v = (a as any)!.b satisfies C, w = <string>q, z = [] as const",
        expect!["¦let v = (a       ) .b            , w =         q, z = []         ¦"],
    );
}

#[test]
fn utf16_columns_hold() {
    check("let x: '𝒳é' = '𝒳'; /*𝒳*/ let y: /*é*/ T = 2", expect!["¦let x        = '𝒳'; /*𝒳*/ let y          = 2¦"]);
}

#[test]
fn declarations_without_a_trace() {
    check(
        "interface A { x: number }\ntype B = {\n  y: A\n}\ndeclare const c: B;\ndeclare function d(): void\ndeclare class E {}\n1",
        expect![[r#"
            ¦                         ¦
            ¦          ¦
            ¦      ¦
            ¦ ¦
            ¦                   ¦
            ¦                          ¦
            ¦                  ¦
            ¦1¦"#]],
    );
    check(
        "declare global { interface Window {} }\ndeclare module 'x' { export const a: number }\nnamespace T { export type A = 1 }",
        expect![[r#"
            ¦                                      ¦
            ¦                                             ¦
            ¦                                 ¦"#]],
    );
    check(
        "function f(a: string): void;\nfunction f(a: number): void\nfunction f(a) {}",
        expect![[r#"
            ¦                            ¦
            ¦                           ¦
            ¦function f(a) {}¦"#]],
    );
    check(
        "import type { A } from 'a'\nimport { type B } from 'b'\nexport type { C } from 'c'\nexport interface D {}",
        expect![[r#"
            ¦                          ¦
            ¦                          ¦
            ¦                          ¦
            ¦                     ¦"#]],
    );
    check(
        "interface A {}\n'use strict'",
        expect![[r#"
            ¦;             ¦
            ¦'use strict'¦"#]],
    );
}

#[test]
fn classes() {
    check(
        "abstract class A<T> extends B<T> implements C, D<E> { private readonly x: number = 1; static override async m?(a?: string): Promise<void> {} }",
        expect![
            "¦         class A    extends B                       {                  x         = 1; static          async m (a         )                {} }¦"
        ],
    );
    check(
        "class A implements I {}; const b = class implements I {}; const c = class<T> implements I {}",
        expect!["¦class A              {}; const b = class              {}; const c = class                 {}¦"],
    );
    check(
        "class A { constructor(a: string); constructor(a: any) {} #p?: string; readonly #q: number = 1; w!: T }",
        expect!["¦class A {                         constructor(a     ) {} #p         ;          #q         = 1; w     }¦"],
    );
    check(
        "abstract class A { abstract q(): void; declare r: string; abstract s: T; [key: string]: any; static { let x: T } }",
        expect![
            "¦         class A {                                                                           static { let x    } }¦"
        ],
    );
}

#[test]
fn fields_stay_apart() {
    check(
        "class A {\n x: T = 1\n public ['z'] = 2\n get: number\n foo() {}\n y = 1\n declare z\n *g() {}\n}",
        expect![[r#"
            ¦class A {¦
            ¦ x    = 1¦
            ¦ ;      ['z'] = 2¦
            ¦ get;       ¦
            ¦ foo() {}¦
            ¦ y = 1¦
            ¦ ;        ¦
            ¦ *g() {}¦
            ¦}¦"#]],
    );
    check(
        "class A {\n x = 1;\n [key: string]: any\n ['z'] = 2\n static: T\n async: T\n b() {}\n}",
        expect![[r#"
            ¦class A {¦
            ¦ x = 1;¦
            ¦                   ¦
            ¦ ['z'] = 2¦
            ¦ static;  ¦
            ¦ async;  ¦
            ¦ b() {}¦
            ¦}¦"#]],
    );
}

#[test]
fn statements_stay_apart() {
    check(
        "let x: T\n(foo)",
        expect![[r#"
            ¦let x   ¦
            ¦(foo)¦"#]],
    );
    check(
        "let x = y as T\n(foo)",
        expect![[r#"
            ¦let x = y ;   ¦
            ¦(foo)¦"#]],
    );
    check(
        "x = y satisfies T\n[1].length",
        expect![[r#"
            ¦x = y ;          ¦
            ¦[1].length¦"#]],
    );
    check(
        "x\ntype A = 1\n(foo)",
        expect![[r#"
            ¦x¦
            ¦;         ¦
            ¦(foo)¦"#]],
    );
    check(
        "x;\ntype A = 1\n(foo)",
        expect![[r#"
            ¦x;¦
            ¦          ¦
            ¦(foo)¦"#]],
    );
    check("if (x) interface; else y", expect!["¦if (x) interface; else y¦"]);
}

#[test]
fn arrows_across_lines() {
    check(
        "const f = (a): {\n  b: T\n} => a",
        expect![[r#"
            ¦const f = (a    ¦
            ¦      ¦
            ¦) => a¦"#]],
    );
    check(
        "const f = async <\n  T\n>(x: T): Promise<\n  T> => x",
        expect![[r#"
            ¦const f = async (¦
            ¦   ¦
            ¦  x              ¦
            ¦   ) => x¦"#]],
    );
    check(
        "const f = () => { return <\n  T\n>(x: T) => x }",
        expect![[r#"
            ¦const f = () => { return (¦
            ¦   ¦
            ¦  x   ) => x }¦"#]],
    );
}

/// Here the line grows by a parenthesis, and a source map tells.
#[test]
fn assertions_that_need_parentheses() {
    assert_eq!(show("let f = () => <any>{a: 1}"), "let f = () => (    {a: 1})");
    assert_eq!(show("<any>function () {}.name"), "(    function () {}.name)");
    assert_eq!(show("function f() { return <\nany\n>x }"), "function f() { return (\n   \n x) }");
    assert!(script("<any>{}").source_map.is_some());
}

#[test]
fn attributes_of_import_types_go_by_both_words() {
    for word in ["with", "assert"] {
        let source = format!("let x: import('a', {{ {word}: {{ 'resolution-mode': 'import' }} }}).T = 1");
        assert_eq!(script(&source).code.split_whitespace().collect::<Vec<_>>(), ["let", "x", "=", "1"], "{source}");
    }
}
