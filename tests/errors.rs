//! What is thrown, as embedders and front ends get it: text, frames, and the source around the place.

use drupe_client::{Chunk, Event, Exception, Kernel, Outcome};

use crate::support::{all, block_on, spawn, text};

async fn thrown(kernel: &Kernel, chunk: impl Into<Chunk>) -> Exception {
    match kernel.run(chunk).await.unwrap().outcome {
        Outcome::Threw(exception) | Outcome::SyntaxError(exception) => exception,
        other => panic!("threw nothing: {other:?}"),
    }
}

fn frame(exception: &Exception) -> Option<String> {
    exception.code_frame.as_ref().map(ToString::to_string)
}

#[test]
fn an_async_error_leads_through_the_chunks_to_the_line_of_an_earlier_one() {
    block_on(async {
        let kernel = spawn().await;
        kernel
            .run("type Id = number\nasync function fetchUser(id: Id) {\n  await null\n  throw new Error(`no ${id}`)\n}")
            .await
            .unwrap();
        kernel.run("class Store { async load(id: number) { return await fetchUser(id) } }").await.unwrap();
        let exception = thrown(&kernel, "const store = new Store()\nawait store.load(7)").await;
        assert_eq!(
            exception.to_string(),
            "Error: no 7\n2 | async function fetchUser(id: Id) {\n3 |   await null\n4 |   throw new Error(`no ${id}`)\n  |         ^\n\
             \x20   at fetchUser (chunk:1:4:9)\n    at async Store.load (chunk:2:1:47)\n    at async chunk:3:2:1"
        );
        let at = &exception.code_frame.unwrap().at;
        assert_eq!((&*at.script, at.position.line, at.position.column), ("chunk:1", 3, 8));
    });
}

#[test]
fn frames_show_what_was_typed_where_new_code_was_made_of_it() {
    block_on(async {
        let kernel = spawn().await;
        let cases = [
            ("enum E { A }\nnull.x as E", "2 | null.x as E\n  |      ^"),
            ("class P { constructor(private q: any) {\n  this.q() } }\nnew P(1)", "2 |   this.q() } }\n  |        ^"),
            ("namespace N { export const v = 1 }\nN.f()", "2 | N.f()\n  |   ^"),
            (
                "const d = (v: any, c: any) => v\n@d class D {\n  m() { throw Error() } }\nnew D().m()",
                "3 |   m() { throw Error() } }\n  |               ^",
            ),
            ("const h = { createElement() {} }, React = h;\n<a>\n{nowhere.z}</a>", "3 | {nowhere.z}</a>\n  |  ^"),
            ("(null as any)!\n  .y", "2 |   .y\n  |    ^"),
        ];
        for (source, last) in cases {
            let exception = thrown(&kernel, source).await;
            let frame = frame(&exception).unwrap_or_default();
            assert!(frame.ends_with(last), "{source}\n{exception}");
            let rows = frame.lines().count();
            assert!(rows == 4 || rows == last.lines().count() + 1, "{frame}");
        }
    });
}

#[test]
fn what_comes_late_has_its_frame_too() {
    block_on(async {
        let kernel = spawn().await;
        let mut late = kernel.late_events();
        kernel.run("const boom = () => {\n  throw new RangeError('late') }").await.unwrap();
        kernel.run("setTimeout(boom, 1)").await.unwrap();
        let Some(Event::Exception(uncaught)) = late.next_event().await else { panic!("not an exception") };
        assert_eq!(uncaught.run, Some(2));
        assert_eq!(
            frame(&uncaught.exception).unwrap(),
            "1 | const boom = () => {\n2 |   throw new RangeError('late') }\n  |         ^"
        );
        let (events, _) = all(kernel.run("Promise.reject(new Error('later')); 0")).await;
        let found = events.iter().find_map(|event| if let Event::Exception(found) = event { Some(found) } else { None });
        assert_eq!(frame(&found.unwrap().exception).unwrap(), "1 | Promise.reject(new Error('later')); 0\n  |                ^");
    });
}

