//! At least one instance of every message, and of every kind of value, by name: full ones, with every field, and bare
//! ones, with every optional field absent.

pub(crate) mod preview;
mod questions;
mod replies;

pub(crate) use replies::replies;

use drupe_protocol::{
    CodeFrame, Control, Event, Exception, Frame, Position, Reply, Request, SourceMap, Value,
    describe::{InspectReply, Member, MemberKind, Sort, Subject},
    event::{
        Console, Done, End, InterruptReply, Location, MemoryLimit, Method, Origin, Outcome, Part, Pong, ResetDone, RunResult,
        Started, State, Stopped, StoppedBy, Stuck, Uncaught, Unsupported, VmTimeout,
    },
    handles::{Handle, Properties, PropertiesReply, Property, Release, Stale, StaleReply},
    hello::{Channel, Engine, Greeting, Hello, Launch, Refused, Welcome, Welcoming},
    host::{Answer, Answered, Functions, HostCall, HostCancel, HostError, HostNext, HostReply},
    introspection::{
        CompleteReply, Completion, CompletionKind, Global, GlobalKind, Globals, GlobalsReply, Preview, PreviewReply, Status,
        StatusReply,
    },
    module::{Check, Entry, ImportedName, Main, Reload, StaticImport, Usage},
    output::{Output, Stream},
    preview::{Key, Node},
    request::{Input, Interrupt, Ping, Preload, Reset, Run, Shutdown, StopReason},
    sandbox::{SandboxLayer, SandboxLevel},
    value::{BigInt, ErrorValue, Opaque, RegExp, TypedArrayKind},
};

fn token() -> Vec<u8> {
    (0xa0..0xc0).collect()
}

fn location() -> Location {
    Location::new("chunk:3", Position { line: 1, column: 300 })
}

pub(crate) fn launches() -> Vec<(&'static str, Launch)> {
    let (data, control) = ("d".into(), "c".into());
    let bare = Launch {
        revision: 1,
        data,
        control,
        token: token(),
        generation: 1,
        memory_limit: None,
        machine_memory: None,
        sandbox: None,
        time_zone: None,
        locale: None,
        builtin_names: false,
    };
    let full = Launch { memory_limit: Some(256 << 20), data: "drupe-7-0f".into(), control: "drupe-7-f0".into(), ..bare.clone() };
    let unconfined = Launch { sandbox: Some(SandboxLevel::Off), time_zone: Some("Europe/Berlin".into()), ..bare.clone() };
    let typed = Launch { machine_memory: Some(16 << 30), builtin_names: true, ..bare.clone() };
    let german = Launch { locale: Some("de_DE".into()), ..bare.clone() };
    vec![
        ("launch full", full),
        ("launch bare", bare),
        ("launch unconfined", unconfined),
        ("launch for a person", typed),
        ("launch with a locale", german),
    ]
}

pub(crate) fn greetings() -> Vec<(&'static str, Greeting)> {
    let hello = |channel| {
        let engine = Engine { name: "V8".into(), version: "15.2.1-rusty".into() };
        let (version, sandbox) = ("0.1.0".into(), SandboxLevel::Off);
        Hello { revision: 1, token: token(), channel, pid: 70_000, version, engine, sandbox, layers: Vec::new() }
    };
    let layers = vec![SandboxLayer::new("seccomp", true, "2 filters")];
    let confined = Hello { sandbox: SandboxLevel::BestEffort, layers, ..hello(Channel::Data) };
    vec![
        ("hello data", Greeting::Hello(hello(Channel::Data))),
        ("hello control", Greeting::Hello(hello(Channel::Control))),
        ("hello confined", Greeting::Hello(confined)),
    ]
}

pub(crate) fn welcomings() -> Vec<(&'static str, Welcoming)> {
    let reason = "revision 2 does not match 1".into();
    vec![("welcome", Welcoming::Welcome(Welcome { revision: 1 })), ("refused", Welcoming::Refused(Refused { reason }))]
}

