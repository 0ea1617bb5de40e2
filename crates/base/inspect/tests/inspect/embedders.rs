//! What an embedder adds: names and places of the user's text, what errors said, and native functions that refuse.

use drupe_inspect::{Embedder, Options, Place, peek, regexp, regexp_flags, said, teach_view, text};

use crate::page::{Page, with_page, with_prepared_page};

/// An embedder whose own names begin with `own_`, and whose own functions with `hidden`. The user's text begins ten
/// lines further up.
const EMBEDDER: Embedder = Embedder {
    names: |_, text| text.contains("own_").then(|| text.replace("own_", "")),
    place: |_, function, place| {
        let is_hidden = function.is_some_and(|name| name.starts_with("hidden"));
        (!is_hidden).then(|| Place { script: "user.js".into(), line: place.line + 10, column: place.column })
    },
};

/// An error whose stack V8 cannot write without running code of the user's, from a function in a hidden one.
const UNASKED: &str = "
    class E extends Error { get name() { throw 1 } }
    const hidden = () => user(), user = () => new E('own_x');
    hidden()";

fn with_embedder(embedder: Option<Embedder>, test: impl FnOnce(&mut Page<'_, '_, '_>)) {
    let prepare = |isolate: &mut v8::Isolate| {
        isolate.set_capture_stack_trace_for_uncaught_exceptions(true, 10);
        if let Some(embedder) = embedder {
            embedder.install(isolate);
        }
    };
    with_prepared_page(prepare, test);
}

#[test]
fn names_and_places_are_those_of_the_users_text() {
    with_embedder(Some(EMBEDDER), |page| {
        assert_eq!(page.text("(function own_f() {})"), "[Function: f]");
        let undefined = page.text("own_missing");
        assert!(undefined.starts_with("ReferenceError: missing is not defined\n"), "{undefined}");
        // What is a string of the user's is left as it is.
        assert_eq!(page.text("'own_f'"), "'own_f'");
        assert_eq!(page.text(UNASKED), "E: x\n    at user (user.js:13:47)\n    at user.js:14:5");
    });
}

#[test]
fn without_an_embedder_the_code_is_as_it_was_written() {
    with_embedder(None, |page| {
        assert_eq!(page.text("(function own_f() {})"), "[Function: own_f]");
        let expected = "E: own_x\n    at user (page.js:3:47)\n    at hidden (page.js:3:26)\n    at page.js:4:5";
        assert_eq!(page.text(UNASKED), expected);
    });
}

#[test]
fn an_error_is_shown_by_what_was_noted_of_it() {
    with_page(|page| {
        let source = "var e = Object.defineProperty(new Error('x'), 'message', { get() { throw 1 }, enumerable: true }); e";
        let error = page.eval(source).try_cast::<v8::Object>().unwrap();
        assert!(said::of(page.scope, error).is_none());
        assert_eq!(page.text("e"), "[Error] { message: [Getter] }");
        said::note(page.scope, error, "Error: told\n    at f", "told").unwrap();
        let (stack, message) = said::of(page.scope, error).unwrap();
        assert_eq!(stack.to_rust_string_lossy(page.scope), "Error: told\n    at f");
        assert_eq!(message.to_rust_string_lossy(page.scope), "told");
        // No script sees the note.
        assert_eq!(page.number("Reflect.ownKeys(e).length"), 2.0);
    });
}

#[test]
fn native_functions_know_when_they_must_refuse() {
    fn native(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut result: v8::ReturnValue) {
        result.set_bool(peek::is_looking(scope));
    }
    with_page(|page| {
        let scope = &mut *page.scope;
        let native = v8::Function::new(scope, native).unwrap();
        let receiver: v8::Local<v8::Value> = v8::undefined(scope).into();
        assert!(!peek::is_looking(scope));
        assert!(native.call(scope, receiver, &[]).unwrap().is_false());
        let seen = peek::without_javascript(scope, |scope| {
            let inner =
                peek::without_javascript(scope, |scope| native.call(scope, receiver, &[]).is_some_and(|seen| seen.is_true()));
            (inner, peek::is_looking(scope))
        });
        assert_eq!(seen, (true, true));
        assert!(!peek::is_looking(scope));
    });
}

#[test]
fn stored_properties_are_read_and_nothing_else() {
    with_page(|page| {
        page.eval("var ran = 0");
        let source = "({ __proto__: { above: 'up', get asked() { ran++ } }, own: 'text', number: 1, long: 'x'.repeat(9) })";
        let object = page.eval(source).try_cast::<v8::Object>().unwrap();
        let behind = page.eval("Object.create(new Proxy({ a: 'b' }, { get() { ran++ } }))").try_cast::<v8::Object>().unwrap();
        let scope = &mut *page.scope;
        for (key, expected) in
            [("own", Some("text")), ("above", Some("up")), ("asked", None), ("number", None), ("missing", None)]
        {
            assert_eq!(peek::string_property(scope, object, key).as_deref(), expected, "{key}");
        }
        assert_eq!(peek::string_property(scope, behind, "a"), None);
        assert_eq!(peek::string_start(scope, object, "long", 4).as_deref(), Some("xxxx…"));
        assert_eq!(peek::string_start(scope, object, "own", 4).as_deref(), Some("text"));
        assert_eq!(page.number("ran"), 0.0);
    });
}

#[test]
fn a_class_of_the_environment_says_how_it_is_shown() {
    with_page(|page| {
        let both = page.eval("class Box { #in = 1; static view(box) { return #in in box ? { __proto__: null, inside: box.#in } : undefined } } [Box.prototype, Box.view]");
        let both = both.try_cast::<v8::Array>().unwrap();
        let prototype = both.get_index(page.scope, 0).unwrap().try_cast::<v8::Object>().unwrap();
        let view = both.get_index(page.scope, 1).unwrap().try_cast::<v8::Function>().unwrap();
        teach_view(page.scope, prototype, view);
        assert_eq!(page.text("Object.assign(new Box, { x: 2 })"), "Box { inside: 1, x: 2 }");
        assert_eq!(page.text("Object.create(Box.prototype)"), "Box {}");
    });
}

#[test]
fn flags_of_regular_expressions_are_read_from_their_slot() {
    with_page(|page| {
        let source = "Object.defineProperty(/x/dgimsuy, 'flags', { get() { throw 1 } })";
        let expression = page.eval(source).try_cast::<v8::Object>().unwrap();
        assert_eq!(regexp_flags(page.scope, expression).as_deref(), Some("dgimsuy"));
        assert_eq!(text(page.scope, expression.into(), &Options::default()).lines().next(), Some("/x/dgimsuy"));
    });
    for letters in ["", "gi", "dgimsuvy"] {
        assert_eq!(regexp::parse_flags(letters).map(regexp::letters).as_deref(), Some(letters));
    }
    assert_eq!(regexp::parse_flags("l"), None);
    assert_eq!(regexp::parse_flags("G"), None);
}
