//! What later chunks of a session become: declarations for where their names live, and constants that are guarded.

use crate::common::{position, script};
use drupe_transpile::{Options, SessionBindings, transpile_in, transpile_with_inputs};
use expect_test::{Expect, expect};

/// The session after chunks that declare `g` as `var`, `l` as `let` and `c` as `const`.
fn session() -> SessionBindings {
    let mut session = SessionBindings::default();
    session.declare(1, &script("var g, g2; let l, l2; const c = 1").bindings);
    session
}

fn in_session(source: &str) -> String {
    match transpile_in(source, &Options::default(), &session()) {
        Ok(script) => script.code.into_owned(),
        Err(diagnostic) => diagnostic.to_string(),
    }
}

fn check(source: &str, expected: Expect) {
    expected.assert_eq(&in_session(source));
}

#[test]
fn untouched() {
    for source in
        ["let l = 1", "var g = 1", "function g() {}", "class l {}", "let n; var m; function f() { c }", "{ let g; const l = 1 }"]
    {
        assert_eq!(in_session(source), source);
    }
}

#[test]
fn global_homes() {
    check("let g = 1", expect!["var g = 1"]);
    check("const g: number = 1, g2 = 2", expect!["var   g         = 1, g2 = 2"]);
    check(
        "let g, g2\n/x/",
        expect![[r#"
        var g=void 0, g2=void 0;
        /x/"#]],
    );
    check("class g extends l { m() {} } f()", expect!["var g=class g extends l { m() {} }; f()"]);
    check(
        "abstract class g<T> {}\n(1)",
        expect![[r#"
        var g=         class g    {};
        (1)"#]],
    );
    check("let { g, a: [g2 = 1] } = f()", expect!["var { g, a: [g2 = 1] } = f()"]);
    check("let { g, ...n } = f(), l = 1, m, g2 = 2", expect!["    let n;var g=({ g, ...n } = f(),g); let l = 1, m; var g2 = 2"]);
    assert!(in_session("@dec class g {}").starts_with("var g = ("));
}

#[test]
fn lexical_homes() {
    check("var l = 1, n = 2, l2: number", expect!["let l = 1; var n = 2;           "]);
    check("var l = l || {}", expect!["    void(l = l || {})"]);
    check(
        "a\nvar l\n(f)()",
        expect![[r#"
        a
        ;    
        (f)()"#]],
    );
    check("var l = 1; var l = 2", expect!["    void(l = 1);     void(l = 2)"]);
    check("var { l, g } = f(); var [l2, ...c] = f()", expect!["    var g;void({ l, g } = f()); let [l2, ...c] = f()"]);
    check("if (a) { var l = 1 } else var l2, n = 3", expect!["var n;if (a) {     void(l = 1) } else     void(l2, n = 3)"]);
    check(
        "for (var l = 0, n; l < 1; l++) ; for (var l2;;) {}",
        expect!["var n;for (    l = 0, n; l < 1; l++) ; for (      ;;) {}"],
    );
    check(
        "for (var l of a) f(l); for (var { l2 } in a) { var { c } = b }",
        expect!["for (    l of a) f(l); for (    { l2 } in a) {     void({ c } = b) }"],
    );
    check(
        "'use strict'; for (const x of y) { var l = 1, g = 2, n }",
        expect!["'use strict'; var g,n;for (const x of y) {     void(l = 1, g = 2, n) }"],
    );
}

#[test]
fn functions() {
    check("function l(a: number) { return l }", expect!["let l=function  (a        ) { return l };"]);
    check(
        "async function* l() {} async function c() {} f()",
        expect!["let l=async function*  () {}; let c=async function  () {}; f()"],
    );
    check(
        "'use strict'\nl()\nfunction l() { return 1 }\nfunction n() {}",
        expect![[r#"
        'use strict';
        let l=function  () {
            return 1;
        };
        l();
        function n() {}
    "#]],
    );
    // What leaves nothing behind may stand before a directive.
    for before in ["import type { A } from 'x'", "interface A {}", "export type A = 1", "declare const a: 1"] {
        let code = in_session(&format!("{before}\n'use strict'; l(); function l() {{}}"));
        assert!(code.trim_start_matches([';', ' ', '\n']).starts_with("'use strict';"), "{before}: {code}");
        assert!(code.find("let l=").unwrap() < code.find("l()").unwrap(), "{before}: {code}");
    }
    let twice = in_session("function l() { return 1 } function l() { return 2 }");
    assert_eq!(twice.split_whitespace().collect::<Vec<_>>().join(" "), "; let l=function () { return 2; };");
    check(
        "var l = 1; function l() {}",
        expect![[r#"
        let l=function  () {};
            void(l = 1);
    "#]],
    );
    check("{ function l() {} }", expect!["{ function l() {} }"]);
}

#[test]
fn enums_and_namespaces() {
    check(
        "enum l { A }",
        expect![[r#"
            void(l = /*#__PURE__*/ function(l) {
            l[l["A"] = 0] = "A";
            return l;
        }({}));
    "#]],
    );
    check(
        "namespace l { export const a = 1 }",
        expect![[r#"
        (function(l) {
            l.a = 1;
        })(l = {});
        ;    ;
    "#]],
    );
    check(
        "function l() {} namespace l { export const a = 1 }",
        expect![[r#"
        let l=function  () {};
        (function(l) {
            l.a = 1;
        })(l || (l = {}));
    "#]],
    );
    check(
        "class n {} namespace n { export const a = 1 }",
        expect![[r#"
        class n {
        }
        (function(n) {
            n.a = 1;
        })(n || (n = {}));
    "#]],
    );
}

#[test]
fn constants() {
    check("const a = 1; for (const b of d) { const e = 1 }", expect!["let   a = 1; for (const b of d) { const e = 1 }"]);
    check("const c = 1, { d, ...e } = c", expect!["let   c = 1, { d, ...e } = c"]);
    check(
        "c = f(); c += 1; c++; --c; c ||= 1",
        expect![
            "new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ = f(); new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ += 1; new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ++; --new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ; new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ ||= 1"
        ],
    );
    check(
        "[c, a.b = c = 1] = f(); ({ c, d: c, c = 1, ...c } = f())",
        expect![
            "[new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ, a.b = new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ = 1] = f(); ({ c:new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ, d: new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ, c:new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ = 1, ...new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ } = f())"
        ],
    );
    check(
        "for (c of f()) ; for (c in f()) ; for ([c] of f()) ;",
        expect![
            "for (new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ of f()) ; for (new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ in f()) ; for ([new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ] of f()) ;"
        ],
    );
    check(
        "(c) = 1; (c as any) = 2; c! = 3",
        expect![
            "(new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ) = 1; (new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ       ) = 2; new class{get cǃ(){return c}set cǃ(_){const $=0;$=_}}().cǃ  = 3"
        ],
    );
    check(
        "const n = 1; function f() { n = 2; { let n; n = 3 } }",
        expect!["let   n = 1; function f() { new class{get nǃ(){return n}set nǃ(_){const $=0;$=_}}().nǃ = 2; { let n; n = 3 } }"],
    );
}

#[test]
fn shadowed_constants() {
    for source in [
        "function f(c) { c = 1 }",
        "{ let c; c = 1 }",
        "(c => c++)(1)",
        "try {} catch (c) { c = 1 }",
        "(function c() { c = 1 })",
        "{ a.c = 1 }; f.c++; [a.c] = [1]",
        "let c = 1; c = 2",
    ] {
        assert_eq!(in_session(source), source);
    }
}

#[test]
fn what_v8_refuses_is_left_to_it() {
    for source in ["let g; let g", "const l = 1; const l = 2", "var l; let l", "class c {} { var c }", "let g; function g() {}"] {
        assert_eq!(in_session(source), source);
    }
    check("const x;", expect!["1:7: A const needs a value: '= …'"]);
}

#[test]
fn without_a_session_nothing_changes() {
    assert_eq!(script("const a = 1; a = 2").code, "const a = 1; a = 2");
}

/// Every `qux1` in the script leads back to one in the source.
#[test]
fn positions() {
    for source in [
        "let g, g2 = qux1; qux1",
        "class g { m() { qux1 } } qux1\nqux1",
        "var { l, g } = qux1, l2 = qux1; qux1",
        "c = qux1; [c] = qux1",
        "l(qux1)\n  function l() { qux1 } qux1",
        "enum l { A = qux1 }  class g {} qux1\n qux1",
        "@dec(qux1) class g { m() { c = qux1 } } c++; qux1\n qux1",
    ] {
        let session = session();
        let script = transpile_in(source, &Options::default(), &session).unwrap();
        let map = script.source_map.clone().unwrap_or_default();
        assert!(map.segments.windows(2).all(|pair| pair[0][..2] < pair[1][..2]), "{map:?}");
        let expected: Vec<_> = source.match_indices("qux1").map(|(at, _)| position(source, at)).collect();
        let mut found: Vec<_> =
            script.code.match_indices("qux1").map(|(at, _)| map.source_position(position(&script.code, at))).collect();
        found.sort_by_key(|place| (place.line, place.column));
        assert_eq!(found, expected, "{}", script.code);
    }
}

/// A chunk with resources is a block, and all else that it declares outlives it.
#[test]
fn resources() {
    check("using r = x", expect!["{{using r = x}}"]);
    check(
        "using r = x; let a = 1, b; const { c } = r; class K {} // end",
        expect![
            "let a,b,c,K;{{using r = x;     void(a = 1); void(b=void 0);       void({ c } = r); void(K=class K {});}} // end"
        ],
    );
    check(
        "'use strict'; f(); await using r = x; async function f() {}; var v = 1",
        expect!["'use strict'; var f;{const $ǃ0=_=>f=_;{$ǃ0(f);f(); await using r = x; async function f() {}; var v = 1}}"],
    );
    check(
        "let { g, a } = r; using r = x; let g2; var l = 1",
        expect!["let a,l;{{    var g=({ g, a } = r,g); using r = x; var g2=void 0;;     void(l = 1)}}"],
    );
    check(
        "using r = x; enum E { A }",
        expect![[r#"
        {{using r = x;
        var E = /*#__PURE__*/ function(E) {
            E[E["A"] = 0] = "A";
            return E;
        }({});}}
    "#]],
    );
    // Refused by V8, as it stands.
    check("using r = x; let r = 1", expect!["using r = x; let r = 1"]);
}

#[test]
fn the_table_tells_the_truth() {
    let mut session = session();
    let kind = |session: &SessionBindings, name: &str| session.kind(name).map(|kind| format!("{kind:?}"));
    let declare = |session: &mut SessionBindings, run: u64, source: &str| {
        let bindings = transpile_in(source, &Options::default(), session).unwrap().bindings;
        session.declare(run, &bindings);
        bindings
    };
    let second = declare(&mut session, 2, "let g = 1; var n");
    let third = declare(&mut session, 3, "class g {}");
    assert_eq!(kind(&session, "g").as_deref(), Some("Class"));
    // The later one fails, then the earlier.
    session.settle(3, &third, false);
    assert_eq!(kind(&session, "g").as_deref(), Some("Let"));
    session.settle(2, &second, false);
    assert_eq!(kind(&session, "g").as_deref(), Some("Var"));
    assert_eq!(kind(&session, "n"), None);
    // The earlier one fails while a later one stands.
    let fourth = declare(&mut session, 4, "let g = 1");
    let fifth = declare(&mut session, 5, "const g = 1");
    session.settle(4, &fourth, false);
    session.settle(5, &fifth, true);
    assert_eq!(kind(&session, "g").as_deref(), Some("Const"));
    session.clear();
    assert_eq!(session, SessionBindings::default());
}

/// A session in which chunks failed that declared `b` as `let`, `k` as `const`, `URL` as `const` and `_` as `const`.
fn doubtful() -> SessionBindings {
    let mut session = SessionBindings::default();
    let bindings = script("let b = f(); const k = f(), URL = f(), _ = f()").bindings;
    session.declare(1, &bindings);
    session.settle_failed(1, &bindings);
    session
}

#[test]
fn what_a_failed_chunk_left_in_doubt_is_mended_by_the_next() {
    let code = |source: &str| transpile_in(source, &Options::default(), &doubtful()).unwrap().code.into_owned();
    let url = "let URLǃǃ=(()=>{try{return URLǃǃ}catch{try{return URL===void 0}catch{return true}}})();\
        let URL=(()=>{try{return URL}catch{return this.URL}})();";
    assert_eq!(code("b"), format!("{url}b"));
    assert_eq!(code("b = 1"), format!("{url}let b=(()=>{{try{{return b}}catch{{}}}})();b = 1"));
    assert_eq!(
        code("'use strict'; [b] = [1]"),
        format!("'use strict'; {url}let b=(()=>{{try{{return b}}catch{{}}}})();[b] = [1]")
    );
    assert_eq!(code("let b = 2; const URL = 3"), "let b = 2; let   URL = 3");
    let decided = "let kǃǃ=(()=>{try{return kǃǃ}catch{try{return k===void 0}catch{return true}}})();";
    let guarded = "new class{get kǃ(){return k}set kǃ(_){if(kǃǃ)k=_;else{const $=0;$=_}}}().kǃ";
    assert_eq!(
        code("k = 1"),
        format!("{url}{decided}let k=(()=>{{try{{return k}}catch{{}}}})();{guarded} = 1"),
        "a constant is one if it holds something"
    );
    assert_eq!(
        code("f(_, { _ }, x._)"),
        format!(
            "{url}f((()=>{{try{{return _}}catch(e){{if(\"_\"in globalThis)return globalThis._;throw e}}}})(), {{ _:(()=>{{try{{return _}}catch(e){{if(\"_\"in globalThis)return globalThis._;throw e}}}})() }}, x._)"
        )
    );
    let mut session = doubtful();
    let mended = transpile_in("1", &Options::default(), &session).unwrap().bindings;
    session.declare(2, &mended);
    session.settle(2, &mended, true);
    assert_eq!(transpile_in("URL", &Options::default(), &session).unwrap().code, "URL", "once is enough");
    let assigned = transpile_in("k = 1", &Options::default(), &session).unwrap();
    session.declare(3, &assigned.bindings);
    session.settle(3, &assigned.bindings, true);
    assert_eq!(transpile_in("k = 2", &Options::default(), &session).unwrap().code, format!("{guarded} = 2"), "it is decided");
    let own = transpile_in("let k = 3", &Options::default(), &session).unwrap();
    session.declare(4, &own.bindings);
    session.settle_failed(4, &own.bindings);
    assert_eq!(transpile_in("k = 4", &Options::default(), &session).unwrap().code, "k = 4", "a variable of the user's own");
}

#[test]
fn inputs_are_taken_over_where_v8_holds_a_let() {
    let inputs = ["g", "l", "c", "n"].map(str::to_owned);
    let code = |source: &str| transpile_with_inputs(source, &Options::default(), &session(), &inputs).unwrap().code.into_owned();
    assert_eq!(code("l"), "let l=this.l;let c=this.c;l");
    assert_eq!(code("c = 1"), "let l=this.l;let c=this.c;c = 1");
    assert_eq!(code("let l = 1, c"), "let l = 1, c");
    assert_eq!(code("var l, c = 1"), "let l=this.l;let c=this.c;;    ; void(c = 1)");
    assert_eq!(code("enum E { A = l }").lines().next().unwrap(), "let l=this.l;let c=this.c;var E = function(E) {");
}

#[test]
fn enums_and_namespaces_add_to_what_an_earlier_chunk_declared() {
    let mut session = SessionBindings::default();
    session.declare(1, &script("function f() {} class K {} enum E { A } namespace N { export const a = 1 } let l = 1").bindings);
    let code = |source: &str| transpile_in(source, &Options::default(), &session).unwrap().code.into_owned();
    for (name, adds) in [("f", true), ("K", true), ("E", true), ("N", true), ("M", false), ("l", false)] {
        let code = code(&format!("namespace {name} {{ export const x = 1 }}"));
        assert_eq!(code.contains(&format!("({name} || ({name} = {{}}))")), adds, "{code}");
    }
    for (name, adds) in [("f", false), ("K", false), ("E", true), ("N", true), ("M", false), ("l", false)] {
        let code = code(&format!("enum {name} {{ B }}"));
        assert_eq!(code.contains(&format!("({name} || {{}})")), adds, "{code}");
    }
}

#[test]
fn parts_in_later_chunks_see_what_earlier_ones_have() {
    let mut session = SessionBindings::default();
    let mut run = 0;
    let mut code = |source: &str| {
        let script = transpile_in(source, &Options::default(), &session).unwrap();
        run += 1;
        session.declare(run, &script.bindings);
        session.settle(run, &script.bindings, true);
        script.code.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    code("namespace N { export const a = 1; export namespace M { export const x = 1 } } enum E { A = 1 }");
    assert!(code("namespace N { export const b = a; export const c = M.x }").contains("N.b = N.a; N.c = N.M.x;"));
    assert!(
        code("namespace N { export const d = a + b; export namespace M { export const y = x + c } }")
            .contains("N.d = N.a + N.b;")
    );
    assert!(code("namespace N.M { export const z = x + y + d }").contains("M.z = M.x + M.y + N.d;"));
    assert!(code("enum E { B = A + 1 }").contains("E.A + 1"));
    assert!(code("enum E { C = A + B }").contains("E.A + E.B"));
    // It begins anew.
    code("const N = 1, E = 2");
    assert!(code("namespace N { export const e = a }").contains("N.e = a;"));
    assert!(code("enum E { D = A }").contains("= A)"));
    assert_eq!(code("import X = N.e; export import Y = N.f.g"), "let X = typeof N==\"undefined\"?void 0:N?.e; let Y = N.f.g");
}
