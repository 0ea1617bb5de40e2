//! Console output after a program has replaced `process.stdout.write` or `process.stderr.write`: it goes there, as in
//! Node.

use std::cell::RefCell;

use drupe_protocol::event::{Level, Method};

use super::ConsoleState;
use crate::isolate::{
    native::{Args, Return},
    realm::Realm,
};

/// The function that writes to standard output, and that to standard error; each answers whether it has written.
pub(crate) type Routes = [Option<v8::Global<v8::Function>>; 2];

/// How many spaces a group indents.
const GROUP: usize = 2;

/// How deep groups are indented at most.
const MAX_GROUPS: usize = 32;

/// Spaces that the text of a call gets at most.
const MAX_INDENTATION: usize = 64 << 20;

/// `routeConsole(fd, write)`: what the console says goes to `write(text)`, unless that answers false.
pub(crate) fn set<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, _: Return<'s>) {
    let index = usize::from(args.get(0).uint32_value(scope) == Some(2));
    let write = args.get(1).try_cast::<v8::Function>().ok().map(|write| v8::Global::new(scope, write));
    Realm::of(scope).state::<RefCell<ConsoleState>>().borrow_mut().routes[index] = write;
}

/// Whether what a method says has gone to the program's own function. `text` makes it.
pub(super) fn take<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    method: Method,
    text: impl FnOnce(&mut v8::PinScope<'s, '_>) -> String,
) -> bool {
    if matches!(method, Method::GroupEnd | Method::Clear) {
        return false;
    }
    let realm = Realm::of(scope);
    let index = usize::from(matches!(method.level(), Level::Warning | Level::Error));
    let (write, depth) = {
        let console = realm.state::<RefCell<ConsoleState>>();
        let console = console.borrow();
        let Some(write) = console.routes[index].clone() else { return false };
        (write, console.depth)
    };
    let text = text(scope);
    let Some(lines) = v8::String::new(scope, &indented(&text, depth)) else { return false };
    let (write, receiver) = (v8::Local::new(scope, write), v8::undefined(scope).into());
    // What it throws it has caught; where it was stopped, nothing more is to be said.
    write.call(scope, receiver, &[lines.into()]).is_none_or(|written| written.is_true())
}

/// The lines of a text within so many groups, indented unless that makes far more of them.
fn indented(text: &str, depth: u32) -> String {
    let indentation = indentation(depth);
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    if indentation.is_empty() || lines.saturating_mul(indentation.len()) > MAX_INDENTATION {
        return format!("{text}\n");
    }
    format!("{indentation}{}\n", text.replace('\n', &format!("\n{indentation}")))
}

/// What stands before a line within so many groups.
pub(super) fn indentation(depth: u32) -> String {
    " ".repeat(GROUP * (depth as usize).min(MAX_GROUPS))
}
