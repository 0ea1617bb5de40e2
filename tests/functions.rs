//! What an embedder lends to JavaScript, called from a real process.

use std::{
    future::pending,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use drupe_client::{Answer, BadName, Call, Chunk, HostError, Kernel, Outcome, Value, value::Bytes};

use crate::support::{block_on, spawn, text, value_text};

#[test]
fn values_go_both_ways() {
    block_on(async {
        let kernel = spawn().await;
        kernel
            .register("math.sum", |call: Call| async move {
                let sum =
                    call.args.iter().map(|arg| if let Value::Number(number) = arg { *number } else { f64::NAN }).sum::<f64>();
                Ok(sum)
            })
            .unwrap();
        kernel.register("echo", |call: Call| async move { Ok(call.arg(0).clone()) }).unwrap();
        assert_eq!(text(&kernel, "await host.math.sum(1, 2, 39)").await, "42");
        let echoed = "await host.echo(new Map([[1n, new Date(0)], ['a', new Uint8Array([1, 2])]]))";
        assert_eq!(
            text(&kernel, echoed).await,
            "Map(2) {\n  1n => 1970-01-01T00:00:00.000Z,\n  'a' => Uint8Array(2) [ 1, 2 ]\n}"
        );
        // A session that comes later has them, too.
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, "await host.math.sum(1, 2)").await, "3");
        kernel.restart().await.unwrap();
        assert_eq!(text(&kernel, "await host.math.sum(2, 2)").await, "4");
        assert_eq!(kernel.register("math", |_| async { Ok(()) }), Err(BadName::Clash("math".into(), "math.sum".into())));
    });
}

// threat G11
#[test]
fn failures_are_errors_and_panics_tell_nothing() {
    block_on(async {
        let kernel = spawn().await;
        kernel
            .register("fail", |_| async {
                Err::<Value, _>(HostError::new("RangeError", "too far").with_code("E_FAR").with("by", 3))
            })
            .unwrap();
        kernel.register("panic", |_| async { if true { panic!("secret path /home/me") } else { Ok(()) } }).unwrap();
        kernel.register("huge", |_| async { Err::<Value, _>(HostError::new("Error", "x".repeat(100 << 20))) }).unwrap();
        let caught = "try { await host.fail() } catch (e) { [e instanceof RangeError, e.message, e.code, e.by] }";
        assert_eq!(text(&kernel, caught).await, "[ true, 'too far', 'E_FAR', 3 ]");
        let panicked = text(&kernel, "await host.panic().catch(e => e.message)").await;
        assert!(panicked.contains("the host failed") && !panicked.contains("secret"), "{panicked}");
        assert_eq!(text(&kernel, "await host.huge().catch(e => e.message.length < 20000)").await, "true");
    });
}

/// Counts up for ever, and tells when it is dropped.
struct Count(f64, Arc<AtomicUsize>);

