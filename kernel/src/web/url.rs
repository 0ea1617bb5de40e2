//! URLs, by the `url` crate: parsing, setters, host names, and the form encoding.

use url::{Position, Url, form_urlencoded, quirks};

use crate::ops::{Args, Return, add};

/// Where a URL's parts begin and end, in the order in which `js/lib/web/url.js` reads them. What the crate serializes is ASCII, so these
/// are offsets in JavaScript's strings, too.
const POSITIONS: [Position; 12] = [
    Position::AfterScheme,
    Position::BeforeUsername,
    Position::AfterUsername,
    Position::BeforePassword,
    Position::AfterPassword,
    Position::BeforeHost,
    Position::AfterHost,
    Position::AfterPort,
    Position::BeforePath,
    Position::AfterPath,
    Position::AfterQuery,
    Position::AfterFragment,
];

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "urlParse", parse)?;
    add(scope, ops, "urlSet", set)?;
    add(scope, ops, "urlDomain", domain)?;
    add(scope, ops, "formParse", form_parse)?;
    add(scope, ops, "formSerialize", form_serialize)
}

/// `urlParse(input, base)`: `[href, offset, offset...]`; `undefined` if that is no URL.
fn parse<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let input = args.get(0).to_rust_string_lossy(scope);
    let url = if args.get(1).is_undefined() {
        Url::parse(&input)
    } else {
        let base = args.get(1).to_rust_string_lossy(scope);
        Url::parse(&base).and_then(|base| base.join(&input))
    };
    if let Some(parts) = url.ok().and_then(|url| parts(scope, &url)) {
        result.set(parts);
    }
}

/// `urlSet(href, part, value)`: the URL with another part, as `urlParse` tells it; `undefined` if the part stays as it is.
fn set<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(mut url) = Url::parse(&args.get(0).to_rust_string_lossy(scope)) else { return };
    let part = args.get(1).to_rust_string_lossy(scope);
    let value = args.get(2).to_rust_string_lossy(scope);
    let done = match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Err(()),
    };
    if done.is_ok()
        && let Some(parts) = parts(scope, &url)
    {
        result.set(parts);
    }
}

fn parts<'s>(scope: &mut v8::PinScope<'s, '_>, url: &Url) -> Option<v8::Local<'s, v8::Value>> {
    let mut parts = Vec::with_capacity(POSITIONS.len() + 1);
    parts.push(super::text(scope, url.as_str())?);
    for position in POSITIONS {
        let offset = u32::try_from(url[..position].len()).ok()?;
        parts.push(v8::Integer::new_from_unsigned(scope, offset).into());
    }
    Some(v8::Array::new_with_elements(scope, &parts).into())
}

/// `urlDomain(text, toUnicode)`: a domain in the other writing; empty if it is none.
fn domain<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let domain = args.get(0).to_rust_string_lossy(scope);
    let other = if args.get(1).is_true() { quirks::domain_to_unicode(&domain) } else { quirks::domain_to_ascii(&domain) };
    if let Some(other) = super::text(scope, &other) {
        result.set(other);
    }
}

/// `formParse(text)`: names and values in turn.
fn form_parse<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let input = args.get(0).to_rust_string_lossy(scope);
    let mut list = Vec::new();
    for (name, value) in form_urlencoded::parse(input.as_bytes()) {
        for part in [name, value] {
            let Some(part) = super::text(scope, &part) else { return };
            list.push(part);
        }
    }
    result.set(v8::Array::new_with_elements(scope, &list).into());
}

/// `formSerialize(list)`: the text of names and values in turn. The list is one that only the library writes.
fn form_serialize<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let Ok(list) = args.get(0).try_cast::<v8::Array>() else { return };
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for index in (0..list.length()).step_by(2) {
        v8::scope!(let scope, scope);
        let (Some(name), Some(value)) = (list.get_index(scope, index), list.get_index(scope, index + 1)) else { return };
        serializer.append_pair(&name.to_rust_string_lossy(scope), &value.to_rust_string_lossy(scope));
    }
    if let Some(text) = super::text(scope, &serializer.finish()) {
        result.set(text);
    }
}
