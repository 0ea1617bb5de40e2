// `worker_threads`, as the main thread sees it.
((w) => [w.isMainThread, w.threadId, w.parentPort, w.workerData, w.resourceLimits, w.SHARE_ENV])(require('worker_threads'))
require('worker_threads').MessageChannel === MessageChannel
((w) => { const { port1, port2 } = new w.MessageChannel(); port1.postMessage({ a: [1] }); port1.postMessage(2); const got = [w.receiveMessageOnPort(port2), w.receiveMessageOnPort(port2), w.receiveMessageOnPort(port2)]; port1.close(); return got; })(require('worker_threads'))
((w) => { w.setEnvironmentData('k', 1); const first = w.getEnvironmentData('k'); w.setEnvironmentData('k'); return [first, w.getEnvironmentData('k')]; })(require('worker_threads'))
//! differs: a session is one thread
typeof new (require('worker_threads').Worker)('', { eval: true })
// `v8`.
Object.keys(require('v8').getHeapStatistics())
Object.values(require('v8').getHeapStatistics()).every((number) => typeof number === 'number')
((v) => v.deserialize(v.serialize({ a: [1, new Map([[1, new Date(0)]])], b: 1n, c: undefined, d: /x/g, e: new Set(['é']) })))(require('v8'))
((v) => { const o = {}; o.self = o; const back = v.deserialize(v.serialize(o)); return back.self === back; })(require('v8'))
Buffer.isBuffer(require('v8').serialize(1))
require('v8').serialize(1).subarray(0, 1)
require('v8').serialize(() => {}).length
require('v8').deserialize('text')
typeof require('v8').cachedDataVersionTag()
//! differs: V8's flags are the kernel's own
require('v8').setFlagsFromString('--no-opt')
