//! What programs cost the host: how long their names may be, how many run at once, and that nobody waits while they are
//! looked for.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::calls::Place;
use drupe_host::{Answer, permissions::Kind};
use drupe_protocol::Value;

fn object(entries: &[(&str, Value)]) -> Value {
    Value::Object(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

// threat K9
#[tokio::test]
async fn what_is_too_long_for_a_program_is_refused_before_anybody_looks() {
    const LONG: usize = 8 << 20;
    let texts = |text: &str, count: usize| Value::Array(vec![Value::from(text); count]);
    let place = Place::open();
    let (path, name, climb) = ("a/".repeat(LONG / 2), "a".repeat(LONG), format!("/tmp/{}", "../tmp/".repeat(LONG / 7)));
    for (options, wanted) in [
        (object(&[("file", (&*path).into())]), "ENAMETOOLONG"),
        (object(&[("file", (&*name).into())]), "ENAMETOOLONG"),
        (object(&[("file", (&*climb).into())]), "ENAMETOOLONG"),
        (object(&[("file", "true".into()), ("cwd", (&*path).into())]), "ENAMETOOLONG"),
        (object(&[("file", "true".into()), ("argv0", (&*name).into())]), "E2BIG"),
        (object(&[("file", "true".into()), ("args", texts(&name, 1))]), "E2BIG"),
        (object(&[("file", "true".into()), ("args", texts("", LONG))]), "E2BIG"),
        (object(&[("file", "true".into()), ("env", object(&[("A", (&*name).into())]))]), "E2BIG"),
        // As long as the system would take it.
        (object(&[("file", "a/".repeat(2_000).into())]), "EACCES"),
    ] {
        for op in ["process.start", "process.run"] {
            let error = place.call(op, vec![options.clone()]).await.err().unwrap();
            assert_eq!(error.code.as_deref(), Some(wanted), "{op}: {:.100}", error.message);
            let size = error.message.len() + format!("{:?}", error.properties).len();
            assert!(size < 40_000, "{op}, {wanted}: an error of {size} bytes");
        }
    }
}

// threat K9
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_are_started_at_once_are_counted_before_they_start() {
    let place = Place::open();
    place.permissions.change(|policy| policy.allow_all(Kind::Run));
    let options =
        object(&[("file", "/bin/sleep".into()), ("args", Value::Array(vec!["600".into()])), ("cwd", place.path("in").into())]);
    let spawn = || tokio::spawn(place.call("process.start", vec![options.clone()]));
    let starting = (0..80).map(|_| spawn()).collect::<Vec<_>>();
    let (mut running, mut refused) = (Vec::new(), 0);
    for started in starting {
        match started.await.unwrap() {
            Ok(Answer::Value(pid)) => running.push(pid),
            Ok(Answer::Stream(_)) => panic!("a stream"),
            Err(error) => {
                assert_eq!(error.code.as_deref(), Some("EAGAIN"), "{}", error.message);
                refused += 1;
            }
        }
    }
    assert_eq!((running.len(), refused), (64, 16));
    // One that is gone leaves its place.
    let pid = running.pop().unwrap();
    drop(place.call("process.follow", vec![pid.clone()]).await.unwrap());
    while place.value("process.kill", vec![pid.clone(), 0.into()]).await.unwrap() == true.into() {
        tokio::task::yield_now().await;
    }
    // It leaves the list first, and then its place.
    let next = loop {
        match spawn().await.unwrap() {
            Ok(Answer::Value(pid)) => break pid,
            Err(error) if error.code.as_deref() == Some("EAGAIN") => tokio::task::yield_now().await,
            other => panic!("{:?}", other.err()),
        }
    };
    running.push(next);
}

/// Others than its own programs are no business of a session that may not run everything: not even whether they are
/// there.
// threat I5
#[tokio::test]
async fn others_are_signalled_by_who_may_run_everything_alone() {
    let place = Place::open();
    let own = Value::from(std::process::id());
    let group = Value::from(-f64::from(rustix::process::getpgrp().as_raw_nonzero().get()));
    let nobody = Value::from(f64::from(i32::MAX));
    let kill = |pid: &Value| place.call("process.kill", vec![pid.clone(), 0.into()]);
    for pid in [&own, &group, &nobody] {
        let error = kill(pid).await.err().unwrap();
        assert_eq!((&*error.name, error.code.as_deref()), ("PermissionDenied", Some("EACCES")), "{pid:?}");
        assert!(error.message.contains("everything"), "{}", error.message);
    }
    place.permissions.change(|policy| *policy = drupe_host::permissions::Policy::all());
    let audits = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&audits);
    place.permissions.audit(Arc::new(move |audit| tell.lock().unwrap().push((audit.request.resource.clone(), audit.granted))));
    // Everybody is more than a session may signal.
    let everybody = Value::from(-1);
    let told = [(&own, true.into()), (&group, true.into()), (&nobody, false.into()), (&everybody, Value::from("EPERM"))];
    for (pid, expected) in told {
        let Ok(Answer::Value(answer)) = kill(pid).await else { panic!("no answer") };
        assert_eq!(answer, expected, "{pid:?}");
        let audited = audits.lock().unwrap().pop().unwrap();
        let number = pid.as_f64().unwrap();
        assert_eq!(audited, (format!("kill {number}"), number != -1.0));
    }
}

/// They are an embedder's own.
#[tokio::test]
async fn the_facts_of_the_process_are_for_its_own_program() {
    let place = Place::open();
    for op in ["process.ids", "process.umask"] {
        assert_eq!(place.value(op, Vec::new()).await.unwrap(), Value::Null, "{op}");
    }
    for op in ["process.self", "process.parent"] {
        assert_eq!(place.value(op, Vec::new()).await.unwrap(), 0.0.into(), "{op}");
    }
}

// threat K9
#[tokio::test(flavor = "current_thread")]
async fn nobody_waits_while_a_program_is_looked_for() {
    let place = Place::open();
    // Each rule is a path that is looked at.
    place.permissions.change(|policy| {
        for rule in 0..1_500 {
            policy.allow(Kind::Run, &place.path(&format!("no/such/{rule}/true"))).unwrap();
            policy.allow(Kind::Run, "/bin/sh").unwrap();
        }
    });
    std::fs::create_dir_all(place.root.join("no/such")).unwrap();
    let options = object(&[("file", "/bin/true".into()), ("cwd", place.path("in").into())]);
    let mut looking = place.call("process.run", vec![options]);
    let began = Instant::now();
    let mut longest = Duration::ZERO;
    let done = loop {
        let turn = Instant::now();
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(looking.as_mut().poll(context))).await;
        longest = longest.max(turn.elapsed());
        match polled {
            std::task::Poll::Ready(done) => break done,
            std::task::Poll::Pending => tokio::task::yield_now().await,
        }
    };
    assert_eq!(done.err().and_then(|error| error.code).as_deref(), Some("EACCES"));
    let all = began.elapsed();
    assert!(longest * 4 < all, "{longest:?} of {all:?}");
}
