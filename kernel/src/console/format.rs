//! Formatting of console arguments: the format specifiers of the console standard and of Node, without running user code.

use drupe_protocol::preview::Node;

use crate::{custom, inspect::Options, peek, show};

/// Where a console text is cut. A single value is bounded by the inspector; many strings are not.
const MAX_TEXT: usize = 1 << 20;

/// Shows a value that is no text: under these options, or else under those of the caller.
pub(crate) type Shower<'f> = dyn FnMut(&mut v8::PinScope, v8::Local<v8::Value>, Option<&Options>) -> String + 'f;

/// The text of `console.log(...args)`.
pub(super) fn format<'s>(scope: &mut v8::PinScope<'s, '_>, args: &[v8::Local<'s, v8::Value>]) -> String {
    format_with(scope, args, &mut |scope, value, options| custom::text(scope, value, options.unwrap_or(&Options::default())))
}

/// The text of `console.log(...args)`, in which `show` shows what is no text.
pub(crate) fn format_with<'s>(scope: &mut v8::PinScope<'s, '_>, args: &[v8::Local<'s, v8::Value>], show: &mut Shower) -> String {
    let mut text = String::new();
    let mut rest = args;
    if let [first, others @ ..] = args
        && first.is_string()
        && !others.is_empty()
    {
        let template = raw(scope, *first);
        rest = substitute(scope, &template, others, &mut text, show);
        separate(rest, &mut text);
    }
    for (index, arg) in rest.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let piece = if arg.is_string() { raw(scope, *arg) } else { show(scope, *arg, None) };
        text.push_str(&piece);
        if text.len() > MAX_TEXT {
            break;
        }
    }
    cut(text)
}

/// A string as it is (bounded), anything else as one line.
pub(super) fn raw(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    let Ok(string) = value.try_cast::<v8::String>() else { return show::brief(scope, value) };
    if string.length() <= MAX_TEXT {
        return string.to_rust_string_lossy(scope);
    }
    let mut units = vec![0; MAX_TEXT];
    string.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
    cut(format!("{}... {} more characters", String::from_utf16_lossy(&units), string.length() - MAX_TEXT))
}

fn separate(rest: &[v8::Local<v8::Value>], text: &mut String) {
    if !rest.is_empty() {
        text.push(' ');
    }
}

fn cut(mut text: String) -> String {
    let marked = MAX_TEXT + 64;
    if text.len() > marked {
        let more = text.len() - text.floor_char_boundary(MAX_TEXT);
        text.truncate(text.floor_char_boundary(MAX_TEXT));
        text.push_str(&format!("... {more} more bytes"));
    }
    text
}

/// Appends `template` with its specifiers filled in; returns the arguments that are left.
fn substitute<'a, 's>(
    scope: &mut v8::PinScope<'s, '_>,
    template: &str,
    mut args: &'a [v8::Local<'s, v8::Value>],
    text: &mut String,
    show: &mut Shower,
) -> &'a [v8::Local<'s, v8::Value>] {
    let mut pieces = template.split('%');
    text.push_str(pieces.next().unwrap_or_default());
    while let Some(piece) = pieces.next() {
        if text.len() > MAX_TEXT {
            return &[];
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
                text.push_str(&fill(scope, specifier, *arg, show));
                text.push_str(&piece[1..]);
            }
            _ => {
                text.push('%');
                text.push_str(piece);
            }
        }
    }
    args
}

fn fill<'s>(scope: &mut v8::PinScope<'s, '_>, specifier: u8, arg: v8::Local<'s, v8::Value>, show: &mut Shower) -> String {
    match specifier {
        b's' if arg.is_string() => raw(scope, arg),
        b's' => show(scope, arg, Some(&Options { depth: 0, ..Options::default() })),
        b'd' | b'i' | b'f' => number(scope, specifier, arg),
        b'j' => json(scope, arg),
        b'o' => show(scope, arg, Some(&Options { depth: 4, show_hidden: true, ..Options::default() })),
        b'O' => show(scope, arg, None),
        // `%c` takes a style, and shows nothing.
        _ => String::new(),
    }
}

/// `%j`. What only the user's `toJSON` or a getter could tell is shown as any value instead.
fn json<'s>(scope: &mut v8::PinScope<'s, '_>, arg: v8::Local<'s, v8::Value>) -> String {
    let json = peek::without_javascript(scope, |scope| match v8::json::stringify(scope, arg) {
        Some(json) => Some(raw(scope, json.into())),
        None => leads_back(&show::text_and_tree(scope, arg).1).then(|| "[Circular]".to_owned()),
    });
    json.unwrap_or_else(|| show::text(scope, arg))
}

/// Whether an object is within itself, as far as a tree of it goes.
fn leads_back(node: &Node) -> bool {
    match node {
        Node::Circular(_) => true,
        Node::Object(object) => object.entries.iter().any(|entry| leads_back(&entry.value)),
        _ => false,
    }
}

/// `%d`, `%i` and `%f`. Objects would have to be asked for their number, and are not.
fn number<'s>(scope: &mut v8::PinScope<'s, '_>, specifier: u8, arg: v8::Local<'s, v8::Value>) -> String {
    if arg.is_big_int() && specifier != b'f' {
        return show::text(scope, arg);
    }
    if arg.is_object() || arg.is_symbol() {
        return "NaN".to_owned();
    }
    let zero = arg.try_cast::<v8::Number>().is_ok_and(|number| number.value() == 0.0);
    let number = match specifier {
        // As text, where these two begin, zero has no sign.
        b'i' | b'f' if zero => 0.0,
        b'd' => arg.number_value(scope).unwrap_or(f64::NAN),
        _ => leading_number(&raw(scope, arg), specifier == b'i'),
    };
    let number = v8::Number::new(scope, number).into();
    show::text(scope, number)
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
