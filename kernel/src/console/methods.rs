//! The console methods, before their event is sent, as the console standard and Node define them.

use std::cell::RefCell;
use std::time::Duration;

use drupe_inspect::Options;
use drupe_protocol::event::Method;

use super::{MAX_LABEL, MAX_LABELS, format, say, table};
use crate::{
    console::ConsoleState,
    format::{hooks::Customs, inspect_options::InspectOptions},
    isolate::realm::Realm,
    stacks::frames,
    web::monotonic,
};

type Args<'a, 's> = &'a [v8::Local<'s, v8::Value>];

pub(super) fn call<'s>(scope: &mut v8::PinScope<'s, '_>, method: Method, args: Args<'_, 's>) {
    match method {
        Method::Assert => assert(scope, args),
        Method::Dir => dir(scope, args),
        Method::Table => table(scope, args),
        Method::Trace => trace(scope, args),
        Method::Count | Method::CountReset => count(scope, method, args),
        Method::Group | Method::GroupCollapsed => {
            print(scope, method, args);
            Realm::of(scope).state::<RefCell<ConsoleState>>().borrow_mut().depth += 1;
        }
        Method::GroupEnd => {
            let realm = Realm::of(scope);
            let depth = realm.state::<RefCell<ConsoleState>>().borrow().depth;
            realm.state::<RefCell<ConsoleState>>().borrow_mut().depth = depth.saturating_sub(1);
            say(scope, method, &[], Some(String::new()));
        }
        Method::Time | Method::TimeLog | Method::TimeEnd => time(scope, method, args),
        Method::Clear => say(scope, method, &[], Some(String::new())),
        Method::Log | Method::Debug | Method::Info | Method::Warn | Method::Error | Method::Dirxml | Method::Unknown => {
            print(scope, method, args);
        }
    }
}

fn print<'s>(scope: &mut v8::PinScope<'s, '_>, method: Method, args: Args<'_, 's>) {
    let text = match args {
        [only] if only.is_string() => None,
        _ => Some(format::format(scope, args)),
    };
    say(scope, method, args, text);
}

fn assert<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'_, 's>) {
    let (condition, rest) = args.split_first().map_or((false, args), |(first, rest)| (first.boolean_value(scope), rest));
    if condition {
        return;
    }
    let text = match rest {
        [] => "Assertion failed".to_owned(),
        [first, ..] if first.is_string() => format!("Assertion failed: {}", format::format(scope, rest)),
        _ => format!("Assertion failed {}", format::format(scope, rest)),
    };
    say(scope, Method::Assert, rest, Some(text));
}

fn dir<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'_, 's>) {
    let value = args.first().copied().unwrap_or_else(|| v8::undefined(scope).into());
    let realm = Realm::of(scope);
    let wishes = realm.wishes.get();
    // No inspect function is called unless the options ask for that.
    let mut wanted = InspectOptions::default();
    wanted.custom = false;
    wanted.set_colors(realm.coloring.get());
    if let Some(Ok(given)) = args.get(1).map(|given| given.try_cast::<v8::Object>()) {
        wanted = wanted.with(scope, given);
    }
    if !wishes.streams {
        let Options { max_nodes, max_bytes, .. } = Options::default();
        (wanted.options.max_nodes, wanted.options.max_bytes) = (max_nodes, max_bytes);
    }
    let text = if wishes.inspect_hooks {
        let (text, failure) = wanted.text(scope, value);
        failure.into_iter().for_each(|failure| realm.state::<Customs>().fail(failure));
        text
    } else {
        wanted.text_without_hooks(scope, value)
    };
    say(scope, Method::Dir, &args[..args.len().min(1)], Some(text));
}

fn table<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'_, 's>) {
    let text = args.first().and_then(|data| table::table(scope, *data, args.get(1).copied()));
    match text {
        Some(text) => say(scope, Method::Table, args, Some(text)),
        // What is no table is logged.
        None if args.is_empty() => {
            let nothing = v8::undefined(scope).into();
            print(scope, Method::Table, &[nothing]);
        }
        None => print(scope, Method::Table, args),
    }
}

fn trace<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'_, 's>) {
    let message = format::format(scope, args);
    let mut text = if message.is_empty() { "Trace".to_owned() } else { format!("Trace: {message}") };
    frames::append_current(scope, &mut text);
    say(scope, Method::Trace, args, Some(text));
}

fn count<'s>(scope: &mut v8::PinScope<'s, '_>, method: Method, args: Args<'_, 's>) {
    let label = label(scope, args);
    let realm = Realm::of(scope);
    let text = {
        let console = realm.state::<RefCell<ConsoleState>>();
        let counts = &mut console.borrow_mut().counts;
        if method == Method::CountReset {
            match counts.remove(&label) {
                Some(_) => return,
                None => format!("Count for '{label}' does not exist"),
            }
        } else {
            if counts.len() >= MAX_LABELS {
                counts.clear();
            }
            let count = counts.entry(label.clone()).or_default();
            *count += 1;
            format!("{label}: {count}")
        }
    };
    say(scope, method, &[], Some(text));
}

fn time<'s>(scope: &mut v8::PinScope<'s, '_>, method: Method, args: Args<'_, 's>) {
    let label = label(scope, args);
    let realm = Realm::of(scope);
    let start = {
        let console = realm.state::<RefCell<ConsoleState>>();
        let timers = &mut console.borrow_mut().timers;
        match method {
            Method::TimeEnd => timers.remove(&label),
            Method::Time if !timers.contains_key(&label) && timers.len() < MAX_LABELS => {
                timers.insert(label, monotonic());
                return;
            }
            _ => timers.get(&label).copied(),
        }
    };
    let text = match (start, method) {
        (Some(_), Method::Time) => format!("Label '{label}' already exists for console.time()"),
        (None, _) => {
            format!("No such label '{label}' for console.{}()", if method == Method::TimeLog { "timeLog" } else { "timeEnd" })
        }
        (Some(start), _) => {
            let elapsed = duration(monotonic().saturating_sub(start));
            match args {
                [_, rest @ ..] if method == Method::TimeLog && !rest.is_empty() => {
                    format!("{label}: {elapsed} {}", format::format(scope, rest))
                }
                _ => format!("{label}: {elapsed}"),
            }
        }
    };
    // A label that exists already, or does not exist, is a warning.
    let method = if start.is_some() && method != Method::Time { method } else { Method::Warn };
    say(scope, method, args.get(1..).unwrap_or(&[]), Some(text));
}

/// A label as text, bounded, for it is remembered; an object's own conversion is not run.
fn label<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'_, 's>) -> String {
    match args.first() {
        None => "default".to_owned(),
        Some(value) if value.is_undefined() => "default".to_owned(),
        Some(value) => {
            let mut label = super::raw::raw(scope, *value);
            label.truncate(label.floor_char_boundary(MAX_LABEL));
            label
        }
    }
}

/// As Node prints durations.
fn duration(elapsed: Duration) -> String {
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    let seconds = elapsed.as_secs();
    match seconds {
        0 => format!("{}ms", trim(format!("{milliseconds:.3}"))),
        1..60 => format!("{:.3}s", elapsed.as_secs_f64()),
        60..3600 => format!("{}:{:06.3} (m:ss.mmm)", seconds / 60, elapsed.as_secs_f64() % 60.0),
        _ => format!("{}:{:02}:{:02} (h:mm:ss)", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

fn trim(number: String) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}
