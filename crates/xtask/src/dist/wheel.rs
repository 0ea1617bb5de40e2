//! The wheel `drupe-runtime`: the program, which `pip` puts beside `python`, and the kernelspec that tells Jupyter of
//! it.
//!
//! The program lies where maturin puts it with `bindings = "bin"`. maturin would compile it once more. `pip` knows no
//! absolute path that a kernelspec could name, and front ends need not have the folder of programs on their `PATH`. So
//! the kernelspec has Python run the module `drupe_runtime`, which becomes the program. Jupyter takes its own Python
//! for that.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Contents, Error, entry::Entry, zip};

/// The module that becomes the program.
const MODULE: (&str, &str) = ("drupe_runtime.py", include_str!("drupe_runtime.py"));

/// The name and the bytes of the wheel.
pub(super) fn runtime(contents: &Contents) -> Result<(String, Vec<u8>), Error> {
    let Contents { version, platform, .. } = contents;
    let tag = format!("py3-none-manylinux_{}_{}_{}", platform.glibc.0, platform.glibc.1, platform.wheel);
    let info = format!("drupe_runtime-{version}.dist-info");
    let metadata = metadata(contents);
    let wheel = format!("Wheel-Version: 1.0\nGenerator: drupe xtask ({version})\nRoot-Is-Purelib: false\nTag: {tag}\n");
    let data = format!("drupe_runtime-{version}.data");
    let mut entries =
        vec![Entry::file(MODULE.0, MODULE.1.as_bytes()), Entry::program(format!("{data}/scripts/drupe"), &contents.program)];
    let kernelspec = contents.kernelspec.iter();
    let kernelspec =
        kernelspec.map(|(name, bytes)| Entry::file(format!("{data}/data/share/jupyter/kernels/drupe/{name}"), bytes));
    entries.extend(kernelspec);
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
         The command `drupe`, which runs JavaScript and TypeScript, and is a kernel of Jupyter. The package `drupe` is the \
         client of it: `pip install 'drupe[runtime]'` installs both.\n",
        contents.version
    )
}

/// A kernelspec that `drupe jupyter install` has written, for this wheel: its kernels are started by Python.
pub(super) fn of_wheel(kernelspec: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Json { what: "the kernelspec", source };
    let mut spec: Value = serde_json::from_slice(kernelspec).map_err(failed)?;
    let words = spec["argv"].as_array().into_iter().flatten().skip(1).cloned();
    spec["argv"] = ["python", "-m", "drupe_runtime"].map(Value::from).into_iter().chain(words).collect();
    // No module of the notebook's folder is to be taken for this one. The module unsets it.
    spec["env"] = json!({ "PYTHONSAFEPATH": "1" });
    spec["metadata"]["drupe"]["package"] = json!("drupe-runtime");
    Ok(format!("{spec:#}\n").into_bytes())
}

/// The list of the files with their sums. It has no sum of itself.
fn record(entries: &[Entry], own: &str) -> String {
    let line = |entry: &Entry| {
        let sum = URL_SAFE_NO_PAD.encode(Sha256::digest(entry.bytes));
        format!("{},sha256={sum},{}\n", entry.path, entry.bytes.len())
    };
    entries.iter().map(line).collect::<String>() + own + ",,\n"
}