pub(crate) fn requests() -> Vec<(&'static str, Request)> {
    let bare = Run { run: 1, code: "1+1".into(), name: "chunk:1".into(), ..Run::default() };
    let with_preview = Run { preview: true, ..bare.clone() };
    let preload = Preload { code: "var db".into(), name: "preload".into(), ..Preload::default() };
    let asking = Run { handles: true, inspect_hooks: true, bundle: true, ..bare.clone() };
    let typed = Run { result_handle: true, ..bare.clone() };
    let coloured = Run { streams: true, colors: vec![Stream::Stdout, Stream::Stderr], ..bare.clone() };
    let deep = Run { depth: Some(4), ..bare.clone() };
    let piped = Run { ends_unsettled: true, ..bare.clone() };
    let beside = Run { beside: true, ..bare.clone() };
    let name = |local: &str, export: &str, usage| ImportedName { local: local.into(), export: export.into(), usage, at: None };
    let names = vec![name("a", "default", Usage::Value), name("B", "B", Usage::Type), name("c", "*", Usage::Unused)];
    let imports = vec![
        StaticImport { specifier: "./m.ts".into(), names, ..StaticImport::default() },
        StaticImport { specifier: "./d.json".into(), kind: Some("json".into()), declared: true, ..StaticImport::default() },
    ];
    let importing = Run { code: "void await import(\"drupe:import:0\")".into(), imports: imports.clone(), ..bare.clone() };
    let imports = Preload { imports, ..preload.clone() };
    let entry = |entry| Request::Run(Box::new(Run { run: 1, name: "chunk:1".into(), entry: Some(entry), ..Run::default() }));
    let specifier = || "file:///app/main.ts".to_owned();
    let full = Run {
        run: 1 << 40,
        source_map: Some(SourceMap { segments: vec![[0, 0, 0, 7], [1, 2, 70_000, 4]] }),
        inputs: vec![Input { name: "x".into(), value: Value::Null }, Input { name: "y".into(), value: Value::from("é") }],
        vm_timeout_ms: Some(100),
        memory_limit: Some(64 << 20),
        console_limit: Some(1 << 20),
        until_idle: true,
        keep_last: true,
        value_limit: 1 << 20,
        ..bare.clone()
    };
    let mut requests = vec![
        ("run full", Request::Run(Box::new(full))),
        ("run bare", Request::Run(Box::new(bare))),
        ("run with a preview", Request::Run(Box::new(with_preview))),
        ("run as a person types it", Request::Run(Box::new(typed))),
        ("run with handles, hooks and a bundle", Request::Run(Box::new(asking))),
        ("run that shows more levels", Request::Run(Box::new(deep))),
        ("run that ends unsettled", Request::Run(Box::new(piped))),
        ("run beside others", Request::Run(Box::new(beside))),
        ("run with imports", Request::Run(Box::new(importing))),
        ("run of a module", entry(Entry::Main(Main { specifier: specifier(), args: vec!["--all".into(), "b".into()] }))),
        ("run that checks a module", entry(Entry::Check(Check { specifier: specifier() }))),
        ("run that forgets a module", entry(Entry::Reload(Reload { specifier: specifier() }))),
        ("run that forgets all modules", entry(Entry::ReloadAll(Done {}))),
        ("preload with imports", Request::Preload(imports)),
        ("run in colours", Request::Run(Box::new(coloured))),
        ("reset", Request::Reset(Reset { generation: 2 })),
        ("functions full", Request::Functions(Functions { names: vec!["db.query".into()] })),
        (
            "preload full",
            Request::Preload(Preload { source_map: Some(SourceMap { segments: vec![[0, 0, 0, 7]] }), ..preload.clone() }),
        ),
        ("preload bare", Request::Preload(preload)),
        ("functions bare", Request::Functions(Functions::default())),
    ];
    requests.extend(answers().map(|(name, answer)| (name, Request::HostReply(HostReply { call: 8, answer }))));
    requests
}

