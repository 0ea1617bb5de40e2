//! `fetch` in a real kernel, against a server of our own.

use std::time::Duration;

use drupe_client::{Chunk, Event, Kernel, Outcome, Permissions, Policy, host::permissions::Kind};

use crate::support::{block_on, builder, http::Server, until_printed, value_text};

async fn kernel(rules: &[&str]) -> (Kernel, Permissions) {
    let mut policy = Policy::none();
    for rule in rules {
        policy.allow(Kind::Net, rule).unwrap();
    }
    let permissions = Permissions::new(policy);
    (builder().permissions(&permissions).spawn().await.unwrap(), permissions)
}

/// A kernel and a server that it may reach; `at` is where.
async fn both() -> (Kernel, Server) {
    let server = Server::start().await;
    let (kernel, _) = kernel(&["127.0.0.1"]).await;
    kernel.run(format!("const at = 'http://{}'", server.address)).await.unwrap();
    (kernel, server)
}

async fn text(kernel: &Kernel, code: &str) -> String {
    let Ok(report) = tokio::time::timeout(Duration::from_secs(120), kernel.run(code)).await else { panic!("{code}: hangs") };
    let report = report.unwrap();
    match &report.outcome {
        Outcome::Value { .. } => value_text(&report),
        other => panic!("{code}: {other:?}"),
    }
}

async fn check(kernel: &Kernel, cases: &[(&str, &str)]) {
    for (code, wanted) in cases {
        assert_eq!(text(kernel, code).await, *wanted, "{code}");
    }
}

#[test]
fn responses_say_what_came() {
    block_on(async {
        let (kernel, _server) = both().await;
        check(
            &kernel,
            &[
                ("await (await fetch(at + '/hello')).text()", "'hello'"),
                (
                    "var r = await fetch(at + '/echo', { method: 'POST', body: '{\"a\":[1]}' }); [r.status, r.statusText, r.ok, r.type, r.redirected, r.bodyUsed]",
                    "[ 200, 'Fine', true, 'basic', false, false ]",
                ),
                ("[(await r.json()).a, r.bodyUsed]", "[ [ 1 ], true ]"),
                ("await r.text().catch(e => [e.name, e.message])", "[ 'TypeError', 'Body is unusable: Body has already been read' ]"),
                ("(await fetch(at + '/hello#part')).url === at + '/hello'", "true"),
                ("(await fetch(at + '/status/404')).ok", "false"),
                ("var c = (await fetch(at + '/cookies')).headers; [c.getSetCookie(), c.get('X-Many'), c.get('x-latin'), c.get('no')]", "[ [ 'a=1', 'b=2' ], '1, 2', 'café', null ]"),
                ("[...c.keys()]", "[ 'content-length', 'set-cookie', 'set-cookie', 'x-latin', 'x-many' ]"),
                ("try { c.set('a', 'b') } catch (e) { e.message }", "'immutable'"),
                ("var n = await fetch(at + '/status/204'); [n.status, n.body, await n.text()]", "[ 204, null, '' ]"),
                ("var h = await fetch(at + '/hello', { method: 'HEAD' }); [h.body, h.headers.get('content-length')]", "[ null, '5' ]"),
                ("var b = await (await fetch(at + '/hello')).bytes(); b", "Uint8Array(5) [ 104, 101, 108, 108, 111 ]"),
                ("(await (await fetch(at + '/hello')).arrayBuffer()).byteLength", "5"),
                ("var d = await fetch('data:text/html;charset=utf-8;base64,aGk='); [d.headers.get('content-type'), await d.text()]", "[ 'text/html;charset=utf-8', 'hi' ]"),
                ("await (await fetch('data:,a%20b')).text()", "'a b'"),
                ("var two = (await fetch(at + '/hello')); var copy = two.clone(); [await two.text(), await copy.text()]", "[ 'hello', 'hello' ]"),
                (
                    "await (await fetch(at + '/coded/gzip?1f8b0800000000000003cb48cdc9c9d75148afca2c00004a9bb15c0b000000')).text()",
                    "'hello, gzip'",
                ),
                ("await (await fetch(at + '/coded/br?0b068068656c6c6f2c2062726f746c6903')).text()", "'hello, brotli'"),
            ],
        )
        .await;
    });
}

