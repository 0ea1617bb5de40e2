//! Rules of TypeScript's grammar that the parser does not enforce. Each source is refused by `tsc`, too.

#![allow(clippy::unwrap_used, reason = "tests")]

use drupe_transpile::{Diagnostic, Language, Options, SessionBindings, transpile_in, transpile_module};

use crate::common::script;

fn in_a_chunk(source: &str, language: Language) -> Result<(), Diagnostic> {
    let options = Options::new(language);
    transpile_in(source, &options, &SessionBindings::default()).map(drop)
}

fn in_a_file(source: &str, language: Language) -> Result<(), Diagnostic> {
    transpile_module(source, &Options::new(language)).map(drop)
}

fn refused(table: &[(&str, &str)]) {
    for (source, expected) in table {
        for done in [in_a_chunk(source, Language::TypeScript), in_a_file(source, Language::TypeScript)] {
            assert_eq!(done.map_err(|error| error.to_string()), Err((*expected).to_owned()), "{source}");
        }
    }
}

#[test]
fn decorators_stand_where_they_are_applied() {
    refused(&[
        ("@dec function f() {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec async function f() {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec var x = 1", "1:1: A decorator stands before a class or a member of one"),
        ("@dec let x = 1", "1:1: A decorator stands before a class or a member of one"),
        ("@dec enum E {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec interface I {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec type T = 1", "1:1: A decorator stands before a class or a member of one"),
        ("@dec namespace N {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec if (1) {}", "1:1: A decorator stands before a class or a member of one"),
        ("@a @b function f() {}", "1:1: A decorator stands before a class or a member of one"),
        ("let f = @dec function () {}", "1:9: A decorator stands before a class or a member of one"),
        ("let f = @dec () => 1", "1:9: A decorator stands before a class or a member of one"),
        ("let o = { @dec m() {} }", "1:11: Unexpected token '@': expected the name of a member"),
        (
            "class C { @dec m(): void; m() {} }",
            "1:11: A decorator stands before the implementation of a method, not before a signature",
        ),
        (
            "abstract class C { @dec abstract m(): void }",
            "1:20: A decorator stands before the implementation of a method, not before a signature",
        ),
        ("abstract class C { @dec abstract x: number }", "1:20: A decorator cannot stand before a field that is declared only"),
        (
            "abstract class C { @dec abstract accessor x: number }",
            "1:20: A decorator cannot stand before a field that is declared only",
        ),
        ("class C { @dec declare x: number }", "1:11: A decorator cannot stand before a field that is declared only"),
        ("class C { @dec constructor() {} }", "1:11: A decorator stands before a class or a member of one"),
        ("class C { @dec static {} }", "1:11: A decorator stands before a class or a member of one"),
        ("class C { @dec [k: string]: number }", "1:11: A decorator stands before a class or a member of one"),
        (
            "class C { m(@dec x): void; m(x) {} }",
            "1:13: A decorator stands before a parameter of the implementation, not of a signature",
        ),
        ("class C { get @dec x() { return 1 } }", "1:15: Unexpected token '@': expected the name of a member"),
        ("class C { static @dec x = 1 }", "1:18: Unexpected token '@': expected the name of a member"),
        ("function f(@dec x) {}", "1:12: A decorator stands before a parameter of a class member only"),
        ("let f = (@dec x) => 1", "1:10: A decorator stands before a class or a member of one"),
        ("let f: (@dec x) => void", "1:9: Unexpected token '@': expected a type"),
        ("@x`y` class C {}", "1:1: Put parentheses around the expression of this decorator: @(…)"),
        ("@x?.y class C {}", "1:1: Put parentheses around the expression of this decorator: @(…)"),
        ("@x().y class C {}", "1:1: Put parentheses around the expression of this decorator: @(…)"),
        ("@this.x class C {}", "1:1: Put parentheses around the expression of this decorator: @(…)"),
    ]);
}

