//! TypeScript of projects, as it runs: decorators, fields that are assigned, imports that are types, `paths`.

use super::Project;

const LEGACY: &str = r#"{ "compilerOptions": { "experimentalDecorators": true } }"#;
const ASSIGNED: &str = r#"{ "compilerOptions": { "useDefineForClassFields": false } }"#;

#[test]
fn an_error_in_a_decorator_is_where_it_stands() {
    let project = Project::new("decorator-places");
    let sources = [
        ("class.ts", "function ok(...all: any[]): any {}\n@ok\n@missing\nclass A { x = 1 }", "class.ts:3:2"),
        ("call.ts", "function ok(...all: any[]): any {}\nclass A {\n  @ok x = 1;\n  @ok\n  @missing() y = 2 }", "call.ts:5:4"),
        ("member.ts", "const o: any = {};\nexport class A {\n  @o.missing.d m() {} }", "member.ts:3:14"),
        ("value.ts", "const A = (\n  @missing\n  class {});", "value.ts:2:4"),
    ];
    for settings in ["{}", LEGACY] {
        project.write("tsconfig.json", settings);
        for (file, source, place) in sources {
            project.write(file, source);
            project.fails(&[file], &[place]);
        }
    }
    project.write("parameter.ts", "class A {\n  m(\n    @missing.x p: number) {} }");
    project.fails(&["parameter.ts"], &["parameter.ts:3:6"]);
}

