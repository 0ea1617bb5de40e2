//! Checks that `rust-toolchain.toml` names the stable toolchain, or a release of the `rust-version` of `Cargo.toml`
//! with its patch number.
//!
//! rustup takes the channel `1.95` for another toolchain than `1.95.0`, and then asks the network for it.

use std::path::Path;

use super::{TidyError, Violation, read};

const FILE: &str = "rust-toolchain.toml";
const STABLE: &str = "stable";

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    Ok(compare(&read(root, FILE)?, &read(root, "Cargo.toml")?).into_iter().collect())
}

fn compare(toolchain: &str, manifest: &str) -> Option<Violation> {
    let channel = value(toolchain, "channel").unwrap_or_default();
    let version = value(manifest, "rust-version").unwrap_or_default();
    let patch = channel.strip_prefix(version).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
    let is_release = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
    let is_right = !version.is_empty() && (channel == STABLE || is_release);
    let wrong = format!("{FILE} has the channel {channel:?}: not {STABLE:?}, and no release of rust-version {version:?}");
    (!is_right).then(|| Violation::new(wrong, "name the stable toolchain, or a release with its patch number"))
}

/// The string of the first line `key = "…"`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
    rest.trim().strip_prefix('"')?.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_is_stable_or_a_release_of_the_version_with_its_patch_number() {
        let wrong =
            |channel: &str| compare(&format!("# channel\nchannel = \"{channel}\"\n"), "rust-version = \"1.95\"\n").is_some();
        assert!(!wrong("1.95.0") && !wrong("1.95.12") && !wrong("stable"));
        assert!(wrong("1.95") && wrong("1.96.0") && wrong("1.950.0") && wrong("nightly") && wrong("1.95."));
        assert!(compare("", "").is_some());
    }
}
