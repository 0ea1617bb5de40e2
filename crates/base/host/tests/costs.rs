//! What the host's services cost for hostile input: bounded by its size, and ended when nobody waits.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

use crate::modules_common;
use std::{
    collections::HashMap,
    fs,
    future::poll_fn,
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::calls::Place;
use crate::modules_common::{Tree, code, graph, value};
use drupe_host::{
    HostError, ModuleCache, Modules, Pending, Permissions, Policy,
    modules::{Fetch, FetchRequest, Fetched},
    permissions::Kind,
};
use drupe_protocol::Value;

// threat K2
#[tokio::test]
async fn a_device_is_copied_as_what_it_says_it_has() {
    let place = Place::open();
    place.permissions.change(|policy| policy.allow_all(Kind::Read));
    place.value("fs.copyFile", vec!["/dev/zero".into(), place.path("in/zeros").into()]).await.unwrap();
    assert_eq!(fs::metadata(place.root.join("in/zeros")).unwrap().len(), 0);
    fs::write(place.root.join("in/a"), "text").unwrap();
    assert_eq!(place.fs("copyFile", &["in/a", "in/zeros"]).await, "");
    assert_eq!(fs::read(place.root.join("in/zeros")).unwrap(), b"text");
}

// threat K2
#[tokio::test]
async fn holes_are_copied_as_holes() {
    let place = Place::open();
    let file = fs::File::create(place.root.join("in/sparse")).unwrap();
    file.write_all_at(b"beginning", 0).unwrap();
    file.write_all_at(b"middle", (1 << 39) + 5).unwrap();
    file.set_len(1 << 40).unwrap();
    fs::write(place.root.join("in/copy"), "what was there before, which is longer".repeat(1000)).unwrap();
    assert_eq!(place.fs("copyFile", &["in/sparse", "in/copy"]).await, "");
    let copy = fs::File::open(place.root.join("in/copy")).unwrap();
    let metadata = copy.metadata().unwrap();
    assert_eq!(metadata.len(), 1 << 40);
    assert!(metadata.blocks() < 1 << 12, "{} blocks", metadata.blocks());
    let text = |at: u64, length: usize| {
        let mut bytes = vec![0; length];
        copy.read_exact_at(&mut bytes, at).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!((text(0, 9), text((1 << 39) + 5, 6)), ("beginning".to_owned(), "middle".to_owned()));
    assert_eq!((text(9, 3), text((1 << 40) - 3, 3)), ("\0\0\0".to_owned(), "\0\0\0".to_owned()));
    // Nothing but a hole, and nothing at all.
    file.set_len(0).unwrap();
    assert_eq!(place.fs("copyFile", &["in/sparse", "in/copy"]).await, "");
    assert_eq!(fs::metadata(place.root.join("in/copy")).unwrap().len(), 0);
    file.set_len(1 << 30).unwrap();
    assert_eq!(place.fs("copyFile", &["in/sparse", "in/copy"]).await, "");
    assert_eq!(fs::metadata(place.root.join("in/copy")).unwrap().len(), 1 << 30);
}

// threat K2
#[test]
fn work_on_files_ends_when_nobody_waits() {
    const SIZE: u64 = 16 << 30;
    let place = Place::open();
    // A few bytes here and there: they take up little, and are many to copy.
    let file = fs::File::create(place.root.join("in/dots")).unwrap();
    (0..SIZE).step_by(1 << 20).for_each(|at| file.write_all_at(b"dot", at).unwrap());
    let copy = place.root.join("in/copy");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut copying = place.call("fs.copyFile", vec![place.path("in/dots").into(), place.path("in/copy").into()]);
        while !copy.exists() {
            let done = poll_fn(|context| std::task::Poll::Ready(copying.as_mut().poll(context))).await;
            assert!(done.is_pending(), "it was copied before it could be given up");
            tokio::task::yield_now().await;
        }
    });
    // A runtime waits for its threads.
    drop(runtime);
    assert!(fs::metadata(copy).unwrap().len() < SIZE);
}