impl futures_core::Stream for Count {
    type Item = Result<Value, HostError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<Option<Self::Item>> {
        self.0 += 1.0;
        Poll::Ready(Some(Ok(self.0.into())))
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

/// Registers a function that makes such streams; says how many were dropped.
fn register_count(kernel: &Kernel) -> Arc<AtomicUsize> {
    let dropped = Arc::new(AtomicUsize::new(0));
    let counts = dropped.clone();
    let count = move |_: Call| {
        let counts = counts.clone();
        async move { Ok(Answer::stream(Count(0.0, counts))) }
    };
    kernel.register("count", count).unwrap();
    dropped
}

#[test]
fn streams_are_pulled_and_dropped() {
    block_on(async {
        let kernel = spawn().await;
        let dropped = register_count(&kernel);
        let sum = "let sum = 0; for await (const n of await host.count()) { sum += n; if (n === 10) break } sum";
        assert_eq!(text(&kernel, sum).await, "55");
        kernel.run("var open = await host.count(); await open.next()").await.unwrap();
        kernel.reset().await.unwrap();
        // The answer to a later question shows that the reset was handled.
        assert_eq!(text(&kernel, "1").await, "1");
        while dropped.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    });
}

/// A stream needs no `await` of its own: the promise of it can be iterated.
#[test]
fn a_stream_is_iterated_without_being_awaited() {
    block_on(async {
        let kernel = spawn().await;
        let dropped = register_count(&kernel);
        kernel.register("one", |_| async { Ok(1) }).unwrap();
        kernel.register("fail", |_| async { Err::<Value, _>(HostError::new("RangeError", "too far")) }).unwrap();
        let sum = "let sum = 0; for await (const n of host.count()) { sum += n; if (n === 10) break } sum";
        assert_eq!(text(&kernel, sum).await, "55");
        while dropped.load(Ordering::SeqCst) < 1 {
            tokio::task::yield_now().await;
        }
        let first = "const p = host.count(); const [a, b] = [await p[Symbol.asyncIterator]().next(), await (await p).next()]; [a.value, b.value]";
        assert_eq!(text(&kernel, first).await, "[ 1, 2 ]");
        let caught =
            |name| format!("try {{ for await (const n of host.{name}()) n; 'no' }} catch (e) {{ e.name + ': ' + e.message }}");
        assert_eq!(text(&kernel, &caught("fail")).await, "'RangeError: too far'");
        assert_eq!(text(&kernel, &caught("one")).await, "'TypeError: The host function answers a value, not a stream: await it'");
        // It is a promise, and nothing else is to be seen.
        assert_eq!(text(&kernel, "host.one()").await, "Promise { <pending> }");
        assert_eq!(text(&kernel, "[await host.one(), host.one() instanceof Promise]").await, "[ 1, true ]");
    });
}

/// What is natural to write in Rust is what JavaScript gets.
#[test]
fn bytes_whole_numbers_and_errors_of_any_kind_go_to_javascript() {
    block_on(async {
        let kernel = spawn().await;
        kernel.register("bytes", |_| async { Ok(Bytes::from([1, 2])) }).unwrap();
        kernel.register("numbers", |_| async { Ok(vec![7_u64, u64::MAX]) }).unwrap();
        kernel
            .register("parse", |call: Call| async move {
                let text = call.string(0)?;
                Ok(text.parse::<f64>()?)
            })
            .unwrap();
        assert_eq!(text(&kernel, "await host.bytes()").await, "Uint8Array(2) [ 1, 2 ]");
        assert_eq!(text(&kernel, "await host.numbers()").await, "[ 7, 18446744073709551615n ]");
        assert_eq!(text(&kernel, "await host.parse('1.5')").await, "1.5");
        kernel.register("read", |_| async { Ok(Bytes::from(std::fs::read("/no/such/file")?)) }).unwrap();
        assert_eq!(text(&kernel, "await host.read().catch(e => e.code)").await, "'ENOENT'");
        let failed = "await host.parse('x').catch(e => [e.name, e.message])";
        assert_eq!(text(&kernel, failed).await, "[ 'Error', 'invalid float literal' ]");
        let report = kernel.run(Chunk::new("rows.constructor.name").input("rows", Bytes::from([1]))).await.unwrap();
        assert_eq!(value_text(&report), "'Uint8Array'");
    });
}

/// Tells when it is dropped.
struct Dropped(Option<tokio::sync::oneshot::Sender<()>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            let _ = tell.send(());
        }
    }
}

#[test]
fn an_interrupt_drops_the_hosts_work() {
    block_on(async {
        let kernel = spawn().await;
        let (began, begun) = tokio::sync::oneshot::channel();
        let (tell, dropped) = tokio::sync::oneshot::channel();
        let once = Arc::new(std::sync::Mutex::new(Some((began, Dropped(Some(tell))))));
        kernel
            .register("hang", move |_| {
                let once = once.lock().unwrap().take();
                async move {
                    let _held = once.map(|(began, held)| {
                        let _ = began.send(());
                        held
                    });
                    pending::<Result<Value, HostError>>().await
                }
            })
            .unwrap();
        let run = kernel.run(Chunk::new("await host.hang()"));
        begun.await.unwrap();
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        dropped.await.unwrap();
    });
}

