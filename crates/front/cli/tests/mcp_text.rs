//! `drupe mcp`, and text that is long: all of it is told, or exactly what is missing. And answers of clients that are none.

use serde_json::{Value, json};

use crate::mcp::Client;

/// A page of something, with all of its text, which stands in a block.
fn page(client: &mut Client, handle: &Value, from: u64, count: u64) -> Value {
    let told = client.tool("js_inspect", json!({ "what": "page", "handle": handle, "from": from, "count": count }));
    let mut page = told["structuredContent"]["page"].clone();
    assert!(page.is_object() && told["content"][0]["_meta"]["drupe/part"] == "result", "{told}");
    page["text"] = told["content"][0]["text"].clone();
    assert_eq!(page["text_bytes"].as_u64(), page["text"].as_str().map(|text| text.len() as u64));
    page
}

#[test]
fn pages_of_a_long_console_are_all_of_it_or_say_what_is_missing() {
    let mut client = Client::start(&[]);
    let code = "for (let i = 0; i < 300000; i++) console.log('line ' + i)";
    let ran = client.call("js_run", json!({ "code": code, "yield_ms": 120_000 }));
    let console = &ran["console"];
    let (dropped, lines) = (console["dropped_bytes"].as_u64().unwrap(), console["dropped_lines"].as_u64().unwrap());
    assert!(dropped > 0 && lines > 0, "{console}");
    let (mut at, mut seen, mut gaps) = (0, String::new(), Vec::new());
    let total = console["to"].as_u64().unwrap();
    while at < total {
        let page = page(&mut client, &console["handle"], at, 200_000);
        let text = page["text"].as_str().unwrap();
        let (from, next) = (page["from"].as_u64().unwrap(), page["next"].as_u64().unwrap());
        let gap = page["dropped"].as_object().map_or(0, |gap| {
            gaps.push((gap["bytes"].clone(), gap["lines"].clone()));
            gap["to"].as_u64().unwrap() - gap["from"].as_u64().unwrap()
        });
        assert_eq!((from, next), (at, at + text.len() as u64 + gap), "{page}");
        seen.push_str(text);
        at = next;
    }
    assert_eq!(gaps, [(json!(dropped), json!(lines))]);
    assert_eq!((seen.len() as u64 + dropped, seen.matches('\n').count() as u64 + lines), (total, 300_000));
    // A page that begins in the midst of what is missing tells the rest of it.
    let gap = page(&mut client, &console["handle"], 600_000, 10)["dropped"].clone();
    assert_eq!(gap["from"], 600_000);
}

#[test]
fn what_a_single_call_has_lost_is_counted() {
    let mut client = Client::start(&[]);
    let mib = 1_u64 << 20;
    for (code, bytes, args, end) in [
        ("console.log('x'.repeat(3 << 20))", 2 * mib, 0, "... 2097152 more characters\n"),
        ("console.log('é'.repeat(1 << 20))", mib, 0, "... 1048576 more bytes\n"),
        ("console.log('x'.repeat(3 << 20), {}, 'y')", 2 * mib, 2, "... 2097152 more bytes, 2 more arguments\n"),
        ("console.log('%s and %s', 'x'.repeat(2 << 20), 'y')", mib + 7, 1, "... 1048583 more bytes, 1 more arguments\n"),
        ("console.log('x')", 0, 0, "x\n"),
    ] {
        let ran = client.call("js_run", json!({ "code": code, "yield_ms": 120_000 }));
        let console = &ran["console"];
        assert_eq!((&console["cut_bytes"], &console["cut_args"]), (&json!(bytes), &json!(args)), "{code}");
        assert_eq!(console["dropped_bytes"], 0, "{code}");
        if bytes > 0 {
            let to = console["to"].as_u64().unwrap();
            let text = page(&mut client, &console["handle"], to - 60, 100)["text"].clone();
            assert!(text.as_str().unwrap().ends_with(end), "{code}: {text}");
            assert_eq!(to, mib + end.len() as u64, "{code}");
        }
    }
    let session =
        client.call("js_run", json!({ "code": "setTimeout(() => console.log('x'.repeat(2 << 20)), 20); 1" }))["session"].clone();
    let late = client.call("js_run", json!({ "session": session, "code": "await new Promise(done => setTimeout(done, 200))" }));
    assert_eq!((&late["late"]["cut_bytes"], &late["late"]["dropped_bytes"]), (&json!(mib), &json!(0)), "{}", late["late"]);
}