#[test]
fn a_frame_is_of_the_innermost_place_whose_source_is_known_and_of_this_session() {
    block_on(async {
        let kernel = spawn().await;
        let inner = thrown(&kernel, "new Function('throw new Error(1)')()").await;
        assert_eq!(frame(&inner).unwrap(), "1 | (function anonymous(\n2 | ) {\n3 | throw new Error(1)\n  |       ^");
        assert!(inner.text.starts_with("Error: 1\n    at eval:3:7\n    at chunk:1:1:35"), "{}", inner.text);
        for (code, frames) in [
            ("eval('1;\\n  null.x')", "\n    at eval:2:8\n    at chunk:"),
            ("(0, eval)('(function f() {\\n throw new Error(1) })')()", "\n    at f (eval:2:8)\n    at chunk:"),
            ("eval('foo(\\n)) 1')", "\n    at eval:2:2\n    at chunk:"),
            ("eval('eval(\"1; null.y\")')", "\n    at eval:1:9\n    at eval:1:1\n    at chunk:"),
            ("const f = () => eval('a b')\nf()", "\n    at eval:1:3\n    at f (chunk:"),
            ("eval('let JSON;\\nlet JSON')", "\n    at eval:2:5\n    at chunk:"),
        ] {
            let exception = thrown(&kernel, code).await;
            assert_eq!(exception.at.as_ref().map(|at| &*at.script), Some("eval"), "{code}: {exception:?}");
            assert!(exception.text.contains(frames), "{code}: {}", exception.text);
            assert_eq!(exception.code_frame.map(|frame| frame.at), exception.at, "{code}");
        }
        for text in [
            "",
            "{",
            "[1,]",
            "1 2",
            "x",
            "{\"a\" 1}",
            "\"\\n",
            "\"\\\\x\"",
            "1.",
            "tru",
            "{\"long\": \"text behind which comes more\", oops}",
        ] {
            let parsed = thrown(&kernel, &format!("JSON.parse('{text}')")).await;
            assert!(parsed.text.starts_with("SyntaxError") && !parsed.text.contains("eval:"), "{text}: {}", parsed.text);
        }
        let parsed = thrown(&kernel, "JSON.parse('{')").await;
        assert_eq!(frame(&parsed).unwrap(), "1 | JSON.parse('{')\n  |      ^");
        let long = format!("{}\nthrow new Error('unseen')", " ".repeat(2 << 20));
        assert_eq!(thrown(&kernel, long).await.code_frame, None);
        kernel.run(Chunk::new("globalThis.kept = () => { throw new Error('kept') }").name("cell")).await.unwrap();
        assert!(thrown(&kernel, "kept()").await.code_frame.is_some_and(|frame| frame.at.script == "cell"));
        kernel.reset().await.unwrap();
        // Code may claim any name; what was typed under it is of the old session.
        let claims = thrown(&kernel, "eval('throw new Error()\\n//# sourceURL=cell')").await;
        assert_eq!(frame(&claims).unwrap(), "1 | throw new Error()\n  |       ^");
        assert_eq!(text(&kernel, "typeof kept").await, "'undefined'");
    });
}

/// `reportError` tells of an error and ends no program.
#[test]
fn a_program_fails_by_the_error_that_ended_it_and_not_by_one_that_it_reported() {
    block_on(async {
        let kernel = spawn().await;
        for code in [
            "reportError(new Error('reported')); setTimeout(() => { throw new Error('thrown') }, 1)",
            "reportError(new Error('reported')); Promise.reject(new Error('thrown'))",
            "reportError(new Error('reported')); throw new Error('thrown')",
        ] {
            let report = kernel.run(Chunk::new(code).until_idle(true)).await.unwrap();
            let Outcome::Threw(exception) = report.outcome else { panic!("{code}: {report:?}") };
            assert_eq!(exception.message, "thrown", "{code}");
        }
    });
}
