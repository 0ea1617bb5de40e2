//! Flags of Node that people have in their scripts. Flags whose effect drupe always has are accepted. For the others an
//! error says what to use here.

use std::ffi::OsString;

use clap::Command;

use crate::words::{self, NODES_WITH_VALUES};

/// What is so in any case, or is read by the program itself from `process.execArgv`.
const TAKEN: &[&str] = &[
    "--experimental-default-type",
    "--experimental-detect-module",
    "--experimental-fetch",
    "--experimental-global-customevent",
    "--experimental-global-webcrypto",
    "--experimental-import-meta-resolve",
    "--experimental-json-modules",
    "--experimental-require-module",
    "--experimental-specifier-resolution",
    "--experimental-strip-types",
    "--experimental-transform-types",
    "--experimental-wasm-modules",
    "--no-deprecation",
    "--no-warnings",
    "--throw-deprecation",
    "--trace-deprecation",
    "--trace-warnings",
];

/// How flags begin that have something else here, and what that is.
const INSTEAD: &[(&str, &str)] = &[
    ("--conditions", "packages are resolved by the conditions node, import and require"),
    ("--cpu-prof", "there is no profiler; the prompt's `.time` says what a chunk costs"),
    ("--experimental-loader", "modules cannot be loaded by code of the program's own"),
    (
        "--experimental-permission",
        "permissions are --allow-read, --allow-write, --allow-net, --allow-env, --allow-run and --allow-import",
    ),
    ("--experimental-test", "there is no test runner; run a file: drupe FILE"),
    ("--expose-gc", "no code can ask for a collection of garbage"),
    ("--expose_gc", "no code can ask for a collection of garbage"),
    ("--heap", "there is no profiler; the prompt's `.time` says what a chunk costs"),
    ("--inspect", "there is no debugger yet"),
    ("--interactive", "the prompt is `drupe repl`"),
    ("--loader", "modules cannot be loaded by code of the program's own"),
    ("--max-semi-space-size", "the memory limit is --memory-limit"),
    ("--permission", "permissions are --allow-read, --allow-write, --allow-net, --allow-env, --allow-run and --allow-import"),
    ("--prof", "there is no profiler; the prompt's `.time` says what a chunk costs"),
    ("--run", "scripts of package.json are npm's: npm run NAME"),
    ("--test", "there is no test runner; run a file: drupe FILE"),
    ("--unhandled-rejections", "a rejection that nobody handles ends the program, as with `throw`"),
];

/// Short flags of Node's that have something else here, and their long names.
const SHORT: [(&str, &str); 2] = [("-C", "--conditions"), ("-i", "--interactive")];

/// How flags begin that mean nothing here.
const NOTHING: &[&str] = &[
    "--abort-on-uncaught-exception",
    "--disable-",
    "--dns-result-order",
    "--experimental-",
    "--force-context-aware",
    "--harmony",
    "--icu-data-dir",
    "--jitless",
    "--no-experimental-",
    "--no-harmony",
    "--no-opt",
    "--node-memory-debug",
    "--openssl-",
    "--optimize",
    "--pending-deprecation",
    "--preserve-symlinks",
    "--report-",
    "--secure-heap",
    "--snapshot-blob",
    "--stack-size",
    "--stack-trace-limit",
    "--stack_size",
    "--title",
    "--tls-",
    "--trace-",
    "--use-",
    "--v8-",
    "--zero-fill-buffers",
];