#[test]
fn members_of_classes() {
    refused(&[
        ("class C { x! }", "1:12: A field with '!' needs a type: 'name!: Type'"),
        ("class C { static x!: number }", "1:19: A static field has no '!'"),
        ("class C { public public x }", "1:25: Unexpected identifier 'x': expected ';' or a line break after the member"),
        ("class C { public private x }", "1:26: Unexpected identifier 'x': expected ';' or a line break after the member"),
        ("class C { readonly static x }", "1:20: 'static' stands before 'readonly'"),
        ("class C { static private m() {} }", "1:26: Unexpected identifier 'm': expected ';' or a line break after the member"),
        ("class C { async private m() {} }", "1:25: Unexpected identifier 'm': expected '('"),
        ("class C { accessor static x }", "1:20: 'static' stands before 'accessor'"),
        ("class C { accessor m() {} }", "1:20: 'accessor' stands before fields only"),
        ("class C { accessor x?: number }", "1:21: A field with 'accessor' cannot be optional"),
        ("class C { declare get x() { return 1 } }", "1:23: 'declare' cannot stand before a getter or setter"),
        ("class C { declare [k: string]: number }", "1:11: 'declare' cannot stand before an index signature"),
        ("class C { public #x }", "1:11: An accessibility modifier cannot be used with a private identifier"),
        ("class C { private #m() {} }", "1:11: An accessibility modifier cannot be used with a private identifier"),
        ("class C { abstract x }", "1:11: Abstract methods can only appear within an abstract class"),
        ("abstract class C { abstract static x }", "1:29: 'static' and 'abstract' exclude each other"),
        ("abstract class C { private abstract x }", "1:20: 'private' and 'abstract' exclude each other"),
        ("abstract class C { abstract async m() }", "1:29: 'async' and 'abstract' exclude each other"),
        ("abstract class C { abstract *m() }", "1:30: A function without a body cannot be a generator"),
        ("class C { constructor?() {} }", "1:11: A constructor cannot be optional"),
        ("class C { get x(); }", "1:15: A getter or setter needs a body: { … }"),
        ("class C { get x(): number }", "1:15: A getter or setter needs a body: { … }"),
        ("class C { set x(v?) {} }", "1:17: The parameter of a setter cannot be optional"),
        ("class C { set x(v): void {} }", "1:19: A setter returns nothing: it has no type"),
        ("class C { constructor(private this: C) {} }", "1:23: 'this' is no property: leave out the word before it"),
        ("class C { constructor(x?, private y) {} }", "1:35: A required parameter cannot stand behind an optional one"),
    ]);
}

#[test]
fn an_implementation_follows_its_overloads() {
    const MISSING: &str = "The function has no body, and no implementation follows it directly";
    for (source, at) in [
        ("function f(): void\ninterface I {}", "1:10"),
        ("function f(): void\nlet x = 1", "1:10"),
        ("function f(): void;\nfunction g(): void;\nfunction g() {}", "1:10"),
        ("function f(): void\nlet x = 1\nfunction f() {}", "1:10"),
        ("function f(): void\ntype T = 1", "1:10"),
        ("export function f(): void\nlet x = 1", "1:17"),
        ("export default function f(): void\nlet x = 1", "1:25"),
        ("async function f(): Promise<void>\nlet x = 1", "1:16"),
        ("{ function f(): void }", "1:12"),
        ("function g() { function f(): void; return 1 }", "1:25"),
        ("namespace N { function f(): void; const x = 1 }", "1:24"),
        ("namespace N { export function f(): void }", "1:31"),
        ("function f(): void\nnamespace f { export const x = 1 }", "1:10"),
        ("function f(): void", "1:10"),
        ("export function f(): void", "1:17"),
    ] {
        refused(&[(source, &format!("{at}: {MISSING}"))]);
    }
    refused(&[
        ("function f(): void\nfunction g() {}", "2:10: The implementation of 'f' must stand here"),
        ("class C { m(): void }", "1:11: The method has no body, and no implementation follows it directly"),
        ("class C { m(): void; x = 1; m() {} }", "1:11: The method has no body, and no implementation follows it directly"),
        ("class C { #m(): void; x = 1 }", "1:11: The method has no body, and no implementation follows it directly"),
        ("class C { 'a b'(): void }", "1:11: The method has no body, and no implementation follows it directly"),
        ("class C { m(): void; n() {} }", "1:22: The implementation of 'm' must stand here"),
        ("class C { m(): void; static m() {} }", "1:29: All overloads of a method are static, or none is"),
        ("class C { constructor(x: number) }", "1:11: The constructor has no body, and no implementation follows it directly"),
        ("let C = class { m(): void }", "1:17: The method has no body, and no implementation follows it directly"),
    ]);
}

