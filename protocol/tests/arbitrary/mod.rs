//! Arbitrary messages and values, for the properties.

#![allow(dead_code, reason = "not every test binary needs all of them")]

mod chain;
mod preview;
mod value;

use drupe_protocol::{
    CodeFrame, Control, Event, Exception, Frame, Position, Reply, Request, SourceMap,
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
    request::{Input, Interrupt, Ping, Preload, Reset, Run, Shutdown, StopReason},
    sandbox::{SandboxLayer, SandboxLevel},
};
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::FileFailurePersistence};

pub(crate) use value::value;

/// So many cases, or as many as `PROPTEST_CASES` says.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")) as Box<_>);
    ProptestConfig { cases, failure_persistence, ..ProptestConfig::default() }
}

fn position() -> BoxedStrategy<Position> {
    any::<(u32, u32)>().prop_map(|(line, column)| Position { line, column }).boxed()
}

fn location() -> BoxedStrategy<Location> {
    (any::<String>(), position()).prop_map(|(script, position)| Location::new(script, position)).boxed()
}

fn exception() -> BoxedStrategy<Exception> {
    let frame = (any::<Option<String>>(), any::<String>(), position())
        .prop_map(|(function, script, position)| Frame::new(function, script, position));
    let code_frame = (location(), vec(any::<String>(), 1..4), any::<u32>(), any::<u32>())
        .prop_map(|(at, lines, mark, marked)| CodeFrame::new(at, lines, mark, marked));
    (
        any::<(Option<String>, String, String)>(),
        option::of(location()),
        vec(frame, 0..4),
        option::of(code_frame),
        option::of(value()),
    )
        .prop_map(|((name, message, text), at, frames, code_frame, value)| {
            let mut exception = Exception::new(name, message, text);
            (exception.at, exception.frames, exception.code_frame, exception.value) = (at, frames, code_frame, value);
            exception
        })
        .boxed()
}

pub(crate) fn launch() -> BoxedStrategy<Launch> {
    (any::<(u32, String, String, Vec<u8>, u64, [Option<u64>; 2], [Option<String>; 2], bool)>(), option::of(sandbox_level()))
        .prop_map(|((revision, data, control, token, generation, memory, [time_zone, locale], builtin_names), sandbox)| {
            let [memory_limit, machine_memory] = memory;
            Launch {
                revision,
                data,
                control,
                token,
                generation,
                memory_limit,
                machine_memory,
                sandbox,
                time_zone,
                locale,
                builtin_names,
            }
        })
        .boxed()
}

pub(crate) fn greeting() -> BoxedStrategy<Greeting> {
    let layer = any::<(String, bool, String)>().prop_map(|(name, on, detail)| SandboxLayer::new(name, on, detail));
    let channel = select(&[Channel::Data, Channel::Control][..]);
    let engine = any::<(String, String)>().prop_map(|(name, version)| Engine { name, version });
    (any::<(u32, Vec<u8>, u32, String)>(), engine, channel, sandbox_level(), vec(layer, 0..4))
        .prop_map(|((revision, token, pid, version), engine, channel, sandbox, layers)| {
            Greeting::Hello(Hello { revision, token, channel, pid, version, engine, sandbox, layers })
        })
        .boxed()
}

fn sandbox_level() -> BoxedStrategy<SandboxLevel> {
    select(&[SandboxLevel::Off, SandboxLevel::BestEffort, SandboxLevel::Strict, SandboxLevel::Hardened][..]).boxed()
}

pub(crate) fn welcoming() -> BoxedStrategy<Welcoming> {
    prop_oneof![
        any::<u32>().prop_map(|revision| Welcoming::Welcome(Welcome { revision })),
        any::<String>().prop_map(|reason| Welcoming::Refused(Refused { reason })),
    ]
    .boxed()
}

fn static_import() -> BoxedStrategy<StaticImport> {
    let usage = select(vec![Usage::Value, Usage::Type, Usage::Unused]);
    let name =
        (any::<(String, String)>(), usage).prop_map(|((local, export), usage)| ImportedName { local, export, usage, at: None });
    (any::<(String, Option<String>, bool)>(), vec(name, 0..3))
        .prop_map(|((specifier, kind, declared), names)| StaticImport { specifier, kind, names, declared })
        .boxed()
}

fn entry() -> BoxedStrategy<Entry> {
    let main = (any::<String>(), vec(any::<String>(), 0..3));
    prop_oneof![
        main.prop_map(|(specifier, args)| Entry::Main(Main { specifier, args })),
        any::<String>().prop_map(|specifier| Entry::Check(Check { specifier })),
        any::<String>().prop_map(|specifier| Entry::Reload(Reload { specifier })),
        Just(Entry::ReloadAll(Done {})),
    ]
    .boxed()
}

