//! Checks that `rust-toolchain.toml` names a release of the `rust-version` of `Cargo.toml`, patch number included.
//!
//! rustup takes the channel `1.95` for another toolchain than `1.95.0`, and then asks the network for it.

use std::path::Path;

use super::{TidyError, Violation, read};

const FILE: &str = "rust-toolchain.toml";

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    Ok(compare(&read(root, FILE)?, &read(root, "Cargo.toml")?).into_iter().collect())
}

fn compare(toolchain: &str, manifest: &str) -> Option<Violation> {
    let channel = value(toolchain, "channel").unwrap_or_default();
    let version = value(manifest, "rust-version").unwrap_or_default();
    let patch = channel.strip_prefix(version).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
    let is_release = !version.is_empty() && !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
    let wrong = format!("{FILE} has the channel {channel:?}, which is no release of Cargo.toml's rust-version {version:?}");
    (!is_release).then(|| Violation::new(wrong, "name a release with its patch number, or change rust-version"))
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
    fn the_channel_is_a_release_of_the_version_with_its_patch_number() {
        let wrong =
            |channel: &str| compare(&format!("# channel\nchannel = \"{channel}\"\n"), "rust-version = \"1.95\"\n").is_some();
        assert!(!wrong("1.95.0") && !wrong("1.95.12"));
        assert!(wrong("1.95") && wrong("1.96.0") && wrong("1.950.0") && wrong("stable") && wrong("1.95."));
        assert!(compare("", "").is_some());
    }
}
