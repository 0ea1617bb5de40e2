//! What a listener of `tracing` hears: runs with their times and ends, their calls to the host, launches and deaths.
//!
//! A program of its own: `tracing` remembers of each callsite whether the thread that came there first had a listener.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/kernels.rs"]
mod kernels;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};

use drupe_client::{Call, Chunk, Error, Outcome, Respawn};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use kernels::{block_on, builder};

type Fields = BTreeMap<&'static str, String>;

#[derive(Debug, Default)]
struct Span {
    name: &'static str,
    parent: Option<u64>,
    fields: Fields,
    closed: bool,
}

/// All spans, and the fields of all events.
type Heard = (Vec<Span>, Vec<Fields>);

#[derive(Clone, Debug, Default)]
struct Listener(Arc<Mutex<Heard>>);

/// Writes fields down.
struct Told<'a>(&'a mut Fields);

impl Visit for Told<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "drupe"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut span =
            Span { name: attributes.metadata().name(), parent: attributes.parent().map(Id::into_u64), ..Span::default() };
        attributes.record(&mut Told(&mut span.fields));
        let (spans, _) = &mut *self.0.lock().unwrap();
        spans.push(span);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let (spans, _) = &mut *self.0.lock().unwrap();
        values.record(&mut Told(&mut spans[id.into_u64() as usize - 1].fields));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Told(&mut fields));
        self.0.lock().unwrap().1.push(fields);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}

    fn try_close(&self, id: Id) -> bool {
        self.0.lock().unwrap().0[id.into_u64() as usize - 1].closed = true;
        true
    }
}

impl Listener {
    fn hears<T>(&self, work: impl Future<Output = T>) -> T {
        // The supervisor's task is of the runtime of this thread.
        let _default = tracing::subscriber::set_default(self.clone());
        block_on(work)
    }

    fn runs(&self) -> Vec<Fields> {
        let (spans, _) = &*self.0.lock().unwrap();
        spans.iter().filter(|span| span.name == "run").map(|span| span.fields.clone()).collect()
    }

    fn events(&self, message: &str) -> Vec<Fields> {
        let (_, events) = &*self.0.lock().unwrap();
        events.iter().filter(|fields| fields.get("message").is_some_and(|text| text == message)).cloned().collect()
    }
}

#[test]
fn a_run_is_a_span_with_its_times_and_its_end() {
    let listener = Listener::default();
    listener.hears(async {
        let kernel = builder().spawn().await.unwrap();
        kernel.register("secret", |_: Call| async move { Ok("an answer") }).unwrap();
        kernel.run("await host.secret('an argument'); 'a value'").await.unwrap();
        kernel.run("throw new Error('a text')").await.unwrap();
        kernel.run("let = ").await.unwrap();
        kernel.reset().await.unwrap();
        let report = kernel.run(Chunk::new("1")).await.unwrap();
        assert!(matches!(report.outcome, Outcome::Value { .. }));
        kernel.terminate().await;
    });
    let runs = listener.runs();
    assert_eq!(
        runs.iter().map(|run| (&*run["run"], &*run["outcome"], &*run["state"])).collect::<Vec<_>>(),
        [("1", "value", "kept"), ("2", "threw", "kept"), ("3", "syntax_error", "kept"), ("4", "value", "kept"),]
    );
    for run in [&runs[0], &runs[1], &runs[3]] {
        let times = ["transpile_us", "queue_us", "wall_us", "cpu_us"];
        assert!(times.iter().all(|name| run[name].parse::<u64>().is_ok()), "{run:?}");
        // It waits for its turn, and is transpiled, before it starts.
        assert!(run["transpile_us"].parse::<u64>().unwrap() <= run["queue_us"].parse().unwrap(), "{run:?}");
    }
    assert_eq!((&*runs[0]["generation"], &*runs[3]["generation"]), ("1", "2"));
    assert_eq!(listener.events("run ended").len(), 4);
    assert_eq!(listener.events("kernel launched").len(), 1);
    assert_eq!(listener.events("session reset").len(), 1);
    let (spans, events) = &*listener.0.lock().unwrap();
    let call = spans.iter().find(|span| span.name == "host_call").unwrap();
    assert_eq!((&*call.fields["op"], spans[call.parent.unwrap() as usize - 1].name), ("fn.secret", "run"));
    assert!(spans.iter().all(|span| span.closed), "{spans:?}");
    // README.md shows all fields.
    let shown = include_str!("../README.md").split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for field in runs[0].keys().chain(call.fields.keys()) {
        assert!(shown.contains(&format!("{field}=")), "{field} in {shown}");
    }
    // What user code says, and what it is told, is nobody's business here.
    let all = format!("{spans:?} {events:?}");
    for secret in ["an argument", "an answer", "a value", "a text"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[test]
fn deaths_and_panics_are_told() {
    let listener = Listener::default();
    listener.hears(async {
        let kernel = builder().respawn(Respawn::Never).spawn().await.unwrap();
        kernel.register("fails", |_: Call| async move { if true { panic!("on purpose") } else { Ok(1.0) } }).unwrap();
        assert!(matches!(kernel.run("await host.fails()").await.unwrap().outcome, Outcome::Threw(_)));
        let (run, restarted) = tokio::join!(kernel.run("for (;;);"), kernel.restart());
        assert!(matches!(run, Err(Error::Died { .. })));
        restarted.unwrap();
    });
    assert_eq!(listener.events("host function panicked")[0]["panic"], "on purpose");
    assert_eq!(listener.events("kernel died").len(), 1);
    assert_eq!(listener.events("run failed").len(), 1);
    assert_eq!(listener.events("kernel launched").len(), 2);
}
