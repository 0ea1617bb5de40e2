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
require('console') === console
(() => { let out = ''; const c = new (require('console').Console)(Object.assign(new (require('events'))(), { write(text) { out += text; } })); c.log('a %d', 1, { b: 2 }); c.group('g'); c.log('in\nside'); c.groupEnd(); c.error('e'); c.count(); c.count('x'); c.countReset(); c.count(); c.assert(false, 'no %s', 'good'); c.assert(true); c.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); const { log } = c; log('loose'); return out; })()
(() => { let out = ''; let err = ''; const c = require('console').Console(Object.assign(new (require('events'))(), { write(t) { out += t; } }), Object.assign(new (require('events'))(), { write(t) { err += t; } })); c.info(1); c.warn(2); c.error(3); c.debug(4); return [out, err]; })()
new (require('console').Console)()
new (require('console').Console)({ stdout: { write() {} }, stderr: 5 })
[globalThis === global, typeof require, typeof Buffer, typeof setImmediate, typeof queueMicrotask]
