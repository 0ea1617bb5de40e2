//! Calls of the host's services with hostile arguments, and values, consoles and errors that are hard to tell.

use crate::case::{Act, Case, World, nest};

/// Where nothing is granted: what a call costs before it is refused, and what values cost that are told.
const DENIED: &[(&str, &str)] = &[
    ("stat of a path of 1 MiB", "try { require('fs').statSync('/' + 'a'.repeat(1e6)) } catch (error) { error.code }"),
    ("stat of 500,000 folders", "try { require('fs').statSync('/a'.repeat(5e5)) } catch (error) { error.code }"),
    ("stat of 300,000 parents", "try { require('fs').statSync('/' + '../'.repeat(3e5)) } catch (error) { error.code }"),
    ("stat of a NUL", "try { require('fs').statSync('/a\\0b') } catch (error) { error.code }"),
    (
        "2,000 denials at once",
        "await Promise.allSettled(Array.from({ length: 2000 }, (_, n) => require('fs').promises.stat('/x' + n))).then((all) => all.length)",
    ),
    (
        "2,000 denied imports at once",
        "await Promise.allSettled(Array.from({ length: 2000 }, (_, n) => import('/x' + n))).then((all) => all.length)",
    ),
    (
        "2,000 denied fetches at once",
        "await Promise.allSettled(Array.from({ length: 2000 }, (_, n) => fetch('http://a' + n))).then((all) => all.length)",
    ),
    ("fetch of a long URL", "await fetch('http://a/' + 'b'.repeat(1e6)).catch((error) => String(error).slice(0, 80))"),
    ("fetch of a long host", "await fetch('http://' + 'b.'.repeat(4e5) + 'c/').catch((error) => String(error).slice(0, 80))"),
    (
        "spawn with 100,000 arguments",
        "try { require('child_process').spawnSync('a', Array(1e5).fill('b')) } catch (error) { error.code }",
    ),
    (
        "spawn with 50,000 variables",
        "try { require('child_process').spawnSync('a', [], { env: Object.fromEntries(Array.from({ length: 5e4 }, (_, n) => ['v' + n, 'x'])) }) } catch (error) { error.code }",
    ),
    (
        "spawn of a name of 1 MiB",
        "try { require('child_process').spawnSync('a'.repeat(1e6)).error?.code } catch (error) { error.code }",
    ),
    ("variables by 2,000 names", "let n = 0; for (let i = 0; i < 2000; i++) n += process.env['V' + i] === undefined; n"),
    ("a variable of 1 MiB", "process.env['a'.repeat(1e6)]"),
    ("a console message of 1 MiB", "console.log('a'.repeat(1e6))"),
    ("20,000 console messages", "for (let n = 0; n < 20000; n++) console.log(n)"),
    ("a console message with 100,000 arguments", "console.log(...Array(1e5).fill(1))"),
    ("a console format of 300,000 directives", "console.log('%s'.repeat(3e5), 1)"),
    ("console styles", "console.log('%c'.repeat(1e5), ...Array(1e5).fill('color: red'))"),
    ("console groups, 100,000 deep", "for (let n = 0; n < 1e5; n++) console.group(n % 1000 ? undefined : 'a'); console.log(1)"),
    (
        "a console table of 1,000 by 100",
        "console.table(Array.from({ length: 1000 }, () => Object.fromEntries(Array.from({ length: 100 }, (_, n) => ['c' + n, n]))))",
    ),
    ("a console of control characters", "console.log('\\x1b[31m\\u202e\\u2028'.repeat(1e5))"),
    ("a value nested 100,000 deep", "let value = []; for (let n = 0; n < 1e5; n++) value = [value]; value"),
    ("a value of 300,000 items", "Array.from({ length: 3e5 }, (_, n) => n)"),
    ("a value of 100,000 names", "Object.fromEntries(Array.from({ length: 1e5 }, (_, n) => ['k' + n, n]))"),
    ("a value of 50,000 empty objects", "Array.from({ length: 5e4 }, () => ({}))"),
    ("a value in a circle", "const circle = {}; circle.a = circle; circle.b = [circle, new Map([[circle, circle]])]; circle"),
    ("a value of maps in maps", "let value = new Map(); for (let n = 0; n < 2000; n++) value = new Map([[value, value]]); value"),
    ("a value that doubles", "let value = {}; for (let n = 0; n < 40; n++) value = { a: value, b: value }; value"),
    ("a string of 16 MiB", "'a'.repeat(1 << 24)"),
    ("a string of emoji", "'\u{1F34A}'.repeat(1 << 20)"),
    ("a BigInt of 1,000,000 bits", "1n << 1000000n"),
    ("a buffer of 32 MiB", "new Uint8Array(32 << 20)"),
    ("an error with a message of 1 MiB", "throw new Error('a'.repeat(1e6))"),
    ("an error with a stack of 1 MiB", "throw Object.assign(new Error('a'), { stack: 'at x\\n'.repeat(2e5) })"),
    (
        "an error of frames",
        "Error.stackTraceLimit = 1e5; (function f(n) { if (n) f(n - 1); else throw new Error('deep') })(7000)",
    ),
    (
        "an error of 5,000 causes",
        "let error; for (let n = 0; n < 5000; n++) error = new Error('e' + n, { cause: error }); throw error",
    ),
    ("an error that is its own cause", "const error = new Error('a'); error.cause = error; error.errors = [error]; throw error"),
    ("an error of 50,000 errors", "throw new AggregateError(Array.from({ length: 5e4 }, (_, n) => new Error(n)))"),
    ("an error with a name of 1 MiB", "const error = new Error('a'); error.name = 'n'.repeat(1e6); throw error"),
    ("an error of 1,000 lines", "throw new Error(Array(1e5).fill('line').join('\\n'))"),
    ("20,000 unhandled rejections", "for (let n = 0; n < 20000; n++) Promise.reject(new Error('e' + n)); 1"),
    ("a rejection with a deep value", "let value = []; for (let n = 0; n < 1e5; n++) value = [value]; Promise.reject(value); 1"),
    (
        "5,000 timers that throw",
        "for (let n = 0; n < 5000; n++) setTimeout(() => { throw new Error('t' + n) }); await new Promise((done) => setTimeout(done, 50))",
    ),
    ("standard output of 16 MiB", "for (let n = 0; n < 256; n++) process.stdout.write('a'.repeat(65536))"),
    ("standard output of single letters", "for (let n = 0; n < 50000; n++) process.stdout.write('a')"),
    ("an exception on a line of 1 MiB", "THROWS"),
    ("30,000 globals", "for (let n = 0; n < 30000; n++) globalThis['g' + n] = n; 1"),
];

