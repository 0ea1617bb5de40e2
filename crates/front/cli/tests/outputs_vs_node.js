// Programs whose output fails, for `outputs_vs_node.rs`: each from one line `//! name` to the next. What they say on standard error and their
// status must be Node's, where nobody reads their output and where the device is full.
//! a handler of the stream
process.stdout.on('error', (error) => { console.error(error.code, error.syscall, error.errno, error.message); process.exit(3); });
(function more() { for (let line = 0; line < 200; line++) process.stdout.write('line\n'); setImmediate(more); })();
//! a handler of the stream, and the console
process.on('exit', (code) => console.error('exit', code));
process.stdout.on('error', (error) => { console.error(error.code); process.exit(4); });
(function more() { for (let line = 0; line < 200; line++) process.stdout.write('line\n'); console.log('line'); setImmediate(more); })();
//! pipeline
const { pipeline, Readable } = require('stream');
process.on('exit', (code) => console.error('exit', code));
const lines = function* () { for (let line = 0; line < 300000; line++) yield `line ${line}\n`; };
pipeline(Readable.from(lines()), process.stdout, (error) => console.error('pipeline', error?.code, error?.message));
//! an awaited pipeline
const { pipeline } = require('stream/promises');
pipeline(async function* () { for (let line = 0; line < 300000; line++) yield `line ${line}\n`; }, process.stdout)
  .catch((error) => { console.error('caught', error.code); process.exitCode = 5; });
//! synchronous writes
const fs = require('fs');
process.on('exit', (code) => console.error('exit', code));
try {
  for (let line = 0; line < 300000; line++) fs.writeSync(1, `line ${line}\n`);
  console.error('all');
} catch (error) {
  console.error(error.code, error.syscall, error.errno, error.message);
} finally {
  console.error('finally');
}
//! bytes, written synchronously
const fs = require('fs');
try { for (let line = 0; line < 300000; line++) fs.writeSync(1, Buffer.from('bytes\n')); console.error('all'); } catch (error) { console.error(error.code); }
//! asynchronous writes
const fs = require('fs');
(function more(left) { fs.write(1, 'line\n'.repeat(1000), (error) => error ? console.error(error.code, error.message) : left && more(left - 1)); })(3000);
//! backpressure
const { once } = require('events');
(async () => {
  for (let line = 0; line < 300000; line++) if (!process.stdout.write(`line ${line}\n`)) await once(process.stdout, 'drain');
})().catch((error) => console.error('caught', error.code)).finally(() => console.error('finally'));
//! an uncaught error that is handled
process.on('uncaughtException', (error) => console.error(error.code, error.message));
for (let line = 0; line < 50000; line++) process.stdout.write('line\n');
setTimeout(() => console.error('later'), 50);
//! one line, and a handler
process.stdout.on('error', (error) => { console.error(error.code); process.exitCode = 6; });
setTimeout(() => process.stdout.write('the only one\n'), 300);
