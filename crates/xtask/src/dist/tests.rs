//! The packages as the tools of each kind read them.

use std::process::Command;

use super::{Contents, Error, NOTICES, archive, deb, npm, platform::Glibc, platform::Platform, refuse_newer, wheel};

fn contents() -> Contents {
    let platform = Platform {
        target: "x86_64-unknown-linux-gnu",
        wheel: "x86_64",
        node: "x64",
        debian: "amd64",
        glibc: Glibc(2, 34),
        depends: vec!["libc6 (>= 2.34)".to_owned(), "libgcc-s1".to_owned()],
    };
    Contents {
        version: "1.2.3".to_owned(),
        platform,
        program: b"#!/bin/sh\necho it runs\n".to_vec(),
        manual: ".TH DRUPE 1\n".to_owned(),
        completions: ["bash", "zsh", "fish"].map(str::to_owned),
        kernelspec: vec![("kernel.json".to_owned(), b"{}\n".to_vec())],
        texts: vec![("LICENSE-MIT", b"MIT\n".to_vec()), (NOTICES, b"others\n".to_vec())],
        date: 1_000_000_000,
    }
}

/// Writes a package, and gives its path to a tool: what the tool prints, or `None` where there is no such tool.
fn read(name: &str, bytes: &[u8], tool: &str, arguments: &[&str]) -> Option<String> {
    let folder = std::env::temp_dir().join(format!("drupe-dist-{}-{tool}-{}", std::process::id(), arguments.len()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, bytes).unwrap();
    let arguments = arguments.iter().map(|word| word.replace("FILE", file.to_str().unwrap()));
    let output = Command::new(tool).args(arguments).env("LC_ALL", "C").env("TZ", "UTC").output();
    std::fs::remove_dir_all(&folder).unwrap();
    let Ok(output) = output else {
        assert!(std::env::var_os("DRUPE_REQUIRE_FIXTURES").is_none(), "there is no {tool}");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn python_reads_the_wheel() {
    let (name, bytes) = wheel::runtime(&contents()).unwrap();
    assert_eq!(name, "drupe_runtime-1.2.3-py3-none-manylinux_2_34_x86_64.whl");
    let code = "\
import base64, csv, hashlib, io, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
assert wheel.testzip() is None
for info in wheel.infolist():
    print(oct(info.external_attr >> 16), info.date_time, info.filename)
record = wheel.read('drupe_runtime-1.2.3.dist-info/RECORD').decode()
for name, sum, size in csv.reader(io.StringIO(record)):
    if not name.endswith('RECORD'):
        data = wheel.read(name)
        assert sum == 'sha256=' + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('='), name
        assert int(size) == len(data), name
print(wheel.read('drupe_runtime-1.2.3.dist-info/WHEEL').decode().splitlines()[-1])
";
    let Some(said) = read(&name, &bytes, "python3", &["-c", code, "FILE"]) else { return };
    let date = "(2001, 9, 9, 1, 46, 40)";
    let info = "drupe_runtime-1.2.3.dist-info";
    let names = ["licenses/LICENSE-MIT", "licenses/THIRD-PARTY-NOTICES.txt", "METADATA", "WHEEL", "RECORD"];
    let rest = names.map(|name| format!("0o100644 {date} {info}/{name}\n")).concat();
    let tag = "Tag: py3-none-manylinux_2_34_x86_64\n";
    let data = "drupe_runtime-1.2.3.data";
    let module = format!("0o100644 {date} drupe_runtime.py\n");
    let spec = format!("0o100644 {date} {data}/data/share/jupyter/kernels/drupe/kernel.json\n");
    assert_eq!(said, format!("{module}0o100755 {date} {data}/scripts/drupe\n{spec}{rest}{tag}"));
}

#[test]
fn kernels_of_the_wheel_are_started_by_python() {
    let installed =
        br#"{"argv": ["/here/drupe", "jupyter", "run", "{connection_file}"], "metadata": {"drupe": {"version": "1.2.3"}}}"#;
    let spec: serde_json::Value = serde_json::from_slice(&wheel::of_wheel(installed).unwrap()).unwrap();
    let argv = serde_json::json!(["python", "-m", "drupe_runtime", "jupyter", "run", "{connection_file}"]);
    assert_eq!((&spec["argv"], &spec["env"]["PYTHONSAFEPATH"]), (&argv, &"1".into()));
    // `drupe jupyter remove` leaves its files to pip.
    assert_eq!(spec["metadata"]["drupe"], serde_json::json!({ "version": "1.2.3", "package": "drupe-runtime" }));
    assert!(matches!(wheel::of_wheel(b"damaged"), Err(Error::Json { .. })));
}

/// As the README says.
#[test]
fn tar_reads_the_archive_which_is_one_folder() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let (name, bytes) = archive(root, &contents()).unwrap();
    let Some(listed) = read(&name, &bytes, "tar", &["-tzf", "FILE"]) else { return };
    let folder = format!("{}/", name.strip_suffix(".tar.gz").unwrap());
    let files = listed.lines().map(|path| path.strip_prefix(&folder).unwrap()).collect::<Vec<_>>();
    for file in ["drupe", "README.md", "man/man1/drupe.1", "completions/drupe.bash", "LICENSE-MIT"] {
        assert!(files.contains(&file), "{file}: {listed}");
    }
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let row = readme.lines().find(|line| line.starts_with("| any Linux | `tar -xzf drupe-")).unwrap();
    for word in ["a folder of that name, without `.tar.gz`", "`drupe`", "manual page", "completions", "licences"] {
        assert!(row.contains(word), "{word}: {row}");
    }
}

#[test]
fn dpkg_reads_the_debian_package() {
    let (name, bytes) = deb::package(&contents()).unwrap();
    assert_eq!(name, "drupe_1.2.3_amd64.deb");
    let Some(control) = read(&name, &bytes, "dpkg-deb", &["--field", "FILE"]) else { return };
    for line in ["Version: 1.2.3", "Architecture: amd64", "Depends: libc6 (>= 2.34), libgcc-s1"] {
        assert!(control.lines().any(|found| found == line), "{control}");
    }
    let listed = read(&name, &bytes, "dpkg-deb", &["--contents", "FILE"]).unwrap();
    let line = listed.lines().find(|line| line.ends_with("./usr/bin/drupe")).unwrap();
    assert!(line.starts_with("-rwxr-xr-x root/root") && line.contains("2001-09-09 01:46"), "{line}");
    assert!(listed.contains("./usr/share/man/man1/drupe.1.gz") && listed.contains("./usr/share/doc/drupe/copyright"), "{listed}");
}

#[test]
fn npm_packages_have_the_program_and_its_path() {
    let (name, bytes) = npm::platform(&contents()).unwrap();
    assert_eq!(name, "drupe-linux-x64-1.2.3.tgz");
    let code = "\
import json, sys, tarfile
package = tarfile.open(sys.argv[1])
for info in package: print(oct(info.mode), info.name)
manifest = json.load(package.extractfile('package/package.json'))
print(manifest['name'], manifest['os'], manifest['cpu'], manifest['libc'], 'scripts' in manifest)
";
    let Some(said) = read(&name, &bytes, "python3", &["-c", code, "FILE"]) else { return };
    let rest = ["package.json", "index.js"].map(|name| format!("0o644 package/{name}\n")).concat();
    let texts = ["LICENSE-MIT", NOTICES].map(|name| format!("0o644 package/{name}\n")).concat();
    let manifest = "@drupe/linux-x64 ['linux'] ['x64'] ['glibc'] False\n";
    assert_eq!(said, format!("0o755 package/bin\n{rest}0o755 package/bin/drupe\n{texts}{manifest}"));
}

#[test]
fn a_program_that_needs_a_newer_glibc_is_refused() {
    assert!(refuse_newer(Glibc(2, 34), None).is_ok() && refuse_newer(Glibc(2, 34), Some(Glibc(2, 34))).is_ok());
    let refused = refuse_newer(Glibc(2, 38), Some(Glibc(2, 34)));
    assert!(matches!(refused, Err(Error::NewGlibc { needed: Glibc(2, 38), allowed: Glibc(2, 34) })), "{refused:?}");
    assert_eq!("2.34".parse(), Ok(Glibc(2, 34)));
    assert!("two".parse::<Glibc>().is_err());
}

#[test]
fn notices_are_those_of_all_code_in_the_program() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let notices = super::notices::of(root, "x86_64-unknown-linux-gnu").unwrap();
    let titles = [
        "\nserde 1.",
        "\nv8 152.",
        "\nrustyline_typeahead ",
        "\nswc_ecma_parser_metered ",
        "\nV8\n====",
        "\nICU and its data\n====",
    ];
    for title in titles {
        assert!(notices.contains(title), "{title} is missing");
    }
    // What only builds or tests, and what is ours, is not in the program.
    for title in ["\ncriterion ", "\nproptest ", "\ndrupe-client ", "\ndrupe "] {
        assert!(!notices.contains(title), "{title} is there");
    }
}
