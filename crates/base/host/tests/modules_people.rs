//! What people see of modules: questions before they are read, and completions of what they are called.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use crate::modules_common::{Tree, code, graph, value};
use drupe_host::{
    ModuleCache, Modules, Pending, Permissions, Policy, Surroundings,
    permissions::{Decision, PermissionRequest, Prompt},
};
use drupe_protocol::Value;

struct Person(Mutex<Vec<String>>, Decision);

impl Prompt for Person {
    fn ask(&self, request: PermissionRequest) -> Pending<Decision> {
        self.0.lock().unwrap().push(request.resource);
        Box::pin(std::future::ready(self.1))
    }
}

#[tokio::test]
async fn a_person_is_asked_once_for_what_belongs_together() {
    let tree = Tree::open(&[
        ("app/package.json", "{}"),
        ("app/main.mjs", "import './sub/a.mjs'; import 'one'"),
        ("app/sub/a.mjs", ""),
        ("app/node_modules/one/index.js", "require('two')"),
        ("app/node_modules/two/index.js", ""),
    ]);
    let app = tree.root.join("app");
    for (decision, wanted) in [(Decision::Once, 1), (Decision::Session, 1), (Decision::Deny, 1)] {
        let person = Arc::new(Person(Mutex::default(), decision));
        let permissions = Permissions::asking(Policy::none(), person.clone());
        let modules = Modules::new(&permissions).root(&app).cache(&ModuleCache::with_limit(1 << 20));
        let found = graph(&modules, vec!["./main.mjs".into()]).await;
        assert_eq!(
            found.as_ref().map_or_else(|error| code(error).to_owned(), |items| items.len().to_string()),
            if decision == Decision::Deny { "EACCES" } else { "3" }
        );
        if let Err(error) = &found {
            assert!(error.message.contains("/main.mjs': needs read access, and the person who was asked said no"), "{error:?}");
        }
        let asked = person.0.lock().unwrap().clone();
        assert_eq!((asked.len(), &*asked[0]), (wanted, app.to_str().unwrap()), "{decision:?}");
    }
}

#[tokio::test]
async fn specifiers_of_require_are_those_of_shared_folders_too() {
    let tree = Tree::open(&[
        ("app/node_modules/near/index.js", ""),
        ("shared/far/package.json", r#"{"exports": {".": "./a.js", "./part": "./b.js"}}"#),
        ("shared/file.js", ""),
        ("shared/full.cjs", ""),
        ("shared/first.js/index.js", ""),
        ("shared/@fine/one/index.js", ""),
    ]);
    let mut surroundings = Surroundings::default();
    surroundings.is_command = true;
    surroundings.variables = vec![("NODE_PATH".to_owned(), tree.root.join("shared").display().to_string())];
    let modules = Modules::new(&Permissions::new(Policy::all())).root(tree.root.join("app")).shared_folders(&surroundings);
    let complete = async |prefix: &str, kind: &str| {
        let found = value(&modules, "specifiers", vec![prefix.into(), Value::Undefined, kind.into()]).await.unwrap();
        found.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete("f", "require").await, ["far", "file", "first.js", "fs", "fs/promises", "full.cjs"]);
    assert_eq!(complete("far/", "require").await, ["far/part"]);
    assert_eq!(complete("@f", "require").await, ["@fine/one"]);
    assert_eq!(complete("nea", "require").await, ["near"]);
    // `import` does not look there.
    assert_eq!(complete("f", "import").await, ["fs", "fs/promises"]);
    assert_eq!(complete("nea", "import").await, ["near"]);
}

#[tokio::test]
async fn specifiers_are_completed() {
    let tree = Tree::open(&[
        ("main.ts", ""),
        ("lib/util.ts", ""),
        ("lib/notes.md", ""),
        ("node_modules/lodash/package.json", "{}"),
        ("node_modules/lodash/fp.js", ""),
        ("node_modules/@scope/pkg/package.json", r#"{"exports": {".": "./a.js", "./sub": "./b.js", "./p/*": "./p/*"}}"#),
    ]);
    let complete = async |prefix: &str| {
        let found = value(&tree.modules, "specifiers", vec![prefix.into()]).await.unwrap();
        found.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(complete("./m").await, ["./main.ts"]);
    assert_eq!(complete("./l").await, ["./lib/"]);
    assert_eq!(complete("./lib/").await, ["./lib/util.ts"]);
    assert_eq!(complete("lod").await, ["lodash"]);
    assert_eq!(complete("lodash/").await, ["lodash/fp.js", "lodash/package.json"]);
    assert_eq!(complete("@sc").await, ["@scope/pkg"]);
    assert_eq!(complete("@scope/pkg/").await, ["@scope/pkg/sub"]);
    assert_eq!(complete("node:fs").await, ["node:fs", "node:fs/promises"]);
    assert_eq!(complete("fs").await, ["fs", "fs/promises"]);
    // Without a variable that names folders, `require` takes the same, but for the endings of files.
    let required = value(&tree.modules, "specifiers", vec!["lodash/".into(), Value::Undefined, "require".into()]).await.unwrap();
    assert_eq!(required, Value::Array(vec!["lodash/fp.js".into(), "lodash/package.json".into()]));
    let nobody = Modules::new(&Permissions::new(Policy::none())).root(&tree.root);
    let found = value(&nobody, "specifiers", vec!["./".into()]).await.unwrap();
    assert!(found.as_array().unwrap().is_empty());
}
