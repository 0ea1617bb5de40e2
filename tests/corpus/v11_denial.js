//! threats V11, B3: denial of service by what runs later
//# unhandled rejections do not end the kernel
for (let i = 0; i < 2000; i++) Promise.reject(i % 2 ? new Error('x') : undefined);
await new Promise(resolve => setTimeout(resolve, 10));
verdict(true)

//# uncaught errors in callbacks of all kinds do not end the kernel
for (const start of [setTimeout, setImmediate, queueMicrotask]) start(() => { throw null });
setTimeout(() => { throw undefined }, 1);
setTimeout(() => { throw Object.create(null) }, 1);
setTimeout(() => { throw new Proxy({}, { get() { throw 1 } }) }, 1);
setTimeout(() => { throw Symbol('x') }, 1);
const timer = setInterval(() => { clearInterval(timer); throw 10n }, 1);
await new Promise(resolve => setTimeout(resolve, 30));
verdict(true)

//# finalizers that throw and finalizers that start more
const registry = new FinalizationRegistry(() => { throw new Error('late') });
for (let i = 0; i < 10000; i++) registry.register({}, i);
const fill = []; for (let i = 0; i < 2e5; i++) fill.push({ i });
await new Promise(resolve => setTimeout(resolve, 20));
verdict(true)

//# sizes that no buffer has
const out = [];
for (const call of [() => new ArrayBuffer(2 ** 53), () => new Array(-1), () => 'x'.repeat(2 ** 40), () => new Uint8Array(2 ** 40), () => new SharedArrayBuffer(2 ** 52), () => 'x'.padEnd(2 ** 31), () => 2n ** (2n ** 40n), () => new WebAssembly.Memory({ initial: 65537 }), () => new ArrayBuffer(8, { maxByteLength: 2 ** 50 })])
  try { out.push(call()) } catch (error) { out.push(error) }
verdict(out.every(value => (value instanceof RangeError || value instanceof TypeError) && powerless(value)))

//# timers that start timers are no way around their end
let count = 0;
const again = () => { if (++count < 1000) setImmediate(again) };
again();
await new Promise(resolve => setTimeout(resolve, 5));
while (count < 1000) await new Promise(resolve => setImmediate(resolve));
verdict(count === 1000)