/// Takes out the flags that change nothing, up to the program's own words: what is left, and what was taken out. An
/// error says of another flag of Node's what it would be here.
pub(crate) fn take_out(definition: &Command, all: Vec<OsString>) -> Result<(Vec<OsString>, Vec<String>), String> {
    let (mut left, mut taken) = (Vec::with_capacity(all.len()), Vec::new());
    let own = words::before_program(definition, &all);
    let mut all = all.into_iter().enumerate();
    while let Some((index, word)) = all.next() {
        let text = word.to_str().filter(|_| own.contains(&index)).unwrap_or_default();
        let name = text.split('=').next().unwrap_or_default();
        if TAKEN.contains(&name) {
            taken.push(text.to_owned());
            if NODES_WITH_VALUES.contains(&text) {
                taken.extend(all.next().map(|(_, value)| value.to_string_lossy().into_owned()));
            }
            continue;
        }
        let is_ours =
            definition.get_arguments().any(|arg| arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long)));
        if let Some(sentence) = refusal(name).filter(|_| !is_ours) {
            return Err(sentence);
        }
        left.push(word);
    }
    Ok((left, taken))
}

fn refusal(name: &str) -> Option<String> {
    let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name, |(_, long)| long);
    if let Some((_, words)) = INSTEAD.iter().find(|(beginning, _)| name.starts_with(beginning)) {
        return Some(format!("{name} is a flag of Node's that is not there: {words}"));
    }
    let is_known = NOTHING.iter().any(|beginning| name.starts_with(beginning));
    is_known.then(|| format!("{name} is a flag of Node's that means nothing here; leave it out"))
}

#[cfg(test)]
mod tests {

    use super::take_out;
    use crate::args::Arguments;

    fn taken(line: &str) -> Result<(String, String), String> {
        let (left, taken) = take_out(&Arguments::definition(), line.split(' ').map(Into::into).collect())?;
        let left = left.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>();
        Ok((left.join(" "), taken.join(" ")))
    }

    #[test]
    fn flags_that_change_nothing_are_taken_out_before_the_program() {
        for (line, left, out) in [
            ("drupe --no-warnings x.js --no-warnings", "drupe x.js --no-warnings", "--no-warnings"),
            ("drupe run --experimental-fetch x.js", "drupe run x.js", "--experimental-fetch"),
            ("drupe run --enable-source-maps x.js", "drupe run --enable-source-maps x.js", ""),
            ("drupe -e 1 --experimental-default-type=module a", "drupe -e 1 a", "--experimental-default-type=module"),
            ("drupe --preload --no-warnings x.js", "drupe --preload --no-warnings x.js", ""),
            ("drupe -- --harmony", "drupe -- --harmony", ""),
            ("drupe x.js --inspect", "drupe x.js --inspect", ""),
            ("drupe --memory-limit 5 --no-deprecation x.js", "drupe --memory-limit 5 x.js", "--no-deprecation"),
            ("drupe --experimental-default-type module x.js a", "drupe x.js a", "--experimental-default-type module"),
            ("drupe run --experimental-default-type module x.js", "drupe run x.js", "--experimental-default-type module"),
            ("drupe --trace-warnings --throw-deprecation x.js", "drupe x.js", "--trace-warnings --throw-deprecation"),
            ("drupe --experimental-default-type", "drupe", "--experimental-default-type"),
        ] {
            assert_eq!(taken(line), Ok((left.to_owned(), out.to_owned())), "{line}");
        }
    }

    #[test]
    fn other_flags_of_nodes_are_told_what_they_are_here() {
        for (line, words) in [
            ("drupe --harmony-x x.js", "--harmony-x is a flag of Node's that means nothing here; leave it out"),
            ("drupe --experimental-eventsource x.js", "means nothing here"),
            ("drupe run --inspect-brk=0 x.js", "there is no debugger yet"),
            ("drupe --test", "there is no test runner"),
            ("drupe -i", "--interactive is a flag of Node's that is not there: the prompt is `drupe repl`"),
            ("drupe -C development x.js", "packages are resolved by the conditions"),
            ("drupe --no-experimental-require-module x.js", "means nothing here"),
            ("drupe --trace-uncaught x.js", "means nothing here"),
            ("drupe --pending-deprecation x.js", "means nothing here"),
        ] {
            let told = taken(line).unwrap_err();
            assert!(told.contains(words), "{line}: {told}");
        }
    }
}
