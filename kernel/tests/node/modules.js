// Smaller modules.
require('constants').EACCES + require('constants').SIGTERM + require('constants').O_CREAT
Object.entries(require('constants')).filter(([name]) => /^(E[A-Z0-9]+$|SIG|O_|S_)/.test(name)).sort()
require('diagnostics_channel').channel('c') === require('diagnostics_channel').channel('c')
((c) => { const seen = []; const f = (data, name) => seen.push([data, name]); c.subscribe(f); c.publish({ a: 1 }); const had = c.hasSubscribers; c.unsubscribe(f); c.publish(2); return [seen, had, c.hasSubscribers, c.unsubscribe(f)]; })(require('diagnostics_channel').channel('one'))
require('diagnostics_channel').hasSubscribers('nobody')
require('diagnostics_channel').channel(5)
require('diagnostics_channel').channel('x').subscribe(5)
((t) => { const seen = []; t.subscribe({ start: () => seen.push('start'), end: (c) => seen.push(['end', c.result]), error: () => seen.push('error') }); return [t.traceSync((a) => a * 2, {}, null, 21), seen]; })(require('diagnostics_channel').tracingChannel('sync'))
(async (t) => { const seen = []; t.subscribe({ start: () => seen.push('start'), end: () => seen.push('end'), asyncStart: () => seen.push('asyncStart'), asyncEnd: (c) => seen.push(['asyncEnd', c.error?.message]), error: () => seen.push('error') }); try { await t.tracePromise(async () => { throw new Error('e'); }); } catch (e) { seen.push(e.message); } return seen; })(require('diagnostics_channel').tracingChannel('async'))
((h) => { h.record(5); h.record(10); h.record(15n); return [h.count, h.min, h.max, h.mean, h.exceeds, h.countBigInt, h.percentile(50)]; })(require('perf_hooks').createHistogram())
require('perf_hooks').createHistogram().record(0)
require('perf_hooks').createHistogram().percentile(0)
require('perf_hooks').constants.NODE_PERFORMANCE_GC_MAJOR
typeof console.Console
require('console') === console
((c) => [c.isPrimary, c.isMaster, c.isWorker, c.workers, c.settings, typeof c.fork, typeof c.on])(require('node:cluster'))
((c) => [c.constants.RSA_PKCS1_PADDING, c.getFips(), typeof c.pbkdf2, typeof c.Sign])(require('crypto'))
(() => { let out = ''; const c = new (require('console').Console)(Object.assign(new (require('events'))(), { write(text) { out += text; } })); c.log('a %d', 1, { b: 2 }); c.group('g'); c.log('in\nside'); c.groupEnd(); c.error('e'); c.count(); c.count('x'); c.countReset(); c.count(); c.assert(false, 'no %s', 'good'); c.assert(true); c.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); const { log } = c; log('loose'); return out; })()
(() => { let out = ''; let err = ''; const c = require('console').Console(Object.assign(new (require('events'))(), { write(t) { out += t; } }), Object.assign(new (require('events'))(), { write(t) { err += t; } })); c.info(1); c.warn(2); c.error(3); c.debug(4); return [out, err]; })()
new (require('console').Console)()
new (require('console').Console)({ stdout: { write() {} }, stderr: 5 })
[globalThis === global, typeof require, typeof Buffer, typeof setImmediate, typeof queueMicrotask]
// Terminals. The lists are for Node 20; what it has learnt of terminals since then is here, too.
Object.keys(require('tty'))
[0, 99, -1, 1.5, 3e9, '1', undefined].map((fd) => require('tty').isatty(fd)).concat(typeof require('node:tty').isatty(99))
new (require('tty').WriteStream)(-1)
new (require('tty').ReadStream)('x')
((e) => [e.name, e.code, e.errno, e.syscall, e.info])((() => { try { new (require('tty').WriteStream)(99999); } catch (e) { return e; } })()).slice(0, 2)
[require('tty').WriteStream, require('tty').ReadStream].map((C) => [typeof C, C.name, C.prototype instanceof require('stream')])
[{}, { FORCE_COLOR: '' }, { FORCE_COLOR: '0' }, { FORCE_COLOR: '1' }, { FORCE_COLOR: '2' }, { FORCE_COLOR: '3' }, { FORCE_COLOR: 'true' }, { FORCE_COLOR: '9' }, { NO_COLOR: '1', FORCE_COLOR: '3' }, { NO_COLOR: '', TERM: 'xterm' }, { NODE_DISABLE_COLORS: '', TERM: 'xterm' }, { TERM: 'dumb', COLORTERM: 'truecolor' }, { CI: '1' }, { CI: '1', CI_NAME: 'codeship' }, { TF_BUILD: '1' }].map((env) => require('tty').WriteStream.prototype.getColorDepth(env))
['9.0.1', '9.1.1 (b)', '10.2', '8.1.2', ''].map((TEAMCITY_VERSION) => require('tty').WriteStream.prototype.getColorDepth({ TEAMCITY_VERSION }))
['iTerm.app', 'HyperTerm', 'MacTerm', 'Apple_Terminal', 'vscode'].map((TERM_PROGRAM) => [undefined, '2.1', '3.1'].map((TERM_PROGRAM_VERSION) => require('tty').WriteStream.prototype.getColorDepth({ TERM_PROGRAM, TERM_PROGRAM_VERSION, TERM: 'xterm-256color' })))
['truecolor', '24bit', 'yes', ''].map((COLORTERM) => [undefined, 'weird', 'xterm'].map((TERM) => require('tty').WriteStream.prototype.getColorDepth({ COLORTERM, TERM })))
['XTERM', 'xterm', 'xterm-256', 'xterm-256color', 'eterm', 'cons25', 'console', 'mosh', 'putty', 'st', 'st-256color', 'rxvt', 'rxvt-unicode-24bit', 'terminator', 'ansi', 'linux-16color', 'direct', 'con80x25', 'screen', 'tmux', 'tmux-256color', 'vt100', 'vt220', 'weird', ''].map((TERM) => require('tty').WriteStream.prototype.getColorDepth({ TERM }))
//! differs: as Node 24
[{ TMUX: '1' }, { TF_BUILD: '1', AGENT_NAME: 'a' }, { CI: '1', GITHUB_ACTIONS: '' }, { TERM: 'xterm-kitty' }, { TERM: 'truecolor' }].map((env) => require('tty').WriteStream.prototype.getColorDepth(env))
[[2, {}], [16, { TERM: 'xterm' }], [17, { TERM: 'xterm' }], [256, { FORCE_COLOR: '2' }], [{ TERM: 'xterm' }]].map((args) => require('tty').WriteStream.prototype.hasColors(...args))
require('tty').WriteStream.prototype.hasColors(1)
require('tty').WriteStream.prototype.hasColors('2')
