//! Modules from real files: imported again after an edit, and by a program with arguments.

use std::{fs, path::PathBuf};

use drupe_client::{Builder, Event, Kernel, Permissions, Policy, host::permissions::Kind};

use crate::support::{all, block_on, builder, text, value_text};

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("drupe-modules-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    async fn reader(&self) -> Kernel {
        self.builder().spawn().await.unwrap()
    }

    fn builder(&self) -> Builder {
        let mut policy = Policy::none();
        policy.allow(Kind::Read, &self.0.to_string_lossy()).unwrap();
        builder().permissions(&Permissions::new(policy))
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

/// What a run comes to, and the modules that were forgotten before it.
async fn reloading(kernel: &Kernel, code: &str) -> (String, Vec<String>) {
    let (events, report) = all(kernel.run(code)).await;
    let modules = events.into_iter().filter_map(|event| if let Event::Reloaded(modules) = event { Some(modules) } else { None });
    (value_text(&report.unwrap()), modules.flatten().collect())
}

#[test]
fn edited_modules_are_imported_again_by_choice() {
    block_on(async {
        let folder = Folder::new("by-choice");
        let kernel = folder.builder().auto_reload(true).journal(true).spawn().await.unwrap();
        let place = folder.0.display().to_string();
        fs::create_dir_all(folder.0.join("node_modules/dep")).unwrap();
        fs::write(folder.0.join("node_modules/dep/index.js"), "exports.dep = 1").unwrap();
        fs::write(folder.0.join("inner.ts"), "export const version: number = 1").unwrap();
        fs::write(folder.0.join("outer.ts"), "export { version } from './inner.ts'; export { dep } from 'dep'").unwrap();
        let import = format!("import {{ version, dep }} from '{place}/outer.ts'; [version, dep]");
        let inner = format!("file://{place}/inner.ts");
        assert_eq!(reloading(&kernel, &import).await, ("[ 1, 1 ]".into(), vec![]));
        assert_eq!(reloading(&kernel, &import).await, ("[ 1, 1 ]".into(), vec![]));
        fs::write(folder.0.join("inner.ts"), "export const version: number = 20").unwrap();
        fs::write(folder.0.join("node_modules/dep/index.js"), "exports.dep = 20").unwrap();
        // Its importer, which has not changed, is new, too; a package is not looked at.
        assert_eq!(reloading(&kernel, &import).await, ("[ 20, 1 ]".into(), vec![inner.clone()]));
        assert_eq!(reloading(&kernel, &import).await, ("[ 20, 1 ]".into(), vec![]));
        // What CommonJS requires, as well.
        fs::write(folder.0.join("old.cjs"), "module.exports = 'old'").unwrap();
        fs::write(folder.0.join("user.cjs"), "module.exports = require('./old.cjs')").unwrap();
        let require = format!("require('{place}/user.cjs')");
        assert_eq!(reloading(&kernel, &require).await, ("'old'".into(), vec![]));
        fs::write(folder.0.join("old.cjs"), "module.exports = 'newer'").unwrap();
        assert_eq!(reloading(&kernel, &require).await, ("'newer'".into(), vec![format!("file://{place}/old.cjs")]));
        // What is gone is told once, and stays as it was.
        fs::remove_file(folder.0.join("inner.ts")).unwrap();
        assert_eq!(reloading(&kernel, "version").await, ("20".into(), vec![inner.clone()]));
        assert_eq!(reloading(&kernel, "version").await, ("20".into(), vec![]));
        // A session that has loaded nothing has nothing to forget, and what was forgotten is nothing to play again.
        fs::write(folder.0.join("old.cjs"), "module.exports = 'newest'").unwrap();
        kernel.restart().await.unwrap();
        assert_eq!(kernel.replayable(), 8);
        assert_eq!(reloading(&kernel, "1").await, ("1".into(), vec![]));
    });
}
