//! Chunks go in, events and outcomes come out.

use std::time::Duration;

use drupe_client::{Call, Chunk, Event, Outcome, SessionReason, State, Value, value::TypedArrayKind};

use crate::support::{all, block_on, spawn, text, until_printed, value_text};

#[test]
fn typescript_goes_in_and_typed_values_come_out() {
    block_on(async {
        let kernel = spawn().await;
        kernel.run("interface Point { x: number; y: number } enum Colour { Red = 'red' }").await.unwrap();
        kernel.run("const scale = <T extends Point>(p: T, by: number): Point => ({ x: p.x * by, y: p.y * by })").await.unwrap();
        let report = kernel.run("scale({ x: 1, y: 2 } as Point, 10)").await.unwrap();
        let value = Value::Object(vec![("x".into(), 10.into()), ("y".into(), 20.into())]);
        assert_eq!(report.outcome, Outcome::Value { value: Some(value), text: "{ x: 10, y: 20 }".into() });
        assert_eq!(report.state, State::Kept);
        assert_eq!(text(&kernel, "Colour.Red").await, "'red'");
    });
}

/// The run never ends by itself: what is here of it came while it was under way.
#[test]
fn a_stream_is_a_stream() {
    block_on(async {
        let kernel = spawn().await;
        let mut run =
            kernel.run("for (let i = 0;; i++) { console.log(i); await new Promise(resolve => setTimeout(resolve, 200)) }");
        let mut seen = Vec::new();
        while let Some(event) = run.next_event().await {
            match event {
                Event::Console(console) => seen.push((console.text().to_owned(), console.time)),
                Event::Result(_) => seen.push(("result".into(), f64::INFINITY)),
                _ => {}
            }
            if seen.len() == 2 {
                assert!(kernel.interrupt().await.unwrap());
            }
        }
        let texts = seen.iter().map(|(text, _)| &**text).collect::<Vec<_>>();
        assert_eq!(texts[..2], ["0", "1"]);
        assert!(seen[1].1 - seen[0].1 >= 190.0, "the lines are spread by the run's own timer: {seen:?}");
    });
}

#[test]
fn queued_runs_are_executed_in_order_and_each_has_its_events() {
    block_on(async {
        let kernel = spawn().await;
        let runs = (0..20).map(|n| kernel.run(format!("console.log('run', {n}); await null; {n}"))).collect::<Vec<_>>();
        for (n, run) in runs.into_iter().enumerate() {
            let id = run.id();
            let (events, report) = all(run).await;
            assert!(events.iter().all(|event| event.run().is_none_or(|run| run == id)));
            assert!(events.iter().any(|event| matches!(event, Event::Console(console) if console.text() == format!("run {n}"))));
            assert_eq!(value_text(&report.unwrap()), n.to_string());
        }
    });
}

#[test]
fn a_timer_of_run_1_that_logs_during_run_2_belongs_to_run_1() {
    block_on(async {
        let kernel = spawn().await;
        let mut late = kernel.late_events();
        let first = kernel.run("setTimeout(() => console.log('from run 1'), 20)");
        let first_id = first.id();
        first.await.unwrap();
        let (events, _) =
            all(kernel.run("await new Promise(resolve => setTimeout(resolve, 60)); console.log('from run 2')")).await;
        let printed =
            events.iter().filter_map(|event| if let Event::Console(console) = event { Some(console.text()) } else { None });
        assert_eq!(printed.collect::<Vec<_>>(), ["from run 2"]);
        let Some(Event::Console(console)) = late.next_event().await else { panic!("nothing late") };
        assert_eq!((console.run, console.text()), (Some(first_id), "from run 1"));
    });
}

#[test]
fn after_a_reset_nothing_fires_and_the_next_run_says_so() {
    block_on(async {
        let kernel = spawn().await;
        let mut late = kernel.late_events();
        // Not due before the reset, and due before the timer below.
        kernel.run("var gone = 1; setTimeout(() => console.log('never'), 1500)").await.unwrap();
        let generation = kernel.reset().await.unwrap();
        let (events, report) = all(kernel.run("await new Promise(resolve => setTimeout(resolve, 1500)); typeof gone")).await;
        let report = report.unwrap();
        assert_eq!(value_text(&report), "'undefined'");
        assert_eq!(report.generation, generation);
        let session = report.new_session.unwrap();
        assert_eq!((session.generation, &session.reason), (generation, &SessionReason::Reset));
        assert!(matches!(&events[0], Event::Session(told) if *told == session));
        assert!(kernel.run("1").await.unwrap().new_session.is_none(), "said once");
        kernel.terminate().await;
        assert_eq!(late.next_event().await, None);
    });
}

