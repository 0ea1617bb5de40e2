//! threats V8, A8: names and functions of the kernel's own
//# no name of the kernel is in scope
const names = ['ops', 'intrinsics', 'captureTemporal', 'callSiteToString', '__drupe', 'drupe', 'Timer', 'Timeout', 'Immediate', 'primordials', 'internalBinding', 'inspector', '$0', '$_', 'inspect', 'copy', 'queryObjects', 'getEventListeners', 'monitor', 'values', 'keys'];
verdict(names.every(name => { try { return (0, eval)('typeof ' + name) === 'undefined' } catch { return false } }))

//# caller, arguments and callee of the environment's functions
const out = [];
for (const f of [setTimeout, clearTimeout, queueMicrotask, reportError, console.log]) for (const key of ['caller', 'arguments', 'callee'])
  try { out.push(f[key]) } catch (error) { out.push(error) }
let caller;
const sloppy = new Function('return [arguments.callee.caller, arguments.callee.arguments]');
setTimeout(() => { caller = sloppy() }, 1);
await new Promise(resolve => setTimeout(resolve, 10));
out.push(...caller);
verdict(out.every(value => value === undefined || value === null || powerless(value)))

//# who calls a callback is not to be had
const found = [];
const spy = new Function('found', 'try { for (let f = arguments.callee, i = 0; f && i < 20; i++) { found.push(f); f = f.caller } } catch {}');
setTimeout(spy, 1, found);
queueMicrotask(() => spy(found));
setImmediate(spy, found);
[1].forEach(() => spy(found));
await new Promise(resolve => setTimeout(resolve, 20));
verdict(found.every(f => powerless(f) && !/ops\./.test(Function.prototype.toString.call(f))))

//# sources of functions name no internals
const sources = [setTimeout, setInterval, setImmediate, queueMicrotask, reportError, clearTimeout, setTimeout(() => {}, 1).constructor].map(f => Function.prototype.toString.call(f));
globalThis.ops = { schedule() { return 'mine' }, cancel() { throw new Error('reached') } };
const made = setTimeout(() => {}, 1);
clearTimeout(made);
delete globalThis.ops;
verdict(typeof +made === 'number' && made !== 'mine' && sources.length === 7)

//# computed keys and a replaced property of the global
const key = { toString() { return 'con' + 'structor' } };
const f = setTimeout[key][key];
verdict(f === Function && f('return globalThis')() === globalThis && powers(f) === '')

//# source URLs that claim to be the kernel's
const f = new Function('throw new Error("mine")\n//# sourceURL=drupe:timers.js');
let stack;
try { f() } catch (error) { stack = error.stack }
const g = eval('(() => 1)\n//# sourceURL=drupe:intrinsics.js');
verdict(g() === 1 && powerless(f))

//# V8's own natives and extensions
const out = [];
for (const code of ['%GetOptimizationStatus(1)', '%DebugPrint(1)', 'gc()', 'd8', 'version()', 'load("/etc/passwd")', 'readbuffer("/etc/passwd")', 'print(1)', 'quit()'])
  try { out.push((0, eval)(code)) } catch (error) { out.push(error) }
verdict(out.every(value => value instanceof Error))

//# debugger statements, and what the inspector adds to the console
const before = Reflect.ownKeys(console).length;
debugger;
const out = [];
for (const key of Reflect.ownKeys(console)) if (typeof console[key] === 'function') try { out.push(console[key]('x', () => {})) } catch (error) { out.push(error) }
console.groupEnd();
const deep = out.filter(value => value && typeof value === 'object').flatMap(value => Reflect.ownKeys(value).map(key => value[key]));
verdict([...out, ...deep].every(value => typeof value !== 'object' && typeof value !== 'function' || value === null || powerless(value)) && Reflect.ownKeys(console).length === before)

//# the walk of everything reachable; what it finds is compared with reachable.txt
const seen = new Map(), lines = [];
const text = key => typeof key === 'symbol' ? '@' + (key.description ?? '') : key;
const queue = [];
const push = (value, path) => {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
  seen.set(value, path);
  queue.push(value);
};
const hidden = ['powerless', 'powers', 'foreign', 'verdict', 'canary'];
push(globalThis, '');
push(Object.getPrototypeOf(setTimeout(() => {}, 1)), 'Timeout');
push(Object.getPrototypeOf(setImmediate(() => {})), 'Immediate');
for (const made of ['async () => {}', 'function* () {}', 'async function* () {}']) push(Object.getPrototypeOf(eval(`(${made})`)), made.replace(/\W+/g, ' ').trim());
push(Object.getPrototypeOf([][Symbol.iterator]()), 'ArrayIterator'); push(Object.getPrototypeOf(new Map().entries()), 'MapIterator');
push(Object.getPrototypeOf(new Set().entries()), 'SetIterator'); push(Object.getPrototypeOf(''[Symbol.iterator]()), 'StringIterator');
push(Object.getPrototypeOf('x'.matchAll(/x/g)), 'RegExpStringIterator'); push(Object.getPrototypeOf(Iterator.from({ next() {} })), 'WrappedIterator');
push(Object.getPrototypeOf([].values().map(x => x)), 'IteratorHelper');
while (queue.length) {
  const value = queue.shift(), path = seen.get(value);
  push(Object.getPrototypeOf(value), path + '.__proto__');
  const keys = Reflect.ownKeys(value).filter(key => path !== '' || !hidden.includes(key)).filter(key => !['length', 'name'].includes(key) || typeof value !== 'function');
  const shown = [];
  for (const key of keys) {
    const { value: inner, get, set } = Object.getOwnPropertyDescriptor(value, key);
    const name = path === '' ? text(key) : path + '.' + text(key);
    shown.push(text(key) + (get || set ? '()' : ''));
    push(inner, name); push(get, name + '.get'); push(set, name + '.set');
  }
  if (shown.length && !(typeof value === 'function' && shown.join() === 'prototype' && value.prototype === undefined)) lines.push(`${path || 'globalThis'}: ${shown.sort().join(' ')}`);
}
console.log(lines.sort().join('\n'));
verdict(lines.length > 150)
