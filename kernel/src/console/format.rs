//! Formats console arguments, with the format specifiers of the console standard and of Node.
//!
//! User code runs only on request: `%j` calls it as `JSON.stringify` does, and `%s`, `%d`, `%i` and `%f` call it for
//! objects of a run that enables hooks. It runs in the stretch of JavaScript that called the console, and under its
//! budget.

use std::cell::RefCell;

use drupe_inspect::Options;

use crate::{
    format::hooks::{self, Customs},
    inspect::presets,
    isolate::{
        attempt::{Failure, attempt},
        realm::Realm,
    },
};

use super::{
    ConsoleState,
    raw::{Cut, bounded, finish, raw, raw_within},
    words,
};

/// Shows a value that is no text: under these options, or else under those of the caller.
pub(crate) type Shower<'f> = dyn FnMut(&mut v8::PinScope, v8::Local<v8::Value>, Option<&Options>) -> String + 'f;

/// The text of `console.log(...args)`. What objects failed with that were asked is left with the realm, and so is what
/// the text lacks.
pub(super) fn format<'s>(scope: &mut v8::PinScope<'s, '_>, args: &[v8::Local<'s, v8::Value>]) -> String {
    let realm = Realm::of(scope);
    let wishes = realm.wishes.get();
    let mut show = |scope: &mut v8::PinScope, value: v8::Local<v8::Value>, options: Option<&Options>| {
        let options = *options.unwrap_or(&Options::default());
        hooks::text(scope, value, &if wishes.streams { presets::whole(options) } else { options })
    };
    let asks = wishes.inspect_hooks && !realm.state::<Customs>().failed();
    let mut cut = if wishes.streams { Cut::whole(scope) } else { Cut::default() };
    let text = format_with(scope, args, asks, &mut show, &mut cut).unwrap_or_else(|failure| {
        realm.state::<Customs>().fail(failure);
        String::new()
    });
    realm.state::<RefCell<ConsoleState>>().borrow_mut().cut = cut;
    text
}

/// The text of `console.log(...args)`, in which `show` shows what is no text. `asks`: whether objects are asked for
/// their texts and numbers. `cut` is what the text lacks.
pub(crate) fn format_with<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: &[v8::Local<'s, v8::Value>],
    asks: bool,
    show: &mut Shower,
    cut: &mut Cut,
) -> Result<String, Failure> {
    let mut text = String::new();
    let mut rest = args;
    if let [first, others @ ..] = args
        && let Ok(template) = first.try_cast::<v8::String>()
        && !others.is_empty()
    {
        let template = bounded(scope, template, cut);
        rest = substitute(scope, &template, others, asks, &mut text, show, cut)?;
        if !rest.is_empty() && !is_full(&text, *cut) {
            text.push(' ');
        }
    }
    for (index, arg) in rest.iter().enumerate() {
        if is_full(&text, *cut) {
            cut.args += (rest.len() - index) as u64;
            break;
        }
        if index > 0 {
            text.push(' ');
        }
        let piece = match arg.try_cast::<v8::String>() {
            Ok(string) => bounded(scope, string, cut),
            Err(_) => show(scope, *arg, None),
        };
        text.push_str(&piece);
    }
    Ok(finish(text, cut))
}

/// Whether nothing may follow: it would not be in its place.
fn is_full(text: &str, cut: Cut) -> bool {
    text.len() > cut.most || cut.is_some()
}

/// Appends `template` with its specifiers filled in; returns the arguments that are left.
fn substitute<'a, 's>(
    scope: &mut v8::PinScope<'s, '_>,
    template: &str,
    mut args: &'a [v8::Local<'s, v8::Value>],
    asks: bool,
    text: &mut String,
    show: &mut Shower,
    cut: &mut Cut,
) -> Result<&'a [v8::Local<'s, v8::Value>], Failure> {
    let before = *cut;
    let mut pieces = template.split('%');
    text.push_str(pieces.next().unwrap_or_default());
    while let Some(piece) = pieces.next() {
        if text.len() > cut.most || *cut != before {
            // What is left of the template, with its percent signs.
            cut.add_bytes(std::iter::once(piece).chain(pieces).map(|piece| piece.len() + 1).sum());
            return Ok(args);
        }
        if piece.is_empty() {
            // `%%` is one percent sign, and so is a `%` at the end.
            text.push('%');
            text.push_str(pieces.next().unwrap_or_default());
            continue;
        }
        let specifier = piece.as_bytes()[0];
        match args.split_first() {
            Some((arg, rest)) if matches!(specifier, b's' | b'd' | b'i' | b'f' | b'j' | b'o' | b'O' | b'c') => {
                args = rest;
                text.push_str(&fill(scope, specifier, *arg, asks, show, cut)?);
                if *cut == before {
                    text.push_str(&piece[1..]);
                } else {
                    cut.add_bytes(piece.len() - 1);
                }
            }
            _ => {
                text.push('%');
                text.push_str(piece);
            }
        }
    }
    Ok(args)
}

