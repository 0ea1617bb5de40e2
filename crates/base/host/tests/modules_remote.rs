//! Modules from the network: by permission, hop by hop, kept with their hashes.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use crate::modules_common::{code, graph, text};
use drupe_host::{
    HostError, ModuleCache, Modules, Pending, Permissions, Policy,
    modules::{Fetch, FetchRequest, Fetched, LockFile},
    permissions::Kind,
};
use drupe_protocol::Value;

/// Answers by URL, and what was asked for.
#[derive(Default)]
struct Web {
    answers: HashMap<&'static str, Fetched>,
    asked: Mutex<Vec<String>>,
}

impl Web {
    fn with(mut self, url: &'static str, status: u16, content_type: &str, text: &str) -> Self {
        let (location, body) = if status == 302 { (Some(text.to_owned()), Vec::new()) } else { (None, text.into()) };
        self.answers.insert(url, Fetched { status, location, content_type: Some(content_type.to_owned()), body });
        self
    }
}

/// Shared with the test.
struct Shared(Arc<Web>);

impl Fetch for Shared {
    fn fetch(&self, request: FetchRequest) -> Pending<Result<Fetched, HostError>> {
        let web = self.0.clone();
        Box::pin(async move {
            let (host, port) = (request.url.host_str().unwrap(), request.url.port_or_known_default().unwrap());
            request.permissions.require_net(Kind::Import, host, port, "import", request.run).await?;
            web.asked.lock().unwrap().push(request.url.to_string());
            Ok(web.answers.get(request.url.as_str()).cloned().unwrap_or(Fetched { status: 404, ..Fetched::default() }))
        })
    }
}

fn modules(web: &Arc<Web>, granted: &[&str], folder: &std::path::Path) -> Modules {
    let mut policy = Policy::none();
    for rule in granted {
        policy.allow(Kind::Import, rule).unwrap();
    }
    let cache = ModuleCache::with_limit(1 << 20);
    Modules::new(&Permissions::new(policy)).cache(&cache).fetch(Arc::new(Shared(web.clone()))).remote_folder(folder)
}

// threats G8, H2, H5
#[tokio::test]
async fn modules_come_from_granted_machines_once() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web::default()
        .with("https://a.test/m", 302, "", "/v1/m.ts")
        .with("https://a.test/v1/m.ts", 200, "video/mp2t", "import { x } from './x.js'; export const y: number = x")
        .with("https://a.test/v1/x.js", 200, "text/javascript; charset=utf-8", "export const x = 1")
        .with("https://a.test/away", 302, "", "https://b.test/m.js")
        .with("https://a.test/down", 302, "", "http://a.test/m.js")
        .with("https://a.test/out", 302, "", "file:///etc/passwd")
        .with("https://a.test/file.js", 200, "text/javascript", "import 'file:///etc/passwd'")
        .with("https://a.test/data", 200, "application/json", "{}")
        .with("https://a.test/asks.js", 200, "text/javascript", "import './v1/x.js';\nimport  './404.js'")
        .with("https://a.test/json.js", 200, "text/javascript", "import d from  './data'")
        .with("https://a.test/page", 200, "text/html", "<html>");
    let web = Arc::new(web);
    let own = modules(&web, &["a.test"], folder.path());
    for _ in 0..2 {
        let items = graph(&own, vec!["https://a.test/m".into()]).await.unwrap();
        let urls: Vec<_> = items.iter().map(|item| text(item, "url")).collect();
        assert_eq!(urls, ["https://a.test/v1/m.ts", "https://a.test/v1/x.js"]);
        assert!(text(&items[0], "source").contains("export const y         = x"));
    }
    // The second time nothing was asked for.
    assert_eq!(*web.asked.lock().unwrap(), ["https://a.test/m", "https://a.test/v1/m.ts", "https://a.test/v1/x.js"]);
    for (url, wanted) in [
        ("https://a.test/away", "EACCES"),
        ("https://a.test/down", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
        ("https://a.test/out", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
        ("https://a.test/file.js", "ERR_NETWORK_IMPORT_DISALLOWED"),
        ("https://a.test/data", "ERR_IMPORT_ATTRIBUTE_MISSING"),
        ("https://a.test/page", "ERR_UNKNOWN_MODULE_FORMAT"),
        ("https://a.test/none", "ERR_MODULE_NOT_FOUND"),
        ("https://b.test/m.js", "EACCES"),
        ("https://a.test:444/m", "ERR_MODULE_NOT_FOUND"),
    ] {
        assert_eq!(code(&graph(&own, vec![url.into()]).await.unwrap_err()), wanted, "{url}");
    }
    // The error says where the import is that it is about.
    for (url, at) in [("https://a.test/asks.js", [1.0, 8.0]), ("https://a.test/json.js", [0.0, 15.0])] {
        let error = graph(&own, vec![url.into()]).await.unwrap_err();
        let place = Value::Array(vec![url.into(), at[0].into(), at[1].into()]);
        let Some(Value::Object(properties)) = &error.properties else { panic!("{error:?}") };
        assert!(properties.contains(&("drupe:at".to_owned(), place)), "{error:?}");
    }
    // What is kept is no permission.
    let nobody = modules(&web, &["b.test"], folder.path());
    assert_eq!(code(&graph(&nobody, vec!["https://a.test/m".into()]).await.unwrap_err()), "EACCES");
}

// threat H4
#[tokio::test]
async fn what_is_kept_runs_only_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let web = Arc::new(Web::default().with("https://a.test/m.js", 200, "text/javascript", "export default 1"));
    let own = modules(&web, &["a.test"], folder.path());
    graph(&own, vec!["https://a.test/m.js".into()]).await.unwrap();
    let inner = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(inner).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "body") {
            std::fs::write(file, "export default 'evil'").unwrap();
        }
    }
    assert_eq!(code(&graph(&own, vec!["https://a.test/m.js".into()]).await.unwrap_err()), "ERR_MODULE_INTEGRITY");
}