pub(crate) fn request() -> BoxedStrategy<Request> {
    let input = (any::<String>(), value()).prop_map(|(name, value)| Input { name, value });
    let source_map = vec(any::<[u32; 4]>(), 0..6).prop_map(|segments| SourceMap { segments });
    let run = (any::<(u64, String, String, Option<(u64, u64)>, bool, u64, bool)>(), option::of(source_map), vec(input, 0..3))
        .prop_map(|rest| {
            let ((run, code, name, limits, until_idle, value_limit, preview), source_map, inputs) = rest;
            let (vm_timeout_ms, memory_limit) = limits.unzip();
            let keep_last = !until_idle;
            let (handles, inspect_hooks, bundle) = (preview != until_idle, until_idle, preview);
            let result_handle = until_idle;
            let console_limit = memory_limit;
            let base = Run { run, code, name, source_map, inputs, vm_timeout_ms, memory_limit, console_limit, ..Run::default() };
            let colors = if preview { Vec::from([Stream::Stdout]) } else { Vec::new() };
            let base = Run { colors, streams: preview, ends_unsettled: preview, beside: preview, ..base };
            let run = Run { until_idle, keep_last, value_limit, preview, handles, inspect_hooks, bundle, ..base };
            let run = Run { result_handle, depth: until_idle.then_some(4), ..run };
            Request::Run(Box::new(run))
        });
    let module_run = (any::<u64>(), vec(static_import(), 0..3), option::of(entry()))
        .prop_map(|(run, imports, entry)| Request::Run(Box::new(Run { run, imports, entry, ..Run::default() })));
    let functions = vec(any::<String>(), 0..4).prop_map(|names| Request::Functions(Functions { names }));
    prop_oneof![
        3 => run,
        1 => module_run,
        1 => any::<u64>().prop_map(|generation| Request::Reset(Reset { generation })),
        2 => (any::<u64>(), answer()).prop_map(|(call, answer)| Request::HostReply(HostReply { call, answer })),
        1 => functions,
        1 => any::<(String, String)>().prop_map(|(code, name)| Request::Preload(Preload { code, name, ..Preload::default() })),
    ]
    .boxed()
}

fn answer() -> BoxedStrategy<Answer> {
    let error =
        (any::<(String, String, Option<String>)>(), option::of(value())).prop_map(|((name, message, code), properties)| {
            let mut error = HostError::new(name, message);
            (error.code, error.properties) = (code, properties);
            error
        });
    prop_oneof![
        value().prop_map(|value| Answer::Value(Answered { value })),
        error.prop_map(Answer::Error),
        Just(Answer::Stream(Done {})),
        value().prop_map(|value| Answer::Item(Answered { value })),
        Just(Answer::End(Done {})),
    ]
    .boxed()
}

fn stop_reason() -> BoxedStrategy<StopReason> {
    select(&[StopReason::Request, StopReason::WallTimeout, StopReason::Reset][..]).boxed()
}

fn handle() -> BoxedStrategy<Handle> {
    any::<(u64, u64)>().prop_map(Handle::from).boxed()
}

fn subject() -> BoxedStrategy<Subject> {
    let member =
        (any::<(String, bool)>(), prop_oneof![Just(MemberKind::Method), Just(MemberKind::Accessor), Just(MemberKind::Field)])
            .prop_map(|((name, is_static), kind)| Member::new(name, kind, is_static));
    let sort = prop_oneof![Just(Sort::Value), Just(Sort::AsyncFunction), Just(Sort::Class), Just(Sort::Uninitialized)];
    let texts = any::<(String, String, Option<String>, Option<String>)>();
    (any::<(bool, Option<u32>)>(), texts, sort, proptest::collection::vec(member, 0..4))
        .prop_map(|((is_internal, length), (type_name, preview, source, extends), sort, members)| Subject {
            sort,
            type_name,
            preview,
            length,
            builtin: extends.clone(),
            parameters: source.clone(),
            is_internal,
            source,
            at: None,
            extends,
            members,
        })
        .boxed()
}