#[test]
fn pages_of_a_string_tear_no_character_apart() {
    let mut client = Client::start(&[]);
    let ran = client.call("js_run", json!({ "code": "'😀'.repeat(20000) + 'aé漢'" }));
    let (handle, total) = (&ran["result_handle"], 40_003);
    for count in [1, 2, 3, 999, 1000, 1001, 16_384] {
        let (mut at, mut seen, mut pages) = (if count < 10 { 39_990 } else { 0 }, String::new(), 0);
        let first = at;
        while at < total && pages < 10_000 {
            let page = page(&mut client, handle, at, count);
            assert_eq!((&page["from"], &page["total"]), (&json!(at), &json!(total)));
            seen.push_str(page["text"].as_str().unwrap());
            (at, pages) = (page["next"].as_u64().unwrap(), pages + 1);
        }
        let wanted = "😀".repeat(usize::try_from(40_000 - first).unwrap() / 2) + "aé漢";
        assert!(seen == wanted, "{count}: {} of {}", seen.len(), wanted.len());
    }
    // One that begins within a character begins before it.
    let within = page(&mut client, handle, 7, 4);
    assert_eq!((&within["from"], &within["text"], &within["next"]), (&json!(6), &json!("😀😀"), &json!(10)));
    assert_eq!(page(&mut client, handle, 40_001, 1)["text"], "é");
}

/// Puts the question of a run to the client, which answers thus. Returns what the run came to.
fn answered(client: &mut Client, code: &str, answer: &Value) -> Value {
    let call = client.send("tools/call", json!({ "name": "js_run", "arguments": { "code": code } }));
    let question = client.message();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let mut answer = answer.clone();
    (answer["jsonrpc"], answer["id"]) = (json!("2.0"), question["id"].clone());
    // Half a pair of surrogates, which JSON can say and no text can hold.
    client.server.type_in(&format!("{}\n", answer.to_string().replace("HALF", "\\ud800")));
    let told = client.message();
    assert_eq!(told["id"], call, "{told}");
    told["result"]["structuredContent"].clone()
}

#[test]
fn an_answer_of_a_client_that_is_none_is_told_as_that() {
    let mut client = Client::start_as(&["--ask=read"], &json!({ "elicitation": { "form": {} } }));
    let code = "require('fs').readFileSync('/etc/passwd')";
    for (answer, why) in [
        (json!({ "result": { "action": "perhaps" } }), "action"),
        (json!({ "result": {} }), "action"),
        (json!({ "result": { "action": "accept" } }), "\"decision\" must be"),
        (json!({ "result": { "action": "accept", "content": { "decision": "always" } } }), "\"decision\" must be"),
        (json!({ "result": { "action": "accept", "content": { "decision": 1 } } }), "\"decision\" must be"),
        (json!({ "result": { "action": "accept", "content": { "decision": "HALF" } } }), "the answer cannot be read"),
        (json!({ "result": 7 }), "7"),
        (json!({ "error": { "code": -1, "message": "no window is open" } }), "error -1: no window is open"),
        (json!({ "error": "none" }), "the answer cannot be read"),
    ] {
        let ran = answered(&mut client, code, &answer);
        let question = &ran["questions"][0];
        assert_eq!((&question["by"], &question["answer"]), (&json!("client_error"), &json!("denied")), "{answer}: {ran}");
        assert!(question["error"].as_str().unwrap().contains(why) || why == "7", "{answer}: {question}");
        assert_eq!((&ran["outcome"], &ran["error"]["name"]), (&json!("threw"), &json!("PermissionDenied")));
        let message = ran["error"]["message"].as_str().unwrap();
        assert!(message.ends_with("the question whether to grant it got no valid answer"), "{message}");
        assert_eq!(ran["permissions"][0]["granted"], false);
    }
    // What a person says is told as theirs.
    for (answer, by) in [
        (json!({ "result": { "action": "decline" } }), "person_declined"),
        (json!({ "result": { "action": "cancel" } }), "person_dismissed"),
    ] {
        assert_eq!(answered(&mut client, code, &answer)["questions"][0]["by"], by);
    }
    for (code, key) in [("[confirm('?')]", "yes"), ("[prompt('?')]", "answer")] {
        let wrong = json!({ "result": { "action": "accept", "content": { key: [] } } });
        let ran = answered(&mut client, code, &wrong);
        assert_eq!((&ran["questions"][0]["by"], &ran["outcome"]), (&json!("client_error"), &json!("value")), "{ran}");
    }
}