#[test]
fn what_needs_no_body_has_none() {
    for source in [
        "function f(): void; function f(x?: 1) {}",
        "function f(): void;;\nfunction f(x: 1): void\nfunction f(x?: 1) {}",
        "export function f(): void; export function f(x?: 1) {}",
        "export default function f(): void; export default function f(x?: 1) {}",
        "export default function (): void; export default function (x?: 1) {}",
        "declare function f(): void; interface I {}",
        "declare namespace N { function f(): void; let x: 1 }",
        "declare global { function f(): void } export {}",
        "declare class C { m(): void; constructor(); x: 1 }",
        "abstract class C { abstract m(): void; x = 1 }",
        "class C { m?(): void; x = 1 }",
        "class C { m(): void; 'm'(x?: 1) {} constructor(); constructor(x?: 1) {} }",
        "class C { [Symbol.iterator](): any; [Symbol.iterator](x?: any): any {} }",
        "class C { static m(): void; static m(x?: 1) {} }",
        "interface I { m(): void; new (): I }",
    ] {
        for done in [in_a_chunk(source, Language::TypeScript), in_a_file(source, Language::TypeScript)] {
            assert_eq!(done.map_err(|error| error.to_string()), Ok(()), "{source}");
        }
    }
}

#[test]
fn declarations_without_values() {
    refused(&[
        ("declare let x = 1", "1:17: What is declared with 'declare' has no initial value"),
        ("declare const x: number = 1", "1:27: What is declared with 'declare' has no initial value"),
        ("declare function f(x = 1): void", "1:20: A parameter of a function without a body has no default"),
        ("declare function* f(): any", "1:19: A function without a body cannot be a generator"),
        ("declare class C { x = 1 }", "1:23: What is declared with 'declare' has no initial value"),
        ("declare class C { readonly x = f() }", "1:32: What is declared with 'declare' has no initial value"),
        ("declare class C { async m() }", "1:25: A function without a body cannot be async"),
        ("declare class C { accessor x = 1 }", "1:32: What is declared with 'declare' has no initial value"),
        ("declare namespace N { let x = 1 }", "1:31: What is declared with 'declare' has no initial value"),
        ("declare namespace N { x = 1 }", "1:23: Only declarations can stand inside of 'declare'"),
        ("declare namespace N { class C { x = 1 } }", "1:37: What is declared with 'declare' has no initial value"),
        ("declare module 'x' { x() }", "1:22: Only declarations can stand inside of 'declare'"),
        ("module 'x' {}", "1:8: A module with a quoted name is declared: 'declare module \"name\"'"),
        ("namespace N { await 1 }", "1:15: 'await' cannot stand in a namespace outside of an async function"),
        ("namespace N { return 1 }", "1:15: 'return' outside of a function"),
        ("namespace N { { return 1 } }", "1:17: 'return' outside of a function"),
        ("function f() { namespace N {} }", "1:16: A namespace stands at the top level, or in another namespace"),
        ("if (1) { namespace N {} }", "1:10: A namespace stands at the top level, or in another namespace"),
        ("function f() { declare let x }", "1:16: 'declare' stands at the top level, or in a namespace"),
        ("function f() { declare class C {} }", "1:16: 'declare' stands at the top level, or in a namespace"),
    ]);
}