#[test]
fn bodies_of_all_kinds_are_sent() {
    block_on(async {
        let (kernel, server) = both().await;
        let post = "var post = async (body, more) => { const r = await fetch(at + '/echo', { method: 'POST', body, ...more }); return [r.headers.get('content-type'), await r.text()] }";
        kernel.run(post).await.unwrap();
        check(
            &kernel,
            &[
                ("await post('h\\u00e9')", "[ 'text/plain;charset=UTF-8', 'hé' ]"),
                ("await post(new Uint8Array([97, 98]))", "[ 'text/none', 'ab' ]"),
                ("await post(new DataView(new Uint8Array([97, 98, 99]).buffer, 1))", "[ 'text/none', 'bc' ]"),
                ("await post(new URLSearchParams('a=b c&d=\u{e9}'))", "[ 'application/x-www-form-urlencoded;charset=UTF-8', 'a=b+c&d=%C3%A9' ]"),
                ("await post(new Blob(['bl', 'ob'], { type: 'x/y' }))", "[ 'x/y', 'blob' ]"),
                ("await post('x', { headers: { 'content-type': 'a/b' } })", "[ 'a/b', 'x' ]"),
                (
                    "await post((async function* () { yield new Uint8Array([49]); yield new Uint8Array([50]) })(), { duplex: 'half' })",
                    "[ 'text/none', '12' ]",
                ),
                (
                    "await post(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([49, 50])); c.close() } }), { duplex: 'half' })",
                    "[ 'text/none', '12' ]",
                ),
                ("await post(new ReadableStream({})).catch(e => e.message)", "'RequestInit: duplex option is required when sending a body.'"),
                ("(await fetch(new Request(at + '/echo', { method: 'PUT', body: 'moved' }))).status", "200"),
                (
                    "var g = new FormData(); g.append('file', new File(['in it'], 'n\"ame.txt', { type: 'text/x' })); g.append('text', new Blob(['b'])); var e = await (await fetch(at + '/echo', { method: 'POST', body: g })).formData(); var file = e.get('file'); [file instanceof File, file.name, file.type, await file.text(), e.get('text').name]",
                    "[ true, 'n\"ame.txt', 'text/x', 'in it', 'blob' ]",
                ),
                ("var bl = await (await fetch(at + '/hello')).blob(); [bl instanceof Blob, bl.type, await bl.text()]", "[ true, 'text/plain', 'hello' ]"),
                (
                    "var f = new FormData(); f.append('a', '1'); f.append('\"b\"', 'two\\nlines'); f.append('a', '3'); var back = await (await fetch(at + '/echo', { method: 'POST', body: f })).formData(); [back.getAll('a'), back.get('\"b\"')]",
                    "[ [ '1', '3' ], 'two\\r\\nlines' ]",
                ),
            ],
        )
        .await;
        assert!(server.last("/echo").header("content-length").is_some());
        let failing = "var count = 0; await post(new ReadableStream({ pull(c) { if (count++ < 6) c.enqueue(new Uint8Array(9)); else c.error(new Error('mine')) } }), { duplex: 'half' }).catch(e => [e.message, e.cause.message])";
        check(&kernel, &[(failing, "[ 'fetch failed', 'mine' ]")]).await;
        // Half of a body is not taken for all of it.
        server.gone("/echo").await;
    });
}

