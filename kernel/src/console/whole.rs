//! Long console texts where the host has standard streams: they come whole, as output, in pieces.

use std::cell::RefCell;

use drupe_protocol::{
    Event,
    event::{Level, Method},
    output::{Output, Stream},
};

use super::{ConsoleState, raw::MAX_TEXT, routes::indented};
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
    let lines = indented(text, depth);
    let mut rest = lines.as_str();
    while !rest.is_empty() && !realm.console_quota.drops(run) {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        let output = Output::new(run, stream, piece.to_owned(), event_time::now());
        let bytes = realm.say_weighed(&Event::Output(output));
        realm.console_quota.printed(run, bytes);
        rest = after;
    }
    true
}
