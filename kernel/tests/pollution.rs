//! A program that spoils the prototypes before it first uses anything: every global and module that is loaded when it
//! is first touched is found by the test itself, loaded in a session of its own, and used.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::common::TestKernel;
use drupe_protocol::{
    Event, HostError, Request, Value,
    event::End,
    host::{Answer, Answered, Functions, HostReply},
    request::Input,
};

/// Accessors that throw stand where descriptors and options are looked up, and numbers where iterators and lists are.
const HOSTILE: &str = include_str!("common/hostile.js");

fn hostile() -> TestKernel {
    let mut kernel = TestKernel::new();
    let log = kernel.run(HOSTILE);
    assert_eq!(log.text().as_deref(), Some("'hostile'"), "{log:?}");
    kernel
}

/// What a name is, with the kinds of all its properties; those that are computed only when asked for are asked for.
fn shape(of: &str) -> String {
    format!(
        "{{ const it = {of}; let said = typeof it; if (it !== null && (said === 'object' || said === 'function')) {{
           const keys = Reflect.ownKeys(it);
           for (let index = 0; index < keys.length; index++) {{
             const key = keys[index];
             if (typeof key === 'symbol' || key === 'stdin' || key === 'stdout' || key === 'stderr') continue;
             let kind; try {{ kind = typeof it[key] }} catch (error) {{ kind = `throws ${{error?.code ?? error}}` }}
             said += ` ${{key}}:${{kind}}`;
           }} }} said }}"
    )
}

fn names(kernel: &mut TestKernel, code: &str) -> Vec<String> {
    let Value::String(names) = kernel.value(code) else { panic!("no names") };
    names.split(' ').map(str::to_owned).collect()
}

/// What `code` comes to, with a host that has nothing.
fn told(kernel: &mut TestKernel, code: &str) -> Result<String, String> {
    kernel.start(code);
    let mut said = Err("nothing was said".to_owned());
    loop {
        match kernel.event() {
            Event::HostCall(call) => {
                let error = HostError::new("Error", "there is no such thing").with_code("ENOENT");
                kernel.send_request(&Request::HostReply(HostReply { call: call.call, answer: Answer::Error(error) }));
            }
            Event::Result(result) => said = Ok(result.text),
            Event::Exception(thrown) => said = Err(thrown.exception.text),
            Event::Outcome(_) => return said,
            _ => {}
        }
    }
}

