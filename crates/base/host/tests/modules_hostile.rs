//! Modules that try to get out of what is granted: threat rows G and H.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::modules_common;
use crate::modules_common::{Tree, code, graph, text, value};
use drupe_host::{HostError, ModuleCache, Modules, Permissions, Policy, permissions::Kind};
use drupe_protocol::Value;

const SECRET: &str = "export const secret = 'TREASURE'";

/// `in` is granted; `secret` and `in2` are not.
fn tree() -> Tree {
    let tree = Tree::new(
        &[
            ("in/main.mjs", ""),
            ("in/sub/deep.mjs", ""),
            ("in/package.json", r##"{"name": "in", "imports": {"#out": "./../secret/key.mjs", "#up/*": "./sub/*"}}"##),
            (
                "in/node_modules/evil/package.json",
                r#"{"main": "../../../secret/key.js", "exports": {"./up": "./../../../secret/key.mjs", "./p/*": "./*"}}"#,
            ),
            ("in/node_modules/legacy/package.json", r#"{"main": "../../../secret/key.js"}"#),
            ("secret/key.mjs", SECRET),
            ("secret/key.js", "exports.secret = 'TREASURE'"),
            ("secret/key.json", r#"{"secret": "TREASURE"}"#),
            ("secret/package.json", r#"{"main": "key.js"}"#),
            ("in2/key.mjs", SECRET),
            ("node_modules/outer/index.js", "exports.secret = 'TREASURE'"),
        ],
        &["in"],
    );
    tree.link(tree.root.join("secret/key.mjs"), "in/link.mjs");
    tree.link("../secret/key.mjs", "in/relative.mjs");
    tree.link("../secret", "in/folder");
    tree.link("../secret/nothing.mjs", "in/dangling.mjs");
    tree.link("link.mjs", "in/chain1.mjs");
    tree.link("chain1.mjs", "in/chain2.mjs");
    tree.link("loop2.mjs", "in/loop1.mjs");
    tree.link("loop1.mjs", "in/loop2.mjs");
    tree.link("/proc/self/environ", "in/environ.mjs");
    tree.link("/dev/zero", "in/zero.mjs");
    tree.link("/", "in/slash");
    tree.link("../../../secret", "in/node_modules/linked");
    let fifo = tree.root.join("in/fifo.mjs");
    assert!(std::process::Command::new("mkfifo").arg(fifo).status().unwrap().success());
    tree
}

/// Specifiers that lead out of `in` or to what is no plain file, as `in/main.mjs` would write them.
fn cases(root: &str) -> Vec<String> {
    let mut cases: Vec<String> = Vec::new();
    for file in
        ["secret/key.mjs", "secret/key.js", "secret/key.json", "secret/key", "secret", "in2/key.mjs", "secret/nothing.mjs"]
    {
        cases.extend([
            format!("../{file}"),
            format!("./../{file}"),
            format!("./sub/../../{file}"),
            format!("./sub/../sub/../../{file}"),
            format!("./nothing/../../{file}"),
            format!(".//..//{file}"),
            format!("./%2e%2e/{file}"),
            format!("./.%2e/{file}"),
            format!("./%2E./{file}"),
            format!("./..%2f{file}"),
            format!("./..%5c{file}"),
            format!("..\\{}", file.replace('/', "\\")),
            format!("./..\\{file}"),
            format!("{root}/{file}"),
            format!("{root}/in/../{file}"),
            format!("{root}/in//../{file}"),
            format!("file://{root}/{file}"),
            format!("file://{root}/in/../{file}"),
            format!("file://{root}/in/%2e%2e/{file}"),
            format!("file://localhost{root}/{file}"),
            format!("FILE://{root}/{file}"),
            format!("./slash{root}/{file}"),
            format!("../{file}?query"),
            format!("evil/../../../{file}"),
        ]);
    }
    let single = [
        "./link.mjs",
        "./relative.mjs",
        "./folder/key.mjs",
        "./folder/key.js",
        "./folder",
        "./folder/nothing.mjs",
        "./dangling.mjs",
        "./chain1.mjs",
        "./chain2.mjs",
        "./loop1.mjs",
        "./environ.mjs",
        "./zero.mjs",
        "./fifo.mjs",
        "./slash/etc/passwd",
        "./main.mjs/",
        "./main.mjs/x",
        "./main.mjs/../../secret/key.mjs/.",
        "./main.mjs\0",
        "../secret/key.mjs\0.mjs",
        "./main.mjs%00",
        "./MAIN.mjs",
        "./Main.MJS",
        "/proc/self/environ",
        "/proc/self/root/etc/passwd",
        "/proc/self/cwd/Cargo.toml",
        "/proc/self/maps",
        "/proc/version",
        "/dev/null",
        "/dev/zero",
        "/dev/stdin",
        "/dev/fd/0",
        "/sys/kernel/notes",
        "/etc/passwd",
        "/etc/nothing",
        "file:///etc/passwd",
        "file:///proc/self/environ",
        "file://evil.example/etc/passwd",
        "file:etc/passwd",
        "evil",
        "evil/up",
        "evil/p/../../../secret/key.mjs",
        "legacy",
        "linked",
        "linked/key.js",
        "outer",
        "#out",
        "#up/../../../secret/key.mjs",
        "",
        ".",
        "..",
        "/",
        "../in2/key.mjs",
        "in/../../secret/key.mjs",
        "C:\\secret\\key.mjs",
        "\\\\server\\share",
        "~/key.mjs",
        "node:../secret/key.mjs",
        "node:/etc/passwd",
    ];
    cases.extend(single.map(str::to_owned));
    cases
}

fn tells(error: &HostError) -> String {
    format!("{} {:?}", error.message, error.properties)
}

// threats G1, G2, G4, G5, G6, H1, H5
#[tokio::test]
async fn nothing_leads_out_of_what_is_granted() {
    let tree = tree();
    let root = tree.root.to_str().unwrap().to_owned();
    let cases = cases(&root);
    assert!(cases.len() >= 150, "{}", cases.len());
    for case in &cases {
        let from: Value = tree.url("in/main.mjs").into();
        let answers = [
            graph(&tree.modules, vec![case.as_str().into(), from.clone()]).await.map(Value::from),
            value(&tree.modules, "require", vec![case.as_str().into(), from.clone()]).await,
        ];
        for answer in answers {
            match answer {
                Err(error) => assert!(!tells(&error).contains("TREASURE"), "{case}: {error:?}"),
                Ok(value) => {
                    let shown = format!("{value:?}");
                    assert!(!shown.contains("TREASURE") && !shown.contains("root:"), "{case}: {shown}");
                    // Some are other spellings of what is granted.
                    assert!(shown.contains(&format!("file://{root}/in/")), "{case}: {shown}");
                }
            }
        }
        for kind in ["import", "require"] {
            let found = value(&tree.modules, "resolve", vec![case.as_str().into(), from.clone(), kind.into()]).await;
            if let Ok(url) = found {
                assert!(url.as_str().unwrap().starts_with(&format!("file://{root}/in/")), "{case}: {url:?}");
            }
        }
    }
}

// threats G1, G2, H1
#[tokio::test]
async fn a_denial_does_not_tell_whether_there_is_something() {
    let tree = tree();
    tree.link(tree.root.join("secret/there.mjs"), "in/one.mjs");
    tree.link(tree.root.join("secret/there"), "in/one");
    let paths = ["../secret/there.mjs", "./one.mjs", "./folder/there.mjs", "./one/x.mjs", "/etc/there.mjs"];
    let mut before = Vec::new();
    for round in 0..2 {
        for path in paths {
            for op in ["import", "require"] {
                let error = tree.resolve(path, Some("in/main.mjs"), op).await.unwrap_err();
                assert_eq!(code(&error), "EACCES", "{path}");
                before.push(error);
            }
        }
        let package = tree.resolve("outer", Some("in/main.mjs"), "import").await.unwrap_err();
        assert_eq!(code(&package), "ERR_MODULE_NOT_FOUND");
        before.push(package);
        if round == 0 {
            tree.write("secret/there.mjs", SECRET);
            tree.write("secret/there/x.mjs", SECRET);
            std::fs::remove_dir_all(tree.root.join("node_modules")).unwrap();
        }
    }
    let (first, second) = before.split_at(before.len() / 2);
    assert_eq!(first, second);
}

// threat H2
#[tokio::test]
async fn every_edge_is_checked() {
    let tree = tree();
    for text in ["import '../secret/key.mjs'", "export * from '../secret/key.mjs'", "import './sub/a.mjs'"] {
        tree.write("in/entry.mjs", text);
        tree.write("in/sub/a.mjs", "import '../../secret/key.mjs'");
        let error = graph(&tree.modules, vec![tree.url("in/entry.mjs").into()]).await.unwrap_err();
        assert_eq!(code(&error), "EACCES", "{text}");
    }
    tree.write("in/re.cjs", "module.exports = require('../secret/key.js'); exports.own = 1");
    let module = value(&tree.modules, "require", vec![tree.url("in/re.cjs").into()]).await.unwrap();
    assert_eq!(modules_common::strings(&module, "exports"), ["own"]);
}

// threat H3
#[tokio::test]
async fn graphs_have_bounds_and_cycles_end() {
    let tree = Tree::open(&[("a.mjs", "import './b.mjs'; import './a.mjs'"), ("b.mjs", "import './a.mjs'")]);
    assert_eq!(tree.graph("./a.mjs").await.unwrap().len(), 2);
    // Each is another module by its query.
    let many: String = (0..10_001).map(|index| format!("import './b.mjs?{index}';")).collect();
    tree.write("many.mjs", &many);
    assert_eq!(code(&tree.graph("./many.mjs").await.unwrap_err()), "ERR_MODULE_GRAPH_TOO_LARGE");
    let huge = std::fs::File::create(tree.root.join("huge.mjs")).unwrap();
    huge.set_len(65 << 20).unwrap();
    assert_eq!(code(&tree.graph("./huge.mjs").await.unwrap_err()), "ERR_MODULE_NOT_READABLE");
}

// threats G14, H4
#[tokio::test]
async fn what_is_cached_is_no_permission() {
    let tree = tree();
    let cache = ModuleCache::with_limit(1 << 20);
    let granted = tree.modules.clone().cache(&cache);
    let entry = tree.url("in/main.mjs");
    assert!(graph(&granted, vec![entry.as_str().into()]).await.is_ok());
    assert!(graph(&granted, vec![entry.as_str().into()]).await.is_ok());
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.evictions, stats.modules), (1, 1, 0, 1));
    let nobody = Modules::new(&Permissions::new(Policy::none())).root(&tree.root).cache(&cache);
    assert_eq!(code(&graph(&nobody, vec![entry.as_str().into()]).await.unwrap_err()), "EACCES");
    tree.permissions.change(|policy| policy.deny_all(Kind::Read));
    assert_eq!(code(&graph(&granted, vec![entry.as_str().into()]).await.unwrap_err()), "EACCES");
    assert_eq!(cache.stats(), stats);
}

#[tokio::test]
async fn edits_are_noticed_and_old_modules_make_room() {
    let tree = Tree::open(&[("a.mjs", "export default 1")]);
    let cache = ModuleCache::with_limit(2_000);
    let modules = tree.modules.clone().cache(&cache);
    let source = async || text(&graph(&modules, vec!["./a.mjs".into()]).await.unwrap()[0], "source").to_owned();
    assert_eq!(source().await, "export default 1");
    // The same size, and perhaps the same time.
    tree.write("a.mjs", "export default 2");
    assert_eq!(source().await, "export default 2");
    tree.date_back("a.mjs");
    source().await;
    let hits = cache.stats().hits;
    source().await;
    assert_eq!(cache.stats().hits, hits + 1);
    tree.write("a.mjs", &format!("export default '{}'", "x".repeat(1_500)));
    source().await;
    assert!(cache.stats().evictions > 0 && cache.stats().bytes <= 2_000);
}

// threats H5, H6
#[tokio::test]
async fn schemes_and_pragmas_open_nothing() {
    let tree = tree();
    let url = |text: &str| format!("data:text/javascript,{}", text.replace(' ', "%20"));
    for (text, wanted) in [
        ("import './x.mjs'", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
        ("import 'bare'", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
        ("import 'file:///etc/passwd'", "EACCES"),
        ("import 'http://127.0.0.1:9/x.mjs'", "ERR_NOT_SUPPORTED"),
    ] {
        assert_eq!(code(&graph(&tree.modules, vec![url(text).into()]).await.unwrap_err()), wanted, "{text}");
    }
    assert_eq!(graph(&tree.modules, vec![url("import 'node:fs'").into()]).await.unwrap().len(), 2);
    for scheme in ["ftp://a/b", "blob:x", "javascript:1", "drupe:x", "about:blank"] {
        assert_eq!(code(&graph(&tree.modules, vec![scheme.into()]).await.unwrap_err()), "ERR_UNSUPPORTED_ESM_URL_SCHEME");
    }
    let map = format!("//# sourceMappingURL={}\n", tree.root.join("secret/key.mjs").display());
    tree.write("in/map.mjs", &map);
    let items = graph(&tree.modules, vec![tree.url("in/map.mjs").into()]).await.unwrap();
    assert_eq!(text(&items[0], "source"), map);
    tree.write("in/pragma.jsx", "/** @jsxImportSource ../secret */ export default <a/>");
    assert_eq!(code(&graph(&tree.modules, vec![tree.url("in/pragma.jsx").into()]).await.unwrap_err()), "EACCES");
}
