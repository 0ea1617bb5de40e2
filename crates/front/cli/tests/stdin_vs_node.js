// Programs that read standard input, for `stdin_vs_node.rs`: each from one line `//! name` to the next. What follows the name is the input:
// `pipe`, `file`, `null`, `empty`, each of which a program is run with; `pipe` alone if nothing does.
//! data events
let bytes = 0; process.stdin.on('data', (chunk) => { bytes += chunk.length; }).on('end', () => console.log('end', bytes)).on('close', () => console.log('close'));
//! for await: pipe file null empty
let bytes = 0; for await (const chunk of process.stdin) bytes += chunk.length; console.log(bytes);
//! for await with an encoding: pipe file
process.stdin.setEncoding('utf8'); let text = ''; for await (const chunk of process.stdin) text += chunk; console.log(text.length, JSON.stringify(text.slice(0, 40)));
//! readable events
let text = ''; process.stdin.setEncoding('utf8'); process.stdin.on('readable', () => { for (let chunk; (chunk = process.stdin.read()) !== null;) text += chunk; }); process.stdin.on('end', () => console.log(text.length));
//! reads of a length
process.stdin.once('readable', () => { console.log(String(process.stdin.read(3)), String(process.stdin.read(2))); process.stdin.destroy(); });
//! readFileSync of 0: pipe file null empty
import { readFileSync } from 'node:fs'; console.log(readFileSync(0).length, JSON.stringify(readFileSync(0, 'utf8')));
//! readFileSync of /dev/stdin: pipe file null empty
import { readFileSync } from 'node:fs'; console.log(readFileSync('/dev/stdin', 'utf8').length);
//! readFile of /dev/stdin by a promise: pipe file
import { readFile } from 'node:fs/promises'; console.log((await readFile('/dev/stdin', 'utf8')).length);
//! readFile with a callback: pipe file
import { readFile } from 'node:fs'; readFile(0, 'utf8', (error, text) => console.log(error, text.length));
//! readSync in small pieces: pipe file null
import { readSync } from 'node:fs'; const piece = Buffer.alloc(7); let all = ''; for (let count; (count = readSync(0, piece, 0, 7, null)) > 0;) all += piece.toString('latin1', 0, count); console.log(all.length, all.slice(0, 12));
//! readSync at a position: file pipe
import { readSync } from 'node:fs'; const piece = Buffer.alloc(5); try { console.log(readSync(0, piece, 0, 5, 4), String(piece), readSync(0, piece), String(piece)); } catch (error) { console.log(error.code); }
//! openSync of /dev/stdin: pipe file
import { openSync, readSync, closeSync } from 'node:fs'; const fd = openSync('/dev/stdin'); const piece = Buffer.alloc(5); console.log(fd > 2, readSync(fd, piece), String(piece)); closeSync(fd); try { readSync(fd, piece); } catch (error) { console.log(error.code, error.syscall); }
//! createReadStream of fd 0: pipe file
import { createReadStream } from 'node:fs'; let bytes = 0; createReadStream(null, { fd: 0 }).on('data', (chunk) => { bytes += chunk.length; }).on('end', () => console.log(bytes));
//! createReadStream of /dev/stdin: pipe file
import { createReadStream } from 'node:fs'; let bytes = 0; for await (const chunk of createReadStream('/dev/stdin')) bytes += chunk.length; console.log(bytes);
//! a file handle of /dev/stdin: pipe file
import { open } from 'node:fs/promises'; const file = await open('/dev/stdin'); let count = 0; for await (const line of file.readLines()) count++; await file.close(); console.log(count);
//! fstat: pipe file null
import { fstatSync, statSync, existsSync } from 'node:fs'; const stat = fstatSync(0); console.log(stat.isFIFO(), stat.isFile(), stat.isCharacterDevice(), existsSync('/dev/stdin'), statSync('/dev/stdin').isFIFO());
//! pipe to stdout: pipe file
process.stdin.pipe(process.stdout);
//! a pipeline: pipe file
import { pipeline } from 'node:stream/promises'; import { Transform } from 'node:stream'; await pipeline(process.stdin, new Transform({ transform(chunk, encoding, done) { done(null, String(chunk).toUpperCase()); } }), process.stdout);
//! text of a web stream
import { text } from 'node:stream/consumers'; console.log((await text(process.stdin)).length);
//! json of consumers
import { buffer } from 'node:stream/consumers'; console.log((await buffer(process.stdin)).length);
//! what it is: pipe file null
console.log(process.stdin.isTTY, process.stdin.fd, process.stdout.isTTY, process.stderr.isTTY, process.stdout.columns, typeof process.stdout.getColorDepth, typeof process.stdin.setRawMode, process.stdout.fd, process.stderr.fd);
//! nobody reads: pipe file null
console.log('over');
//! it is looked at and not read: pipe file
process.stdin; process.stdin.on('error', () => {}); console.log('over', process.stdin.readableFlowing);
//! it is paused
process.stdin.once('data', (chunk) => { console.log(String(chunk).slice(0, 3)); process.stdin.pause(); });
//! it is destroyed
process.stdin.once('data', () => { process.stdin.destroy(); }).on('close', () => console.log('closed'));
//! it is left
for await (const chunk of process.stdin) { console.log(String(chunk).slice(0, 3)); break; } console.log(process.stdin.destroyed);
//! it is unreferenced
process.stdin.on('data', () => {}); process.stdin.unref(); setTimeout(() => console.log('over'), 1);
//! paused and resumed
let bytes = 0; process.stdin.on('data', (chunk) => { bytes += chunk.length; process.stdin.pause(); setTimeout(() => process.stdin.resume(), 2); }).on('end', () => console.log(bytes));
//! exit in the midst
process.stdin.on('data', (chunk) => { process.stdout.write(chunk.toString().slice(0, 5)); process.exit(3); });
//! a listener throws
process.on('uncaughtException', (error) => console.log('caught', error.message)); process.stdin.on('data', () => { throw new Error('no'); }).on('end', () => console.log('end'));
//! lines: pipe file null empty
import readline from 'node:readline'; const rl = readline.createInterface({ input: process.stdin }); const lines = []; rl.on('line', (line) => lines.push(line)).on('close', () => console.log(lines.length, lines.slice(0, 3), lines.at(-1)));
//! lines in a loop: pipe file null empty
import { createInterface } from 'node:readline'; let count = 0, last; for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) { count++; last = line; } console.log(count, last);
//! lines in a loop that is left
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); for await (const line of rl) { console.log(line); if (line === 'two') break; } rl.close();
//! lines with an output
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin, output: process.stdout, prompt: 'ask> ' }); rl.prompt(); rl.on('line', (line) => { console.log(`[${line}]`); rl.prompt(); }).on('close', () => console.log('bye')); console.log(rl.terminal, rl.getPrompt());
//! a question
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin, output: process.stdout }); rl.question('name? ', (name) => { console.log(`hello ${name}`); rl.close(); });
//! a question by a promise
import { createInterface } from 'node:readline/promises'; const rl = createInterface({ input: process.stdin, output: process.stdout }); const name = await rl.question('name? '); console.log(`hello ${name}`); rl.close();
//! a question that nobody answers: null
import { createInterface } from 'node:readline/promises'; const rl = createInterface({ input: process.stdin, output: process.stdout }); rl.on('close', () => console.log('closed')); const name = await rl.question('name? '); console.log(name);
//! two questions in a row
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); rl.question('', (a) => rl.question('', (b) => { console.log(a, b); rl.close(); }));
//! a closed interface
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); rl.close(); try { rl.question('a', () => {}); } catch (error) { console.log(error.code, error.message); } rl.close(); console.log(rl.closed);
//! pause of an interface
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); rl.once('line', (line) => { console.log(line); rl.pause(); }).on('pause', () => console.log('paused'));
//! lines of a stream
import { createInterface } from 'node:readline'; import { Readable } from 'node:stream'; for await (const line of createInterface({ input: Readable.from(['a\r', '\nb\n', 'c\u2028d\r\n\n', 'é'.slice(0), '\rf']) })) console.log(JSON.stringify(line));
//! characters in two pieces
import { createInterface } from 'node:readline'; import { Readable } from 'node:stream'; const bytes = Buffer.from('aé\n日本'); for await (const line of createInterface({ input: Readable.from([...bytes].map((byte) => Buffer.from([byte]))) })) console.log(line);
//! the cursor
import readline from 'node:readline'; const said = []; const out = { write: (text, done) => { said.push(text); done?.(); return true; } }; console.log(readline.cursorTo(out, 3, 4), readline.cursorTo(out, 3), readline.moveCursor(out, -1, 2), readline.moveCursor(out, 0, 0), readline.clearLine(out, 0), readline.clearLine(out, -1), readline.clearLine(out, 1), readline.clearScreenDown(out)); console.log(said); for (const bad of [() => readline.cursorTo(out, NaN), () => readline.cursorTo(out, 'a', 1), () => readline.clearLine(out, 0, 'x')]) try { bad(); } catch (error) { console.log(error.code); }
//! keys
import readline from 'node:readline'; import { PassThrough } from 'node:stream'; const input = new PassThrough(); readline.emitKeypressEvents(input); input.on('keypress', (text, key) => console.log(JSON.stringify([text, key.name, key.ctrl, key.meta, key.shift, key.sequence, key.code]))); for (const sent of ['a', 'B', '1', ' ', '\r', '\n', '\t', '\x7f', '\x01', '\x1b[A', '\x1b[B', '\x1bOC', '\x1b[1;5D', '\x1b[1;2A', '\x1b[3~', '\x1b[3;5~', '\x1b[5~', '\x1b[H', '\x1b[F', '\x1bOP', '\x1b[15~', '\x1b[Z', '\x1bb', '\x1b\x7f', '\x1b[[A', '\x1b[2$', 'é', '日', '\x1bOa', '\x1b[a', '.', '\x1b\x1b[A', '\x1b[200~', '\x1b\r']) input.write(sent);
//! writes by descriptor keep their order
import { writeSync, writeFileSync, appendFileSync } from 'node:fs'; console.log('a'); writeSync(1, 'b\n'); process.stdout.write('c\n'); writeFileSync('/dev/stdout', 'd\n'); console.log('e'); writeFileSync(1, 'f\n'); appendFileSync('/dev/fd/1', 'g\n'); console.log(writeSync(1, Buffer.from('hé\n')), writeSync(1, 'é', null, 'latin1'), writeSync(1, Buffer.from('xyz'), 1, 1));
//! writes with a callback
import { write, createWriteStream } from 'node:fs'; console.log('a'); write(1, 'b\n', (error, count) => { console.log(error, count); const out = createWriteStream(null, { fd: 1 }); out.write('c\n'); out.end('d\n'); });
//! a character in two writes
import { writeSync } from 'node:fs'; const bytes = Buffer.from('é日\n'); for (const byte of bytes) writeSync(1, Buffer.from([byte])); process.stdout.write(Buffer.from([0xff, 0x00, 0x0a]));
//! descriptors that cannot
import { readSync, writeSync, closeSync } from 'node:fs'; for (const bad of [() => writeSync(0, 'x'), () => readSync(1, Buffer.alloc(1)), () => writeSync(77, 'x')]) try { bad(); console.log('fine'); } catch (error) { console.log(error.code, error.syscall); }
//! backpressure
console.log(process.stdout.writableHighWaterMark, process.stdout.write('x'.repeat(20000) + '\n'), process.stdout.write('y\n', () => console.log('written'))); process.stdout.once('drain', () => console.log('drain'));
//! an exit flushes
process.stdout.write('x'.repeat(60000)); process.stdout.write('\n'); process.exit(4);
//! a child that inherits all: pipe file
import { spawnSync } from 'node:child_process'; console.log('before'); const { status, stdout } = spawnSync('cat', { stdio: 'inherit' }); console.log('after', status, stdout);
//! a child that inherits, not waited for: pipe file
import { spawn } from 'node:child_process'; console.log('before'); const child = spawn('cat', { stdio: 'inherit' }); child.on('close', (code) => console.log(child.stdin, child.stdout, 'after', code));
//! a child that inherits streams
import { spawn } from 'node:child_process'; spawn('cat', { stdio: [process.stdin, process.stdout, 2] }).on('close', (code) => console.log('after', code));
//! a child whose error is our output
import { spawnSync } from 'node:child_process'; console.log('a'); spawnSync('sh', ['-c', 'echo b >&2'], { stdio: ['ignore', 'pipe', 1] }); console.log('c');
//! a child gets an input
import { execSync, spawnSync } from 'node:child_process'; console.log(execSync('cat', { input: 'given' }).toString(), spawnSync('cat', { input: 'more', stdio: ['pipe', 'inherit', 'inherit'] }).stdout);
//! a child reads what is left: pipe file
import { execSync } from 'node:child_process'; import { readSync } from 'node:fs'; const piece = Buffer.alloc(4); readSync(0, piece); console.log(String(piece)); execSync('cat', { stdio: 'inherit' });
//! a child gets nothing of an ignored input
import { execSync } from 'node:child_process'; console.log(execSync('cat; echo end', { stdio: ['ignore', 'pipe', 'inherit'] }).toString());
//! isatty
import tty from 'node:tty'; console.log(tty.isatty(0), tty.isatty(1), tty.isatty(2), tty.isatty(3), tty.isatty(-1), tty.isatty('x'));
//! /dev/stdin, written in other ways: pipe file
import { readFileSync } from 'node:fs'; console.log(readFileSync(Buffer.from('/dev/stdin'), 'utf8').length);
//! /dev/./stdin: pipe file
import { readFileSync, existsSync } from 'node:fs'; console.log(existsSync('/dev/stdin/'), existsSync('//dev/stdin'), existsSync(new URL('file:///dev/stdin')), readFileSync('/dev//./stdin', 'utf8').length);
//! a copy of /dev/stdin: file
import { copyFileSync, readFileSync, rmSync, realpathSync, constants } from 'node:fs'; const to = `${process.argv[1]}.copy`; rmSync(to, { force: true }); copyFileSync('/dev/stdin', to, constants.COPYFILE_EXCL); console.log(readFileSync(to, 'utf8').length, typeof realpathSync('/dev/stdin')); rmSync(to);
//! what is done to files only
import * as fs from 'node:fs'; for (const act of [() => fs.fsyncSync(1), () => fs.fdatasyncSync(0), () => fs.ftruncateSync(1), () => fs.truncateSync('/dev/stdin')]) { try { act(); console.log('done'); } catch (error) { console.log(error.message, error.code, error.errno); } } console.log(fs.lstatSync('/dev/stdin').isSymbolicLink(), fs.readlinkSync('/dev/stdin'));
//! for await twice over the lines: pipe file
import { createInterface } from 'node:readline'; const lines = createInterface({ input: process.stdin }); let head, count = 0; for await (const line of lines) { head = line; break; } for await (const line of lines) if (line !== "last") count++; console.log(head, count);
//! one line, then the others: pipe file
import { createInterface } from 'node:readline'; const lines = createInterface({ input: process.stdin }); const iterator = lines[Symbol.asyncIterator](); const { value } = await iterator.next(); const rest = []; for await (const line of lines) rest.push(line); console.log(value, rest, iterator === lines[Symbol.asyncIterator](), await iterator.next());
//! lines that wait when a loop is left
import { createInterface } from 'node:readline'; const lines = createInterface({ input: process.stdin }); const iterator = lines[Symbol.asyncIterator](); await iterator.next(); console.log(await iterator.return(), await iterator.next(), await iterator.next());
//! a line after an import of a built-in: pipe file
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); const { once } = await import('node:events'); console.log(await once(rl, 'line'));
//! a line after imports of built-ins: pipe file
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); await import('fs'); await import('node:path'); const { once } = await import('events'); console.log(await once(rl, 'line')); await null; console.log(await once(rl, 'line'));
//! a question gets no line without a line break: pipe file
import { createInterface } from 'node:readline/promises'; const rl = createInterface({ input: process.stdin }); rl.on('line', (line) => console.log('line', line)); for (;;) console.log(await rl.question('? '));
//! a question with a callback gets no line without a line break: pipe file
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); rl.on('line', (line) => { console.log('line', line); if (line === '') rl.question('? ', (answer) => console.log('answer', answer)); }).on('close', () => console.log('close'));
//! lines of an iterator, the last without a line break: pipe file
import { createInterface } from 'node:readline'; const rl = createInterface({ input: process.stdin }); await import('node:events'); for await (const line of rl) console.log('line', line);