// threat K2
#[tokio::test]
async fn deep_and_wide_folders_are_listed_and_removed_with_few_descriptors() {
    let place = Place::open();
    let mut deep = String::from("in/tree");
    for depth in 0..400 {
        deep = format!("{deep}/d");
        if depth % 100 == 0 {
            place.folder(&deep);
            (0..30).for_each(|file| fs::write(place.root.join(format!("{deep}/{file}")), "").unwrap());
        }
    }
    place.folder(&deep);
    (0..3_000).for_each(|file| fs::write(place.root.join(format!("in/tree/wide{file}")), "").unwrap());
    place.link("/etc", "in/tree/out");
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let (before, over) = (open(), Arc::new(AtomicBool::new(false)));
    let counter = std::thread::spawn({
        let over = over.clone();
        move || {
            let mut most = 0;
            while !over.load(Ordering::Relaxed) {
                most = most.max(open());
            }
            most
        }
    });
    let listed = place.value("fs.readdir", vec![place.path("in/tree").into(), true.into()]).await.unwrap();
    assert_eq!(listed.get("names").and_then(Value::as_array).unwrap().len(), 400 + 4 * 30 + 3_000 + 1);
    place.value("fs.rm", vec![place.path("in/tree").into(), true.into()]).await.unwrap();
    over.store(true, Ordering::Relaxed);
    let most = counter.join().unwrap();
    assert!(most < before + 200, "{most} after {before}");
    assert!(!place.root.join("in/tree").exists() && fs::metadata("/etc").is_ok());
}

