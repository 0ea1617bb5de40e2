//! The names of Node's own modules. They win over packages of the same name.

/// With and without `node:`.
const NAMES: [&str; 68] = [
    "_http_agent",
    "_http_client",
    "_http_common",
    "_http_incoming",
    "_http_outgoing",
    "_http_server",
    "_stream_duplex",
    "_stream_passthrough",
    "_stream_readable",
    "_stream_transform",
    "_stream_wrap",
    "_stream_writable",
    "_tls_common",
    "_tls_wrap",
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "domain",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "module",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "repl",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Only with `node:`.
const ONLY_PREFIXED: [&str; 4] = ["sea", "sqlite", "test", "test/reporters"];

/// The URL of the built-in that a specifier names, such as `node:fs`.
pub(super) fn url(specifier: &str) -> Option<String> {
    match specifier.strip_prefix("node:") {
        Some(_) => Some(specifier.to_owned()),
        None => is_bare(specifier).then(|| format!("node:{specifier}")),
    }
}

/// Whether there is a built-in of that URL.
pub(super) fn exists(url: &str) -> bool {
    url.strip_prefix("node:").is_some_and(|name| is_bare(name) || ONLY_PREFIXED.contains(&name))
}

/// All of them, as they are written most often: those for everybody to use.
pub(super) fn names() -> impl Iterator<Item = String> {
    let bare = NAMES.iter().filter(|name| !name.starts_with('_')).map(|name| (*name).to_owned());
    bare.chain(ONLY_PREFIXED.iter().map(|name| format!("node:{name}")))
}

fn is_bare(name: &str) -> bool {
    NAMES.contains(&name)
}
