//! The essentials of the web platform, and that neither pollution nor inspection reaches into them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::TestKernel;

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