#[test]
fn parameters_types_and_expressions() {
    refused(&[
        ("const x!: number = 1", "1:8: A variable with '!' has no initial value: leave out the '!'"),
        ("let x!: number = 1", "1:6: A variable with '!' has no initial value: leave out the '!'"),
        ("let x!", "1:6: A variable with '!' needs a type: 'let name!: Type'"),
        ("for (let x! of y) {}", "1:11: A variable with '!' needs a type: 'let name!: Type'"),
        ("abstract interface I {}", "1:1: 'abstract' stands before classes and their members"),
        ("let o = { set x(v): void {} }", "1:19: A setter returns nothing: it has no type"),
        ("function f(x?, y) {}", "1:16: A required parameter cannot stand behind an optional one"),
        ("let f = (x? = 1) => 1", "1:10: A parameter with a default is optional already: leave out the '?'"),
        ("let f = (x?, y) => 1", "1:14: A required parameter cannot stand behind an optional one"),
        ("(x as number) => x", "1:2: A cast cannot be a parameter: write 'name: Type'"),
        ("function f(...this) {}", "1:12: 'this' cannot be a rest parameter"),
        ("function* f(); function f() {}", "1:11: A function without a body cannot be a generator"),
        ("interface I { [k: string] }", "1:15: An index signature needs a type: [key: string]: Type"),
        ("interface I extends {}", "1:13: 'extends' needs a name after it"),
        ("interface I extends A, {}", "1:22: Unexpected token ',': the list ends here"),
        ("class C implements {}", "1:9: 'implements' needs a name after it"),
        ("class C extends A implements {}", "1:19: 'implements' needs a name after it"),
        ("class C implements A, {}", "1:21: Unexpected token ',': the list ends here"),
        ("function f<>() {}", "1:11: A list of type parameters cannot be empty"),
        ("class C<> {}", "1:8: A list of type parameters cannot be empty"),
        ("f<>()", "1:2: A list of type arguments cannot be empty"),
        ("new f<>()", "1:6: A list of type arguments cannot be empty"),
        ("let x: unique number", "1:15: Only a symbol is unique: 'unique symbol'"),
        ("let x: readonly number", "1:17: 'readonly' stands before types of arrays and tuples: readonly Type[]"),
        ("try {} catch (e: number) {}", "1:16: The type of a caught value is 'any' or 'unknown'"),
        ("x as number = 1", "1:1: Put parentheses around what is assigned to: (value as Type) = …"),
        ("x satisfies number = 1", "1:1: Put parentheses around what is assigned to: (value as Type) = …"),
        ("f<number>.x", "1:1: No property can follow type arguments: put parentheses around them"),
        ("new f<number>.x", "1:5: No property can follow type arguments: put parentheses around them"),
        ("<number>x ** 2", "1:1: The left side of '**' needs parentheses: (<Type>x) ** y"),
        ("import type x = y", "1:1: An alias of a name cannot be 'import type': write 'type A = B', or 'import A = B'"),
        ("let o = { public x: 1 }", "1:11: Unexpected 'public' before a member of an object"),
    ]);
}

#[test]
fn imports_and_exports_are_whole() {
    for (source, expected) in [
        ("import fs, from 'fs'", "1:10: Unexpected token ',': expected '{' or '*' after it"),
        ("import x from 'x' with {a}", "1:25: An import attribute is a name and a string: with { type: 'json' }"),
        ("import source x from 'x'", "1:1: 'import source' is not supported"),
        (
            "export default enum E {}",
            "1:8: This declaration cannot be the default export: declare it, then write 'export default' and its name",
        ),
        ("@dec import x from 'x'", "1:1: A decorator stands before a class or a member of one"),
        ("@dec export {}", "1:1: A decorator stands before a class or a member of one"),
        ("@dec export function f() {}", "1:1: A decorator stands before a class or a member of one"),
        ("export @dec function f() {}", "1:8: A decorator stands before a class or a member of one"),
        ("export default @dec function f() {}", "1:16: A decorator stands before a class or a member of one"),
        ("@dec export const x = 1", "1:1: A decorator stands before a class or a member of one"),
    ] {
        let error = in_a_file(source, Language::TypeScript).unwrap_err().to_string();
        assert_eq!(error, expected, "{source}");
    }
    assert!(in_a_chunk("import fs, from 'fs'", Language::Auto).is_err());
}

