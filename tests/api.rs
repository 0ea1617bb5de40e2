//! The public structs of the client, made by their constructors: an embedder's tests and mocks need no kernel for that.
//!
//! The structs are `#[non_exhaustive]`, so this file compiles only while each has a constructor outside of its crate.

use std::time::Duration;

use drupe_client::{
    Cause, CodeFrame, Completion, CompletionKind, Console, Death, Event, Exception, Frame, Jsx, Language, Level, Limits,
    Location, Member, MemberKind, Method, NewSession, Options, Origin, Outcome, Output, Part, Position, Property, Report,
    RunResult, SandboxLayer, SessionReason, Started, State, Stream, Surroundings, Uncaught, Value,
    host::{
        Call, HostError,
        permissions::{Audit, Basis, Extent, Kind, PermissionRequest, Program},
    },
    preview::{Key, Node},
};

fn exception() -> Exception {
    let place = Position { line: 0, column: 4 };
    let mut exception = Exception::new(Some("Error".to_owned()), "no", "Error: no");
    exception.at = Some(Location::new("chunk:1", place));
    exception.frames = vec![Frame::new(Some("f".to_owned()), "chunk:1", place), Frame::new(None, "chunk:1", place)];
    exception.code_frame = Some(CodeFrame::new(Location::new("chunk:1", place), vec!["let x".to_owned()], 4, 1));
    exception
}

#[test]
fn every_event_can_be_made() {
    let request = PermissionRequest::new(Kind::Read, "/x", "open", Some(3));
    let mut console = Console::new(Method::Warn, vec![Value::from("slow")], 0.0);
    console.run = Some(3);
    assert_eq!((console.text(), console.method.level()), ("slow", Level::Warning));
    let mut result = RunResult::new(3, "1");
    result.bundle = vec![Part::new("text/html", Some("<b>1</b>".into()))];
    let events = [
        Event::Started(Started::new(3, 1)),
        Event::Console(console),
        Event::Output(Output::new(Some(3), Stream::Stdout, "half a li", 0.0)),
        Event::Result(result),
        Event::Exception(Uncaught::new(Some(3), Origin::Chunk, exception())),
        Event::Permission(Audit::new(request, true, Basis::Policy)),
    ];
    assert!(events.iter().all(|event| event.run() == Some(3)));
    assert_eq!(Event::Session(NewSession::new(2, SessionReason::Reset)).run(), None);
    assert_eq!(exception().to_string(), "Error: no\n1 | let x\n  |     ^");
}

#[test]
fn ends_and_answers_can_be_made() {
    let mut report = Report::new(3, Outcome::Threw(exception()), State::Kept);
    report.wall = Duration::from_millis(5);
    assert!(!report.outcome.is_value());
    assert_eq!((report.run, report.generation, report.dropped_events), (3, 1, 0));
    let mut death = Death::new(Cause::Exited(3), 1);
    death.stderr = "bad luck\n".to_owned();
    assert_eq!(death.to_string(), "the kernel exited with status 3 (it last wrote: bad luck)");
    let property = Property::new(Key::Name("a".into()), Node::Null);
    assert!(property.handle.is_none() && !property.hidden && !property.read_only && !property.fixed);
    assert_eq!(Completion::new("size", CompletionKind::Property, None).text, "size");
    assert_eq!(Member::new("make", MemberKind::Method, true).name, "make");
    assert_eq!(SandboxLayer::new("seccomp", true, "2 filters").to_string(), "seccomp on (2 filters)");
}

#[test]
fn requests_can_be_made() {
    let call = Call::new("fs.open", vec!["/x".into()]);
    assert_eq!((call.string(0), call.run), (Ok("/x"), None));
    assert_eq!(HostError::new("TypeError", "no").with_code("ERR_X").code.as_deref(), Some("ERR_X"));
    let mut request = PermissionRequest::new(Kind::Run, "git", "spawn", None);
    request.extent = Extent::Command(Box::new(Program::new("git", "/usr/bin/git", "/usr/bin/git")));
    assert_ne!(request.extent, Extent::Alone);
    let mut options = Options::new(Language::Tsx);
    options.jsx = Jsx::new("h", "Fragment");
    assert_eq!((options.language, options.name.as_str()), (Language::Tsx, ""));
    let mut limits = Limits::default();
    limits.vm_timeout = Some(Duration::from_secs(1));
    assert_eq!((limits.vm_timeout, limits.wall_timeout), (Some(Duration::from_secs(1)), None));
    let mut surroundings = Surroundings::default();
    surroundings.has_script = true;
    assert!(surroundings.executable.is_none());
}