#[test]
fn bodies_are_streamed_as_they_are_pulled() {
    block_on(async {
        let (kernel, server) = both().await;
        // What has come at once is one piece.
        server.release(1);
        check(
            &kernel,
            &[
                ("var r = await fetch(at + '/pieces'), reader = r.body.getReader(); r.body.locked", "true"),
                ("new TextDecoder().decode((await reader.read()).value)", "'piece 1\\n'"),
                ("var second = reader.read(); 0", "0"),
            ],
        )
        .await;
        server.release(1);
        check(
            &kernel,
            &[("new TextDecoder().decode((await second).value)", "'piece 2\\n'"), ("var third = reader.read(); 0", "0")],
        )
        .await;
        server.release(1);
        check(
            &kernel,
            &[("new TextDecoder().decode((await third).value)", "'piece 3\\n'"), ("await reader.cancel()", "undefined")],
        )
        .await;
        server.gone("/pieces").await;
        server.release(3);
        check(
            &kernel,
            &[("var size = 0; for await (const part of (await fetch(at + '/pieces')).body) { size += part.length; if (size >= 16) break } size >= 16", "true")],
        )
        .await;
    });
}

#[test]
fn aborts_and_interrupts_reach_the_server() {
    block_on(async {
        let (kernel, server) = both().await;
        let before = "await fetch(at + '/hello', { signal: AbortSignal.abort('no') }).catch(e => e)";
        check(&kernel, &[(before, "'no'")]).await;
        assert!(server.seen().is_empty());
        // While the head is awaited.
        let run =
            kernel.run("var a = new AbortController(); var f = fetch(at + '/hang', { signal: a.signal }); f.catch(() => {}); 0");
        run.await.unwrap();
        server.arrived("/hang").await;
        check(&kernel, &[("a.abort(new Error('enough')); await f.catch(e => e.message)", "'enough'")]).await;
        server.gone("/hang").await;
        // In the midst of a body.
        server.release(1);
        let body = "var b = new AbortController(); var s = await fetch(at + '/pieces', { signal: b.signal }); var i = s.body[Symbol.asyncIterator](); await i.next(); var waits = i.next(); waits.catch(() => {}); b.abort(); await waits.catch(e => [e.name, e.message])";
        check(&kernel, &[(body, "[ 'AbortError', 'This operation was aborted' ]")]).await;
        server.gone("/pieces").await;
        // By interrupt.
        let mut run = kernel.run("console.log('begun'); await (await fetch(at + '/drip')).text()");
        until_printed(&mut run, "begun").await;
        server.arrived("/drip").await;
        assert!(kernel.interrupt().await.unwrap());
        assert!(matches!(run.await.unwrap().outcome, Outcome::Interrupted { .. }));
        server.gone("/drip").await;
        // By reset.
        let mut run = kernel.run("console.log('begun'); fetch(at + '/hang?2'); 0");
        until_printed(&mut run, "begun").await;
        server.arrived("/hang?2").await;
        kernel.reset().await.unwrap();
        server.gone("/hang?2").await;
    });
}