/// The neighbours of what is refused.
#[test]
fn what_is_well_formed_stays_accepted() {
    for source in [
        "@dec class C {}",
        "@dec abstract class C {}",
        "@(x[y]) @x! @a.b.c<T>() class C {}",
        "let f = @dec class {}",
        "class C { @dec get x() { return 1 } @dec set x(v) {} @dec #y = 1; @dec accessor z; @dec static m() {} }",
        "let x!: number",
        "class C { x!: number; readonly y = 1; static z; declare w: string; declare readonly v: 1; private static readonly u = 1 }",
        "class C extends B { public static override async m() {} protected override readonly x = 1 }",
        "abstract class C { abstract m(): void; protected abstract readonly x: number; abstract get y(): number }",
        "class C { readonly; static; declare; abstract; async; accessor; get; set }",
        "class C { 'static' = 1; static static = 1; async async() {} get get() { return 1 } static async *[x]() {} }",
        "class C { m(): void; m(x?: number): void; m(x?: number) {} constructor(); constructor(private x = 1, readonly y?: number) {} }",
        "function f(this: C, x: number, y?: number, z = 1, ...r: number[]) {}",
        "function f(x = 1, y) {}",
        "declare const x = 1, y = -1, z = 'a'",
        "declare class C { readonly x = 1; m(): void; get y(): number; constructor(x?: number) }",
        "declare namespace N { let x: number; function f(): void; namespace M { class C {} } export { x } }",
        "declare global { var x: number }",
        "declare module 'x' { export default function f(): void; import y from 'y' }",
        "namespace N { export async function f() { await 1; return 2 } const g = () => { return 1 } }",
        "interface I<T = {}> extends A<T>, B { [k: string]: T; readonly x: number; (): void; new (): I<T> }",
        "let x: unique symbol, y: readonly string[], z: readonly [number]",
        "try {} catch (e: unknown) {} try {} catch (e: any) {} try {} catch {}",
        "(x as number) = 1; x! = 1; (<number>x) ** 2; (f<number>).name",
        "let o = { public: 1, readonly() {}, async, get, set, static: 2, declare() {} }",
        "let o = {\n  // a comment\n  a: 1, /* another */ b() {},\n}",
    ] {
        for language in [Language::TypeScript, Language::Auto] {
            let done = in_a_chunk(source, language);
            assert!(done.is_ok(), "{source}: {done:?}");
        }
        let done = in_a_file(source, Language::TypeScript);
        assert!(done.is_ok(), "{source}: {done:?}");
    }
}

/// Code that is JavaScript alone is V8's to judge.
#[test]
fn what_types_forbid_is_no_error_in_javascript() {
    assert!(in_a_file("class C { set x(v = 1) {} }; a < b > .5", Language::JavaScript).is_ok());
    assert!(in_a_chunk("a < b > .5", Language::Auto).is_ok());
}

#[test]
fn what_is_awaited_at_the_top_level_may_stand_in_the_next_line() {
    for source in ["const x: number =\n  await // a comment\n  f()", "await\n[1]", "await\nf()"] {
        let made = script(source).code;
        assert_eq!(made.replace(": number", "        "), source.replace(": number", "        "));
        let file = format!("import 'a';\n{source}");
        assert!(drupe_transpile::transpile_module(&file, &drupe_transpile::Options::default()).unwrap().is_module, "{source}");
    }
}
