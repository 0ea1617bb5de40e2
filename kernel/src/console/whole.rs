//! Long console texts where the host has standard streams: they come whole, as output, in pieces.

use std::{borrow::Cow, cell::RefCell};

use drupe_protocol::{
    Event,
    event::{Level, Method},
    output::{Output, Stream},
};

use super::{ConsoleState, raw::MAX_TEXT, routes::indentation};
use crate::{
    isolate::realm::{Realm, current_run},
    wire::event_time,
};

/// Bytes of one event.
const PIECE: usize = 64 << 10;

/// Whether `text` was said so.
pub(super) fn say(scope: &v8::PinScope, method: Method, text: Option<&str>) -> bool {
    let realm = Realm::of(scope);
    let Some(text) = text.filter(|text| text.len() > MAX_TEXT && realm.wishes.get().streams) else { return false };
    let run = current_run(scope);
    let is_error = matches!(method.level(), Level::Warning | Level::Error);
    let stream = if is_error { Stream::Stderr } else { Stream::Stdout };
    let depth = realm.state::<RefCell<ConsoleState>>().borrow().depth;
    let indentation = indentation(depth);
    let behind_line = format!("\n{indentation}");
    let say = |mut rest: &str| {
        while !rest.is_empty() && !realm.console_quota.drops(run) {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
            let output = Output::new(run, stream, piece.to_owned(), event_time::now());
            let bytes = realm.say_weighed(&Event::Output(output));
            realm.console_quota.printed(run, bytes);
            rest = after;
        }
    };
    say(&indentation);
    let mut rest = text;
    while !rest.is_empty() && !realm.console_quota.drops(run) {
        // Indentation may be many times as long as the lines.
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        say(&if indentation.is_empty() { Cow::Borrowed(piece) } else { Cow::Owned(piece.replace('\n', &behind_line)) });
        rest = after;
    }
    say("\n");
    true
}