// threat K3
#[tokio::test]
async fn names_that_no_module_has_are_refused_before_anybody_looks() {
    let tree = Tree::open(&[
        ("a.mjs", ""),
        (
            "node_modules/long/package.json",
            &format!(r#"{{"main": "{0}", "exports": {{".": "./{0}", "./*": "./*/*/*/*"}}}}"#, "a/".repeat(100_000)),
        ),
        ("node_modules/nested/package.json", &format!(r#"{{"exports": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000))),
        (
            "node_modules/many/package.json",
            &format!(r#"{{"exports": {{{} ".": "./a.js"}}}}"#, r#""./a*b": "./a*b", "#.repeat(30_000)),
        ),
        (
            "package.json",
            &format!(
                r##"{{"imports": {{"#many": [{} "./a.mjs"]}}}}"##,
                (0..9_000).map(|name| format!("\"no{name}\",")).collect::<String>()
            ),
        ),
    ]);
    let deep = "a/".repeat(1_000_000);
    let invalid = ["ERR_INVALID_MODULE_SPECIFIER", "ERR_INVALID_ARG_VALUE", "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];
    for specifier in [
        format!("./{deep}"),
        format!("/{deep}"),
        format!("../{deep}x.js"),
        format!("file:///{deep}"),
        format!("pkg/{deep}"),
        format!("#{deep}"),
        format!("@{deep}"),
        "x".repeat(4_000_000),
        "a/".repeat(2_000),
        format!("./{}", "a/".repeat(2_000)),
        format!("file:///{}", "a/".repeat(2_000)),
        format!("long/{}", "b/".repeat(200)),
        "long".to_owned(),
        "nested".to_owned(),
        format!("many/{}", "a".repeat(3_000)),
        "é".repeat(2_000_000),
        format!("http://{}/", "é".repeat(2_000_000)),
    ] {
        for op in ["import", "require"] {
            let error = tree.resolve(&specifier, Some("a.mjs"), op).await.unwrap_err();
            let shown = &specifier[..specifier.floor_char_boundary(20)];
            assert!(invalid.contains(&code(&error)) || code(&error).starts_with("ERR_"), "{op} {shown}: {}", code(&error));
            assert!(error.message.len() < 100_000, "{op} {shown}");
        }
    }
    // Far more packages than a person would name are looked for, and each once.
    assert_eq!(tree.resolve("#many", Some("a.mjs"), "import").await.unwrap(), "a.mjs");
    for referrer in
        [format!("/{deep}x.js"), format!("file:///{deep}x.js"), format!("http://a/{deep}"), format!("/{}", "a/".repeat(2_000))]
    {
        for specifier in ["lodash", "./x.js", "#x", "@a/b"] {
            let args = vec![specifier.into(), referrer.as_str().into(), "require".into()];
            assert!(value(&tree.modules, "resolve", args.clone()).await.is_err());
            assert!(value(&tree.modules, "specifiers", args).await.is_err());
        }
    }
}

/// A WebAssembly module that imports a function from each of so many modules.
fn wasm(modules: impl Iterator<Item = usize>) -> Vec<u8> {
    let leb = |mut number: usize| {
        let mut bytes = Vec::new();
        loop {
            let byte = (number & 0x7f) as u8;
            number >>= 7;
            bytes.push(if number > 0 { byte | 0x80 } else { byte });
            if number == 0 {
                return bytes;
            }
        }
    };
    let entries: Vec<Vec<u8>> = modules
        .map(|module| {
            let name = format!("node:{module}");
            [leb(name.len()), name.into_bytes(), vec![1, b'f', 0, 0]].concat()
        })
        .collect();
    let section = [leb(entries.len()), entries.concat()].concat();
    [b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02".to_vec(), leb(section.len()), section].concat()
}

// threat K4
#[tokio::test]
async fn what_a_module_names_is_read_once_and_bounded() {
    let tree = Tree::open(&[("a.mjs", "")]);
    let source = |kind: &str, bytes: &[u8]| {
        let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        format!("data:{kind},{escaped}")
    };
    // 120,000 imports of one module are one; of as many modules, too many.
    let one = source("application/wasm", &wasm((0..120_000).map(|_| 1)));
    assert_eq!(code(&tree.graph(&one).await.unwrap_err()), "ERR_UNKNOWN_BUILTIN_MODULE");
    let error = tree.graph(&source("application/wasm", &wasm(0..120_000))).await.unwrap_err();
    assert!(error.name == "CompileError" && error.message.contains("too many modules"), "{}", error.message);
    // Names that are re-exported are looked up, not searched for.
    let names = |from: usize| (from..from + 60_000).map(|name| format!("exports.n{name}=1;")).collect::<String>();
    tree.write("one.cjs", &format!("{}\nmodule.exports = {{...require('./two.cjs')}};", names(0)));
    tree.write("two.cjs", &names(30_000));
    tree.write("re.cjs", "module.exports = require('./two.cjs')");
    let items = graph(&tree.modules, vec!["./re.cjs".into()]).await.unwrap();
    assert!(modules_common::strings(&items[0], "exports").len() >= 60_000);
}

/// Gives each URL its body, and knows how many it gave at once.
struct Web {
    bodies: HashMap<String, Vec<u8>>,
    asked: Mutex<Vec<String>>,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Web {
    fn new(bodies: impl IntoIterator<Item = (String, String)>) -> Arc<Self> {
        let bodies = bodies.into_iter().map(|(url, body)| (url, body.into_bytes())).collect();
        Arc::new(Self { bodies, asked: Mutex::default(), open: AtomicUsize::new(0), most: AtomicUsize::new(0) })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

struct Shared(Arc<Web>);

impl Fetch for Shared {
    fn fetch(&self, request: FetchRequest) -> Pending<Result<Fetched, HostError>> {
        let web = self.0.clone();
        Box::pin(async move {
            web.asked.lock().unwrap().push(request.url.to_string());
            let open = web.open.fetch_add(1, Ordering::SeqCst) + 1;
            web.most.fetch_max(open, Ordering::SeqCst);
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            web.open.fetch_sub(1, Ordering::SeqCst);
            let body = web.bodies.get(request.url.as_str()).cloned().unwrap_or_default();
            Ok(Fetched { status: 200, content_type: Some("text/javascript".to_owned()), body, ..Fetched::default() })
        })
    }
}

fn remote(web: &Arc<Web>, folder: &std::path::Path, quota: u64) -> Modules {
    let mut policy = Policy::none();
    policy.allow(Kind::Import, "a.test").unwrap();
    let cache = ModuleCache::with_limit(1 << 20);
    let modules = Modules::new(&Permissions::new(policy)).cache(&cache).fetch(Arc::new(Shared(web.clone())));
    modules.remote_folder(folder).remote_quota(quota)
}

// threat K6
#[tokio::test]
async fn a_graph_brings_a_few_modules_at_once_and_no_more_than_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: usize| format!("https://a.test/{name}.js");
    let imports = |names: std::ops::Range<usize>| names.map(|name| format!("import '{}';", url(name))).collect::<String>();
    let large = format!("/*{}*/", "x".repeat(5 << 20));
    let bodies = (1..40).map(|name| (url(name), large.clone())).chain([(url(0), imports(1..40))]);
    let web = Web::new(bodies);
    let error = graph(&remote(&web, folder.path(), 1 << 30), vec![url(0).into()]).await.unwrap_err();
    assert_eq!(code(&error), "ERR_MODULE_GRAPH_TOO_LARGE", "{}", error.message);
    let (asked, most) = (web.asked().len(), web.most.load(Ordering::SeqCst));
    assert!(asked <= 13 + 8 && most <= 8, "{asked} {most}");
    // Each module imports all: each is got once, also where nothing can be kept.
    let all = imports(0..30);
    let web = Web::new((0..30).map(|name| (url(name), format!("{all} export default {name}"))));
    let items = graph(&remote(&web, &folder.path().join("other"), 0), vec![url(0).into()]).await.unwrap();
    assert_eq!((items.len(), web.asked().len()), (30, 30));
}

// threat K6
#[tokio::test]
async fn a_graph_brings_so_many_modules_from_the_network_and_the_next_import_more() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: usize| format!("https://a.test/{name}.js");
    let all = (1..2_600).map(|name| format!("import '{}';", url(name))).collect::<String>();
    let web = Web::new((1..2_600).map(|name| (url(name), String::new())).chain([(url(0), all)]));
    let own = remote(&web, folder.path(), 1 << 30);
    let error = graph(&own, vec![url(0).into()]).await.unwrap_err();
    assert_eq!(code(&error), "ERR_MODULE_GRAPH_TOO_LARGE", "{}", error.message);
    assert_eq!(web.asked().len(), 2_500);
    assert_eq!(graph(&own, vec![url(0).into()]).await.unwrap().len(), 2_600);
    // Those that were under way when it was refused may not have been kept.
    assert!((2_600..=2_608).contains(&web.asked().len()), "{}", web.asked().len());
}

/// Mode bits of all that is in a folder, and its own.
fn modes(folder: &std::path::Path) -> Vec<u32> {
    let mut modes = vec![fs::metadata(folder).unwrap().permissions().mode() & 0o7777];
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => modes.extend(self::modes(&entry.path())),
            false => modes.push(entry.metadata().unwrap().permissions().mode() & 0o7777),
        }
    }
    modes.sort_unstable();
    modes.dedup();
    modes
}

// threat K6
#[tokio::test]
async fn the_store_is_its_owners_alone_whatever_is_masked_and_was_left_before() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("https://a.test/{name}.js");
    let web = Web::new(["one", "two"].map(|name| (url(name), "export default 1".to_owned())));
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    rustix::process::umask(rustix::fs::Mode::empty());
    graph(&remote(&web, &new, 1 << 30), vec![url("one").into()]).await.unwrap();
    assert_eq!(modes(&new), [0o600, 0o700]);
    // As an earlier version left it.
    assert!(std::process::Command::new("cp").arg("-r").args([&new, &old]).status().unwrap().success());
    let mut open = vec![old.clone()];
    while let Some(path) = open.pop() {
        let is_folder = path.is_dir();
        fs::set_permissions(&path, fs::Permissions::from_mode(if is_folder { 0o755 } else { 0o644 })).unwrap();
        if is_folder {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    graph(&remote(&web, &old, 1 << 30), vec![url("one").into()]).await.unwrap();
    assert_eq!(modes(&old), [0o600, 0o700]);
    assert_eq!(web.asked().len(), 1, "what was kept is still good");
}

// threat K6
#[tokio::test]
async fn the_store_has_a_quota_and_what_was_used_longest_ago_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: usize| format!("https://a.test/{name}.js");
    let body = format!("/*{}*/", "x".repeat(100_000));
    let web = Web::new((0..6).map(|name| (url(name), body.clone())));
    let get = async |name: usize| {
        let before = web.asked().len();
        // Each time another process would.
        graph(&remote(&web, folder.path(), 500_000), vec![url(name).into()]).await.unwrap();
        web.asked().len() - before
    };
    for name in 0..4 {
        assert_eq!(get(name).await, 1);
    }
    assert_eq!(get(0).await, 0, "it is kept, and was used last now");
    assert_eq!((get(4).await, get(0).await, get(1).await), (1, 0, 1));
    let size = || {
        let files = fs::read_dir(folder.path()).unwrap().flat_map(|inner| fs::read_dir(inner.unwrap().path()).unwrap());
        files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    assert!(size() <= 500_000, "{}", size());
    // While another process writes, nothing is kept, and all is got.
    let lock = fs::File::open(folder.path()).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let before = size();
    assert_eq!((get(5).await, get(5).await, size()), (1, 1, before));
    drop(lock);
    assert_eq!((get(5).await, get(5).await), (1, 0));
}

// threat K4
#[tokio::test]
async fn graphs_that_nobody_reads_wait_and_hold_up_no_require() {
    let tree = Tree::open(&[("a.mjs", "import './b.mjs'"), ("b.mjs", ""), ("c.cjs", "exports.a = 1")]);
    let call = || {
        let args = vec!["./a.mjs".into()];
        drupe_host::Service::call(&tree.modules, drupe_host::Call::new("graph", args))
    };
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(call().await.unwrap());
    }
    let mut fifth = call();
    let polled = poll_fn(|context| std::task::Poll::Ready(fifth.as_mut().poll(context))).await;
    assert!(polled.is_pending());
    assert!(tree.require("./c.cjs", "a.mjs").await.is_ok());
    streams.pop();
    assert!(fifth.await.is_ok());
}