/// Compares `codes`, each in a session that is hostile and has loaded nothing, with a session that is not.
fn agree(codes: impl Iterator<Item = String>) {
    let mut clean = TestKernel::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for code in codes {
        count += 1;
        let expected = told(&mut clean, &code).unwrap();
        match told(&mut hostile(), &code) {
            Ok(text) if text == expected => {}
            Ok(text) => wrong.push(format!("{code}: {text} instead of {expected}")),
            Err(thrown) => wrong.push(format!("{code}: {thrown}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

// threat A4, A7
#[test]
fn every_lazy_global_is_loaded_in_spite_of_hostile_prototypes() {
    let lazy = "Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string' && Object.getOwnPropertyDescriptor(globalThis, key).get).join(' ')";
    let globals = names(&mut TestKernel::new(), lazy);
    assert!(globals.len() > 40, "{globals:?}");
    agree(globals.iter().map(|name| shape(name)));
}

// threat A4, A7
#[test]
fn every_module_is_loaded_in_spite_of_hostile_prototypes() {
    agree(modules().iter().map(|name| shape(&format!("require('{name}')"))));
}

/// What globals and modules are for, without options of the program's own: those inherit what it has done to itself.
const USES: &[&str] = &[
    "new Request('http://a.test/b').url",
    "new Response('x').status + new Response(null, { __proto__: null, status: 204 }).status",
    "new Headers().has('a')",
    "const f = new FormData(); f.append('a', 'b'); f.get('a')",
    "new Blob().size",
    "new URL('http://a/?b=1#c').hash + new URLSearchParams('a=1').get('a')",
    "structuredClone(5)",
    "new AbortController().signal.aborted",
    "new TextDecoder().decode(new TextEncoder().encode('x'))",
    "new ReadableStream().locked + '' + new WritableStream().locked + new TransformStream().readable.locked",
    "atob(btoa('x'))",
    "performance.now() > 0",
    "crypto.randomUUID().length",
    "navigator.language",
    "new DOMException('m', 'AbortError').code",
    "new MessageChannel().port1.constructor === MessagePort",
    "let n = 0; const t = new EventTarget(); t.addEventListener('x', () => { n++ }); t.dispatchEvent(new Event('x')); n",
    "Buffer.from('abc').toString('hex') + Buffer.concat([Buffer.from('a')], 1).length",
    "const e = new (require('events'))(); let n = 0; e.on('x', () => { n++ }); e.emit('x'); n",
    "const p = new (require('stream').PassThrough)(); p.write('x'); p.read().length",
    "const r = new (require('stream').Readable)({ __proto__: null, read() {} }); r.push('ab'); r.read(1).length + r.readableLength",
    "let said = ''; const w = new (require('stream').Writable)({ __proto__: null, write(c, e, done) { said += c.length; done() } }); w.write('a'); w.end('bc'); said",
    "const { Readable, Writable } = require('stream'); const r = new Readable({ __proto__: null, read() {} }); const w = new Writable({ __proto__: null, write(c, e, d) { d() } }); r.pipe(w) === w",
    "require('stream').isReadable(new (require('stream').Readable)()) + '' + require('stream').Readable.from('x').readableHighWaterMark",
    "require('querystring').parse('a=1&b=2').b + require('querystring').parse('a', '').a",
    "require('util').inspect(5) + require('util').format('%d', 1)",
    "require('util').isDeepStrictEqual(new URL('http://a'), new URL('http://b'))",
    "require('assert').ok(1)",
    "require('path').join('a', '..', 'b') + require('os').EOL.length",
    "require('string_decoder').StringDecoder.name + new (require('string_decoder').StringDecoder)('utf8').write(Buffer.from('x'))",
    "process.version.length > 2 && process.argv.length > 0",
    "require('fs').constants.O_RDONLY + typeof require('fs').promises.open",
    "require('crypto').createHash('sha256').update('x').digest('hex').length",
    "typeof setTimeout(() => {}, 1).ref() + typeof setImmediate(() => {}).unref()",
    "require('url').parse('http://a/b').pathname + require('punycode').toASCII('x')",
    "const s = new (require('async_hooks').AsyncLocalStorage)(); s.run(5, () => s.getStore())",
    "const c = require('diagnostics_channel').channel('a'); let said; c.subscribe((message) => { said = message }); c.publish(5); said + c.name",
    "new (require('console').Console)(new (require('stream').PassThrough)()).log('x') + typeof require('constants').SIGTERM",
    "require('util/types').isDate(new Date()) + '' + require('tty').isatty(1) + require('module').isBuiltin('fs')",
    "require('cluster').isPrimary + typeof require('cluster').fork",
    "require('path/posix').basename('/a/b') + require('path/win32').basename('c:\\\\b')",
    "require('perf_hooks').performance.now() > 0",
    "require('assert/strict').equal(1, 1) + typeof require('stream/web').ReadableStream",
    "typeof require('timers').clearTimeout(require('timers').setTimeout(() => {}, 1))",
    "await require('timers/promises').setTimeout(1, 5)",
    // What a stream is, is asked of its properties, and those that it inherits count.
    "typeof require('stream/promises').finished",
    "typeof require('stream/consumers').text",
    "require('zlib').gunzipSync(require('zlib').gzipSync('abc')).toString() + require('zlib').crc32('a')",
    "require('v8').deserialize(require('v8').serialize({ __proto__: null, a: 1 })).a + typeof require('v8').getHeapStatistics().heap_size_limit",
    "require('worker_threads').isMainThread + '' + require('worker_threads').receiveMessageOnPort(new (require('worker_threads').MessageChannel)().port1)",
    "try { require('fs').readFileSync('/a') } catch (error) { error.code }",
    "try { await require('fs/promises').readFile('/a') } catch (error) { error.code }",
    "try { require('child_process').execFileSync('a', ['b'], { __proto__: null, env: { __proto__: null, code: 'x' } }) } catch (error) { error.code }",
    "let said = ''; const rl = require('readline').createInterface({ __proto__: null, input: new (require('stream').PassThrough)() }); rl.on('line', (line) => { said += line }); rl.write('a\\r\\nb\\n'); rl.close(); said",
    "typeof new (require('readline/promises').Readline)(process.stdout).clearLine(0).rollback()",
    "require('process').exitCode === undefined && require('sys').inspect(5)",
];

// threat A4, A7
#[test]
fn what_is_loaded_works_in_spite_of_hostile_prototypes() {
    agree(USES.iter().map(|code| (*code).to_owned()));
}

// threat A4, A7
#[test]
fn every_module_is_used_in_spite_of_hostile_prototypes() {
    for module in modules() {
        let is_used = |name: &str| USES.iter().any(|code| code.contains(&format!("require('{name}')")));
        assert!(
            is_used(&module) || (module == "buffer" && USES.iter().any(|code| code.contains("Buffer."))),
            "{module} is not used"
        );
    }
}

/// The modules that can be loaded.
fn modules() -> Vec<String> {
    let there = "require('module').builtinModules.filter((name) => { try { require(name); return true } catch { return false } }).join(' ')";
    let modules = names(&mut TestKernel::new(), there);
    assert!(modules.len() > 30, "{modules:?}");
    modules
}

// threat A7
#[test]
fn request_and_response_survive_a_get_on_the_prototype_for_good() {
    let mut kernel = TestKernel::new();
    assert_eq!(kernel.text("Object.prototype.get = 1; try { new Response('x').status } catch (error) { String(error) }"), "200");
    assert_eq!(
        kernel.text("delete Object.prototype.get; await new Response('x').text() + new Request('http://a/').method"),
        "'xGET'"
    );
}

// threat A3
#[test]
fn a_getter_of_then_is_not_given_what_the_host_says() {
    let mut kernel = TestKernel::new();
    kernel.send_request(&Request::Functions(Functions { names: vec!["fail".to_owned()] }));
    kernel.start(
        r"globalThis.seen = [];
        Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { seen.push(this); return undefined; } });
        const caught = await host.fail().catch((error) => [error.message]);
        delete Object.prototype.then;
        const { prototype } = Object;
        [...caught, seen.filter((it) => typeof it === 'object' && !Array.isArray(it) && !(it instanceof Error) && Object.getPrototypeOf(it) !== prototype).length]",
    );
    let text = loop {
        match kernel.event() {
            Event::HostCall(call) => {
                let error = HostError::new("Error", "it failed");
                kernel.send_request(&Request::HostReply(HostReply { call: call.call, answer: Answer::Error(error) }));
            }
            Event::Result(result) => break result.text,
            Event::Outcome(outcome) => panic!("{outcome:?}"),
            _ => {}
        }
    };
    assert_eq!(text, "[ 'it failed', 0 ]");
}

/// What arrays of the host and of inputs hold is defined, not assigned.
// threat A7
#[test]
fn a_setter_on_the_prototypes_of_arrays_neither_sees_nor_spoils_what_comes_from_outside() {
    for (prototype, throws) in [("Array", false), ("Object", false), ("Array", true), ("Object", true)] {
        let mut kernel = TestKernel::new();
        kernel.send_request(&Request::Functions(Functions { names: vec!["rows".to_owned()] }));
        let list = || Value::Array(vec![Value::Number(1.0), Value::Hole, Value::Array(vec!["x".into()]), Value::Null]);
        // It is there before the input.
        kernel.run(&format!(
            "Object.defineProperty({prototype}.prototype, 0, {{ configurable: true, set() {{ throw 'an early setter' }} }})"
        ));
        let mut run = kernel.request(&format!(
            "let seen = 0; for (const index of [0, 1, 2])
               Object.defineProperty({prototype}.prototype, index, {{ configurable: true, set() {{ seen++; if ({throws}) throw 'a setter' }} }});
             const rows = await host.rows();
             const calls = seen;
             for (const index of [0, 1, 2]) delete {prototype}.prototype[index];
             JSON.stringify([rows, given, 1 in rows, 1 in given, rows.length, calls])",
        ));
        run.until_idle = true;
        run.inputs = vec![Input { name: "given".to_owned(), value: list() }];
        kernel.send(run);
        let mut events = Vec::new();
        loop {
            match kernel.event() {
                Event::HostCall(call) => {
                    let answer = Answer::Value(Answered { value: list() });
                    kernel.send_request(&Request::HostReply(HostReply { call: call.call, answer }));
                }
                Event::Outcome(outcome) => {
                    assert!(matches!(outcome.end, End::Value(_)), "{prototype} {throws}: {events:?} {outcome:?}");
                    break;
                }
                event => events.push(event),
            }
        }
        let texts =
            events.iter().filter_map(|event| if let Event::Result(result) = event { Some(result.text.as_str()) } else { None });
        let list = "[1,null,[\"x\"],null]";
        assert_eq!(texts.collect::<Vec<_>>(), [format!("'[{list},{list},false,false,4,0]'")], "{prototype} {throws}");
    }
}

/// Every name in the library's own files.
fn names_in_the_library() -> Vec<String> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("js/lib")];
    let mut names = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '$');
            names.extend(words.filter(|word| word.starts_with(|first: char| !first.is_ascii_digit())).map(str::to_owned));
        }
    }
    names.into_iter().collect()
}

