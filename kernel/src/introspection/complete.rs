//! Completions, the most likely first.

use std::{cmp::Reverse, collections::HashSet};

use drupe_protocol::introspection::{Complete, CompleteReply, Completion, CompletionKind};

use super::{
    Helper, bindings,
    lazy::lazy,
    members::{self, Held},
    own_lazy,
    resolve::resolve,
};
use crate::{
    isolate::{peek::without_javascript, scripts::is_internal},
    modules::SHADOW,
};

/// How many completions are given, and how many names of one object are looked at.
const MAX_ITEMS: usize = 1_000;
const MAX_NAMES: usize = 20_000;
/// Longer names are not for typing.
const MAX_NAME: usize = 200;

/// Something that fits what was typed.
struct Candidate<'s> {
    text: String,
    /// Nearness: how many prototypes away, or how far out in scope. Lower comes first.
    tier: usize,
    /// Among names of one tier, later ones come first; those of the same turn by their letters.
    turn: Reverse<usize>,
    source: Source<'s>,
}

/// How to learn more about a candidate; most are never asked.
enum Source<'s> {
    Property(v8::Local<'s, v8::Object>, v8::Local<'s, v8::String>),
    Lexical(v8::Local<'s, v8::String>),
    /// What the parent has read in the code.
    Offered(CompletionKind),
}

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, helper: &Helper, question: &Complete) -> CompleteReply {
    let Complete { id, object, prefix, quote, offers } = question;
    let in_scope = object.is_none();
    let holder = object.as_ref().and_then(|object| resolve(scope, helper, object));
    let environment = holder.is_some_and(|holder| own_lazy::is_environment(scope, holder));
    let mut candidates = match (holder, quote) {
        _ if in_scope => names(scope, helper, prefix, offers),
        (Some(holder), None) => members(scope, holder, prefix, |name| is_identifier(name).then(|| name.to_owned())),
        (Some(holder), Some(quote)) => members(scope, holder, prefix, |name| Some(escape(name, *quote))),
        (None, _) => Vec::new(),
    };
    candidates.sort_by_cached_key(|candidate| {
        let Candidate { text, tier, turn, .. } = candidate;
        let hidden = text.starts_with('_') && !prefix.starts_with('_');
        (!text.starts_with(prefix), hidden, *tier, *turn, text.to_lowercase(), text.clone())
    });
    candidates.truncate(MAX_ITEMS);
    let items = candidates.into_iter().map(|candidate| describe(scope, candidate, in_scope)).collect();
    CompleteReply { id: *id, items, environment }
}

/// Names in scope: lexical bindings, those of the code itself, and what the session added, of each the newest first;
/// then the rest, and keywords.
fn names<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, prefix: &str, offers: &[Completion]) -> Vec<Candidate<'s>> {
    let mut found = Found::new(prefix);
    for name in helper.lexical_names(scope) {
        let text = name.to_rust_string_lossy(scope);
        found.add_newer(text, 0, Source::Lexical(name));
    }
    let (words, declared): (Vec<_>, Vec<_>) = offers.iter().partition(|offer| offer.kind == CompletionKind::Keyword);
    for Completion { text, kind, .. } in declared {
        found.add_newer(text.clone(), 0, Source::Offered(*kind));
    }
    let global = scope.get_current_context().global(scope);
    // What it inherits from Object.prototype is in scope too, and nobody means it.
    let names = members::own_names(scope, global).map(|names| members::strings(scope, names)).unwrap_or_default();
    for name in names.into_iter().take(MAX_NAMES) {
        let text = name.to_rust_string_lossy(scope);
        if is_identifier(&text) && found.fits(&text) {
            let source = Source::Property(global, name);
            if helper.is_initial(scope, &text) || own_lazy::is_loading(scope, global, name.into()) {
                found.add(text, 2, source)
            } else {
                found.add_newer(text, 1, source)
            }
        }
    }
    for Completion { text, kind, .. } in words {
        found.add(text.clone(), 3, Source::Offered(*kind));
    }
    found.candidates
}

