//! The program that the packages hold.

use std::path::{Path, PathBuf};

use super::{Error, platform, platform::Platform, run::Run};

/// Builds the program as it is released, and returns its path.
///
/// It names no folder of this machine, so that another one builds the same, and the commit that it is of.
pub(super) fn build(root: &Path) -> Result<PathBuf, Error> {
    let commit = Run::new("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]).at(root).output()?;
    let home = |name: &str, folder: &str| {
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(folder));
        std::env::var_os(name).map(PathBuf::from).or(home)
    };
    let folders = [
        (Some(root.to_owned()), "/drupe"),
        (home("CARGO_HOME", ".cargo"), "/cargo"),
        (home("RUSTUP_HOME", ".rustup"), "/rustup"),
    ];
    let renamed = folders.iter().filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from.as_ref()?.display())));
    let own = std::env::var("RUSTFLAGS").ok();
    let flags = own.into_iter().chain(renamed).collect::<Vec<_>>().join(" ");
    Run::new("cargo", ["build", "--release", "--locked"])
        .at(root)
        .with("DRUPE_COMMIT", commit.trim())
        .with("RUSTFLAGS", flags)
        .done()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    Ok(target.join("release/drupe"))
}

/// The program without its symbols: the path of it, and its platform.
pub(super) fn stripped(program: &Path, work: &Path) -> Result<(PathBuf, Platform), Error> {
    let (platform, elf) = platform::of(&super::read(program)?)?;
    let program = std::path::absolute(program).map_err(|source| Error::Read { path: program.to_owned(), source })?;
    if !elf.has_symbols {
        return Ok((program, platform));
    }
    let stripped = work.join("drupe");
    Run::new("strip", ["--strip-all", "-o"]).path(&stripped).path(&program).done()?;
    Ok((stripped, platform))
}
