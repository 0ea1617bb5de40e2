//! Modules from the network, in a real kernel, from servers of our own.

use std::{fs, path::PathBuf, sync::Arc};

use drupe_client::{
    Kernel, Outcome, Permissions, Policy,
    host::{Host, ModuleCache, Modules, net::Client, permissions::Kind},
};

use super::files::Folder;
use crate::support::{block_on, builder, http::Server, text};

const SCRIPT: &str = "content-type: text/javascript\r\n";

/// A kernel that may import from there, and keeps what comes in `folder`.
async fn kernel(granted: &[&str], folder: &Folder) -> Kernel {
    let mut policy = Policy::none();
    for rule in granted {
        policy.allow(Kind::Import, rule).unwrap();
    }
    let permissions = Permissions::new(policy);
    let cache = ModuleCache::with_limit(1 << 20);
    let modules = Modules::new(&permissions).cache(&cache).fetch(Arc::new(Client::default())).remote_folder(&folder.0);
    let host = Host::standard(&permissions).service("module", Arc::new(modules));
    builder().host(host).spawn().await.unwrap()
}

/// The code of the error that importing a URL throws.
async fn refusal(kernel: &Kernel, url: &str) -> String {
    text(kernel, &format!("await import({url:?}).then(() => 'imported', (error) => error.code)")).await
}

/// The files in which the content of modules is kept.
fn bodies(folder: &Folder) -> Vec<PathBuf> {
    let inner = fs::read_dir(&folder.0).unwrap().flat_map(|entry| fs::read_dir(entry.unwrap().path()).unwrap());
    let files = inner.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|ending| ending == "body")).collect()
}

// threats H2, H4
#[test]
fn modules_come_from_a_granted_server_and_are_kept() {
    block_on(async {
        let (server, folder) = (Server::start().await, Folder::new("remote"));
        server.page("/v1/fruit.ts", "200 OK", "content-type: video/mp2t\r\n", "import { stones } from './stones.js'; import { pie } from '/pie';\nexport enum Kind { Plum = 7 }\nexport const told: string = `${stones} ${pie} ${Kind.Plum}`; export const { url } = import.meta;");
        server.page(
            "/v1/stones.js",
            "200 OK",
            SCRIPT,
            "import data from '../data' with { type: 'json' }; export const stones = data.stones;",
        );
        server.page("/data", "200 OK", "content-type: application/json\r\n", "{ \"stones\": 1 }");
        server.page(
            "/pie",
            "200 OK",
            "content-type: application/typescript; charset=utf-8\r\n",
            "export const pie = 'pie' as const;",
        );
        let address = server.address.to_string();
        let import = format!("import {{ told, url }} from '{}'; [told, url.slice(-12)]", server.url("/v1/fruit.ts"));
        let first = kernel(&[&address], &folder).await;
        assert_eq!(text(&first, &import).await, "[ '1 pie 7', '/v1/fruit.ts' ]");
        let asked = server.seen().len();
        assert_eq!(asked, 4);
        first.reset().await.unwrap();
        assert_eq!(text(&first, &import).await, "[ '1 pie 7', '/v1/fruit.ts' ]");
        // Another parent finds them on disk, and runs them as they came, whatever the server says by now.
        server.page("/pie", "200 OK", SCRIPT, "export const pie = 'evil';");
        let second = kernel(&[&address], &folder).await;
        assert_eq!(text(&second, &import).await, "[ '1 pie 7', '/v1/fruit.ts' ]");
        assert_eq!(server.seen().len(), asked);
        // What is kept is no permission.
        let nobody = kernel(&["127.0.0.2"], &folder).await;
        assert_eq!(refusal(&nobody, &server.url("/v1/fruit.ts")).await, "'EACCES'");
    });
}