/// What the calls carry that are open is bounded: further ones wait, and then are refused.
// threat E9
#[test]
fn heavy_calls_wait_for_their_turn_and_too_many_are_refused() {
    block_on(async {
        let kernel = spawn().await;
        let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (release, released) = tokio::sync::watch::channel(false);
        let (count, peak) = (open.clone(), most.clone());
        kernel
            .register("hold", move |call: Call| {
                let (count, peak, mut released) = (count.clone(), peak.clone(), released.clone());
                async move {
                    peak.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let _ = released.wait_for(|released| *released).await;
                    count.fetch_sub(1, Ordering::SeqCst);
                    Ok(f64::from(u8::try_from(call.args.len()).unwrap_or(0)))
                }
            })
            .unwrap();
        let code = "const bytes = new Uint8Array(30 << 20), calls = [], refused = [];
            for (let i = 0; i < 8; i++) calls.push(host.hold(bytes).catch(error => { refused.push(error.name); return 0 }));
            setTimeout(() => console.log('made'), 1);
            const answers = await Promise.all(calls); [answers.join(), refused.join()]";
        let mut run = kernel.run(code);
        crate::support::until_printed(&mut run, "made").await;
        // The fourth call has been read when the line behind it was, and its task begins at the next turn.
        while open.load(Ordering::SeqCst) < 4 {
            tokio::task::yield_now().await;
        }
        release.send(true).unwrap();
        let report = run.await.unwrap();
        let Outcome::Value { text, .. } = &report.outcome else { panic!("{report:?}") };
        assert_eq!(text, "[ '1,1,1,1,1,1,0,0', 'RangeError,RangeError' ]");
        assert_eq!(most.load(Ordering::SeqCst), 4);
    });
}

// threat G12
#[test]
fn a_function_may_run_chunks() {
    block_on(async {
        let kernel = spawn().await;
        let inner = kernel.clone();
        kernel
            .register("later", move |_| {
                let run = inner.run("inner = 7");
                async move {
                    // The run waits for its turn, after the one that calls: whoever awaited it here would wait for
                    // ever.
                    drop(run);
                    Ok("queued")
                }
            })
            .unwrap();
        assert_eq!(text(&kernel, "await host.later()").await, "'queued'");
        assert_eq!(text(&kernel, "inner").await, "7");
    });
}

#[test]
fn sessions_begin_with_the_preload() {
    block_on(async {
        let builder = crate::support::builder();
        let kernel =
            builder.preload("const base: number = await Promise.resolve(40); const add = (n: number) => base + n").spawn();
        let kernel = kernel.await.unwrap();
        assert_eq!(text(&kernel, "add(2)").await, "42");
        // Once a session: what it declared may be declared again.
        kernel.run("let add = 7").await.unwrap();
        assert_eq!(text(&kernel, "add").await, "7");
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, "add(3)").await, "43");
        kernel.restart().await.unwrap();
        assert_eq!(text(&kernel, "add(4)").await, "44");
    });
}

#[test]
fn a_preload_that_fails_fails_the_run_and_is_tried_again() {
    block_on(async {
        let kernel = crate::support::builder().preload("host.ready()").spawn().await.unwrap();
        let report = kernel.run("1").await.unwrap();
        let said = "The preload \"preload\" failed: none of the run's own code was executed, and the next run evaluates the preload \
                    again; state kept";
        assert_eq!((report.preload.as_deref(), report.describe_end().as_deref()), (Some("preload"), Some(said)));
        let Outcome::Threw(thrown) = report.outcome else { panic!() };
        assert_eq!(thrown.message, "host is not defined");
        assert_eq!(thrown.at.unwrap().script, "preload");
        kernel.register("ready", |_| async { Ok(()) }).unwrap();
        assert_eq!(text(&kernel, "1").await, "1");
        let refused = crate::support::builder().preload("let let = 1").spawn().await.unwrap_err();
        assert!(refused.to_string().starts_with("the preload does not compile: SyntaxError"), "{refused}");
        // Budgets hold.
        let kernel = crate::support::builder().preload("for (;;) {}").spawn().await.unwrap();
        let run = kernel.run(Chunk::new("1").vm_timeout(std::time::Duration::from_millis(50)));
        assert!(matches!(run.await.unwrap().outcome, Outcome::TimedOut { .. }));
    });
}