/// The members of `value`, spelled by `spell` or left out.
fn members<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    prefix: &str,
    spell: impl Fn(&str) -> Option<String>,
) -> Vec<Candidate<'s>> {
    let mut found = Found::new(prefix);
    without_javascript(scope, |scope| {
        for (tier, holder) in members::holders(scope, value).into_iter().enumerate() {
            let names = members::own_names(scope, holder).map(|names| members::strings(scope, names)).unwrap_or_default();
            for name in names.into_iter().take(MAX_NAMES).filter(|name| name.length() <= MAX_NAME) {
                if let Some(text) = spell(&name.to_rust_string_lossy(scope)) {
                    found.add(text, tier, Source::Property(holder, name));
                }
            }
        }
    });
    found.candidates
}

/// Candidates that fit, the nearest of each name.
struct Found<'s> {
    prefix: String,
    seen: HashSet<String>,
    candidates: Vec<Candidate<'s>>,
}

impl<'s> Found<'s> {
    fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_lowercase(), seen: HashSet::new(), candidates: Vec::new() }
    }

    /// Whether `text` begins with what was typed, in capitals or not.
    fn fits(&self, text: &str) -> bool {
        self.prefix.is_empty() || text.to_lowercase().starts_with(&self.prefix)
    }

    fn add(&mut self, text: String, tier: usize, source: Source<'s>) {
        self.add_in_turn(text, tier, 0, source);
    }

    /// Adds a name that was made after those before.
    fn add_newer(&mut self, text: String, tier: usize, source: Source<'s>) {
        self.add_in_turn(text, tier, 1 + self.candidates.len(), source);
    }

    fn add_in_turn(&mut self, text: String, tier: usize, turn: usize, source: Source<'s>) {
        if self.fits(&text)
            && text.len() <= MAX_NAME * 3
            && !is_internal(&text)
            && !text.ends_with(SHADOW)
            && self.seen.insert(text.clone())
        {
            self.candidates.push(Candidate { text, tier, turn: Reverse(turn), source });
        }
    }
}

fn describe(scope: &mut v8::PinScope, candidate: Candidate, in_scope: bool) -> Completion {
    v8::scope!(let scope, scope);
    let mut awaited = None;
    let held = match candidate.source {
        Source::Offered(kind) => return Completion::new(candidate.text, kind, None),
        Source::Lexical(name) => {
            let name = v8::Local::new(scope, name);
            bindings::lexical_value(scope, name).map(|value| Held::Value { value, fixed: false })
        }
        Source::Property(holder, name) => {
            let (holder, name) = (v8::Local::new(scope, holder), v8::Local::new(scope, name));
            let held = members::own(scope, holder, name.into());
            if matches!(held, Some(Held::Accessor)) {
                awaited = lazy(scope, holder, name.into());
            }
            held
        }
    };
    if let Some(lazy) = awaited {
        let detail = Some(lazy.type_name().to_owned());
        return Completion::new(candidate.text, lazy.completion_kind(), detail);
    }
    let kind = match &held {
        Some(held) => members::kind(scope, held, in_scope),
        None if in_scope => CompletionKind::Variable,
        None => CompletionKind::Property,
    };
    let detail = held.map(|held| match held {
        Held::Value { value, .. } => members::type_name(scope, value),
        Held::Accessor => "accessor".to_owned(),
    });
    Completion::new(candidate.text, kind, detail)
}

/// Whether `name` can stand after a dot.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '$'))
        && chars.all(|char| char.is_alphanumeric() || matches!(char, '_' | '$' | '\u{200c}' | '\u{200d}'))
}

/// `name` as the inside of a string literal.
fn escape(name: &str, quote: char) -> String {
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\\' => text.push_str("\\\\"),
            _ if char == quote => text.extend(['\\', char]),
            _ if char.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => text.push(char),
        }
    }
    text
}