#[test]
fn decorated_anonymous_classes_have_the_names_that_javascript_gives_them() {
    let project = Project::new("decorated-names");
    let source = "const d = (value: any, context: any) => { if (context?.kind) said.push(context.name) };
        const said: any[] = [], s = Symbol('s'), i = (value: any) => value;
        const A = @d class { static n = this.name }; let B: any; B ??= (@d class {}) as any;
        const o: any = { k: @d class {}, 'a-b': @d class {}, [s]: @d class {}, ['x' + 1]: @d class {} };
        const { P = @d class {} } = {} as any, [Q = @d class {}] = [] as any;
        function f(p: any = @d class {}) { return p.name }
        class C { static f = @d class {}; static #p = @d class {}; static p() { return this.#p.name } }
        const unnamed = i(@d class {}), own = @d class { static name = 'own' }, E = @d class D {};
        const member: any = class { @d m() {} };
        export default @d class {}
        const all = [A, B, o.k, o['a-b'], o[s], o.x1, P, Q, C.f, unnamed, own, E, member].map(c => c.name);
        import('./names.ts').then(self => console.log(JSON.stringify([...all, f(), C.p(), self.default.name]), said.length))";
    project.write("names.ts", source);
    let names = r##"["A","B","k","a-b","[s]","x1","P","Q","f","","own","D","member","p","#p","default"]"##;
    project.prints(&["names.ts"], &format!("{names} 16\n"));
    project.write("tsconfig.json", LEGACY);
    project.prints(&["names.ts"], &format!("{names} 0\n"));
    // A chunk, too.
    project.prints(&["-p", "const d: any = () => {}; const A = @d class { m() { return A } }; A.name"], "A\n");
}

#[test]
fn computed_names_are_evaluated_in_their_order_and_as_often_as_their_class() {
    let project = Project::new("computed-names");
    let source = "let n = 0; const k = (key = 'k') => key + n++, of = (all: any[]) => JSON.stringify(all.map(c => new c()));
        const loop: any[] = []; for (let i = 0; i < 2; i++) loop.push(class { [k()] = i });
        n = 0; const either: any[] = []; for (let i = 0; i < 2; i++) if (i) either.push(class { [k()] = i }); else either.push(class { [k()] = i });
        n = 0; const f = (x: any = class { [k()] = 1 }) => x, parameter = [f(), f()];
        n = 0; class O { i: any = class { [k()] = 1 } } const field = [new O().i, new O().i];
        n = 0; const heads: any[] = []; for (let C: any = class { [k()] = 1 }; heads.length < 3; C = class { [k()] = 2 }) heads.push(C);
        n = 0; const g = () => class { [k()] = 1 }, arrow = [g(), g()];
        n = 0; const cases = [0, 1, 0].map((x: number): any => { switch (x) { case 0: return class { [k()] = 0 }; default: return class { [k()] = 1 } } });
        console.log(of(loop), of(either), of(parameter), of(field), of(heads), of(arrow), of(cases), parameter[0].name, field[0].name)";
    project.write("names.ts", source);
    let twice = r#"[{"k0":1},{"k1":1}]"#;
    let expected = format!(
        r#"[{{"k0":0}},{{"k1":1}}] [{{"k0":0}},{{"k1":1}}] {twice} {twice} [{{"k0":1}},{{"k1":2}},{{"k2":2}}] {twice} [{{"k0":0}},{{"k1":1}},{{"k2":0}}] x i"#
    );
    for settings in ["{}", ASSIGNED] {
        project.write("tsconfig.json", settings);
        project.prints(&["names.ts"], &format!("{expected}\n"));
    }
    project.write("tsconfig.json", LEGACY);
    let decorated = "let n = 0; const k = () => 'k' + n++, d: any = () => {};
        class A { @d [k()] = 1; [k()] = 2; @d [k()]() {} } console.log(Object.keys(new A()), 'k2' in A.prototype);
        const none = false && class { @d [k()] = 1 }; console.log(n)";
    project.write("decorated.ts", decorated);
    project.prints(&["decorated.ts"], "[ 'k0', 'k1' ] true\n3\n");
}

#[test]
fn imports_of_types_leave_nothing_behind() {
    let project = Project::new("type-imports");
    project.write("a.ts", "export type T = 1; export const A = 42; console.log('a')");
    for (source, expected) in [
        ("import { T } from './a.ts'; const f = (T: number) => T; console.log(f(1))", "1"),
        ("import { T } from './a.ts'; { const T = 1; console.log(T) }", "1"),
        ("import { T } from './a.ts'; console.log([1].map(function T(x) { return x })[0])", "1"),
        ("import { T } from './a.ts'; const T = 1; console.log(T)", "1"),
        ("import { T } from './a.ts'; enum T { x = 1 } console.log(T.x)", "1"),
        ("import { A } from './a.ts'; import { A } from './a.ts'; console.log(A)", "a\n42"),
        ("import { A } from './a.ts'; const f = (A: number) => A; console.log(f(A))", "a\n42"),
        ("import { A as B, T } from './a.ts'; { const T = B; console.log(T) }", "a\n42"),
    ] {
        project.write("main.ts", source);
        project.prints(&["main.ts"], &format!("{expected}\n"));
    }
    project.write("a.cjs", "console.log('a'); exports.x = 1");
    project.write("main.cts", "import a = require('./a.cjs'); import b = require('./a.cjs'); let x: a.X; console.log(b.x)");
    project.prints(&["main.cts"], "a\n1\n");
    project.write("type.cts", "import a = require('./a.cjs'); const f = (a: number) => a; console.log(f(1))");
    project.prints(&["type.cts"], "1\n");
}

#[test]
fn paths_may_begin_as_imports_of_a_package_do() {
    let project = Project::new("hash-paths");
    project.write("tsconfig.json", r##"{ "compilerOptions": { "paths": { "#lib/*": ["./src/*"], "#none": ["./none.ts"] } } }"##);
    project.write("package.json", r##"{ "type": "module", "imports": { "#lib/b": "./other.js", "#own": "./other.js" } }"##);
    project.write("src/a.ts", "export const from = 'paths'");
    project.write("other.js", "export const from = 'imports'");
    project.write("main.ts", "for (const name of ['#lib/a', '#lib/b', '#own']) console.log((await import(name)).from)");
    project.prints(&["main.ts"], "paths\nimports\nimports\n");
    // The paths of the project come first.
    project.write("src/b.ts", "export const from = 'paths'");
    project.prints(&["main.ts"], "paths\npaths\nimports\n");
    project.write("none.js", "import '#lib/a'");
    project.fails(&["none.js"], &["#lib/a", "package.json"]);
    project.write("missing.ts", "import '#none'");
    project.fails(&["missing.ts"], &["\"#none\" is not defined", "package.json", "none.ts"]);
}

#[test]
fn types_are_exported_again_without_saying_that_they_are_types() {
    let project = Project::new("exported-types");
    project.write(
        "lib/types.ts",
        "export interface Shape { x: number } export type Fn = () => void; export default interface D { y: 1 } export const real = 1;",
    );
    project.write(
        "lib/two.ts",
        "export { Shape, real } from './types'; export { default as D2 } from './types'; export const val = 7",
    );
    project.write(
        "lib/three.ts",
        "import D, { Fn, real as r } from './types'; export { Fn, D, r }; export default Fn; export { Shape as S2 } from './two';
         export * as ns from './types'; export * from './two'",
    );
    project.write("lib/four.ts", "export { Fn, S2, Shape as S3, val, r } from './three'; export * from './types'");
    // Each has all of the other.
    project.write("lib/circle.ts", "export * from './round'; export { Shape as C } from './types'");
    project
        .write("lib/round.ts", "export * from './circle'; export { C as R } from './circle'; export { R as Q } from './round'");
    project.write(
        "main.ts",
        "import { val, Shape, Fn, S2, S3, r } from './lib/four'; import * as four from './lib/four'; import * as three from './lib/three';
         import { Q } from './lib/round';
         const s: Shape & Q = { x: 1 }; console.log(val, r, Object.keys(four).join(), Object.keys(three).join(), s.x)",
    );
    for manifest in [None, Some("{}"), Some(r#"{ "type": "module" }"#), Some(r#"{ "type": "commonjs" }"#)] {
        manifest.into_iter().for_each(|text| project.write("package.json", text));
        project.prints(&["main.ts"], "7 1 r,real,val ns,r,real,val 1\n");
        project.prints(&["-p", "Object.keys(require('./lib/four')).join()"], "r,real,val\n");
        project.prints(&["-p", "import { val, Shape } from './lib/two.ts'; val"], "7\n");
    }
    project.write("lib/old.cts", "export interface Shape { x: number } export const real = 1;");
    project.write("lib/old2.cts", "export { Shape, real } from './old.cts'; export const v = 1");
    project.write("lib/new.mts", "export { Shape, v } from './old2.cts'");
    project.prints(&["-p", "Object.keys(require('./lib/old2.cts')).join()"], "real,v\n");
    project.prints(&["-p", "import * as all from './lib/new.mts'; Object.keys(all).join()"], "v\n");
}

#[test]
fn types_that_declarations_beside_javascript_have_are_exported_again() {
    let project = Project::new("declared-types");
    project.write("package.json", r#"{ "type": "module" }"#);
    project.write(
        "lib.js",
        "export const v = 1; export class K {} export default function f() { return 2 } export var N = { x: 1 }",
    );
    project.write(
        "lib.d.ts",
        "export declare const v: number; export declare class K {} export interface I { a: 1 } type T = 1; export { T };
         declare const f: () => number; export default f; export declare namespace N { const x: 1 }
         export * from './more.js'; export { Only } from './only'",
    );
    project.write("more.mjs", "export const m = 1");
    project.write("more.d.ts", "export interface More { m: 1 } export { Only as Again } from './only.js'");
    project.write("only.d.ts", "export interface Only { o: 1 } export default interface D {}");
    project.write(
        "two.ts",
        "export { v, I, T, More, N } from './lib.js'; import f, { K, Only } from './lib.js'; export { f, K, Only };
         import D, { Only as O } from './only'; export { D, O }",
    );
    project.write("main.ts", "import * as two from './two.ts'; import { I, f } from './two.ts'; const i: I = { a: 1 }; console.log(Object.keys(two).join(), f(), i.a)");
    project.prints(&["main.ts"], "K,N,f,v 2 1\n");
    project.prints(&["-p", "import { v, I } from './two.ts'; const i: I = { a: 1 }; v + i.a"], "2\n");
    project.write("old.cjs", "exports.c = 1; exports.f = () => 3; exports.A = class {}");
    // As people write them.
    project.write(
        "old.d.cts",
        "export const c: number; export function f(a: C): void; export class A { m(): void } export interface C {}",
    );
    // Some write one file of declarations for all endings.
    project.write("both.mjs", "export const b = 4");
    project.write("both.d.ts", "export declare const b: number; export interface B { b: 1 }");
    project.write("four.ts", "export { b, B } from './both.mjs'");
    project.prints(&["-p", "import * as four from './four.ts'; Object.keys(four).join()"], "b\n");
    project.write("three.cts", "export { c, f, A, C } from './old.cjs'");
    project.prints(&["-p", "Object.keys(require('./three.cts')).join()"], "c,f,A\n");
    // What the declarations say to be a value must be one.
    project.write("wrong.ts", "export { I, w } from './wrong.js'");
    project.write("wrong.js", "export {}");
    project.write("wrong.d.ts", "export interface I {} export declare const w: number");
    project.fails(&["wrong.ts"], &["'w'", "wrong.ts:1:13"]);
}

#[test]
fn an_export_of_nothing_is_an_error() {
    let project = Project::new("exported-nothing");
    project.write("types.ts", "export interface Shape { x: number } export const val = 1");
    project.write("bad.ts", "export { Nope } from './types'");
    project.write("value.ts", "const Shape = 1; export { Shape }; export * from './types'");
    project.write("good.ts", "export { Shape } from './value'");
    project.fails(&["bad.ts"], &["bad.ts:1:10", "does not provide an export named 'Nope'\n"]);
    project.prints(&["-p", "import { Shape } from './good.ts'; Shape"], "1\n");
    // Names are kept, as tsc says (TS1205).
    project.write("tsconfig.json", r#"{ "compilerOptions": { "verbatimModuleSyntax": true } }"#);
    project.write("kept.ts", "export { Shape, val } from './types'");
    let hint = "does not provide an export named 'Shape'; if it is a type, write import type or export type";
    project.fails(&["kept.ts"], &["kept.ts:1:10", hint]);
}
