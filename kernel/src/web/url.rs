//! URLs, by the `url` crate: parsing, setters, host names, and the form encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};

use url::{Url, form_urlencoded, quirks};

use crate::isolate::native::{Args, Return, add};

/// Where a URL's parts begin and end, in the order in which `js/lib/web/url.js` reads them. What the crate serializes
/// is ASCII, so these are offsets in JavaScript's strings, too.
fn offsets(url: &Url) -> Option<[u32; 12]> {
    let at = quirks::internal_components(url);
    let text = url.as_str();
    let length = u32::try_from(text.len()).ok()?;
    let has_authority = text.get(at.scheme_end as usize..)?.starts_with("://");
    let before_username = at.scheme_end + if has_authority { 3 } else { 1 };
    let username_end = at.username_end.max(before_username);
    let has_password = username_end < at.host_start && text.as_bytes().get(username_end as usize) == Some(&b':');
    let (before_password, after_password) =
        if has_password { (username_end + 1, at.host_start - 1) } else { (username_end, username_end) };
    let after_port = if at.port.is_some() { at.path_start } else { at.host_end };
    let after_query = at.fragment_start.unwrap_or(length);
    let after_path = at.query_start.unwrap_or(after_query);
    Some([
        at.scheme_end,
        before_username,
        username_end,
        before_password,
        after_password,
        at.host_start,
        at.host_end,
        after_port,
        at.path_start,
        after_path,
        after_query,
        length,
    ])
}

/// What `work` returns. The crate asserts what it believes of every URL; where that is wrong, the URL counts as none,
/// and the kernel lives.
fn guarded<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok().flatten()
}

pub(super) fn install(scope: &mut v8::PinScope, ops: v8::Local<v8::Object>) -> Option<()> {
    add(scope, ops, "urlParse", parse)?;
    add(scope, ops, "urlSet", set)?;
    add(scope, ops, "formParse", form_parse)?;
    add(scope, ops, "formSerialize", form_serialize)
}

/// `urlParse(input, base)`: `[href, offset, offset...]`; `undefined` if that is no URL.
fn parse<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let input = args.get(0).to_rust_string_lossy(scope);
    let base = (!args.get(1).is_undefined()).then(|| args.get(1).to_rust_string_lossy(scope));
    let url = guarded(|| match base {
        None => Url::parse(&input).ok(),
        Some(base) => joined(&base, &input),
    });
    if let Some(parts) = url.and_then(|url| parts(scope, &url)) {
        result.set(parts);
    }
}

/// `urlSet(href, part, value)`: the URL with another part, as `urlParse` tells it; `undefined` if the part stays as it
/// is.
fn set<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut result: Return<'s>) {
    let href = args.get(0).to_rust_string_lossy(scope);
    let part = args.get(1).to_rust_string_lossy(scope);
    let value = args.get(2).to_rust_string_lossy(scope);
    if let Some(url) = guarded(|| changed(&href, &part, &value))
        && let Some(parts) = parts(scope, &url)
    {
        result.set(parts);
    }
}

/// A URL against another.
fn joined(base: &str, input: &str) -> Option<Url> {
    let base = Url::parse(base).ok()?;
    let is_slash = |character: char| matches!(character, '/' | '\\');
    let trimmed = input.trim_start_matches(|character: char| character <= ' ');
    let rest = trimmed.trim_start_matches(is_slash);
    // However many slashes there are, a host follows; the crate sees none after three.
    if matches!(base.scheme(), "http" | "https" | "ws" | "wss" | "ftp") && trimmed.len() - rest.len() > 2 {
        return base.join(&format!("//{rest}")).ok();
    }
    base.join(input).ok()
}

fn changed(href: &str, part: &str, value: &str) -> Option<Url> {
    let mut url = Url::parse(href).ok()?;
    match part {
        "protocol" => quirks::set_protocol(&mut url, value).ok()?,
        "username" => quirks::set_username(&mut url, value).ok()?,
        "password" => quirks::set_password(&mut url, value).ok()?,
        "host" => quirks::set_host(&mut url, value).ok()?,
        "hostname" => quirks::set_hostname(&mut url, value).ok()?,
        "port" => quirks::set_port(&mut url, value).ok()?,
        "pathname" => {
            let has_authority = url.has_authority();
            quirks::set_pathname(&mut url, value);
            if !has_authority && url.path().starts_with("//") {
                // The crate leaves out the dot that keeps the path from being read as a host.
                let rest = url.as_str().get(url.scheme().len() + 1..)?;
                url = Url::parse(&format!("{}:/.{rest}", url.scheme())).ok()?;
            }
        }
        "search" => quirks::set_search(&mut url, value),
        "hash" => quirks::set_hash(&mut url, value),
        _ => return None,
    }
    Some(url)
}

fn parts<'s>(scope: &mut v8::PinScope<'s, '_>, url: &Url) -> Option<v8::Local<'s, v8::Value>> {
    let offsets = offsets(url)?;
    let mut parts = Vec::with_capacity(offsets.len() + 1);
    parts.push(super::text(scope, url.as_str())?);
    parts.extend(offsets.map(|offset| v8::Local::<v8::Value>::from(v8::Integer::new_from_unsigned(scope, offset))));
    Some(v8::Array::new_with_elements(scope, &parts).into())
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
