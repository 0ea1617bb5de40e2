// Programs that are run beside Node, for `programs_vs_node.rs`: each from one line `//! name` to the next. What follows the name
// is the endings of the files: `cjs`, `mjs`; both if nothing follows. What they say on standard output and their status must be Node's.
//! ticks and jobs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); console.log('main');
//! ticks and jobs that make others
process.nextTick(() => { console.log(1); process.nextTick(() => console.log(2)); Promise.resolve().then(() => console.log(3)); }); Promise.resolve().then(() => { console.log(4); process.nextTick(() => console.log(5)); queueMicrotask(() => console.log(6)); });
//! an error that is handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw new Error('x');
//! an error that is not
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw new Error('x');
//! an error of V8's
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); null.x;
//! 5 is thrown, and handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw 5;
//! 5 is thrown
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw 5;
//! 'text' is thrown, and handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw 'text';
//! 'text' is thrown
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw 'text';
//! null is thrown, and handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw null;
//! null is thrown
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw null;
//! undefined is thrown, and handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw undefined;
//! undefined is thrown
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw undefined;
//! an object is thrown, and handled
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); throw { a: 1 };
//! an object is thrown
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); throw { a: 1 };
//! a rejection before an error
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); process.on('unhandledRejection', (reason) => console.log('rejection', reason.message)); Promise.reject(new Error('r')); throw new Error('x');
//! a rejection before an error that nobody handles
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); Promise.reject(new Error('r')); throw new Error('x');
//! a rejection listener hears nothing of the main module
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); process.on('unhandledRejection', () => console.log('rejection')); throw new Error('x');
//! an error after an await: mjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); await 1; throw new Error('x');
//! an error after a turn: mjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error));process.on('exit', (code) => console.log('exit', code)); await new Promise((done) => setImmediate(done)); throw new Error('x');
//! a required module throws: cjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); require('./throws.cjs');
//! a required module throws, and that is caught: cjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); try { require('./throws.cjs'); } catch (error) { console.log('caught', error.message); }
//! an imported module throws: cjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); import('./throws.cjs').catch((error) => console.log('caught', error.message));
//! a capture callback: cjs
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); process.setUncaughtExceptionCaptureCallback((error) => console.log('capture', error.message)); throw new Error('x');
//! a monitor
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', origin)); throw new Error('x');
//! a monitor alone
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job')); process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', origin)); throw new Error('x');
//! a handler that throws
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); process.on('uncaughtException', () => { throw new Error('again'); }); throw new Error('x');
//! a handler that exits
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); process.on('uncaughtException', () => process.exit(4)); throw new Error('x');
//! a handler that defers
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); process.on('uncaughtException', () => { process.nextTick(() => console.log('tick 2')); Promise.resolve().then(() => console.log('job 2')); }); throw new Error('x');
//! a handler and work that goes on
process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); setTimeout(() => console.log('timer'), 20); throw new Error('x');
//! a status and an error
process.on('exit', (code) => console.log('exit', code)); process.exitCode = 5; throw new Error('x');
//! exit at once
process.nextTick(() => console.log('tick')); Promise.resolve().then(() => console.log('job'));process.on('exit', (code) => console.log('exit', code)); process.exit(3);
//! exit in a tick
process.on('exit', (code) => console.log('exit', code)); process.nextTick(() => process.exit(3)); Promise.resolve().then(() => console.log('job'));
//! an error in a tick, and one of the main module
process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); process.nextTick(() => { throw new Error('tick'); }); Promise.resolve().then(() => console.log('job')); throw new Error('x');
//! a module is loaded again after its error was handled: cjs
process.on('uncaughtException', (error, origin) => console.log('handler', origin, error?.message ?? error)); setTimeout(() => { try { require('./throws.cjs'); } catch { console.log(Object.keys(require.cache).length); } }, 5); throw new Error('x');
//! the main module: cjs
console.log(require.main === module, module.id, module.loaded, __filename.endsWith('.cjs'), this === exports); setImmediate(() => console.log(module.loaded, Object.keys(require.cache).length));
//! the main module imports itself: cjs
exports.a = 1; console.log('main'); import(__filename).then((self) => console.log(self.default.a, self.a));
//! an import of a built-in, and a tick
process.nextTick(() => console.log('tick')); import('node:fs').then((fs) => console.log('import', typeof fs.readFileSync, fs.default === process.getBuiltinModule?.('fs') || fs.default !== undefined)); setImmediate(() => console.log('immediate'));
//! an import of a built-in before an immediate: mjs
setImmediate(() => console.log('immediate')); await import('fs'); console.log('fs'); await import('node:path'); console.log('path');
//! an import of a built-in that is missing
import('node:nope').catch((error) => console.log(error.code, error.message));
//! a static import of a built-in and its default: mjs
import fs, { readFileSync } from 'fs'; import * as all from 'node:fs'; console.log(fs.readFileSync === readFileSync, all.default === fs, (await import('fs')) === all);
//! standard output is ended
process.stdout.end(); console.log('after'); process.stdout.on('error', (error) => process.exitCode = 3);
//! standard output is ended, and nobody listens
process.stdout.end('bye\n'); console.log('after'); console.error('x');
//! standard output is ended, and written
process.stdout.end('bye\n'); process.stdout.write('x'); setTimeout(() => {}, 5);
//! standard output is ended, and a callback hears of it
process.stdout.on('error', () => {}); process.stdout.end('bye\n'); process.stdout.write('x', (error) => { process.exitCode = error.code === 'ERR_STREAM_WRITE_AFTER_END' ? 7 : 8; });
//! standard output is destroyed
process.stdout.destroy(); console.log('after'); setTimeout(() => console.log('later'), 5);
//! standard output is destroyed with an error
process.stdout.on('error', (error) => process.exitCode = 9).destroy(new Error('d')); console.log('after'); setTimeout(() => console.log('later'), 5);
//! standard error is ended
process.stderr.end(); console.error('x'); console.log('y'); setTimeout(() => console.log('later'), 5);
//! a getter for the stack returns a text: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return 'STACK'; } }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack returns frames: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return 'STACK\n    at foo (bar:1:2)'; }, enumerable: true }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack returns nothing: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() {} }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack returns a number: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return 5; } }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack returns an object: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return { a: 1 }; } }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack returns an empty text: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return ''; } }); console.log(e); console.log([e], { e }); console.log('%s', e); e.x = 1; console.log(e);
//! a getter for the stack throws: cjs
const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { throw new Error('in getter'); } }); try { console.log(e); } catch (error) { console.log(error.message); } console.log(1);
//! the stack is assigned: cjs
const e = new Error('m'); for (const stack of ['assigned', 5, undefined, '', null, true, 'Error: m\n    at foo (bar.js:1:2)']) { e.stack = stack; console.log(e); } delete e.stack; console.log(e);
//! a class has a getter for the stack: cjs
class E extends Error { get stack() { return 'of class ' + this.message; } } const e = new E('n'); delete e.stack; console.log(e);
//! the stack of a cause: cjs
const c = new Error('c'); Object.defineProperty(c, 'stack', { get() { return 'CAUSE\n    at q (r:1:1)'; } }); const e = new Error('m', { cause: c }); e.stack = 'Error: m\n    at f (g:1:1)'; console.log(e);
//! Error.prepareStackTrace: cjs
Error.prepareStackTrace = (error) => 'PREPARED ' + error.message; console.log(new Error('m')); console.log(require('util').inspect(new TypeError('n')));
//! a stack that changes: cjs
let n = 0; const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { return 'STACK ' + ++n; } }); console.log(n > 0); require('util').inspect(e); console.log(n > 0);
//! a delay that is too long
process.on('warning', (warning) => console.log(warning.name, warning.message)); const timer = setTimeout(() => {}, 2 ** 31); console.log(timer._idleTimeout); clearTimeout(timer); clearInterval(setInterval(() => {}, Infinity)); setTimeout(() => console.log('soon'), -5);
//! what timers tell of themselves
const f = () => {}, timers = [setTimeout(f, 5, 1, 2), setTimeout(f, 0), setInterval(f, 7.5), setTimeout(f, 2 ** 33)]; for (const { _idleTimeout, _onTimeout, _timerArgs, _repeat, _destroyed } of timers) console.log(_idleTimeout, _onTimeout === f, _timerArgs, _repeat, _destroyed); clearInterval(timers[2]); console.log(timers[2]._destroyed); setTimeout(() => console.log(timers.map((timer) => timer._destroyed).join()), 20);
//! what immediates tell of themselves
const f = () => {}, one = setImmediate(f, 1), two = setImmediate(f); console.log(one._onImmediate === f, one._argv, two._argv, one._destroyed); clearImmediate(two); console.log(two._destroyed); setTimeout(() => console.log(one._destroyed), 10);
