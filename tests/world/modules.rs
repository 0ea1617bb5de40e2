//! Modules from real files: imported again after an edit, and by a program with arguments.

use std::{fs, path::PathBuf};

use drupe_client::{Kernel, Permissions, Policy, host::permissions::Kind};

use crate::support::{block_on, builder, text};

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-modules-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    async fn reader(&self) -> Kernel {
        let mut policy = Policy::none();
        policy.allow(Kind::Read, &self.0.to_string_lossy()).unwrap();
        builder().permissions(&Permissions::new(policy)).spawn().await.unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn an_edited_module_is_new_where_that_is_asked_for() {
    block_on(async {
        let folder = Folder::new("edited");
        let kernel = folder.reader().await;
        fs::write(folder.0.join("inner.ts"), "export const version: number = 1").unwrap();
        fs::write(folder.0.join("outer.ts"), "export { version } from './inner.ts'; export const name = 'outer'").unwrap();
        let import = format!("import {{ version }} from '{}/outer.ts'; version", folder.0.display());
        assert_eq!(text(&kernel, &import).await, "1");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 2").unwrap();
        // Not by itself: who imported it shares it.
        assert_eq!(text(&kernel, &import).await, "1");
        kernel.reload(Some(&format!("{}/inner.ts", folder.0.display()))).await.unwrap();
        assert_eq!(text(&kernel, &import).await, "2");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 3").unwrap();
        kernel.reload(None).await.unwrap();
        assert_eq!(text(&kernel, &import).await, "3");
        fs::write(folder.0.join("inner.ts"), "export const version: number = 4").unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(text(&kernel, &import).await, "4");
    });
}

#[test]
fn a_package_is_found_from_the_file_that_needs_it() {
    block_on(async {
        let folder = Folder::new("package");
        let package = folder.0.join("node_modules/dual");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("package.json"), r#"{"name":"dual","exports":{"import":"./m.mjs","require":"./c.cjs"}}"#).unwrap();
        fs::write(package.join("m.mjs"), "export default 'module'").unwrap();
        fs::write(package.join("c.cjs"), "module.exports = 'commonjs'").unwrap();
        fs::write(folder.0.join("use.mjs"), "import dual from 'dual'; export default dual").unwrap();
        fs::write(folder.0.join("use.cjs"), "module.exports = require('dual')").unwrap();
        let kernel = folder.reader().await;
        let both = format!("[(await import('{0}/use.mjs')).default, require('{0}/use.cjs')]", folder.0.display());
        assert_eq!(text(&kernel, &both).await, "[ 'module', 'commonjs' ]");
    });
}
