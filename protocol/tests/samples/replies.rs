//! Replies.

use super::*;

pub(crate) fn replies() -> Vec<(&'static str, Reply)> {
    let items = COMPLETION_KINDS.map(|kind| Completion::new("console", kind, None)).to_vec();
    let detailed = Completion::new("size", CompletionKind::Property, Some("accessor".into()));
    let global =
        |kind, size| Global { name: "n".into(), kind, type_name: "number".into(), size, bytes: size, preview: "1".into() };
    let names = vec![global(GlobalKind::Lexical, Some(3)), global(GlobalKind::Property, None)];
    let at = Some(Location::new("chunk:3", Position { line: 1, column: 2 }));
    let status = StatusReply {
        id: 6,
        run: Some(3),
        executing: true,
        elapsed_ms: 1000,
        cpu_ms: 990,
        heap_used: 1 << 20,
        heap_limit: 1 << 31,
        external: 77,
        at,
    };
    let mut full = Property::new(Key::Value(Box::new(Node::Null)), Node::Boolean(true));
    full.handle = Some(HANDLE);
    full.key_handle = Some(Handle { generation: 2, number: 301 });
    (full.hidden, full.read_only, full.fixed) = (true, true, true);
    let prototype = Some(Property::new(Key::Hidden("[[Prototype]]".into()), Node::default()));
    let page = PropertiesReply { id: 7, head: Node::Null, prototype, total: 3, next: 2, items: vec![full, Property::default()] };
    let stale = |reason| Reply::Stale(StaleReply { id: 7, reason });
    vec![
        ("pong full", Reply::Pong(Pong { nonce: 9, run: Some(3), stretch_us: Some(1500) })),
        ("pong bare", Reply::Pong(Pong { nonce: 9, run: None, stretch_us: None })),
        ("interrupt_reply full", Reply::Interrupt(InterruptReply { run: Some(3), found: true, active: None, queued: false })),
        (
            "interrupt_reply of the active run",
            Reply::Interrupt(InterruptReply { run: None, found: true, active: Some(3), queued: false }),
        ),
        ("interrupt_reply bare", Reply::Interrupt(InterruptReply { run: None, found: false, active: None, queued: false })),
        ("interrupt_reply queued", Reply::Interrupt(InterruptReply { run: Some(3), found: true, active: None, queued: true })),
        ("stuck full", Reply::Stuck(Stuck { run: Some(3), limit_ms: 100 })),
        ("stuck bare", Reply::Stuck(Stuck { run: None, limit_ms: 0 })),
        ("complete_reply full", Reply::Complete(CompleteReply { id: 4, items, environment: false })),
        ("complete_reply detailed", Reply::Complete(CompleteReply { id: 4, items: vec![detailed], environment: false })),
        ("complete_reply of variables", Reply::Complete(CompleteReply { id: 4, items: Vec::new(), environment: true })),
        ("complete_reply bare", Reply::Complete(CompleteReply::default())),
        ("globals_reply full", Reply::Globals(GlobalsReply { id: 5, names })),
        ("globals_reply bare", Reply::Globals(GlobalsReply { id: 5, names: Vec::new() })),
        ("properties_reply full", Reply::Properties(Box::new(page))),
        ("properties_reply bare", Reply::Properties(Box::default())),
        ("stale_reply released", stale(Stale::Released)),
        ("stale_reply session", stale(Stale::Session)),
        ("stale_reply unknown", stale(Stale::Unknown)),
        ("status_reply full", Reply::Status(status)),
        ("status_reply bare", Reply::Status(StatusReply::default())),
        ("preview_reply full", Reply::Preview(PreviewReply { id: 7, text: Some("2".into()) })),
        (
            "inspect_reply full",
            Reply::Inspect(Box::new(InspectReply {
                id: 8,
                subject: Some(Subject {
                    sort: Sort::Class,
                    type_name: "class".into(),
                    preview: "[class A extends B]".into(),
                    length: Some(2),
                    builtin: None,
                    source: Some("class A extends B {}".into()),
                    parameters: None,
                    is_internal: false,
                    at: Some(Location::new("chunk:3", Position { line: 1, column: 2 })),
                    extends: Some("B".into()),
                    members: vec![Member::new("make", MemberKind::Method, true)],
                }),
            })),
        ),
        (
            "inspect_reply internal",
            Reply::Inspect(Box::new(InspectReply {
                id: 8,
                subject: Some(Subject {
                    sort: Sort::Function,
                    type_name: "function".into(),
                    source: Some("function readFile(path, ...rest) {}".into()),
                    parameters: Some("path, options?, callback".into()),
                    is_internal: true,
                    ..Subject::default()
                }),
            })),
        ),
        ("inspect_reply bare", Reply::Inspect(Box::default())),
        ("preview_reply bare", Reply::Preview(PreviewReply::default())),
        ("unsupported", Reply::Unsupported(Unsupported { name: "later".into() })),
    ]
}