/// Where everything is granted: what a call costs that works.
const GRANTED: &[(&str, &str)] = &[
    ("copy of /dev/zero", "try { require('fs').copyFileSync('/dev/zero', folder + '/copy') } catch (error) { error.code }"),
    (
        "copy of /dev/zero that is left alone",
        "require('fs').promises.copyFile('/dev/zero', folder + '/copy').catch(() => {}); await new Promise((done) => setTimeout(done, 100))",
    ),
    ("read of /dev/zero", "try { require('fs').readFileSync('/dev/zero').length } catch (error) { error.code }"),
    (
        "24 reads of /dev/zero at once",
        "await Promise.allSettled(Array.from({ length: 24 }, () => require('fs').promises.readFile('/dev/zero'))).then((all) => String(all[0].reason))",
    ),
    (
        "read of /dev/urandom as text",
        "try { require('fs').readFileSync('/dev/urandom', 'utf8').length } catch (error) { error.code }",
    ),
    (
        "a stream of /dev/zero",
        "let size = 0; for await (const piece of require('fs').createReadStream('/dev/zero')) if ((size += piece.length) > 64 << 20) break; size",
    ),
    (
        "a read of 1 GiB",
        "const fs = require('fs'), file = fs.openSync('/dev/zero'); try { fs.readSync(file, new Uint8Array(1 << 20), 0, 1 << 20, 0) } catch (error) { error.code }",
    ),
    (
        "a sparse file of 1 TiB",
        "const fs = require('fs'); fs.writeFileSync(folder + '/a', ''); fs.truncateSync(folder + '/a', 2 ** 40); try { fs.readFileSync(folder + '/a').length } catch (error) { error.code }",
    ),
    (
        "a copy of a sparse file of 1 TiB",
        "const fs = require('fs'); fs.writeFileSync(folder + '/a', ''); fs.truncateSync(folder + '/a', 2 ** 40); try { fs.copyFileSync(folder + '/a', folder + '/b') } catch (error) { error.code }",
    ),
    (
        "a pipe that nobody writes to",
        "require('child_process').execFileSync('mkfifo', [folder + '/p']); try { require('fs').readFileSync(folder + '/p').length } catch (error) { error.code }",
    ),
    (
        "mkdir of 300 folders at once",
        "require('fs').mkdirSync(folder + '/a'.repeat(300), { recursive: true }); require('fs').rmSync(folder + '/a', { recursive: true }); 1",
    ),
    (
        "3,000 files that are opened",
        "const fs = require('fs'); let n = 0; try { for (; n < 3000; n++) fs.openSync('/dev/null') } catch (error) { error.code + (n > 100) }",
    ),
    (
        "writes of 32 MiB",
        "const fs = require('fs'); fs.writeFileSync(folder + '/a', Buffer.alloc(32 << 20)); fs.statSync(folder + '/a').size",
    ),
    (
        "1,000 writes of a letter",
        "const fs = require('fs'), file = fs.openSync(folder + '/a', 'w'); for (let n = 0; n < 1000; n++) fs.writeSync(file, 'a'); 1",
    ),
    ("a program that says yes", "try { require('child_process').execFileSync('yes').length } catch (error) { error.code }"),
    (
        "a program whose output nobody reads",
        "const child = require('child_process').spawn('yes'); await new Promise((done) => setTimeout(done, 300)); child.kill(); 1",
    ),
    (
        "a program that fills both outputs",
        "require('child_process').spawnSync('sh', ['-c', 'yes & yes >&2'], { timeout: 300 }).signal",
    ),
    (
        "200 programs at once",
        "const { execFile } = require('child_process'); await Promise.all(Array.from({ length: 200 }, () => new Promise((done) => execFile('true', done)))).then((all) => all.length)",
    ),
    ("a program with 100,000 arguments", "require('child_process').spawnSync('true', Array(1e5).fill('a')).status"),
    ("a program with an argument of 1 MiB", "require('child_process').spawnSync('true', ['a'.repeat(1e6)]).error?.code"),
    (
        "a program with 20,000 variables",
        "require('child_process').spawnSync('true', [], { env: Object.fromEntries(Array.from({ length: 2e4 }, (_, n) => ['v' + n, 'x'])) }).status",
    ),
    ("readdir of /proc", "try { require('fs').readdirSync('/proc', { recursive: true }).length } catch (error) { error.code }"),
    ("names of the machine", "const os = require('os'); for (let n = 0; n < 300; n++) { os.cpus(); os.networkInterfaces() } 1"),
    (
        "1,000 looks at what is not there",
        "const fs = require('fs'); for (let n = 0; n < 1000; n++) fs.existsSync('/proc/self/' + n); 1",
    ),
];

pub(crate) fn cases() -> Vec<Case> {
    let denied = DENIED.iter().map(|&(name, code)| {
        Case::new(format!("call: {name}"), World::Denied, move || {
            Act::run(if code == "THROWS" { nest("1;", "null.x", "", 400_000, true) } else { code.to_owned() })
        })
    });
    let granted =
        GRANTED.iter().map(|&(name, code)| Case::new(format!("granted: {name}"), World::Everything, move || Act::run(code)));
    denied.chain(granted).collect()
}
