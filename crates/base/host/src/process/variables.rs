//! The environment variables that JavaScript may choose for a program, where the policy lists the programs that may
//! run.
//!
//! Most programs run code that a variable names: `BASH_ENV`, `NODE_OPTIONS`, `GIT_SSH_COMMAND`, `PYTHONSTARTUP`,
//! `LD_PRELOAD`, and more than can be listed. So without a list of allowed variables, a grant for one program would be
//! one for all.

use std::{ffi::OsString, path::Path};

use crate::permissions::Exposure;

/// Variables that say how output looks, and nothing else. Their values are words.
const HARMLESS: &[&str] = &[
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "DEBUG",
    "FORCE_COLOR",
    "LANG",
    "LANGUAGE",
    "LINES",
    "NODE_DISABLE_COLORS",
    "NODE_ENV",
    "NO_COLOR",
    "SOURCE_DATE_EPOCH",
    "TERM",
    "TZ",
];

/// Variables that are known to make programs run or load code: by name, or by how it begins.
const LOADING: &[&str] = &[
    "BASH*",
    "CARGO_*",
    "CDPATH",
    "CLASSPATH",
    "CURL_*",
    "DOCKER_*",
    "DOTNET_*",
    "DYLD_*",
    "ENV",
    "GCONV_*",
    "GEM_*",
    "GIT_*",
    "GLIBC_*",
    "GOENV",
    "GOFLAGS",
    "GOPROXY",
    "GOROOT",
    "GOTOOLCHAIN",
    "IFS",
    "JAVA*",
    "JDK_*",
    "LD_*",
    "LESS*",
    "LOCPATH",
    "LUA_*",
    "MALLOC_*",
    "NLSPATH",
    "NODE_*",
    "NPM_*",
    "npm_*",
    "OPENSSL_*",
    "PERL*",
    "PHP*",
    "PS4",
    "PYTHON*",
    "RSYNC_*",
    "RUBY*",
    "RUST*",
    "SSH_*",
    "SSL_*",
    "SUDO_*",
    "TCL*",
    "TERMINFO*",
    "VISUAL",
    "WGETRC",
    "XDG_*",
    "ZDOTDIR",
    "_JAVA*",
];

/// How the names of others end that do.
const LOADING_ENDS: &[&str] = &[
    "CMD", "COMMAND", "DIR", "EDITOR", "FLAGS", "HOME", "OPT", "OPTIONS", "OPTS", "PAGER", "PATH", "PLUGIN", "PLUGINS",
    "PRELOAD", "RC", "SHELL", "STARTUP",
];

/// Takes out of `variables` what the parent has as it is, and what leads programs to code by a path that somebody may
/// change. Nobody chose it for this program, so the program starts without it.
pub(super) fn leave_out(variables: &mut Vec<(String, String)>, exposure: &Exposure, parents: impl Fn(&str) -> Option<OsString>) {
    variables.retain(|(name, value)| {
        let own = parents(name).is_some_and(|parents| parents == **value);
        !own || !is_loading(name) || is_fixed(exposure, value)
    });
}

/// The first of `variables` that a program must not get. `parents` looks a variable of the parent up.
///
/// One passes if it is as the parent has it, if it is [harmless](HARMLESS), or if a rule for environment variables
/// names it in full and it is not [known to be otherwise](LOADING).
pub(super) fn refused<'a>(
    variables: &'a [(String, String)],
    exposure: &Exposure,
    parents: impl Fn(&str) -> Option<OsString>,
) -> Option<&'a str> {
    let passes = |(name, value): &&(String, String)| {
        let is_locale =
            name.strip_prefix("LC_").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
        let harmless = (is_locale || HARMLESS.contains(&&**name)) && is_word(value);
        let named =
            || exposure.policy.covers_env(name) && exposure.policy.granted.env.rules().iter().any(|rule| rule.is_exactly(name));
        harmless || is_inherited(exposure, parents(name), value, is_loading(name)) || named() && !is_loading(name)
    };
    variables.iter().find(|variable| !passes(variable)).map(|(name, _)| &**name)
}