fn answers() -> [(&'static str, Answer); 6] {
    let bare = HostError::new("TypeError", "no");
    let full = bare.clone().with_code("ENOENT").with("errno", -2);
    let answered = || Answered { value: Value::Null };
    [
        ("host_reply value", Answer::Value(answered())),
        ("host_reply error full", Answer::Error(full)),
        ("host_reply error bare", Answer::Error(bare)),
        ("host_reply stream", Answer::Stream(Done {})),
        ("host_reply item", Answer::Item(answered())),
        ("host_reply end", Answer::End(Done {})),
    ]
}

const HANDLE: Handle = Handle { generation: 2, number: 300 };

pub(crate) fn controls() -> Vec<(&'static str, Control)> {
    let interrupt = |run, reason| Control::Interrupt(Interrupt { run, reason });
    let mut controls = questions::of_code();
    controls.extend([
        ("interrupt full", interrupt(Some(3), StopReason::Request)),
        ("interrupt bare", interrupt(None, StopReason::WallTimeout)),
        ("interrupt for a reset", interrupt(None, StopReason::Reset)),
        ("ping", Control::Ping(Ping { nonce: u64::MAX })),
        ("shutdown", Control::Shutdown(Shutdown {})),
        ("globals", Control::Globals(Globals { id: 5 })),
        ("status", Control::Status(Status { id: u64::MAX })),
        ("preview", Control::Preview(Preview { id: 7, code: "1 + 1".into() })),
        ("properties full", Control::Properties(Properties { id: 7, handle: HANDLE, start: 70_000, count: 100 })),
        ("properties bare", Control::Properties(Properties { id: 7, handle: HANDLE, start: 0, count: 1 })),
        ("release", Control::Release(Release { handles: vec![HANDLE, Handle { generation: 3, number: 9 }] })),
    ]);
    controls
}

pub(crate) const METHODS: [(&str, Method); 19] = [
    ("console log", Method::Log),
    ("console debug", Method::Debug),
    ("console info", Method::Info),
    ("console warn", Method::Warn),
    ("console error", Method::Error),
    ("console trace", Method::Trace),
    ("console assert", Method::Assert),
    ("console dir", Method::Dir),
    ("console dirxml", Method::Dirxml),
    ("console table", Method::Table),
    ("console count", Method::Count),
    ("console count_reset", Method::CountReset),
    ("console group", Method::Group),
    ("console group_collapsed", Method::GroupCollapsed),
    ("console group_end", Method::GroupEnd),
    ("console time", Method::Time),
    ("console time_log", Method::TimeLog),
    ("console time_end", Method::TimeEnd),
    ("console clear", Method::Clear),
];

fn exceptions() -> [Exception; 2] {
    let bare = Exception::new(None, "7", "Uncaught 7");
    let frame = |function| Frame::new(function, "chunk:3", Position { line: 1, column: 8 });
    let mut full = bare.clone();
    full.name = Some("TypeError".into());
    full.at = Some(location());
    full.frames = vec![frame(Some("f".into())), frame(None)];
    full.code_frame = Some(CodeFrame::new(location(), vec!["let a".into(), "  = b".into()], 4, 1));
    full.value = Some(Value::Null);
    [full, bare]
}

fn cut() -> Console {
    let mut cut = Console::new(Method::Log, vec![Value::from("long"), Value::from(1)], 0.0);
    (cut.text, cut.cut_bytes, cut.cut_args) = (Some("lo…".into()), 300, 1);
    cut
}

pub(crate) fn events() -> Vec<(&'static str, Event)> {
    let bare = |method| Console::new(method, Vec::new(), 0.0);
    let mut console = Console::new(Method::Log, vec![Value::from("n ="), Value::from(1)], 1_760_000_000_000.25);
    console.run = Some(3);
    console.depth = 2;
    console.text = Some("n = 1".into());
    console.at = Some(location());
    let mut handled = Console::new(Method::Log, vec![Value::Null, Value::from(1)], 0.0);
    handled.handles = vec![Some(HANDLE), None];
    let result = |value, preview| {
        let mut result = RunResult::new(3, "null");
        (result.value, result.preview) = (value, preview);
        Event::Result(result)
    };
    let part = |mime: &str, data| Part::new(mime, data);
    let bundle =
        vec![part("text/html", Some("<b>1</b>".into())), part("application/json", Some(Value::Null)), part("image/png", None)];
    let mut shown = RunResult::new(3, "null");
    (shown.handle, shown.bundle) = (Some(HANDLE), bundle);
    let uncaught = |run, origin, exception| Event::Exception(Uncaught::new(run, origin, exception));
    let mut of_bytes = Output::new(None, Stream::Stdout, "\u{fffd}a", 0.0);
    of_bytes.bytes = Some(vec![0xff, b'a']);
    let [full, plain] = exceptions();
    let mut events = vec![
        ("started", Event::Started(Started::new(3, 1))),
        ("console full", Event::Console(console)),
        ("result full", result(Some(Value::Null), None)),
        ("console with handles", Event::Console(handled)),
        ("console cut", Event::Console(cut())),
        ("result with a handle and a bundle", Event::Result(shown)),
        ("result bare", result(None, None)),
        ("result with a preview", result(None, Some(preview::preview()))),
        ("exception full", uncaught(Some(3), Origin::Chunk, full)),
        ("exception bare", uncaught(None, Origin::Callback, plain.clone())),
        ("exception of a rejection", uncaught(None, Origin::Rejection, plain.clone())),
        ("exception reported", uncaught(None, Origin::Report, plain)),
        ("output full", Event::Output(Output::new(Some(3), Stream::Stdout, "half a li", 1.5))),
        ("output bare", Event::Output(Output::new(None, Stream::Stderr, "ne\n", 0.0))),
        ("output of bytes", Event::Output(of_bytes)),
        ("reset_done", Event::ResetDone(ResetDone { generation: 2 })),
        (
            "host_call full",
            Event::HostCall(HostCall { call: 8, run: Some(3), op: "fs.read".into(), args: vec![Value::from("/x")] }),
        ),
        ("host_call bare", Event::HostCall(HostCall { call: 8, op: "fs.read".into(), ..HostCall::default() })),
        ("host_next", Event::HostNext(HostNext { call: 8 })),
        ("host_cancel", Event::HostCancel(HostCancel { call: 8 })),
        ("unsupported", Event::Unsupported(Unsupported { name: "later".into() })),
    ];
    events.extend(METHODS.map(|(name, method)| (name, Event::Console(bare(method)))));
    events.extend(ends().map(|(name, end, state)| {
        let dropped_jobs = state == State::Lost;
        let exit_code = matches!(end, End::Exited(_)).then_some(3);
        (
            name,
            Event::Outcome(Outcome {
                end,
                state,
                dropped_jobs,
                dropped_timers: u32::from(dropped_jobs) * 7,
                stopped_callbacks: u32::from(dropped_jobs) * 2,
                dropped_events: u64::from(dropped_jobs) * 70_000,
                exit_code,
                wall_us: 200_000,
                cpu_us: 150,
                ..Outcome::new(3, End::Threw(Done {}))
            }),
        )
    }));
    let failed = Outcome { exit_code: Some(3), exit_code_set: true, in_preload: true, ..Outcome::new(3, End::Threw(Done {})) };
    events.push(("outcome of a preload that set a status and threw", Event::Outcome(failed)));
    let stopped = End::Interrupted(StoppedBy { reason: StopReason::Request, stopped: Stopped::Await });
    let cancelled = Outcome { dropped_timers: 1, dropped_calls: 2, ..Outcome::new(3, stopped) };
    events.push(("outcome with what was cancelled", Event::Outcome(cancelled)));
    events
}

fn ends() -> [(&'static str, End, State); 11] {
    let (kept, lost) = (State::Kept, State::Lost);
    let interrupted = |reason, stopped| End::Interrupted(StoppedBy { reason, stopped });
    let vm_timeout = End::VmTimeout(VmTimeout { limit_ms: 100, stopped: Stopped::Javascript });
    [
        ("outcome value", End::Value(Done {}), kept),
        ("outcome threw", End::Threw(Done {}), kept),
        ("outcome syntax_error", End::SyntaxError(Done {}), kept),
        ("outcome interrupted", interrupted(StopReason::Request, Stopped::Javascript), kept),
        ("outcome interrupted by the wall clock", interrupted(StopReason::WallTimeout, Stopped::Await), kept),
        ("outcome interrupted among its timers", interrupted(StopReason::Request, Stopped::Timers), kept),
        ("outcome interrupted by reset", interrupted(StopReason::Reset, Stopped::Queued), lost),
        ("outcome vm_timeout", vm_timeout, kept),
        ("outcome memory_limit", End::MemoryLimit(MemoryLimit { limit: 256 << 20 }), lost),
        ("outcome exited", End::Exited(Done {}), kept),
        ("outcome unsettled", End::Unsettled(Done {}), kept),
    ]
}

/// One of each kind.
pub(crate) const COMPLETION_KINDS: [CompletionKind; 7] = [
    CompletionKind::Property,
    CompletionKind::Method,
    CompletionKind::Class,
    CompletionKind::Function,
    CompletionKind::Variable,
    CompletionKind::Constant,
    CompletionKind::Keyword,
];

/// Named as WIRE.md names its examples.
pub(crate) fn values() -> Vec<(&'static str, Value)> {
    let error = |name: &str, message: &str| ErrorValue { name: name.into(), message: message.into(), ..ErrorValue::default() };
    let one = || Value::from(1);
    let plain = Value::Error(Box::new(error("Error", "no")));
    let cause = ErrorValue { stack: Some("Error: a".into()), cause: Some(one()), ..error("Error", "a") };
    let aggregate = ErrorValue { errors: Some(Value::Array(vec![one()])), ..error("AggregateError", "") };
    let typed = |kind, bytes: &[u8]| Value::TypedArray(kind, bytes.into());
    let shared = Value::Array(vec![Value::Array(vec![]), Value::Ref(1)]);
    vec![
        ("undefined", Value::Undefined),
        ("null", Value::Null),
        ("true", Value::from(true)),
        ("0", Value::from(0)),
        ("-1", Value::from(-1)),
        ("2**53-1", Value::Number(9_007_199_254_740_991.0)),
        ("2**53", Value::Number(9_007_199_254_740_992.0)),
        ("1.5", Value::from(1.5)),
        ("-0", Value::Number(-0.0)),
        ("NaN", Value::Number(f64::NAN)),
        ("0n", Value::BigInt(BigInt::default())),
        ("-258n", Value::from(-258_i128)),
        ("\"é\"", Value::from("é")),
        ("\"a\\ud800\"", Value::Utf16(vec![0x61, 0xd800])),
        ("new Date(0)", Value::Date(0.0)),
        ("/a+/g", Value::RegExp(Box::new(RegExp { source: "a+".into(), flags: "g".into() }))),
        ("new Uint8Array([1,2]).buffer", Value::ArrayBuffer([1, 2].into())),
        ("new Int8Array([-1])", typed(TypedArrayKind::Int8, &[0xff])),
        ("new Uint8Array([1,2])", typed(TypedArrayKind::Uint8, &[1, 2])),
        ("new Uint8ClampedArray([255])", typed(TypedArrayKind::Uint8Clamped, &[0xff])),
        ("new Int16Array([-2])", typed(TypedArrayKind::Int16, &[0xfe, 0xff])),
        ("new Uint16Array([258])", typed(TypedArrayKind::Uint16, &[2, 1])),
        ("new Int32Array([-2])", typed(TypedArrayKind::Int32, &[0xfe, 0xff, 0xff, 0xff])),
        ("new Uint32Array([258])", typed(TypedArrayKind::Uint32, &[2, 1, 0, 0])),
        ("new BigInt64Array([-1n])", typed(TypedArrayKind::BigInt64, &[0xff; 8])),
        ("new BigUint64Array([1n])", typed(TypedArrayKind::BigUint64, &1_u64.to_le_bytes())),
        ("new Float16Array([1])", typed(TypedArrayKind::Float16, &[0, 0x3c])),
        ("new Float32Array([1.5])", typed(TypedArrayKind::Float32, &1.5_f32.to_le_bytes())),
        ("new Float64Array([1.5])", typed(TypedArrayKind::Float64, &1.5_f64.to_le_bytes())),
        ("new DataView(new ArrayBuffer(3))", typed(TypedArrayKind::DataView, &[0; 3])),
        ("[]", Value::Array(vec![])),
        ("[1,,2]", Value::Array(vec![one(), Value::Hole, Value::from(2)])),
        ("{a:1,b:[]}", Value::Object(vec![("a".into(), one()), ("b".into(), Value::Array(vec![]))])),
        ("new Map([[1,\"x\"]])", Value::Map(vec![(one(), Value::from("x"))])),
        ("new Set([1,2])", Value::Set(vec![one(), Value::from(2)])),
        ("new Error(\"no\")", plain),
        ("new Error(\"a\",{cause:1})", Value::Error(Box::new(cause))),
        ("new AggregateError([1])", Value::Error(Box::new(aggregate))),
        ("let a=[]; [a,a]", shared),
        ("let o={}; o.o=o; o", Value::Object(vec![("o".into(), Value::Ref(0))])),
        ("Math.max", Value::Opaque(Box::new(Opaque { class: "function".into(), text: "[Function: max]".into() }))),
    ]
}