fn fill<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    specifier: u8,
    arg: v8::Local<'s, v8::Value>,
    asks: bool,
    show: &mut Shower,
    cut: &mut Cut,
) -> Result<String, Failure> {
    if let (b's', Ok(string)) = (specifier, arg.try_cast::<v8::String>()) {
        return Ok(bounded(scope, string, cut));
    }
    Ok(match specifier {
        b's' => match words::of(scope, arg, asks, cut.most)? {
            Some(words) => words,
            None => show(scope, arg, Some(&Options { depth: 0, ..Options::default() })),
        },
        b'd' | b'i' | b'f' => number(scope, specifier, arg, asks)?,
        b'j' => json(scope, arg, cut.most)?,
        b'o' => show(scope, arg, Some(&Options { depth: 4, show_hidden: true, show_proxy: true, ..Options::default() })),
        b'O' => show(scope, arg, None),
        // `%c` takes a style, and shows nothing.
        _ => String::new(),
    })
}

/// `%j`: as `JSON.stringify`, with what has no end as Node says it.
fn json<'s>(scope: &mut v8::PinScope<'s, '_>, arg: v8::Local<'s, v8::Value>, most: usize) -> Result<String, Failure> {
    match attempt(scope, |scope| v8::json::stringify(scope, arg).map(|json| raw_within(scope, json.into(), most))) {
        Err(Failure::Threw(thrown)) => {
            let thrown = v8::Local::new(scope, thrown);
            if words::is_circular(scope, thrown) {
                Ok("[Circular]".to_owned())
            } else {
                Err(Failure::Threw(v8::Global::new(scope, thrown)))
            }
        }
        json => json,
    }
}

/// `%d`, `%i` and `%f`.
fn number<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    specifier: u8,
    arg: v8::Local<'s, v8::Value>,
    asks: bool,
) -> Result<String, Failure> {
    if arg.is_big_int() && specifier != b'f' {
        return Ok(presets::text(scope, arg));
    }
    let date = arg.try_cast::<v8::Date>().ok().filter(|_| specifier == b'd' && !asks);
    if arg.is_symbol() || (arg.is_object() && !asks && date.is_none()) {
        return Ok("NaN".to_owned());
    }
    let zero = arg.try_cast::<v8::Number>().is_ok_and(|number| number.value() == 0.0);
    let number = match specifier {
        _ if date.is_some() => date.map_or(f64::NAN, |date| date.value_of()),
        // As text, where these two begin, zero has no sign.
        b'i' | b'f' if zero => 0.0,
        // V8 makes no number of what holds a BigInt, and `Number()` does.
        b'd' if arg.is_big_int_object() => {
            let text = attempt(scope, |scope| arg.to_string(scope).map(|text| raw(scope, text.into())))?;
            text.parse().unwrap_or(f64::NAN)
        }
        b'd' if arg.is_object() => attempt(scope, |scope| arg.to_number(scope).map(|number| number.value()))?,
        b'd' => arg.number_value(scope).unwrap_or(f64::NAN),
        _ if arg.is_object() => {
            let text = attempt(scope, |scope| arg.to_string(scope).map(|text| raw(scope, text.into())))?;
            leading_number(&text, specifier == b'i')
        }
        _ => leading_number(&raw(scope, arg), specifier == b'i'),
    };
    let number = v8::Number::new(scope, number).into();
    Ok(presets::text(scope, number))
}

/// `parseInt` and `parseFloat` of `text`: the longest prefix that is a number.
fn leading_number(text: &str, integer: bool) -> f64 {
    let text = text.trim_start();
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with(['-', '+']));
    if text[sign..].starts_with("Infinity") && !integer {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let rest = &text[sign..];
    if let (true, Some(hex)) = (integer, rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"))) {
        let digits = hex.chars().map_while(|digit| digit.to_digit(16)).map(f64::from);
        let number = digits.fold(None, |number: Option<f64>, digit| Some(number.unwrap_or(0.0) * 16.0 + digit));
        return number.map_or(f64::NAN, |number| if text.starts_with('-') { -number } else { number });
    }
    let mut end = sign + digits(sign);
    if !integer {
        if text[end..].starts_with('.') {
            end += 1 + digits(end + 1);
        }
        if text[end..].starts_with(['e', 'E']) {
            let exponent = end + 1 + usize::from(text[end + 1..].starts_with(['-', '+']));
            if digits(exponent) > 0 {
                end = exponent + digits(exponent);
            }
        }
    }
    text[..end].parse().unwrap_or(f64::NAN)
}