/// Whether a variable is [known](LOADING) to run or load code.
fn is_loading(name: &str) -> bool {
    let is_known = |known: &&str| known.strip_suffix('*').map_or(name == *known, |beginning| name.starts_with(beginning));
    LOADING.iter().any(is_known) || LOADING_ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a value is no path.
fn is_word(value: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-.@,:+*= ".contains(character);
    // A time zone's name has a slash; where it begins with `:` or `/`, or has `..`, it is a file's.
    value.chars().all(|character| is_plain(character) || character == '/')
        && !value.starts_with([':', '/'])
        && !value.split('/').any(|part| part == "..")
}

/// Whether a variable is as the parent has it and, where it loads code, leads to the same files from every folder,
/// which the code cannot change.
fn is_inherited(exposure: &Exposure, parents: Option<OsString>, value: &str, is_loading: bool) -> bool {
    parents.is_some_and(|parents| parents == value) && (!is_loading || is_fixed(exposure, value))
}

/// Whether all that a value names are absolute paths to what the code cannot change.
fn is_fixed(exposure: &Exposure, value: &str) -> bool {
    value.split([':', ' ']).all(|part| part.starts_with('/') && !exposure.exposes_at(Path::new(part)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::permissions::{Kind, Policy};

    // threat G20
    #[test]
    fn what_loads_code_is_the_parents_own_or_nobodys() {
        let mut policy = Policy::none();
        for rule in ["WORD", "LD_PRELOAD", "MY_OPTIONS", "APP_*"] {
            policy.allow(Kind::Env, rule).unwrap();
        }
        policy.allow(Kind::Write, "/no/such/mine").unwrap();
        let parents = |name: &str| match name {
            "XDG_CONFIG_HOME" => Some("/no/such/mine/config".into()),
            "LD_LIBRARY_PATH" => Some("/lib:/usr/lib".into()),
            "PYTHONPATH" => Some("lib".into()),
            "HOME" => Some("/home/me".into()),
            "SETTING" => Some("as it is".into()),
            _ => None,
        };
        let gets = |name: &str, value: &str| {
            let mut variables = vec![(name.to_owned(), value.to_owned())];
            leave_out(&mut variables, &Exposure::of(&policy), parents);
            !variables.is_empty()
        };
        // Of the parent's own, what leads to code that may be changed is left out.
        assert!(!gets("PYTHONPATH", "lib") && !gets("XDG_CONFIG_HOME", "/no/such/mine/config"));
        assert!(gets("LD_LIBRARY_PATH", "/lib:/usr/lib") && gets("SETTING", "as it is") && gets("PYTHONPATH", "/tmp"));
        let passes =
            |name: &str, value: &str| refused(&[(name.to_owned(), value.to_owned())], &Exposure::of(&policy), parents).is_none();
        for (name, value) in [
            ("LANG", "de_DE.UTF-8"),
            ("LC_ALL", "C"),
            ("TZ", "Europe/Berlin"),
            ("TERM", "xterm-256color"),
            ("LD_LIBRARY_PATH", "/lib:/usr/lib"),
            ("HOME", "/home/me"),
            ("SETTING", "as it is"),
            ("WORD", "named by a rule"),
        ] {
            assert!(passes(name, value), "{name}");
        }
        for (name, value) in [
            ("BASH_ENV", "/tmp/rc"),
            ("ENV", "/tmp/rc"),
            ("BASH_FUNC_ls%%", "() { id; }"),
            ("NODE_OPTIONS", "--require=/tmp/x.js"),
            ("GIT_SSH_COMMAND", "id"),
            ("PYTHONPATH", "lib"),
            ("PERL5OPT", "-M/tmp/x"),
            ("RUBYOPT", "-r/tmp/x"),
            ("GCONV_PATH", "/tmp"),
            ("JAVA_TOOL_OPTIONS", "-javaagent:/tmp/x.jar"),
            ("LD_LIBRARY_PATH", "/lib:/tmp"),
            ("LD_PRELOAD", "/tmp/x.so"),
            ("HOME", "/tmp"),
            ("XDG_CONFIG_HOME", "/no/such/mine/config"),
            ("SETTING", "otherwise"),
            ("MY_OPTIONS", "--require=/tmp/x"),
            ("APP_NAME", "named by no rule in full"),
            ("UNKNOWN", ""),
            ("LANG", "/tmp/x"),
            ("LANG", "../../tmp/x"),
            ("TZ", ":/tmp/x"),
            ("LC_ALL%", "C"),
        ] {
            assert!(!passes(name, value), "{name}={value}");
        }
    }
}
