//! threats V5, A5: receivers and arguments that are not what they seem
//# methods of timers on receivers of all kinds
const timer = setTimeout(() => {}, 1e6), out = [];
const prototype = Object.getPrototypeOf(timer);
for (let proto = prototype; proto && proto !== Object.prototype; proto = Object.getPrototypeOf(proto))
  for (const key of Reflect.ownKeys(proto)) {
    const { value, get } = Object.getOwnPropertyDescriptor(proto, key);
    for (const method of [value, get]) if (typeof method === 'function' && key !== 'constructor')
      for (const receiver of [undefined, null, 1, 'x', {}, globalThis, new Proxy({}, {}), new Proxy(timer, {}), prototype, Object.create(timer)])
        try { out.push(Reflect.apply(method, receiver, [])) } catch (error) { out.push(error) }
  }
clearTimeout(timer);
verdict(out.length > 20 && out.every(value => value === globalThis || value === null || typeof value !== 'object' || powerless(value)))

//# the constructor behind timers
const { constructor } = setTimeout(() => {}, 1);
const out = [constructor, Object.getPrototypeOf(constructor)];
for (const args of [[], [1], [() => {}, 1, true, new Proxy([], {})], [() => {}, 1, true, { length: 1e9 }], [() => {}, { valueOf() { return 1 } }, 0, [1]]])
  try { out.push(new constructor(...args)) } catch (error) { out.push(error) }
verdict(out.every(powerless))

//# a subclass, and a prototype put in between
const Timeout = setTimeout(() => {}, 1).constructor;
const seen = [];
class Between { constructor(...args) { seen.push(...args) } }
Object.setPrototypeOf(Timeout, Between);
let made;
try { made = setTimeout(() => {}, 1) } catch (error) { made = error }
verdict(seen.every(value => typeof value !== 'object' && typeof value !== 'function') && powerless(made))

//# a proxy as callback, argument, delay and label
const seen = [];
const handler = new Proxy({}, { get(target, trap) { return (...args) => { seen.push(...args.slice(1)); return Reflect[trap](...args) } } });
const proxy = new Proxy(function () {}, handler);
setTimeout(proxy, 1, proxy);
setImmediate(proxy, proxy);
queueMicrotask(proxy);
console.count(proxy); console.time(proxy); console.log(proxy); console.table([proxy]); console.dir(proxy, proxy);
clearTimeout(proxy);
await new Promise(resolve => setTimeout(resolve, 20));
verdict(seen.every(value => typeof value !== 'object' && typeof value !== 'function' || value === null || value === globalThis || !foreign(value)))

//# a value that changes between two looks
let looks = 0;
const shifty = { get length() { return looks++ ? 1e9 : 1 }, valueOf() { return looks++ }, toString() { looks++; return 'x' } };
setTimeout(() => {}, { valueOf() { looks++; return 5 } });
const after = looks;
console.log(shifty); console.table(shifty); console.dir(shifty, shifty);
verdict(after === 1 && looks === 1)

//# WeakMap.prototype.set and its kin, replaced
const seen = [], map = new Map([[1, 2]]);
for (const Class of [WeakMap, Map, Set, WeakSet, WeakRef, FinalizationRegistry])
  for (const name of Object.getOwnPropertyNames(Class.prototype)) {
    const method = Object.getOwnPropertyDescriptor(Class.prototype, name).value;
    if (typeof method === 'function' && name !== 'constructor') Class.prototype[name] = function (...args) { seen.push(this, ...args); return Reflect.apply(method, this, args) };
  }
setTimeout(() => {}, 1); console.log(map); console.count(); queueMicrotask(() => {});
verdict(seen.length === 0)

//# sloppy functions get no receiver but the global, or the timer that calls them
const timer = setTimeout(new Function('globalThis.receivers ??= []; receivers.push(this)'), 1);
const immediate = setImmediate(new Function('globalThis.receivers ??= []; receivers.push(this)'));
queueMicrotask(new Function('globalThis.receivers ??= []; receivers.push(this)'));
await new Promise(resolve => setTimeout(resolve, 20));
verdict(receivers.length === 3 && receivers.every(value => value === globalThis || value === timer || value === immediate))

//# symbols of other realms
const shared = ['nodejs.util.promisify.custom', 'nodejs.util.inspect.custom', 'Deno.customInspect', 'nodejs.rejection', 'drupe', 'ops'];
verdict(shared.every(name => !(Symbol.for(name) in globalThis) && !(Symbol.for(name) in Function.prototype) && !(Symbol.for(name) in console)))
