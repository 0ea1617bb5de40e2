//! threats V6, A6, D5: what looks at values runs nobody's code
//# getters, traps and conversions while the console and the result are described (`%j` is JSON, and asks)
let ran = [];
const note = name => () => { ran.push(name) };
const evil = { get a() { ran.push('getter'); return 1 }, toString: note('toString'), valueOf: note('valueOf'), toJSON: note('toJSON'), inspect: note('inspect'), get [Symbol.toStringTag]() { ran.push('tag') }, [Symbol.toPrimitive]: note('primitive'), get constructor() { ran.push('constructor') }, get name() { ran.push('name') }, [Symbol.iterator]: note('iterator') };
const handler = new Proxy({}, { get(target, trap) { ran.push('trap ' + trap) } });
const proxy = new Proxy({}, handler);
for (const value of [evil, proxy, [evil, proxy], new Map([[evil, proxy]]), new Set([proxy]), Object.create(proxy), Object.create(evil)]) {
  console.log(value); console.log('%o %O %d %s', value, value, value, value); console.dir(value, { showHidden: true, depth: null });
  console.table([value]); console.error(value); console.assert(false, value); console.group(value); console.groupEnd();
}
verdict(ran.length === 0)

//# hooks of the shared symbols are asked only with plain arguments, and what they get is the session's own
const seen = [];
const hooked = { [Symbol.for('nodejs.util.inspect.custom')](...args) { seen.push(...args); return 'hooked' }, [Symbol.for('Jupyter.display')](...args) { seen.push(...args); return {} } };
console.log(hooked, [hooked]);
const values = [...seen];
for (const value of seen) if (value && typeof value === 'object') values.push(...Object.values(value));
verdict(values.every(value => typeof value !== 'object' && typeof value !== 'function' || value === null || powerless(value)))

//# options of inspection lead nowhere
const seen = [];
Object.defineProperty(Object.prototype, 'depth', { get() { seen.push(this); return 1 }, configurable: true });
Object.defineProperty(Object.prototype, 'showHidden', { get() { seen.push(this); return true }, set(value) { seen.push(this) }, configurable: true });
console.dir({ a: { b: {} } }, {});
console.dir({ a: 1 });
console.log({ a: 1 });
delete Object.prototype.depth; delete Object.prototype.showHidden;
verdict(seen.length === 0)

//# uncaught errors with accessors for everything
let ran = 0;
class Evil extends Error {
  get name() { ran++; return 'n' } get message() { ran++; return 'm' } get cause() { ran++ } get errors() { ran++ } get code() { ran++ } toString() { ran++ }
}
setTimeout(() => { throw new Evil() }, 1);
reportError(new Evil());
console.log(new Evil());
await new Promise(resolve => setTimeout(resolve, 20));
verdict(ran === 0)

//# the handler of a proxy is not shown by its identity
const secret = { get() { return 1 } };
const proxy = new Proxy({}, secret);
const before = Reflect.ownKeys(secret).length;
console.log(proxy); console.dir(proxy, { showHidden: true });
verdict(Reflect.ownKeys(secret).length === before)