// threats G6, G8
#[test]
fn only_what_is_granted_is_connected_to() {
    block_on(async {
        let (server, other, folder) = (Server::start().await, Server::start().await, Folder::new("remote-denied"));
        for own in [&server, &other] {
            own.page("/m.js", "200 OK", SCRIPT, "export const { url } = import.meta");
            own.page("/reads.js", "200 OK", SCRIPT, "import 'file:///etc/passwd'");
            own.page("/bare.js", "200 OK", SCRIPT, "import 'lodash'");
        }
        server.page("/here", "302 Found", "location: /m.js\r\n", "");
        server.page("/away", "307 Moved", &format!("location: {}\r\n", other.url("/m.js")), "");
        server.page("/inner.js", "200 OK", SCRIPT, &format!("import '{}'", other.url("/m.js")));
        server.page("/file", "302 Found", "location: file:///etc/passwd\r\n", "");
        let kernel = kernel(&[&server.address.to_string()], &folder).await;
        let here = format!("(await import('{}')).url", server.url("/here"));
        assert_eq!(text(&kernel, &here).await, format!("'{}'", server.url("/m.js")));
        for (path, wanted) in [
            ("/away", "EACCES"),
            ("/inner.js", "EACCES"),
            ("/file", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
            ("/reads.js", "ERR_NETWORK_IMPORT_DISALLOWED"),
            ("/bare.js", "ERR_UNSUPPORTED_RESOLVE_REQUEST"),
            ("/loop", "ERR_NETWORK_IMPORT_BAD_RESPONSE"),
        ] {
            assert_eq!(refusal(&kernel, &server.url(path)).await, format!("'{wanted}'"), "{path}");
        }
        let (port, localhost) = (other.port(), format!("http://localhost:{}/m.js", server.port()));
        for url in [other.url("/m.js"), localhost] {
            assert_eq!(refusal(&kernel, &url).await, "'EACCES'", "{url}");
        }
        let denied = format!("await import('{}').catch((error) => error.resource)", other.url("/m.js"));
        assert_eq!(text(&kernel, &denied).await, format!("'127.0.0.1:{port}'"));
        assert_eq!(other.connections(), 0);
    });
}

// threat H4
#[test]
fn what_somebody_changed_on_disk_is_refused() {
    block_on(async {
        let (server, folder) = (Server::start().await, Folder::new("remote-changed"));
        server.page("/m.js", "200 OK", SCRIPT, "export default 'plum'");
        let kernel = kernel(&["127.0.0.1"], &folder).await;
        let import = format!("(await import('{}')).default", server.url("/m.js"));
        assert_eq!(text(&kernel, &import).await, "'plum'");
        let kept = bodies(&folder);
        assert_eq!(kept.len(), 1);
        fs::write(&kept[0], "export default 'evil'").unwrap();
        kernel.reset().await.unwrap();
        assert_eq!(refusal(&kernel, &server.url("/m.js")).await, "'ERR_MODULE_INTEGRITY'");
        // The error says which file; without it, the module is fetched again.
        fs::remove_file(kept[0].with_extension("json")).unwrap();
        assert_eq!(text(&kernel, &import).await, "'plum'");
    });
}

// threats G9, H3
#[test]
fn what_is_no_module_or_does_not_end_is_an_error() {
    block_on(async {
        let (server, folder) = (Server::start().await, Folder::new("remote-wrong"));
        server.page("/page.html", "200 OK", "content-type: text/html\r\n", "<html>");
        server.page("/broken.ts", "200 OK", SCRIPT, "export const ) =");
        server.page("/error", "500 Oh", SCRIPT, "export default 1");
        server.page("/data", "200 OK", "content-type: application/json\r\n", "{}");
        let kernel = kernel(&["127.0.0.1"], &folder).await;
        for (path, wanted) in [
            ("/none.js", "'ERR_MODULE_NOT_FOUND'"),
            ("/error", "'ERR_NETWORK_IMPORT_BAD_RESPONSE'"),
            ("/page.html", "'ERR_UNKNOWN_MODULE_FORMAT'"),
            ("/data", "'ERR_IMPORT_ATTRIBUTE_MISSING'"),
            ("/garbage", "'HPE_INVALID'"),
            ("/short", "'UND_ERR_SOCKET'"),
            ("/endless", "'UND_ERR_RES_EXCEEDED_MAX_SIZE'"),
        ] {
            assert_eq!(refusal(&kernel, &server.url(path)).await, wanted, "{path}");
        }
        let broken = format!("await import('{}').catch((error) => error.name)", server.url("/broken.ts"));
        assert_eq!(text(&kernel, &broken).await, "'SyntaxError'");
        // What drips for ever goes with the run that waits for it.
        let run = kernel.run(format!("await import('{}')", server.url("/drip")));
        server.arrived("/drip").await;
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        server.gone("/drip").await;
        assert!(bodies(&folder).iter().all(|file| fs::metadata(file).unwrap().len() < 100));
    });
}
