//! threats V7, A7: prototypes of the host, and pollution of those that it might use
//# everything that can be reached belongs to this realm
const seen = new Set(), queue = [globalThis], outside = [];
const push = value => { if ((typeof value === 'object' || typeof value === 'function') && value !== null && !seen.has(value)) { seen.add(value); queue.push(value) } };
push(setTimeout(() => {}, 1)); push(setImmediate(() => {})); push(console);
while (queue.length) {
  const value = queue.pop();
  if (foreign(value)) outside.push(value);
  push(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    push(descriptor.value); push(descriptor.get); push(descriptor.set);
  }
}
verdict(seen.size > 500 && outside.length === 0)

//# setters on Object.prototype see nothing of the environment
const seen = [];
const names = ['code', 'value', 'get', 'set', 'writable', 'enumerable', 'configurable', 'id', 'callback', 'args', 'run', 'budget', 'constructor', 'name', 'then', 'type', 'subtype', 'result', 'exceptionDetails', 'objectId', 'description', 'unserializableValue', 'repl_result', '__proto__x'];
for (const name of names) if (!(name in Object.prototype) || name === 'name')
  Object.defineProperty(Object.prototype, name, { __proto__: null, set(value) { seen.push([name, value]) }, get() { return undefined }, configurable: true });
for (const call of [() => setTimeout(1), () => queueMicrotask(2), () => setTimeout(() => {}, 1, 2), () => console.log({ a: 1 }), () => reportError(new Error('x'))]) try { call() } catch {}
Error.prototype.code;
await null;
for (const name of names) if (name !== 'constructor') delete Object.prototype[name];
verdict(seen.length === 0)

//# a setter of `code` on the prototypes of errors
const seen = [];
for (const Class of [Error, TypeError]) Object.defineProperty(Class.prototype, 'code', { __proto__: null, set(value) { seen.push(this) }, configurable: true });
try { setTimeout(1) } catch {}
try { queueMicrotask(1) } catch {}
verdict(seen.length === 0)

//# __proto__ of what the environment returns
const timer = setTimeout(() => {}, 1);
Object.prototype.__lookupSetter__('__proto__').call(timer, Array.prototype);
Object.setPrototypeOf(console, null);
Object.setPrototypeOf(Object.getPrototypeOf(setImmediate(() => {})), null);
clearTimeout(timer);
console.log('still');
verdict(powerless(setTimeout))

//# stacked bind, and the constructors behind it
let f = setTimeout;
for (let i = 0; i < 50; i++) f = f.bind(console, () => {});
const made = [f.constructor, console.log.bind().constructor, (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor];
verdict(made.every(Maker => powers({ constructor: { constructor: Maker } }) === '' || Maker !== Function) && made.every(powerless))

//# typed arrays and buffers are of this realm
const values = [new Uint8Array(1), new ArrayBuffer(1), new SharedArrayBuffer(1), new DataView(new ArrayBuffer(1)), new WebAssembly.Memory({ initial: 1 }).buffer, new WebAssembly.Table({ element: 'anyfunc', initial: 1 })];
verdict(values.every(powerless))

//# a climb from the console
const steps = [];
for (let value = console; value; value = Object.getPrototypeOf(value)) { steps.push(value); for (const key of Reflect.ownKeys(value)) try { steps.push(value[key]) } catch {} }
verdict(steps.every(value => typeof value !== 'object' && typeof value !== 'function' || value === null || powerless(value)) && !('_stdout' in console) && !('_stderr' in console))