// threat H4
#[tokio::test]
async fn a_lock_file_says_what_modules_must_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drupe.lock");
    let web = |body, target| {
        let web = Web::default()
            .with("https://a.test/m", 302, "", target)
            .with("https://a.test/m.js", 200, "text/javascript", "import './x.js'")
            .with("https://a.test/n.js", 200, "text/javascript", "import './x.js'")
            .with("https://a.test/x.js", 200, "text/javascript", body);
        Arc::new(web)
    };
    let first = web("export default 1", "/m.js");
    let store = |name: &str| folder.path().join(name);
    let m = || vec!["https://a.test/m".into()];
    let own = modules(&first, &["a.test"], &store("one")).lock_file(&LockFile::open(&path).unwrap());
    graph(&own, m()).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for listed in ["https://a.test/m\": \"https://a.test/m.js", "https://a.test/m.js\": \"", "https://a.test/x.js\": \""] {
        assert!(text.contains(listed), "{listed} is not in {text}");
    }
    // The same again, from the network and from the store, with nothing to add.
    let frozen = || LockFile::frozen(&path).unwrap();
    for name in ["two", "two", "one"] {
        graph(&modules(&first, &["a.test"], &store(name)).lock_file(&frozen()), m()).await.unwrap();
    }
    // What is not listed, what has changed, and what leads elsewhere.
    for (web, url, name) in [
        (&first, "https://a.test/n.js", "two"),
        (&web("export default 'evil'", "/m.js"), "https://a.test/m", "three"),
        (&web("export default 1", "/n.js"), "https://a.test/m", "four"),
        (&first, "https://a.test/none", "two"),
    ] {
        let locked = modules(web, &["a.test"], &store(name)).lock_file(&frozen());
        let wanted = if url.ends_with("none") { "ERR_MODULE_NOT_FOUND" } else { "ERR_MODULE_INTEGRITY" };
        assert_eq!(code(&graph(&locked, vec![url.into()]).await.unwrap_err()), wanted, "{url}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // A store that was filled without the list, by another answer.
    let evil = web("export default 'evil'", "/m.js");
    graph(&modules(&evil, &["a.test"], &store("five")), m()).await.unwrap();
    let locked = modules(&first, &["a.test"], &store("five")).lock_file(&LockFile::open(&path).unwrap());
    assert_eq!(code(&graph(&locked, m()).await.unwrap_err()), "ERR_MODULE_INTEGRITY");
    // What two add at once is in it.
    let (one, other) = (LockFile::open(&path).unwrap(), LockFile::open(&path).unwrap());
    graph(&modules(&first, &["a.test"], &store("two")).lock_file(&one), vec!["https://a.test/n.js".into()]).await.unwrap();
    let more = Arc::new(Web::default().with("https://a.test/more.js", 200, "text/javascript", "1"));
    graph(&modules(&more, &["a.test"], &store("two")).lock_file(&other), vec!["https://a.test/more.js".into()]).await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("n.js") && text.contains("more.js"), "{text}");
    for wrong in ["", "{}", "[1]", "{\"version\": 2}", "{\"version\": 1, \"other\": 1}"] {
        std::fs::write(&path, wrong).unwrap();
        assert!(LockFile::open(&path).is_err() && LockFile::frozen(&path).is_err(), "{wrong}");
    }
    assert!(LockFile::frozen(folder.path().join("none.lock")).is_err());
}
