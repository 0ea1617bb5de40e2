//! threats V3, A3: promises, species, then
//# species of a promise that the environment makes
const seen = [];
class Mine extends Promise { constructor(executor) { super((resolve, reject) => { seen.push(resolve, reject); executor(resolve, reject) }) } }
Object.defineProperty(Promise, Symbol.species, { get() { return Mine } });
Promise.prototype.constructor = Mine;
queueMicrotask(() => {});
await null;
verdict(seen.every(powerless))

//# queueMicrotask does not look at what became of promises
let asked = 0;
const { then } = Promise.prototype;
Object.defineProperty(Promise.prototype, 'then', { get() { asked++; return then }, configurable: true });
Object.defineProperty(Promise.prototype, 'constructor', { get() { asked++; return Promise }, configurable: true });
Object.defineProperty(Promise, Symbol.species, { get() { asked++; return Promise }, configurable: true });
let ran = false;
queueMicrotask(() => { ran = true });
const before = asked;
verdict(before === 0)

//# a then that is called with the kernel's own functions
const given = [];
const thenable = { then(...functions) { given.push(...functions); functions[0](1) } };
const value = await thenable;
verdict(value === 1 && given.every(powerless))

//# a result that is a thenable of its own
const given = [];
globalThis.given = given;
Object.prototype.then = undefined;
Object.defineProperty(Promise.prototype, 'then', { value: new Proxy(Promise.prototype.then, { apply(target, receiver, args) { given.push(receiver, ...args); return Reflect.apply(target, receiver, args) } }), configurable: true });
(async () => 1)().then(() => {});
verdict(given.every(value => value === undefined || powerless(value)))

//# Promise.prototype.finally, stale fast path
let inner;
class Sub extends Promise { then(a, b) { inner = [a, b]; return super.then(a, b) } }
await Sub.resolve(1).finally(() => {});
verdict(inner.every(value => value === undefined || powerless(value)))

//# call and apply in between
const { call, apply } = Function.prototype;
const given = [];
Function.prototype.call = function (...args) { given.push(this, ...args); return Reflect.apply(call, this, args) };
Function.prototype.apply = function (...args) { given.push(this, ...args); return Reflect.apply(apply, this, args) };
setTimeout(() => {}, 1);
queueMicrotask(() => {});
setImmediate(() => {});
console.log('x');
await new Promise(resolve => setTimeout(resolve, 10));
Function.prototype.call = call;
Function.prototype.apply = apply;
verdict(given.length === 0)

//# promises of WebAssembly
const given = [];
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const promise = WebAssembly.instantiate(bytes);
given.push(promise, (await promise).instance, (await promise).module);
try { given.push(await WebAssembly.compileStreaming?.(bytes)) } catch (error) { given.push(error) }
verdict(given.every(value => value === undefined || powerless(value)))

//# a rejection without a handler, and one that gets it late
const promise = Promise.reject(new Error('early'));
await null;
promise.catch(() => {});
Promise.prototype.catch = () => { throw new Error('no') };
Promise.reject(1);
verdict(powers(promise) === '')

//# JavaScript promise integration
const out = [];
try { out.push(new WebAssembly.Suspending(() => {})) } catch (error) { out.push(error) }
try { out.push(WebAssembly.promising(() => {})) } catch (error) { out.push(error) }
verdict(out.every(powerless))

//# Symbol.species of async iteration, with a foreign iterator
const given = [];
const iterable = { [Symbol.asyncIterator]() { return { next(...args) { given.push(...args); return { done: true, then: undefined } }, return(...args) { given.push(...args) } } } };
for await (const _ of iterable);
verdict(given.every(value => value === undefined || powerless(value)))
