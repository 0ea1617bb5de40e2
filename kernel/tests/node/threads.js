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
[Buffer.from('a'), { b: Buffer.from('xyz').subarray(1) }, new Uint8Array([1, 2]), new Float64Array([1.5, 2]), new BigInt64Array([1n]), new Map([[1, new Int16Array([1, -2])]]), new Uint8ClampedArray(2), new Uint32Array(), new Uint8Array(9).subarray(7), new ArrayBuffer(4)].map((value) => { const bytes = require('v8').serialize(value); return [bytes.toString('hex', 2), require('v8').deserialize(bytes)]; })
((view) => [view.getInt16(1), view.byteLength])(require('v8').deserialize(require('v8').serialize(new DataView(new Uint8Array([1, 2, 3]).buffer))))
require('v8').deserialize(Buffer.from('ff0f5c0a03797a00', 'hex'))
require('v8').serialize(1).subarray(0, 1)
require('v8').serialize(() => {}).length
require('v8').deserialize('text')
typeof require('v8').cachedDataVersionTag()
//! differs: V8's flags are the kernel's own
require('v8').setFlagsFromString('--no-opt')