// threat G8
#[test]
fn redirects_keep_secrets_from_other_origins() {
    block_on(async {
        let (kernel, server) = both().await;
        let other = Server::start().await;
        kernel.run(format!("const other = 'http://{}'", other.address)).await.unwrap();
        let headers = "headers: { Authorization: 'secret', cOOkie: 'c=1', 'Proxy-Authorization': 'p', 'X-Own': 'kept' }";
        let fetched = format!(
            "var r = await fetch(at + '/redirect/307?' + other + '/hello', {{ {headers} }}); [r.redirected, r.url === other + '/hello', await r.text()]"
        );
        check(&kernel, &[(&fetched, "[ true, true, 'hello' ]")]).await;
        let seen = other.last("/hello");
        assert_eq!(
            ["authorization", "cookie", "proxy-authorization", "x-own"].map(|name| seen.header(name)),
            [None, None, None, Some("kept")]
        );
        check(&kernel, &[(&format!("(await fetch(at + '/redirect/302?/echo', {{ {headers} }})).status"), "200")]).await;
        assert_eq!(server.last("/echo").header("authorization"), Some("secret"));
        let posted = |code: u16| format!("(await fetch(at + '/redirect/{code}?/echo', {{ method: 'POST', body: 'x' }})).status");
        for (code, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
            check(&kernel, &[(&posted(code), "200")]).await;
            let seen = server.last("/echo");
            assert_eq!((&*seen.method, seen.body.len()), (method, usize::from(method == "POST")), "{code}");
            assert_eq!(seen.header("content-type").is_some(), method == "POST", "{code}");
        }
        check(
            &kernel,
            &[
                ("var m = await fetch(at + '/redirect/302?/hello', { redirect: 'manual' }); [m.status, m.headers.get('location')]", "[ 302, '/hello' ]"),
                ("await fetch(at + '/redirect/302?/hello', { redirect: 'error' }).catch(e => [e.message, e.cause.message])", "[ 'fetch failed', 'unexpected redirect' ]"),
                ("await fetch(at + '/loop').catch(e => e.cause.message)", "'redirect count exceeded'"),
                ("await fetch(at + '/close').catch(e => [e.name, e.message, e.cause.name, e.cause.code])", "[ 'TypeError', 'fetch failed', 'SocketError', 'UND_ERR_SOCKET' ]"),
                (
                    "{ let got = ''; try { for await (const piece of (await fetch(at + '/short')).body) got += new TextDecoder().decode(piece) } catch (e) { got += ': ' + e.message } got }",
                    "'not so much: terminated'",
                ),
                ("await (await fetch(at + '/short')).text().catch(e => [e.name, e.message, e.cause.code])", "[ 'TypeError', 'terminated', 'UND_ERR_SOCKET' ]"),
                ("await fetch('http://user:pw@127.0.0.1/').catch(e => e.message)", "'Request cannot be constructed from a URL that includes credentials: http://user:pw@127.0.0.1/'"),
                ("await fetch('/relative').catch(e => [e.message, e.cause.code])", "[ 'Failed to parse URL from /relative', 'ERR_INVALID_URL' ]"),
            ],
        )
        .await;
    });
}

// threat G6, G7
#[test]
fn a_kernel_without_grants_reaches_nothing() {
    block_on(async {
        let server = Server::start().await;
        let (kernel, permissions) = kernel(&[]).await;
        let port = server.port();
        let urls = [
            format!("http://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
            format!("http://2130706433:{port}/"),
            format!("http://0x7f.1:{port}/"),
            format!("http://[::ffff:127.0.0.1]:{port}/"),
            format!("HTTP://127.1:{port}"),
            "https://example.com/".to_owned(),
        ];
        for url in &urls {
            for code in [
                format!("fetch('{url}')"),
                format!("fetch(new Request('{url}'))"),
                format!("fetch('{url}', {{ method: 'POST', body: 'x' }})"),
                format!("fetch('{url}', {{ mode: 'no-cors', keepalive: true }})"),
                format!("fetch({{ toString: () => '{url}' }})"),
            ] {
                let mut run = kernel.run(format!(
                    "await {code}.catch(e => [e.name, e.code, e.permission, e.message.includes('needs net access')])"
                ));
                let mut denials = 0;
                while let Some(event) = run.next_event().await {
                    if let Event::Permission(audit) = event {
                        assert!(!audit.granted, "{code}");
                        denials += 1;
                    }
                }
                let report = run.await.unwrap();
                assert_eq!(value_text(&report), "[ 'PermissionDenied', 'EACCES', 'net', true ]", "{code}");
                assert_eq!(denials, 1, "{code}");
            }
        }
        assert_eq!(server.connections(), 0);
        // A grant that comes later counts, and so does one that is taken back.
        permissions.change(|policy| policy.allow(Kind::Net, "localhost").unwrap());
        let hello = format!("(await fetch('http://localhost:{port}/hello')).status");
        assert_eq!(text(&kernel, &hello).await, "200");
        permissions.change(|policy| policy.revoke(Kind::Net));
        assert_eq!(text(&kernel, &format!("await {}.catch(e => e.code)", &hello[7..hello.len() - 8])).await, "'EACCES'");
        let uncaught = kernel.run(Chunk::new(format!("await fetch('http://127.0.0.1:{port}/')"))).await.unwrap().outcome;
        assert!(format!("{uncaught:?}").contains("'127.0.0.1:"), "{uncaught:?}");
    });
}
