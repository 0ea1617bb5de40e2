//! The wheel `drupe-runtime`: the program, which `pip` puts beside `python`, and nothing else.
//!
//! It has the layout that maturin gives with `bindings = "bin"`. maturin would compile the program once more.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Contents, Error, entry::Entry, zip};

/// The name and the bytes of the wheel.
pub(super) fn runtime(contents: &Contents) -> Result<(String, Vec<u8>), Error> {
    let Contents { version, platform, .. } = contents;
    let tag = format!("py3-none-manylinux_{}_{}_{}", platform.glibc.0, platform.glibc.1, platform.wheel);
    let info = format!("drupe_runtime-{version}.dist-info");
    let metadata = metadata(contents);
    let wheel = format!("Wheel-Version: 1.0\nGenerator: drupe xtask ({version})\nRoot-Is-Purelib: false\nTag: {tag}\n");
    let mut entries = vec![Entry::program(format!("drupe_runtime-{version}.data/scripts/drupe"), &contents.program)];
    entries.extend(contents.licences().map(|(name, text)| Entry::file(format!("{info}/licenses/{name}"), text)));
    entries.push(Entry::file(format!("{info}/METADATA"), metadata.as_bytes()));
    entries.push(Entry::file(format!("{info}/WHEEL"), wheel.as_bytes()));
    let record = record(&entries, &format!("{info}/RECORD"));
    entries.push(Entry::file(format!("{info}/RECORD"), record.as_bytes()));
    Ok((format!("drupe_runtime-{version}-{tag}.whl"), zip::archive(&entries, contents.date)?))
}

fn metadata(contents: &Contents) -> String {
    let files = contents.licences().map(|(name, _)| format!("License-File: {name}\n")).collect::<String>();
    format!(
        "Metadata-Version: 2.4\nName: drupe-runtime\nVersion: {}\nSummary: The program that the package drupe talks to\n\
         License-Expression: MIT OR Apache-2.0\n{files}Requires-Python: >=3.10\n\
         Description-Content-Type: text/markdown\n\n\
         The command `drupe`, which runs JavaScript and TypeScript. The package `drupe` is the client of it: \
         `pip install 'drupe[runtime]'` installs both.\n",
        contents.version
    )
}

/// The list of the files with their sums. It has no sum of itself.
fn record(entries: &[Entry], own: &str) -> String {
    let line = |entry: &Entry| {
        let sum = URL_SAFE_NO_PAD.encode(Sha256::digest(entry.bytes));
        format!("{},sha256={sum},{}\n", entry.path, entry.bytes.len())
    };
    entries.iter().map(line).collect::<String>() + own + ",,\n"
}
