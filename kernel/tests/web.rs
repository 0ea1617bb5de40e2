//! The essentials of the web platform, and that neither pollution nor inspection reaches into them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;

/// Evaluates expressions in one session, and compares how they are shown.
fn shows(cases: &[(&str, &str)]) {
    let mut kernel = TestKernel::new();
    let mut wrong = Vec::new();
    for (code, expected) in cases {
        let shown = kernel.run(code);
        let shown = shown.text().unwrap_or_else(|| format!("{:?}", shown.outcome.end));
        if shown != *expected {
            wrong.push(format!("{code}\n--- expected\n{expected}\n--- got\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn objects_of_the_platform_are_shown_by_what_they_are() {
    shows(&[
        ("new EventTarget()", "EventTarget {}"),
        ("new AbortController()", "AbortController { signal: AbortSignal { aborted: false } }"),
        ("AbortSignal.abort()", "AbortSignal { aborted: true }"),
        ("new ReadableStream()", "ReadableStream {\n  locked: false,\n  state: 'readable',\n  supportsBYOB: false\n}"),
        ("new WritableStream()", "WritableStream { locked: false, state: 'writable' }"),
        ("new CountQueuingStrategy({ highWaterMark: 3 })", "CountQueuingStrategy { highWaterMark: 3 }"),
        ("new TextDecoder()", "TextDecoder { encoding: 'utf-8', fatal: false, ignoreBOM: false }"),
        ("Object.create(ReadableStream.prototype)", "ReadableStream {}"),
        ("Object.create(CountQueuingStrategy.prototype)", "CountQueuingStrategy {}"),
        ("Object.assign(new EventTarget(), { mine: 1 })", "EventTarget { mine: 1 }"),
        ("class Own extends AbortController {}; new Own()", "Own { signal: AbortSignal { aborted: false } }"),
        ("[[[[new EventTarget()]]]]", "[ [ [ [Array] ] ] ]"),
        ("[[[new EventTarget()]]]", "[ [ [ [EventTarget] ] ] ]"),
        (
            "const loop = new AbortController(); loop.self = loop; loop",
            "<ref *1> AbortController {\n  signal: AbortSignal { aborted: false },\n  self: [Circular *1]\n}",
        ),
        ("ReadableStream", "[class ReadableStream] { from: [Function: from] }"),
    ]);
}

#[test]
fn streams_go_from_end_to_end() {
    shows(&[
        (
            "await Array.fromAsync(ReadableStream.from(['a', 'b']).pipeThrough(new TransformStream({ transform(c, k) { k.enqueue(c + c) } })))",
            "[ 'aa', 'bb' ]",
        ),
        (
            "await Array.fromAsync(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([0xe2, 0x82])); c.enqueue(new Uint8Array([0xac])); c.close() } }).pipeThrough(new TextDecoderStream()))",
            "[ '\u{20ac}' ]",
        ),
        (
            "const [left, right] = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close() } }).tee(); [await left.getReader({ mode: 'byob' }).read(new Uint8Array(2)), await Array.fromAsync(right)]",
            "[\n  { value: Uint8Array(2) [ 1, 2 ], done: false },\n  [ Uint8Array(2) [ 1, 2 ], Uint8Array(1) [ 3 ] ]\n]",
        ),
        (
            "const cut = new AbortController(); const sink = []; const piped = new ReadableStream({ pull(c) { c.enqueue(sink.length); if (sink.length === 3) cut.abort('enough') } }).pipeTo(new WritableStream({ write(c) { sink.push(c) } }), { signal: cut.signal }).catch((e) => e); [await piped, sink.length > 2]",
            "[ 'enough', true ]",
        ),
    ]);
}

/// Bytes of the text in encodings whose names the web knows, and that are read back.
#[test]
fn every_encoding_of_the_web_is_read() {
    // Each name, by the bytes of a text that the encoding has, in hexadecimal.
    let read = [
        ("ibm866", "8fe0a8a2a5e2", "Привет"),
        ("iso-8859-2", "bfe6", "żć"),
        ("iso-8859-3", "b1e6", "ħĉ"),
        ("iso-8859-4", "b3e7", "ŗį"),
        ("iso-8859-5", "bfe0d8d2d5e2", "Привет"),
        ("iso-8859-6", "e3", "ك"),
        ("iso-8859-7", "e1e2", "αβ"),
        ("iso-8859-8", "e0e1", "אב"),
        ("iso-8859-8-i", "e0e1", "אב"),
        ("iso-8859-10", "a1e7", "Ąį"),
        ("iso-8859-13", "e0", "ą"),
        ("iso-8859-14", "a1", "Ḃ"),
        ("iso-8859-15", "a4", "€"),
        ("iso-8859-16", "a4", "€"),
        ("koi8-r", "f0d2c9d7c5d4", "Привет"),
        ("koi8-u", "a4", "є"),
        ("macintosh", "8e", "é"),
        ("windows-874", "a1", "ก"),
        ("windows-1250", "bf", "ż"),
        ("windows-1251", "cff0e8e2e5f2", "Привет"),
        ("windows-1252", "80e9", "€é"),
        ("windows-1253", "e1", "α"),
        ("windows-1254", "fd", "ı"),
        ("windows-1255", "e0", "א"),
        ("windows-1256", "e1", "ل"),
        ("windows-1257", "e0", "ą"),
        ("windows-1258", "d2", "\u{309}"),
        ("x-mac-cyrillic", "8f", "П"),
        ("gbk", "c4e3bac3", "你好"),
        ("gb18030", "c4e3bac3813081309439fd36", "你好\u{80}\u{1f60a}"),
        ("big5", "a741a66e", "你好"),
        ("euc-jp", "c6fccbdc", "日本"),
        ("iso-2022-jp", "1b2442467c4b5c1b2842", "日本"),
        ("shift_jis", "93fa967b", "日本"),
        ("euc-kr", "c7d1b1db", "한글"),
        ("utf-8", "e282ac", "€"),
        ("utf-16le", "ac20", "€"),
        ("utf-16be", "20ac", "€"),
        ("x-user-defined", "61ff", "a\u{f7ff}"),
    ];
    let mut kernel = TestKernel::new();
    for (name, hex, expected) in read {
        // At once, and byte by byte.
        let code = format!(
            "{{ const bytes = new Uint8Array('{hex}'.match(/../g).map((byte) => parseInt(byte, 16))); const one = new TextDecoder('{name}', {{ fatal: true }}); let slowly = ''; for (const byte of bytes) slowly += one.decode(new Uint8Array([byte]), {{ stream: true }}); slowly += one.decode(); [new TextDecoder('{name}').decode(bytes), slowly, one.encoding].join('|') }}"
        );
        assert_eq!(kernel.value(&code), format!("{expected}|{expected}|{name}").into(), "{name}");
    }
    assert_eq!(kernel.value("[...new Set(['utf8', 'unicode-1-1-utf-8', 'ascii', 'l1', 'x-sjis', 'csbig5'].map((label) => new TextDecoder(label).encoding))].join()"), "utf-8,windows-1252,shift_jis,big5".into());
}

// threat A4, A7
#[test]
fn pollution_before_the_first_use_neither_breaks_nor_observes_what_is_inside() {
    let mut kernel = TestKernel::new();
    let pollute = r"
        let heard = '';
        const trap = (place, key) => {
            const before = Object.getOwnPropertyDescriptor(place, key);
            Object.defineProperty(place, key, { __proto__: null, configurable: true, get() { heard += String(key) + ' '; return before?.value ?? before?.get?.call(this) }, set() { heard += 'set ' + String(key) } });
        };
        for (const index of [0, 1, 2]) trap(Array.prototype, index);
        for (const [Class, keys] of [
            [Array, ['push', 'shift', 'map', 'slice', 'sort', Symbol.iterator]], [Map, ['get', 'set', 'has', 'delete']],
            [Set, ['add', 'has', 'delete', Symbol.iterator]], [Promise, ['then', 'constructor']], [Uint8Array, ['constructor', 'length', 'set', 'buffer']],
            [ArrayBuffer, ['slice', 'constructor', 'byteLength']], [String, ['slice', 'charCodeAt', 'toLowerCase']], [Function, ['call', 'apply', 'bind']],
            [Object, ['get', 'set', 'value', 'writable', 'name', 'cause', 'type', 'size', 'highWaterMark', 'stack']],
        ]) for (const key of keys) trap(Class.prototype, key);
        heard = '';
        'polluted'";
    let log = kernel.run(pollute);
    assert_eq!(log.text().as_deref(), Some("'polluted'"), "{log:?}");
    // Options are given with all they may have, or they would be looked up where the traps are, as everywhere.
    let none = "{ __proto__: null }";
    for (code, expected) in [
        (
            "heard = ''; const u = new URL('http://a/?b=1'); u.searchParams.append('c', 'd'); u.searchParams.sort(); u.href + heard",
            "'http://a/?b=1&c=d'".to_owned(),
        ),
        ("heard = ''; atob(btoa('x')) + heard", "'x'".to_owned()),
        (
            &format!("heard = ''; new TextDecoder('utf-8', {none}).decode(new TextEncoder().encode('\u{e9}'), {none}) + heard"),
            "'\u{e9}'".to_owned(),
        ),
        (
            &format!(
                "heard = ''; const t = new EventTarget(); let n = 0; t.addEventListener('x', () => n++, false); t.dispatchEvent(new Event('x', {none})); n + '' + heard"
            ),
            "'1'".to_owned(),
        ),
        ("heard = ''; const c = new AbortController(); c.abort('r'); c.signal.reason + heard", "'r'".to_owned()),
        ("heard = ''; new DOMException('m', 'AbortError').code + '' + heard", "'20'".to_owned()),
        ("heard = ''; crypto.randomUUID().length + '' + heard", "'36'".to_owned()),
        ("heard = ''; performance.now() >= 0 && heard.length", "0".to_owned()),
        (
            &format!(
                "heard = ''; const s = new ReadableStream({{ __proto__: null, start(c) {{ c.enqueue(5); c.close() }} }}, {none}); const r = s.getReader({none}); const p = r.read(); heard"
            ),
            "''".to_owned(),
        ),
    ] {
        let log = kernel.run(code);
        assert_eq!(log.text(), Some(expected), "{code}: {log:?}");
    }
}

// threat A13
#[test]
fn no_two_buffers_come_to_share_memory_by_a_transfer() {
    let mut kernel = TestKernel::new();
    kernel.run(
        "const tried = (f) => { try { return f() } catch (error) { return `${error.name} ${error instanceof DOMException}` } }",
    );
    for (code, expected) in [
        // A memory of WebAssembly keeps its buffer, and what else was to go stays, too.
        (
            "const m = new WebAssembly.Memory({ initial: 1 }); const b = new ArrayBuffer(4);
             [tried(() => structuredClone(m.buffer, { transfer: [m.buffer] })), tried(() => structuredClone(1, { transfer: [b, m.buffer] })),
              tried(() => new MessageChannel().port1.postMessage(m.buffer, [m.buffer])), m.buffer.byteLength, b.byteLength].join()",
            "'DataCloneError true,DataCloneError true,DataCloneError true,65536,4'",
        ),
        ("structuredClone(m.buffer) === m.buffer || structuredClone(m.buffer).byteLength", "65536"),
        // One that goes while the value is read has gone.
        (
            "const c = new ArrayBuffer(4);
             tried(() => structuredClone({ get x() { structuredClone(c, { transfer: [c] }); return 1 } }, { transfer: [c] }))",
            "'DataCloneError true'",
        ),
        ("const d = new ArrayBuffer(4); [structuredClone(d, { transfer: [d] }).byteLength, d.byteLength].join()", "'4,0'"),
        (
            "const e = new ArrayBuffer(4, { maxByteLength: 8 }); [structuredClone(e, { transfer: [e] }).maxByteLength, e.byteLength].join()",
            "'8,0'",
        ),
        ("tried(() => structuredClone(1, { transfer: [new SharedArrayBuffer(1)] }))", "'DataCloneError true'"),
    ] {
        assert_eq!(kernel.text(code), expected, "{code}");
    }
}

#[test]
fn without_a_front_end_nobody_is_asked() {
    use drupe_protocol::{
        Event, HostError, Request,
        host::{Answer, HostReply},
    };
    let mut kernel = TestKernel::new();
    kernel.start("console.log(JSON.stringify([prompt('name?', 'x'), confirm('sure?'), alert('look')]))");
    let mut shown = Vec::new();
    loop {
        match kernel.event() {
            Event::HostCall(call) => {
                // A warning looks whether a flag or a variable turns it off, and names the process.
                let expected =
                    ["process.command", "process.self", "env.all"].contains(&&*call.op) || call.op.starts_with("dialogs.");
                assert!(expected, "{call:?}");
                let error = HostError::new("Error", "no such service").with_code("ERR_NOT_SUPPORTED");
                kernel.send_request(&Request::HostReply(HostReply { call: call.call, answer: Answer::Error(error) }));
            }
            Event::Console(console) => shown.push(console.text().to_owned()),
            Event::Outcome(_) => break,
            _ => {}
        }
    }
    let (warnings, said): (Vec<_>, Vec<_>) = shown.iter().partition(|text| text.contains("asks nobody here"));
    assert_eq!(said, ["look", "[null,false,null]"]);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}