pub(crate) fn control() -> BoxedStrategy<Control> {
    prop_oneof![
        (any::<Option<u64>>(), stop_reason()).prop_map(|(run, reason)| Control::Interrupt(Interrupt { run, reason })),
        any::<u64>().prop_map(|nonce| Control::Ping(Ping { nonce })),
        Just(Control::Shutdown(Shutdown {})),
        chain::complete(),
        any::<u64>().prop_map(|id| Control::Globals(Globals { id })),
        any::<u64>().prop_map(|id| Control::Status(Status { id })),
        chain::inspect(),
        any::<(u64, String)>().prop_map(|(id, code)| Control::Preview(Preview { id, code })),
        (any::<(u64, u64, u32)>(), handle()).prop_map(|((id, start, count), handle)| Control::Properties(Properties {
            id,
            handle,
            start,
            count
        })),
        vec(handle(), 0..4).prop_map(|handles| Control::Release(Release { handles })),
    ]
    .boxed()
}

pub(crate) const METHODS: [Method; 19] = [
    Method::Log,
    Method::Debug,
    Method::Info,
    Method::Warn,
    Method::Error,
    Method::Trace,
    Method::Assert,
    Method::Dir,
    Method::Dirxml,
    Method::Table,
    Method::Count,
    Method::CountReset,
    Method::Group,
    Method::GroupCollapsed,
    Method::GroupEnd,
    Method::Time,
    Method::TimeLog,
    Method::TimeEnd,
    Method::Clear,
];

fn end() -> BoxedStrategy<End> {
    let stopped = || select(&[Stopped::Javascript, Stopped::Await, Stopped::Timers, Stopped::Queued][..]);
    prop_oneof![
        Just(End::Value(Done {})),
        Just(End::Threw(Done {})),
        Just(End::SyntaxError(Done {})),
        Just(End::Exited(Done {})),
        Just(End::Unsettled(Done {})),
        (stop_reason(), stopped()).prop_map(|(reason, stopped)| End::Interrupted(StoppedBy { reason, stopped })),
        (any::<u64>(), stopped()).prop_map(|(limit_ms, stopped)| End::VmTimeout(VmTimeout { limit_ms, stopped })),
        any::<u64>().prop_map(|limit| End::MemoryLimit(MemoryLimit { limit })),
    ]
    .boxed()
}

pub(crate) fn event() -> BoxedStrategy<Event> {
    let handles = vec(option::of(handle()), 0..3);
    let part = (any::<String>(), option::of(value())).prop_map(|(mime, data)| Part::new(mime, data));
    let console = (
        any::<(Option<u64>, u32, Option<String>, f64)>(),
        select(&METHODS[..]),
        vec(value(), 0..3),
        option::of(location()),
        handles,
    )
        .prop_map(|((run, depth, text, time), method, args, at, handles)| {
            let mut console = Console::new(method, args, time);
            (console.run, console.depth, console.handles, console.text, console.at) = (run, depth, handles, text, at);
            Event::Console(console)
        });
    let extras = (option::of(handle()), vec(part, 0..3));
    let result = (any::<u64>(), option::of(value()), any::<String>(), option::of(preview::node()), extras).prop_map(
        |(run, value, text, preview, (handle, bundle))| {
            let mut result = RunResult::new(run, text);
            (result.value, result.preview, result.handle, result.bundle) = (value, preview, handle, bundle);
            Event::Result(result)
        },
    );
    let origin = select(&[Origin::Chunk, Origin::Callback, Origin::Rejection, Origin::Report][..]);
    let uncaught = (any::<Option<u64>>(), origin, exception())
        .prop_map(|(run, origin, exception)| Event::Exception(Uncaught::new(run, origin, exception)));
    let outcome = (any::<(u64, bool, u32, u64, u64)>(), end(), select(&[State::Kept, State::Lost][..])).prop_map(
        |((run, dropped_jobs, dropped_timers, wall_us, cpu_us), end, state)| {
            let (dropped_events, exit_code) = (wall_us / 3, dropped_jobs.then_some(dropped_timers));
            let stopped_callbacks = dropped_timers / 2;
            let (exit_code_set, in_preload) = (wall_us % 2 == 0, cpu_us % 2 == 0);
            Event::Outcome(Outcome {
                run,
                end,
                state,
                dropped_jobs,
                dropped_timers,
                dropped_calls: dropped_timers / 3,
                stopped_callbacks,
                dropped_events,
                exit_code,
                exit_code_set,
                in_preload,
                wall_us,
                cpu_us,
            })
        },
    );
    prop_oneof![
        1 => any::<(u64, u64)>().prop_map(|(run, generation)| Event::Started(Started::new(run, generation))),
        3 => console,
        2 => result,
        3 => uncaught,
        2 => outcome,
        1 => (any::<Option<u64>>(), select(&[Stream::Stdout, Stream::Stderr][..]), any::<(String, f64, Option<Vec<u8>>)>())
            .prop_map(|(run, stream, (text, time, bytes))| {
                let mut output = Output::new(run, stream, text, time);
                output.bytes = bytes;
                Event::Output(output)
            }),
        1 => any::<u64>().prop_map(|generation| Event::ResetDone(ResetDone { generation })),
        1 => (any::<(u64, Option<u64>, String)>(), vec(value(), 0..3))
            .prop_map(|((call, run, op), args)| Event::HostCall(HostCall { call, run, op, args })),
        1 => any::<u64>().prop_map(|call| Event::HostNext(HostNext { call })),
        1 => any::<u64>().prop_map(|call| Event::HostCancel(HostCancel { call })),
        1 => any::<String>().prop_map(|name| Event::Unsupported(Unsupported { name })),
    ]
    .boxed()
}