/// A kernel with `open` and `db.query` for everybody, and `admin.drop` for who is granted it.
async fn with_functions() -> drupe_client::Kernel {
    let kernel = spawn().await;
    kernel.register("open", |_| async { Ok("open") }).unwrap();
    kernel.register("db.query", |_| async { Ok("query") }).unwrap();
    kernel.register_reserved("admin.drop", |_| async { Ok("drop") }).unwrap();
    kernel
}

/// What calling each comes to: what it returns, or the code of the error.
const CALL_ALL: &str = "await (async () => {
    const said = []
    for (const f of [host.open, host.db.query, host.admin.drop]) said.push(await f().catch(error => error.code))
    return said.join()
})()";

#[test]
fn a_run_may_call_what_it_is_granted() {
    block_on(async {
        let kernel = with_functions().await;
        let none: [&str; 0] = [];
        for (chunk, said) in [
            (Chunk::new(CALL_ALL), "'open,query,EACCES'"),
            (Chunk::new(CALL_ALL).grant("admin.drop"), "'open,query,drop'"),
            (Chunk::new(CALL_ALL).grant("admin"), "'open,query,drop'"),
            (Chunk::new(CALL_ALL).functions(["db"]), "'EACCES,query,EACCES'"),
            (Chunk::new(CALL_ALL).functions(["db.query", "admin.drop"]), "'EACCES,query,drop'"),
            (Chunk::new(CALL_ALL).functions(["open"]).grant("admin"), "'open,EACCES,drop'"),
            (Chunk::new(CALL_ALL).functions(none), "'EACCES,EACCES,EACCES'"),
            (Chunk::new(CALL_ALL), "'open,query,EACCES'"),
        ] {
            assert_eq!(crate::support::value_text(&kernel.run(chunk.clone()).await.unwrap()), said, "{chunk:?}");
        }
        let error = "await host.open().catch(e => [e.name, e.message, e.permission, e.resource])";
        let said = crate::support::value_text(&kernel.run(Chunk::new(error).functions(none)).await.unwrap());
        let message = "EACCES: permission denied, host.open: its run was not granted this function";
        assert_eq!(said, format!("[\n  'PermissionDenied',\n  '{message}',\n  'function',\n  'open'\n]"));
    });
}

#[test]
fn a_grant_ends_with_its_run_and_a_limit_does_not() {
    block_on(async {
        let kernel = with_functions().await;
        // Each leaves a callback behind, which calls everything once the run that lets it has begun.
        let later = |name: &str| {
            format!(
                "globalThis.{name} = new Promise(done => {{
                    const wait = () => globalThis.go === '{name}' ? (async () => done({CALL_ALL}))() : setTimeout(wait, 1)
                    wait()
                }}); 0"
            )
        };
        kernel.run(later("free")).await.unwrap();
        kernel.run(Chunk::new(later("granted")).grant("admin")).await.unwrap();
        kernel.run(Chunk::new(later("limited")).functions(["open"])).await.unwrap();
        for (name, said) in [("free", "open,query,EACCES"), ("granted", "open,query,EACCES"), ("limited", "EACCES,EACCES,EACCES")]
        {
            // Whoever awaits them may do all, and lends nobody anything by that.
            let chunk = Chunk::new(format!("go = '{name}'; await {name}")).grant("admin");
            assert_eq!(crate::support::value_text(&kernel.run(chunk).await.unwrap()), format!("'{said}'"), "{name}");
        }
        // The next session knows nothing of these.
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, CALL_ALL).await, "'open,query,EACCES'");
    });
}
