//! Tests of `fetch`, each in a checkout of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use super::super::manifest::{NAME, sum};
use super::*;

/// A checkout with a manifest, and a folder beside it that has the library.
struct Checkout(PathBuf);

impl Checkout {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("drupe-xtask-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let checkout = Self(std::env::temp_dir().join(name));
        for folder in [KEPT, "elsewhere"] {
            fs::create_dir_all(checkout.0.join(folder)).unwrap();
        }
        let manifest = serde_json::json!({
            "version": "1.2.3", "target": "t", "from": "elsewhere",
            "library": { "name": "lib.a.gz", "sha256": "" },
            "binding": { "name": "binding.rs", "sha256": "" },
            "gn_args": [], "built_by": "b", "built_from": "f", "tools": [],
        });
        let mut manifest: Manifest = serde_json::from_value(manifest).unwrap();
        checkout.write("elsewhere/lib.a.gz", "library");
        checkout.write("elsewhere/binding.rs", "binding");
        manifest.library.sha256 = sum(&checkout.path("elsewhere/lib.a.gz")).unwrap();
        manifest.binding.sha256 = sum(&checkout.path("elsewhere/binding.rs")).unwrap();
        checkout.write(&format!("{KEPT}/{NAME}"), &serde_json::to_string(&manifest).unwrap());
        checkout
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    fn fetch(&self, from: Option<&str>) -> Result<String, String> {
        let manifest = Manifest::read(&self.0).map_err(|error| error.to_string())?;
        fetch(&self.0, &manifest, from).map_err(|error| error.to_string())
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn files_of_the_folder_that_the_manifest_names_are_brought_and_cargo_is_told() {
    let checkout = Checkout::new();
    assert_eq!(checkout.fetch(None).unwrap(), "v8: target/v8 has the library of v8 1.2.3 for t, verified");
    assert_eq!(checkout.text("target/v8/lib.a.gz").as_deref(), Some("library"));
    assert_eq!(checkout.text("target/v8/binding.rs").as_deref(), Some("binding"));
    assert!(checkout.text("target/v8/config.toml").unwrap().contains("RUSTY_V8_ARCHIVE = { value = \"v8\", relative = true }"));
    // What is there and right is not brought again; what was damaged is.
    checkout.write("target/v8/binding.rs", "damaged");
    fs::remove_file(checkout.path("elsewhere/lib.a.gz")).unwrap();
    checkout.fetch(None).unwrap();
    assert_eq!(checkout.text("target/v8/binding.rs").as_deref(), Some("binding"));
}

#[test]
fn another_folder_or_one_of_its_files_may_be_named() {
    let checkout = Checkout::new();
    let other = checkout.path("other");
    fs::rename(checkout.path("elsewhere"), &other).unwrap();
    for from in ["other", "other/", "other/lib.a.gz", other.to_str().unwrap()] {
        drop(fs::remove_dir_all(checkout.path("target")));
        checkout.fetch(Some(from)).unwrap();
        assert_eq!(checkout.text("target/v8/lib.a.gz").as_deref(), Some("library"), "{from}");
    }
}

#[test]
fn a_wrong_checksum_is_refused_and_leaves_nothing() {
    let checkout = Checkout::new();
    checkout.write("elsewhere/lib.a.gz", "another library");
    let error = checkout.fetch(None).unwrap_err();
    assert!(error.contains("has the SHA-256 sum ") && error.contains(", and the manifest says "), "{error}");
    assert!(fs::read_dir(checkout.path("target/v8")).unwrap().next().is_none());
    checkout.write("target/v8/lib.a.gz", "an earlier library");
    checkout.write("target/v8/binding.rs", "its binding");
    checkout.fetch(None).unwrap_err();
    assert_eq!(checkout.text("target/v8/binding.rs").as_deref(), Some("its binding"), "libraries are not mixed");
}

#[test]
fn a_missing_file_is_named_with_what_to_do() {
    let checkout = Checkout::new();
    fs::remove_file(checkout.path("elsewhere/binding.rs")).unwrap();
    let error = checkout.fetch(None).unwrap_err();
    assert!(error.starts_with("binding.rs is not in ") && error.contains("--from"), "{error}");
    assert!(checkout.text("target/v8/config.toml").is_none(), "cargo is told of whole libraries only");
    let error = checkout.fetch(Some("nowhere")).unwrap_err();
    assert!(error.starts_with("lib.a.gz is not in "), "{error}");
}

#[test]
fn a_library_that_is_kept_is_verified_and_used_where_it_is() {
    let checkout = Checkout::new();
    checkout.fetch(None).unwrap();
    for name in ["lib.a.gz", "binding.rs"] {
        fs::copy(checkout.path("elsewhere").join(name), checkout.path(KEPT).join(name)).unwrap();
    }
    fs::remove_dir_all(checkout.path("elsewhere")).unwrap();
    assert_eq!(checkout.fetch(None).unwrap(), "v8: third_party/v8 has the library of v8 1.2.3, verified");
    assert!(checkout.text("target/v8/config.toml").is_none(), "the one that was fetched before is not used any more");
    checkout.write("third_party/v8/lib.a.gz", "damaged");
    assert!(checkout.fetch(None).unwrap_err().contains("SHA-256"));
}

#[test]
fn a_manifest_names_files_and_no_paths() {
    let checkout = Checkout::new();
    let manifest = checkout.text("third_party/v8/library.json").unwrap();
    for name in ["../lib.a.gz", "a/lib.a.gz", "..", ""] {
        checkout.write("third_party/v8/library.json", &manifest.replace("lib.a.gz", name));
        assert!(checkout.fetch(None).unwrap_err().contains("which is no name of a file"), "{name}");
    }
    checkout.write("third_party/v8/library.json", "{}");
    assert!(checkout.fetch(None).unwrap_err().contains("is no manifest of a library: missing field `version`"));
}

#[test]
fn urls_are_told_from_folders() {
    let checkout = Checkout::new();
    let manifest = Manifest::read(&checkout.0).unwrap();
    for (from, expected) in
        [("https://a.example/v1/", "https://a.example/v1"), ("https://a.example/lib.a.gz", "https://a.example")]
    {
        assert!(matches!(Source::read(&checkout.0, &manifest, from), Source::Url(base) if base == expected), "{from}");
    }
}
