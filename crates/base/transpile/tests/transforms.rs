//! What cannot be blanked: enums, namespaces, parameter properties, decorators, JSX.

use crate::common::{script, show, show_with};
use drupe_transpile::{Jsx, Options};
use expect_test::expect;

#[test]
fn enums() {
    expect![[r#"
        var E = function(E) {
            E[E["A"] = 0] = "A";
            E[E["B"] = 2] = "B";
            E["C"] = "x";
            typeof (E["D"] = f()) == "string" || (E[E["D"]] = "D");
            return E;
        }({});
        const e = E.A;
    "#]]
    .assert_eq(&show("enum E { A, B = A | 2, C = 'x', D = f() }\nconst e = E.A"));
    expect![[r#"
        var E = /*#__PURE__*/ function(E) {
            E[E["A"] = 1] = "A";
            return E;
        }({});
        1;
    "#]]
    .assert_eq(&show("const enum E { A = 1 }\nE.A"));
}

#[test]
fn namespaces() {
    expect![[r#"
        (function(N) {
            N.a = 1;
            function f() {
                return N.a;
            }
            N.f = f;
            const b = N.a;
        })(N = {});
        N.f();
        var N;
    "#]]
    .assert_eq(&show("namespace N { export const a = 1; export function f() { return a } const b = a }\nN.f()"));
    expect![[r#"
        (function(A) {
            (function(B) {
                B.c = 1;
            })(A.B || (A.B = {}));
        })(A = {});
        var A;
    "#]]
    .assert_eq(&show("namespace A.B { export let c: number = 1 } namespace A { export type T = 1 }"));
}

#[test]
fn parts_of_namespaces_and_enums_see_each_other() {
    expect![[r#"
        (function(N) {
            N.a = 1;
        })(N = {});
        (function(N) {
            N.b = N.a;
            N.f = (a)=>{
                a;
                N.b;
            };
            ({
                a: N.a
            });
        })(N || (N = {}));
        var N;
    "#]]
    .assert_eq(&show(
        "namespace N { export let a = 1 } namespace N { export const b = a; export const f = (a) => { a; b }; ({ a }) }",
    ));
    expect![[r#"
        (function(A) {
            (function(B) {
                B.x = 1;
            })(A.B || (A.B = {}));
        })(A = {});
        (function(A) {
            A.top = A.B.x;
        })(A || (A = {}));
        (function(A) {
            (function(B) {
                B.y = B.x + A.top;
            })(A.B || (A.B = {}));
        })(A || (A = {}));
        var A;
    "#]]
    .assert_eq(&show(
        "namespace A.B { export const x = 1 } namespace A { export const top = B.x } namespace A.B { export const y = x + top }",
    ));
    expect![[r#"
        (function(P) {
            (function(Q) {
                Q.z = 1;
            })(P.Q || (P.Q = {}));
            P.X = P.Q;
            const Y = P.Q.z;
            P.w = P.X.z + Y;
        })(P = {});
        var P;
    "#]]
    .assert_eq(&show(
        "namespace P { export namespace Q { export const z = 1 } export import X = Q; import Y = Q.z; import T = Q.I; export const w = X.z + Y }"
    ));
    expect![[r#"
        var E = /*#__PURE__*/ function(E) {
            E[E["A"] = 1] = "A";
            return E;
        }({});
        (function(E) {
            E[E["B"] = 3] = "B";
            typeof (E["C"] = f(()=>E.A)) == "string" || (E[E["C"]] = "C");
        })(E);
        const A = 9;
    "#]]
    .assert_eq(&show("enum E { A = 1 } enum E { B = A + 2, C = f(() => A) } const A = 9"));
}

/// Merging is for one chunk; over chunks the newest declaration wins. User code of the same shape is left alone.
#[test]
fn redeclared_in_a_chunk() {
    expect![[r#"
        var E = /*#__PURE__*/ function(E) {
            E[E["A"] = 0] = "A";
            return E;
        }({});
        (function(E) {
            E[E["B"] = 1] = "B";
        })(E);
        (function(E) {
            E.c = 1;
        })(E || (E = {}));
    "#]]
    .assert_eq(&show("enum E { A } enum E { B = 1 } namespace E { export const c = 1 }"));
    expect![[r#"
        function f() {}
        (function(f) {
            f.a = 1;
        })(f || (f = {}));
        (function(g) {
            (function(h) {
                h.b = 1;
            })(g.h || (g.h = {}));
        })(g = {});
        (function(g) {
            g.c = 2;
        })(g || (g = {}));
        var g;
    "#]].assert_eq(&show("function f() {} namespace f { export const a = 1 } namespace g.h { export const b = 1 } namespace g { export const c = 2 }"));
    expect![[r#"
        var E = /*#__PURE__*/ function(E) {
            return E;
        }({});
        (function(N1) {
            N1.x = 1;
        })(N || (N = {}));
    "#]]
    .assert_eq(&show("enum E {} (function (N) { N.x = 1 })(N || (N = {}));"));
}

#[test]
fn parameter_properties() {
    expect![[r#"
        class A {
            x;
            y;
            constructor(x, y = 2){
                this.x = x;
                this.y = y;
                f();
            }
        }
    "#]]
    .assert_eq(&show("class A { constructor(public x: number, private readonly y = 2) { f() } }"));
    expect![[r#"
        class A extends B {
            x;
            z = 1;
            constructor(x){
                super(x), this.x = x;
            }
        }
    "#]]
    .assert_eq(&show("class A extends B { z = 1; constructor(readonly x) { super(x); } }"));
}

#[test]
fn jsx() {
    expect![[r#"
        const a = React.createElement("div", {
            className: "x",
            ...p,
            b: true
        }, "hi ", 1, React.createElement(A.B, null), React.createElement(React.Fragment, null));
    "#]]
    .assert_eq(&show("const a = <div className='x' {...p} b>hi {1 as any}<A.B/><></></div>"));
    expect![[r#"
        h(F, null, h("a", null));
    "#]]
    .assert_eq(&show("/** @jsx h @jsxFrag F */ <><a/></>"));
    expect![[r#"
        React.createElement("svg:a", {
            "xlink:href": "x"
        });
    "#]]
    .assert_eq(&show("<svg:a xlink:href='x'/>"));
    let mut options = Options::default();
    options.jsx = Jsx::new("h", "Fragment");
    expect![[r#"
        h(Fragment, null, h("a", null));
    "#]]
    .assert_eq(&show_with("<><a/></>", &options));
    let mut options = Options::default();
    options.jsx = Jsx::new("alert(1)", "F");
    expect![[r#"
        "alert(1)" cannot be what JSX compiles to; it must be a name such as React.createElement, of at most 4 parts and 128 bytes
    "#]]
    .assert_eq(&show_with("<a/>", &options));
}

#[test]
fn pragmas_name_no_files() {
    expect![[r#"
        React.createElement("a", null);
    "#]]
    .assert_eq(&show(
        "/** @jsxImportSource ../../etc/passwd */ /** @jsxRuntime automatic */ <a/>\n//# sourceMappingURL=file:///etc/passwd",
    ));
}

/// The helper's text is long and not ours: only what surrounds it is shown.
fn without_helpers(code: &str) -> String {
    let mut shown = String::new();
    let mut inside = false;
    for line in code.lines() {
        inside |= line.contains("function toPrimitive");
        if !inside {
            shown.push_str(line);
            shown.push('\n');
        }
        inside &= !line.contains("return _apply_decs_2311");
    }
    shown
}

#[test]
fn decorators() {
    expect![[r#"
        let A = (()=>{
            let _initClass, _init_x, _init_extra__init_x, _initProto;
            let _A, _A_member;
            class A {
                static{
                    ({ e: [_init_x, _init_extra__init_x, _initProto], c: [_A, _initClass] } = (()=>{
                    })()(this, [
                        dec
                    ], [
                        [
                            m,
                            2,
                            "foo"
                        ],
                        [
                            f,
                            0,
                            "x"
                        ]
                    ]));
                }
                foo() {
                    return _A;
                }
                x = (_initProto(this), _init_x(this, 1));
                #___private_y_1 = (_init_extra__init_x(this), 2);
                get y() {
                    return this.#___private_y_1;
                }
                set y(_v) {
                    this.#___private_y_1 = _v;
                }
                static{
                    _initClass();
                    _A_member = _A;
                }
            }
            return _A;
        })();
    "#]]
    .assert_eq(&without_helpers(&show("@dec class A { @m foo() { return A } @f x = 1; accessor y: number = 2 }")));
    expect![[r#"
        const K = await (async ()=>{
            let _initClass, _class, _dec;
            _dec = dec(await x);
            return ({
                ["K"]: class {
                    static{
                        ({ c: [_class, _initClass] } = (()=>{
                        })()(this, [
                            _dec
                        ], []));
                    }
                    static{
                        _initClass();
                    }
                }
            })["K"], _class;
        })();
    "#]]
    .assert_eq(&without_helpers(&show("const K = @dec(await x) class {}")));
    expect![[r#"
        function q() {
            let _initClass;
            let _Z, _Z_member;
            class Z {
                static{
                    ({ c: [_Z, _initClass] } = (()=>{
                    })()(this, [
                        d
                    ], []));
                }
                static{
                    _initClass();
                    _Z_member = _Z;
                }
            }
            return _Z;
        }
    "#]]
    .assert_eq(&without_helpers(&show("function q() { @d class Z {} return Z }")));
}

/// Nothing but what the user declared may become a global.
#[test]
fn decorators_leave_no_globals() {
    for source in [
        "@dec class A {}",
        "const K = @dec class {}",
        "if (x) { @d class Q {} }",
        "'use strict'; @d class A { @d static x = 1 }",
        "f(@d class {})",
    ] {
        let code = script(source).code.into_owned();
        for line in code.lines().filter(|line| !line.starts_with(' ')) {
            let is_declaration = ["let ", "var ", "const ", "function ", "class "].iter().any(|word| line.starts_with(word));
            assert!(!is_declaration || line.starts_with("let A =") || line.starts_with("const K ="), "{source}: {line}");
        }
    }
}

/// Top-level names keep the user's spelling, whatever else has it.
#[test]
fn names_are_kept() {
    let code = script("enum E { A }\nlet desc = 1, toPrimitive = 2, _dec = 3; @d class K { static desc = desc }\nfunction f(desc) { return desc }").code.into_owned();
    for name in ["var E", "let desc = 1, toPrimitive = 2, _dec = 3", "let K =", "function f(desc)"] {
        assert!(code.contains(name), "{name} in {code}");
    }
}

#[test]
fn scripts_stay_scripts() {
    for source in
        ["await x; enum E {}", "enum E {}; interface A {}", "await (x); const a = <b/>", "import type { A } from 'a'; enum E {}"]
    {
        let code = script(source).code.into_owned();
        assert!(!code.contains("export") && !code.contains("import") && !code.contains("use strict"), "{code}");
    }
}

/// An alias that the chunk uses as a type only is one. One that it does not use may be used by a later chunk.
#[test]
fn aliases_that_are_types_leave_nothing_behind() {
    let code = |source: &str| show(source).split_whitespace().collect::<Vec<_>>().join(" ");
    for (source, expected) in [
        ("import I = T.I; const x: I = { a: 1 }", "; const x = { a: 1 }"),
        ("import U = T.U; import I = U.I; let x: I", "; ; let x"),
        ("import I = T.I; function f(a: I) {} f(1)", "; function f(a ) {} f(1)"),
        ("import I = T.I", "const I = typeof T==\"undefined\"?void 0:T?.I"),
        ("import I = T . U.I", "const I = typeof T==\"undefined\"?void 0:T ?. U?.I"),
        (
            "import I = T.U.I; enum E {}",
            "const I = typeof T == \"undefined\" ? void 0 : T?.U?.I; var E = /*#__PURE__*/ function(E) { return E; }({});",
        ),
        ("import I = T.I; new I()", "const I = T.I; new I()"),
        ("import U = T.U; import I = U.I; I", "const U = T.U; const I = U.I; I"),
        ("export import I = T.I; let x: I", "const I = T.I; let x"),
        ("import I = T.I; let x: I = I.a", "const I = T.I; let x = I.a"),
    ] {
        assert_eq!(code(source), expected, "{source}");
    }
    let made = show("import { T } from 't'; import I = T.I; let x: I");
    assert!(!made.contains("T as T at"), "{made}");
}
