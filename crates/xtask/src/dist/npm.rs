//! The npm packages: the client, and the program for one platform.

use std::path::Path;

use serde_json::json;

use super::{Contents, Error, entry::Entry, run::Run, tar};

/// The package with the program, which npm installs where it can be executed.
fn platform_name(contents: &Contents) -> String {
    format!("@drupe/linux-{}", contents.platform.node)
}

/// The platforms whose packages the client asks for. npm takes the one that fits, and leaves out those that it cannot
/// get.
const PLATFORMS: [&str; 1] = ["@drupe/linux-x64"];

/// What the client asks for: the path of the program.
const INDEX: &str = "\
// The path of the program.
'use strict';

exports.program = require('node:path').join(__dirname, 'bin', 'drupe');
";

/// The name and the bytes of the package with the program.
pub(super) fn platform(contents: &Contents) -> Result<(String, Vec<u8>), Error> {
    let Contents { version, platform, .. } = contents;
    let manifest = json!({
        "name": platform_name(contents),
        "version": version,
        "description": format!("The program that the package drupe talks to, for {} with glibc {}", platform.target, platform.glibc),
        "license": "MIT OR Apache-2.0",
        "os": ["linux"],
        "cpu": [platform.node],
        "libc": ["glibc"],
        "main": "index.js",
        "exports": { ".": "./index.js", "./package.json": "./package.json" },
        // Yarn must not keep it in an archive: it is executed.
        "preferUnplugged": true,
    });
    let manifest = format!("{manifest:#}\n");
    let mut entries = vec![
        Entry::file("package.json", manifest.as_bytes()),
        Entry::file("index.js", INDEX.as_bytes()),
        Entry::program("bin/drupe", &contents.program),
    ];
    entries.extend(contents.licences().map(|(name, text)| Entry::file(name, text)));
    let name = format!("drupe-linux-{}-{version}.tgz", platform.node);
    Ok((name, tar::compressed("package/", &entries, contents.date)?))
}

/// Writes the manifest of the client as it is published: it asks for the program, and for nothing that only a build
/// needs. JavaScript keeps the order of the keys, which has a meaning in `exports`.
const PUBLISHED: &str = "
    const [, version, ...programs] = process.argv;
    const manifest = JSON.parse(require('node:fs').readFileSync('package.json', 'utf8'));
    delete manifest.devDependencies;
    delete manifest.scripts;
    manifest.optionalDependencies = Object.fromEntries(programs.map((name) => [name, version]));
    console.log(JSON.stringify(manifest, undefined, 2));
";

/// The name and the bytes of the client's package, which was built in `folder`.
pub(super) fn client(contents: &Contents, folder: &Path) -> Result<(String, Vec<u8>), Error> {
    let arguments = ["-e", PUBLISHED, contents.version.as_str()].into_iter().chain(PLATFORMS);
    let manifest = Run::new("node", arguments).at(folder).output()?;
    let mut files = Vec::new();
    super::files_below(folder, "dist", &mut files)?;
    files.sort();
    let read = files.into_iter().chain(["README.md".to_owned()]).map(|path| Ok((super::read(&folder.join(&path))?, path)));
    let read = read.collect::<Result<Vec<_>, Error>>()?;
    let mut entries = vec![Entry::file("package.json", manifest.as_bytes())];
    entries.extend(read.iter().map(|(bytes, path)| Entry { is_program: path == "dist/esm/bin.js", ..Entry::file(path, bytes) }));
    entries.extend(contents.own_licences().map(|(name, text)| Entry::file(name, text)));
    Ok((format!("drupe-{}.tgz", contents.version), tar::compressed("package/", &entries, contents.date)?))
}