fn completion() -> BoxedStrategy<Completion> {
    use CompletionKind as Kind;
    let kinds = [Kind::Property, Kind::Method, Kind::Class, Kind::Function, Kind::Variable, Kind::Constant, Kind::Keyword];
    (any::<String>(), proptest::sample::select(kinds.to_vec()), any::<Option<String>>())
        .prop_map(|(text, kind, detail)| Completion::new(text, kind, detail))
        .boxed()
}

fn global() -> BoxedStrategy<Global> {
    any::<(String, bool, String, Option<u64>, String)>()
        .prop_map(|(name, lexical, type_name, size, preview)| {
            let kind = if lexical { GlobalKind::Lexical } else { GlobalKind::Property };
            Global { name, kind, type_name, size, bytes: size, preview }
        })
        .boxed()
}

fn status_told() -> BoxedStrategy<StatusReply> {
    (any::<(u64, Option<u64>, bool, u64, u64, u64, u64, u64)>(), any::<Option<(String, u32, u32)>>())
        .prop_map(|(told, at)| {
            let (id, run, executing, elapsed_ms, cpu_ms, heap_used, heap_limit, external) = told;
            let at = at.map(|(script, line, column)| Location::new(script, Position { line, column }));
            StatusReply { id, run, executing, elapsed_ms, cpu_ms, heap_used, heap_limit, external, at }
        })
        .boxed()
}

fn property() -> BoxedStrategy<Property> {
    let entry = preview::node().prop_flat_map(|node| preview::entry(Just(node).boxed()));
    (entry, option::of(handle()), option::of(handle()), any::<(bool, bool, bool)>())
        .prop_map(|(entry, handle, key_handle, (hidden, read_only, fixed))| {
            let mut property = Property::new(entry.key, entry.value);
            (property.handle, property.key_handle) = (handle, key_handle);
            (property.hidden, property.read_only, property.fixed) = (hidden, read_only, fixed);
            property
        })
        .boxed()
}

fn properties_listed() -> BoxedStrategy<PropertiesReply> {
    (any::<(u64, u64, u64)>(), preview::node(), option::of(property()), vec(property(), 0..4))
        .prop_map(|((id, total, next), head, prototype, items)| PropertiesReply { id, head, prototype, total, next, items })
        .boxed()
}

pub(crate) fn reply() -> BoxedStrategy<Reply> {
    prop_oneof![
        any::<(u64, Option<u64>, Option<u64>)>().prop_map(|(nonce, run, stretch_us)| Reply::Pong(Pong {
            nonce,
            run,
            stretch_us
        })),
        any::<(Option<u64>, bool, Option<u64>, bool)>()
            .prop_map(|(run, found, active, queued)| Reply::Interrupt(InterruptReply { run, found, active, queued })),
        any::<(Option<u64>, u64)>().prop_map(|(run, limit_ms)| Reply::Stuck(Stuck { run, limit_ms })),
        (any::<(u64, bool)>(), proptest::collection::vec(completion(), 0..4))
            .prop_map(|((id, environment), items)| Reply::Complete(CompleteReply { id, items, environment })),
        (any::<u64>(), proptest::collection::vec(global(), 0..4))
            .prop_map(|(id, names)| Reply::Globals(GlobalsReply { id, names })),
        status_told().prop_map(Reply::Status),
        (any::<u64>(), proptest::option::of(subject()))
            .prop_map(|(id, subject)| Reply::Inspect(Box::new(InspectReply { id, subject }))),
        any::<(u64, Option<String>)>().prop_map(|(id, text)| Reply::Preview(PreviewReply { id, text })),
        properties_listed().prop_map(|page| Reply::Properties(Box::new(page))),
        (any::<u64>(), select(&[Stale::Released, Stale::Session, Stale::Unknown][..]))
            .prop_map(|(id, reason)| Reply::Stale(StaleReply { id, reason })),
        any::<String>().prop_map(|name| Reply::Unsupported(Unsupported { name })),
    ]
    .boxed()
}