#[test]
fn a_reset_ends_a_loop_and_what_waits_behind_it() {
    block_on(async {
        let kernel = spawn().await;
        let mut looping = kernel.run("console.log('loop'); while (true) {}");
        until_printed(&mut looping, "loop").await;
        let waiting = kernel.run("1");
        let generation = kernel.reset().await.unwrap();
        for run in [looping, waiting] {
            let report = run.await.unwrap();
            assert!(matches!(report.outcome, Outcome::Interrupted { .. }), "{report:?}");
            assert_eq!(report.state, State::Lost);
        }
        assert_eq!(kernel.run("2").await.unwrap().generation, generation);
    });
}

#[test]
fn bytes_go_both_ways() {
    block_on(async {
        let kernel = spawn().await;
        let bytes = (0..1 << 20).map(|n: u32| u8::try_from(n % 251).unwrap()).collect::<Vec<_>>();
        let chunk = Chunk::new("data.map(byte => byte ^ 255)")
            .input("data", Value::TypedArray(TypedArrayKind::Uint8, bytes.clone().into()));
        let report = kernel.run(chunk).await.unwrap();
        let Some(Value::TypedArray(TypedArrayKind::Uint8, back)) = report.outcome.value() else { panic!("{:?}", report.state) };
        assert!(back.iter().zip(&bytes).all(|(back, there)| back ^ 255 == *there));
        let report = kernel.run(Chunk::new("data").value_limit(1000)).await.unwrap();
        assert_eq!(report.outcome.value(), None, "a value over the limit comes as its text");
    });
}

/// Large buffers share their memory with JavaScript until they are sent.
#[test]
fn large_buffers_are_told_as_they_were() {
    block_on(async {
        let kernel = spawn().await;
        let setup = "var size = 1 << 20, filled = buffer => { const all = new Uint8Array(buffer); \
                     for (let i = 0; i < all.length; i++) all[i] = i % 251; return buffer; }, make = () => filled(new ArrayBuffer(size)); 0";
        kernel.run(setup).await.unwrap();
        let size = 1_usize << 20;
        let later = "; setTimeout(() => { kept.fill(7); structuredClone(0, { transfer: [kept.buffer] }) }); kept";
        for (code, start, length) in [
            ("make()".to_owned(), 0, size),
            ("new Uint8Array(make())".to_owned(), 0, size),
            ("new Uint8Array(make(), 5, 500_001)".to_owned(), 5, 500_001),
            ("new Float32Array(make(), 8, 100_000)".to_owned(), 8, 400_000),
            ("new DataView(make(), 3, 70_001)".to_owned(), 3, 70_001),
            ("Buffer.from(make(), 251)".to_owned(), 251, size - 251),
            ("filled(new ArrayBuffer(size, { maxByteLength: 2 * size }))".to_owned(), 0, size),
            ("new Uint8Array(filled(new ArrayBuffer(size, { maxByteLength: 2 * size })), 9)".to_owned(), 9, size - 9),
            ("new Uint8Array(filled(new SharedArrayBuffer(size)))".to_owned(), 0, size),
            ("filled(new WebAssembly.Memory({ initial: 16 }).buffer)".to_owned(), 0, size),
            (format!("var kept = new Uint8Array(make()){later}"), 0, size),
            (format!("var kept = new Uint8Array(filled(new ArrayBuffer(size, {{ maxByteLength: size }}))){later}"), 0, size),
        ] {
            let report = kernel.run(Chunk::new(&code)).await.unwrap();
            let bytes = match report.outcome.value() {
                Some(Value::TypedArray(_, bytes) | Value::ArrayBuffer(bytes)) => bytes,
                _ => panic!("{code}: {:?}", report.outcome),
            };
            assert_eq!(bytes.len(), length, "{code}");
            let wanted = (start..).map(|index| u8::try_from(index % 251).unwrap());
            assert!(bytes.iter().copied().zip(wanted).all(|(byte, wanted)| byte == wanted), "{code}");
        }
        // The host gets them, too, and what is written afterwards does not reach it.
        kernel.register("sum", |call: Call| async move { Ok(sum(&call.args)) }).unwrap();
        let both = "{ const all = new Uint8Array(make()).fill(1); const sum = host.sum(all); all.fill(2); await sum }";
        let report = kernel.run(both).await.unwrap();
        assert_eq!(report.outcome.value(), Some(&Value::Number(f64::from(1 << 20))));
    });
}