/// Accessors of all these names stand on the prototypes, and note who is asked while a file is loaded.
// threat A7
#[test]
fn loading_runs_no_accessor_on_the_prototypes() {
    let names = names_in_the_library();
    assert!(names.len() > 2000);
    let mut kernel = TestKernel::new();
    let code = format!(
        "globalThis.ran = []; globalThis.loading = '';
         {{ const {{ defineProperty, hasOwn }} = Object; const note = ran.push.bind(ran); const names = '{}'.split(' ');
           names.push(Symbol.for('nodejs.util.inspect.custom'), Symbol.for('nodejs.util.promisify.custom'));
           for (const [of, prototype] of [['Object', Object.prototype], ['Function', Function.prototype], ['Array', Array.prototype], ['Error', Error.prototype]]) {{
             for (const name of names) {{
               if (hasOwn(prototype, name)) continue;
               defineProperty(prototype, name, {{ __proto__: null, configurable: true,
                 get() {{ if (loading) note(`${{loading}} reads ${{of}}.prototype.${{String(name)}}`); }},
                 set(value) {{
                   if (loading) note(`${{loading}} sets ${{of}}.prototype.${{String(name)}}`);
                   defineProperty(this, name, {{ __proto__: null, value, writable: true, enumerable: true, configurable: true }});
                 }} }});
             }}
           }} }}
         'ready'",
        names.join(" ")
    );
    assert_eq!(told(&mut kernel, &code).as_deref(), Ok("'ready'"));
    let itself = "loading = 'this'; void ({}).isRegExp; (() => {}).poolSize = 1; loading = ''; ran.splice(0).join()";
    assert_eq!(
        told(&mut kernel, itself).as_deref(),
        Ok("'this reads Object.prototype.isRegExp,this sets Function.prototype.poolSize'")
    );
    let lazy = "Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string' && Object.getOwnPropertyDescriptor(globalThis, key).get).join(' ')";
    let mut clean = TestKernel::new();
    let globals = self::names(&mut clean, lazy);
    for (name, load) in modules()
        .into_iter()
        .map(|name| (name.clone(), format!("require('{name}')")))
        .chain(globals.into_iter().map(|name| (name.clone(), format!("globalThis.{name}"))))
    {
        let done = told(&mut kernel, &format!("loading = '{name}'; try {{ void {load} }} finally {{ loading = '' }} 'loaded'"));
        assert_eq!(done.as_deref(), Ok("'loaded'"), "{name}");
    }
    assert_eq!(told(&mut kernel, "ran.join('\\n')").as_deref(), Ok("''"));
}

// threat A7
#[test]
fn a_kept_getter_of_a_lazy_global_changes_nothing_and_runs_no_user_code() {
    let mut kernel = TestKernel::new();
    let code = "const kept = Object.getOwnPropertyDescriptor(globalThis, 'URL').get;
        globalThis.URL = 'mine';
        let ran = 0;
        Object.defineProperty(Object.prototype, 'get', { get() { ran++; return kept }, configurable: true });
        const made = typeof kept();
        delete Object.prototype.get;
        `${made} ${URL} ${ran}`";
    assert_eq!(kernel.text(code), "'function mine 0'");
    assert_eq!(
        kernel.text("const again = Object.getOwnPropertyDescriptor(globalThis, 'Blob').get; `${again() === Blob}`"),
        "'true'"
    );
}
