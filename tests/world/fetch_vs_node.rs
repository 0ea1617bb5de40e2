//! `fetch` beside Node's own: the same expressions against the same server, and the same told of what came.

use std::process::{Command, Stdio};

use drupe_client::{Outcome, Permissions, Policy, Value, host::permissions::Kind};

use crate::support::{block_on, builder, http::Server};

/// What both evaluate; `at` is the server, `said` tells of a response.
const CASES: &[&str] = &[
    "said(await fetch(at + '/hello'))",
    "said(await fetch(at + '/hello', { method: 'HEAD' }))",
    "said(await fetch(at + '/status/404'))",
    "said(await fetch(at + '/status/500'))",
    "said(await fetch(at + '/status/204'))",
    "[...(await fetch(at + '/cookies')).headers]",
    "(await fetch(at + '/cookies')).headers.getSetCookie()",
    // Bodies that are sent, and the types that they get.
    "said(await fetch(at + '/echo', { method: 'POST', body: 'text' }))",
    "said(await fetch(at + '/echo', { method: 'PUT', body: new URLSearchParams({ a: '1 2', b: 'é' }) }))",
    "said(await fetch(at + '/echo', { method: 'POST', body: new Blob(['blob'], { type: 'text/fruit' }) }))",
    "said(await fetch(at + '/echo', { method: 'POST', body: new Uint8Array([65, 66]) }))",
    "said(await fetch(at + '/echo', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }))",
    "said(await fetch(at + '/echo', { method: 'POST', duplex: 'half', body: new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('one ')); c.enqueue(new TextEncoder().encode('two')); c.close(); } }) }))",
    "(await (await fetch(at + '/echo', { method: 'POST', body: (() => { const form = new FormData(); form.append('a', '1'); form.append('f', new File(['x'], 'n.txt', { type: 'text/plain' })); return form; })() })).text()).replace(/-{4,}\\S+/g, '--')",
    "[...(await (await fetch(at + '/echo', { method: 'POST', body: (() => { const form = new FormData(); form.append('a', '1'); form.append('a', 'é'); return form; })() })).formData())]",
    // Redirects.
    "said(await fetch(at + '/redirect/302?/hello'))",
    "said(await fetch(at + '/redirect/301?/echo', { method: 'POST', body: 'lost' }))",
    "said(await fetch(at + '/redirect/303?/echo', { method: 'PUT', body: 'lost' }))",
    "said(await fetch(at + '/redirect/307?/echo', { method: 'POST', body: 'kept' }))",
    "said(await fetch(at + '/redirect/308?/echo', { method: 'PUT', body: 'kept' }))",
    "said(await fetch(at + '/redirect/302?/hello', { redirect: 'manual' }))",
    "fetch(at + '/redirect/302?/hello', { redirect: 'error' })",
    "fetch(at + '/loop')",
    // Compressed, streamed, read twice, read in part.
    "(await fetch(at + '/coded/gzip?1f8b0800000000000003cb48cdc9c9d75148afca2c00004a9bb15c0b000000')).text()",
    "(await fetch(at + '/coded/br?0b068068656c6c6f2c2062726f746c6903')).text()",
    "(async () => { let size = 0; for await (const piece of (await fetch(at + '/hello')).body) size += piece.length; return size; })()",
    "(async () => { const r = await fetch(at + '/hello'); await r.text(); return [r.bodyUsed, await r.text()]; })()",
    "(async () => { const r = await fetch(at + '/hello'); const copy = r.clone(); return [await r.text(), await copy.text(), r.bodyUsed]; })()",
    "(async () => { const reader = (await fetch(at + '/hello')).body.getReader(); const first = await reader.read(); await reader.cancel(); return [typeof first.value, first.done]; })()",
    "(await fetch(at + '/hello')).json()",
    // Aborts.
    "fetch(at + '/hello', { signal: AbortSignal.abort() })",
    "fetch(at + '/hello', { signal: AbortSignal.abort('a reason') })",
    "(async () => { const stop = new AbortController(); const wait = fetch(at + '/hang', { signal: stop.signal }); setTimeout(() => stop.abort(), 20); return wait; })()",
    "fetch(at + '/hang', { signal: AbortSignal.timeout(20) })",
    "(async () => { const stop = new AbortController(); const r = await fetch(at + '/drip', { signal: stop.signal }); stop.abort(); return r.text().catch((error) => error.name); })()",
    // What cannot be asked.
    "fetch('nonsense')",
    "fetch(at + '/hello', { method: 'GET', body: 'x' })",
    "fetch(at + '/hello', { method: 'TRACE' })",
    "fetch(at + '/hello', { headers: { 'bad name': 'x' } })",
    "fetch('http://user:word@' + at.slice(7) + '/hello')",
    "fetch('ftp://' + at.slice(7) + '/hello').catch((error) => [error.name, error.message])",
    "said(await fetch('data:text/plain;base64,aGk='))",
    "said(await fetch(new Request(at + '/echo', { method: 'POST', body: 'made' }), { method: 'PUT' }))",
    "(await fetch(new URL('/hello', at))).url === at + '/hello'",
    "(await fetch(at + '/close').catch((error) => [error.name, error.message]))",
];

/// Comes to a text: JSON of what each case tells.
const RUNNER: &str = r"
const said = async (r) => [r.status, r.statusText, r.ok, r.redirected, r.type, r.url.replace(at, ''), r.headers.get('content-type'), await r.text()];
const texts = [];
for (const source of CASES) {
  try {
    texts.push(JSON.stringify(await (0, eval)(`(async (at, said) => (${source}))`)(at, said)) ?? 'undefined');
  } catch (error) {
    texts.push('threw ' + (error?.name === undefined ? String(error) : error.name + ': ' + error.message));
  }
}
";

fn script(server: &Server) -> String {
    let cases = serde_json::to_string(CASES).unwrap();
    format!("const at = {:?};{}", server.url(""), RUNNER.replace("CASES", &cases))
}

/// What Node's `fetch` tells; `None` where there is no Node that has one.
async fn node(server: &Server) -> Option<String> {
    let script = format!("(async () => {{ {} process.stdout.write(JSON.stringify(texts)); process.exit(0) }})()", script(server));
    let mut command = Command::new("node");
    command.args(["--no-warnings", "-e", &script]).stdin(Stdio::null());
    // The server answers meanwhile.
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).ok()
}

#[test]
fn fetch_tells_what_nodes_tells() {
    block_on(async {
        let server = Server::start().await;
        let Some(expected) = node(&server).await else {
            eprintln!("skipped: there is no node on this machine");
            return;
        };
        let mut policy = Policy::none();
        policy.allow(Kind::Net, "127.0.0.1").unwrap();
        let kernel = builder().permissions(&Permissions::new(policy)).spawn().await.unwrap();
        let report = kernel.run(format!("{}; JSON.stringify(texts)", script(&server))).await.unwrap();
        let Outcome::Value { value: Some(Value::String(ours)), .. } = report.outcome else { panic!("{:?}", report.outcome) };
        let list = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap();
        let (ours, expected) = (list(&ours), list(&expected));
        assert_eq!(ours.len(), CASES.len());
        // One of them is text that is no JSON; all else is to be evaluated.
        assert_eq!(expected.iter().filter(|told| told.starts_with("threw SyntaxError")).count(), 1, "{expected:#?}");
        let wrong = CASES.iter().zip(ours.iter().zip(&expected)).filter(|(_, (ours, expected))| ours != expected);
        let wrong = wrong.map(|(case, (ours, node))| format!("{case}\n  node {node}\n  ours {ours}")).collect::<Vec<_>>();
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    });
}