/// The sum of the bytes that the arguments hold.
fn sum(values: &[Value]) -> f64 {
    let of = |value: &Value| match value {
        Value::TypedArray(_, bytes) => bytes.iter().map(|byte| u32::from(*byte)).sum(),
        _ => 0,
    };
    values.iter().map(of).sum::<u32>().into()
}

#[test]
fn what_is_no_program_never_reaches_the_kernel() {
    block_on(async {
        let kernel = spawn().await;
        let (events, report) = all(kernel.run("let x: number = ;")).await;
        let Outcome::SyntaxError(exception) = report.unwrap().outcome else { panic!("not a syntax error") };
        let at = exception.at.clone().unwrap();
        assert_eq!((&*at.script, at.position.line, at.position.column), ("chunk:1", 0, 16));
        assert!(exception.to_string().contains("let x: number = ;"), "a code frame: {exception}");
        assert!(matches!(&events[..], [Event::Exception(_)]));
        assert_eq!(text(&kernel, "typeof x").await, "'undefined'");
    });
}

#[test]
fn what_v8_finds_wrong_is_shown_in_the_users_text_too() {
    block_on(async {
        let kernel = spawn().await;
        let Outcome::SyntaxError(exception) = kernel.run("enum E { A }\nlet twice: E = 1; let twice = 2").await.unwrap().outcome
        else {
            panic!("not a syntax error")
        };
        assert_eq!(
            exception.to_string(),
            "SyntaxError: Identifier 'twice' has already been declared\n1 | enum E { A }\n2 | let twice: E = 1; let twice = 2\n  |                       ^\n    at chunk:1:2:23"
        );
    });
}

#[test]
fn positions_are_those_of_the_users_typescript() {
    block_on(async {
        let kernel = spawn().await;
        let source = "enum E { A }\nfunction f<T>(value: T): never {\n  throw new Error('here')\n}\nf<string>('x')";
        let Outcome::Threw(exception) = kernel.run(source).await.unwrap().outcome else { panic!("did not throw") };
        let lines = exception.frames.iter().map(|frame| (frame.function.as_deref(), frame.position.line)).collect::<Vec<_>>();
        assert_eq!(lines, [(Some("f"), 2), (None, 4)]);
        assert!(exception.text.contains("at f (chunk:1:3:9)"), "{}", exception.text);
    });
}

/// A reader that stops reading slows JavaScript down; what it was told is all there once it reads on.
#[test]
fn a_slow_reader_slows_the_kernel_and_loses_nothing() {
    block_on(async {
        let kernel = spawn().await;
        let mut run = kernel.run("for (let i = 0; i < 20000; i++) console.log('line', i, 'x'.repeat(200)); Date.now()");
        until_printed(&mut run, &format!("line 0 {}", "x".repeat(200))).await;
        // Far less than the run has to say fits between the two; it cannot end before it is read.
        let stalled = tokio::time::timeout(Duration::from_millis(300), std::future::pending::<()>()).await;
        assert!(stalled.is_err());
        let (events, report) = all(run).await;
        let lines = events.iter().filter(|event| matches!(event, Event::Console(_))).count();
        assert_eq!(lines, 19_999);
        report.unwrap();
    });
}

#[test]
fn a_run_that_is_dropped_goes_on_unobserved() {
    block_on(async {
        let kernel = spawn().await;
        drop(kernel.run("for (let i = 0; i < 5000; i++) console.log('unheard'); globalThis.done = true"));
        assert_eq!(text(&kernel, "done").await, "true");
    });
}
