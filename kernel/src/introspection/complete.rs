//! Completions at the cursor, the most likely first.

use std::{cmp::Reverse, collections::HashSet};

use drupe_protocol::introspection::{Complete, CompleteReply, Completion, CompletionKind};

use super::{
    Helper, bindings,
    chain::{Chain, Literal, Root},
    lazy::lazy,
    members::{self, Held},
    own_lazy,
    scan::{self, Declared, Site},
    tokens::KEYWORDS,
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
    Declared(Declared),
    Keyword,
}

/// Answers a question.
pub(super) fn answer(scope: &mut v8::PinScope, helper: &Helper, question: &Complete) -> CompleteReply {
    let text = before_cursor(&question.code, question.cursor);
    let site = scan::site(text);
    let (prefix, in_scope) = match &site {
        Site::Nothing => ("", false),
        Site::Name { prefix, .. } => (prefix.as_str(), true),
        Site::Member { prefix, .. } | Site::Key { prefix, .. } => (prefix.as_str(), false),
    };
    let holder = match &site {
        Site::Nothing | Site::Name { .. } => None,
        Site::Member { object, .. } | Site::Key { object, .. } => resolve(scope, helper, object),
    };
    let environment = holder.is_some_and(|holder| own_lazy::is_environment(scope, holder));
    let mut candidates = match (&site, holder) {
        (Site::Name { prefix, declared }, _) => names(scope, helper, prefix, declared),
        (Site::Member { prefix, .. }, Some(holder)) => {
            members(scope, holder, prefix, |name| is_identifier(name).then(|| name.to_owned()))
        }
        (Site::Key { prefix, quote, .. }, Some(holder)) => members(scope, holder, prefix, |name| Some(escape(name, *quote))),
        (Site::Nothing | Site::Member { .. } | Site::Key { .. }, _) => Vec::new(),
    };
    candidates.sort_by_cached_key(|candidate| {
        let Candidate { text, tier, turn, .. } = candidate;
        let hidden = text.starts_with('_') && !prefix.starts_with('_');
        (!text.starts_with(prefix), hidden, *tier, *turn, text.to_lowercase(), text.clone())
    });
    candidates.truncate(MAX_ITEMS);
    let items = candidates.into_iter().map(|candidate| describe(scope, candidate, in_scope)).collect();
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let end = units(text);
    CompleteReply { id: question.id, start: end.saturating_sub(units(prefix)), end, items, environment }
}

/// The code up to the cursor, which counts UTF-16 code units; one inside of a surrogate pair stands before it.
pub(super) fn before_cursor(code: &str, cursor: u32) -> &str {
    let mut left = cursor as usize;
    for (index, char) in code.char_indices() {
        match left.checked_sub(char.len_utf16()) {
            Some(rest) if left > 0 => left = rest,
            _ => return &code[..index],
        }
    }
    code
}

/// Names in scope: those of the code itself, lexical bindings, and what the session added, of each the newest first;
/// then the rest, and keywords.
fn names<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    prefix: &str,
    declared: &[(String, Declared)],
) -> Vec<Candidate<'s>> {
    let mut found = Found::new(prefix);
    for name in helper.lexical_names(scope) {
        let text = name.to_rust_string_lossy(scope);
        found.add_newer(text, 0, Source::Lexical(name));
    }
    for (name, declared) in declared {
        found.add_newer(name.clone(), 0, Source::Declared(*declared));
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
    if !prefix.is_empty() {
        for keyword in KEYWORDS {
            found.add((*keyword).to_owned(), 3, Source::Keyword);
        }
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

/// The value that a chain leads to, or another one of the same class.
pub(super) fn resolve<'s>(scope: &mut v8::PinScope<'s, '_>, helper: &Helper, chain: &Chain) -> Option<v8::Local<'s, v8::Value>> {
    let mut value = match &chain.root {
        Root::Name(name) => bindings::named(scope, helper, name)?,
        Root::Global => scope.get_current_context().global(scope).into(),
        Root::Literal(literal) => like(scope, *literal)?,
        // What a constructor makes has at least its prototype's members.
        Root::New(class) => {
            let class = resolve(scope, helper, class)?.try_cast::<v8::Function>().ok()?;
            member(scope, helper, class.into(), "prototype")?
        }
        Root::Module(specifier) => own_lazy::module(scope, helper, specifier)?,
        Root::Import(_) => like(scope, Literal::Promise)?,
        Root::Awaited(awaited) => match &**awaited {
            Chain { root: Root::Import(Some(specifier)), keys } if keys.is_empty() => own_lazy::module(scope, helper, specifier)?,
            awaited => settled(resolve(scope, helper, awaited)?, scope)?,
        },
    };
    for key in &chain.keys {
        value = member(scope, helper, value, key)?;
    }
    Some(value)
}

/// What awaiting a value comes to, as far as that is known already.
fn settled<'s>(value: v8::Local<'s, v8::Value>, scope: &v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    match value.try_cast::<v8::Promise>() {
        Ok(promise) if promise.state() == v8::PromiseState::Fulfilled => Some(promise.result(scope)),
        Ok(_) => None,
        Err(_) => Some(value),
    }
}

/// A member that is stored as data, or that the environment loads.
fn member<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    helper: &Helper,
    value: v8::Local<'s, v8::Value>,
    key: &str,
) -> Option<v8::Local<'s, v8::Value>> {
    if value.is_null_or_undefined() {
        return None;
    }
    let object = value.to_object(scope)?;
    let key = v8::String::new(scope, key)?;
    match members::find(scope, object, key.into())? {
        Held::Value { value, .. } => Some(value),
        Held::Accessor => own_lazy::load(scope, helper, object, key.into()),
    }
}

/// Some value of a literal's class.
fn like<'s>(scope: &mut v8::PinScope<'s, '_>, literal: Literal) -> Option<v8::Local<'s, v8::Value>> {
    Some(match literal {
        Literal::String => v8::String::empty(scope).into(),
        Literal::Number => v8::Integer::new(scope, 0).into(),
        Literal::BigInt => v8::BigInt::new_from_i64(scope, 0).into(),
        Literal::Boolean => v8::Boolean::new(scope, true).into(),
        Literal::Array => v8::Array::new(scope, 0).into(),
        Literal::Object => v8::Object::new(scope).into(),
        Literal::Promise => v8::PromiseResolver::new(scope)?.get_promise(scope).into(),
        Literal::RegExp => {
            let source = v8::String::empty(scope);
            v8::RegExp::new(scope, source, v8::RegExpCreationFlags::empty())?.into()
        }
    })
}

fn describe(scope: &mut v8::PinScope, candidate: Candidate, in_scope: bool) -> Completion {
    v8::scope!(let scope, scope);
    let mut awaited = None;
    let held = match candidate.source {
        Source::Keyword => return Completion::new(candidate.text, CompletionKind::Keyword, None),
        Source::Declared(declared) => {
            let kind = match declared {
                Declared::Variable => CompletionKind::Variable,
                Declared::Function => CompletionKind::Function,
                Declared::Class => CompletionKind::Class,
            };
            return Completion::new(candidate.text, kind, None);
        }
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
