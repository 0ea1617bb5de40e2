//! The client for programs without async.

use std::{thread, time::Duration};

use drupe_client::{Call, Chunk, Error, Event, Outcome, Value, blocking::Kernel};

use crate::support::{block_on, builder};

fn number(report: &drupe_client::Report) -> Option<&Value> {
    report.outcome.value()
}

#[test]
fn runs_wait_and_state_lives_on() {
    let kernel = Kernel::spawn(builder()).unwrap();
    kernel.run("let n = 1").unwrap();
    let mut run = kernel.start("console.log('a'); n += 1; console.log('b'); n");
    let printed: Vec<_> = run
        .by_ref()
        .filter_map(|event| if let Event::Console(line) = event { Some(line.text().to_owned()) } else { None })
        .collect();
    assert_eq!(printed, ["a", "b"]);
    assert_eq!(number(&run.finish().unwrap()), Some(&Value::from(2)));
    assert!(matches!(kernel.run("n +").unwrap().outcome, Outcome::SyntaxError(_)));
    assert!(matches!(kernel.run("throw new Error('x')").unwrap().outcome, Outcome::Threw(_)));
    assert_eq!(kernel.globals().unwrap().iter().map(|global| &*global.name).collect::<Vec<_>>(), ["n"]);
    assert!(kernel.complete("Arr", 3).unwrap().items.iter().any(|item| item.text == "Array"));
    // A clone in another thread is a handle of the same kernel.
    let other = kernel.clone();
    let report = thread::spawn(move || other.run("++n")).join().unwrap().unwrap();
    assert_eq!(number(&report), Some(&Value::from(3)));
    kernel.reset().unwrap();
    assert!(matches!(kernel.run("n").unwrap().outcome, Outcome::Threw(_)));
    kernel.terminate().unwrap();
    assert!(matches!(kernel.run("1"), Err(Error::Terminated)));
}

#[test]
fn a_run_is_interrupted_while_its_events_are_waited_for() {
    let kernel = Kernel::spawn(builder()).unwrap();
    let mut run = kernel.start("console.log('on'); for (;;);");
    assert!(run.by_ref().any(|event| matches!(event, Event::Console(_))));
    run.interrupt();
    assert!(matches!(run.finish().unwrap().outcome, Outcome::Interrupted { .. }));
    // Deadlines are held between the calls, too: nobody waits for this run.
    drop(kernel.start(Chunk::new("await new Promise(() => {})").wall_timeout(Duration::from_millis(50))));
    assert_eq!(number(&kernel.run("1").unwrap()), Some(&Value::from(1)));
}

/// A call that would wait for itself says so. Elsewhere in asynchronous code a call waits as any other does.
#[test]
fn a_call_on_the_driving_thread_is_an_error() {
    let kernel = Kernel::spawn(builder()).unwrap();
    let inner = kernel.clone();
    let nested = move |_: Call| {
        let inner = inner.clone();
        async move { Ok(format!("{:?}", inner.globals().map(|names| names.len()))) }
    };
    kernel.asynchronous().register("nested", nested).unwrap();
    let report = kernel.run("await host.nested()").unwrap();
    assert_eq!(report.outcome.value(), Some(&Value::from("Err(BlockingCall)")));
    block_on(async {
        assert_eq!(number(&kernel.run("1 + 1").unwrap()), Some(&Value::from(2)));
        assert_eq!(number(&kernel.asynchronous().run("1 + 2").await.unwrap()), Some(&Value::from(3)));
        drop(kernel);
    });
}
