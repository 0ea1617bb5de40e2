//! threats V4, A4: arrays, against the environment's own code
//# setters on indices see nothing of the environment
const seen = [];
for (const index of [0, 1, 2, 3, 4, 5])
  Object.defineProperty(Array.prototype, index, { set(value) { seen.push(value) }, get() { return undefined }, configurable: true });
setTimeout(() => {}, 1, 'a', 'b');
setImmediate(() => {}, 'c');
queueMicrotask(() => {});
console.log('x', { a: [1] }, [, 1]);
console.table([{ a: 1 }]);
await new Promise(resolve => setTimeout(resolve, 10));
for (const index of [0, 1, 2, 3, 4, 5]) delete Array.prototype[index];
verdict(seen.length === 0)

//# a species that returns itself
const seen = [];
class Mine extends Array { constructor(...args) { super(...args); seen.push(args) } static get [Symbol.species]() { return Mine } }
Array.prototype.constructor = Mine;
console.log([1, 2], [3].concat(4));
setTimeout(() => {}, 1, 1, 2);
Array.prototype.constructor = Array;
verdict(seen.flat().every(value => typeof value === 'number' || powerless(value)))

//# replaced methods of arrays
const called = [];
for (const name of Object.getOwnPropertyNames(Array.prototype)) {
  const method = Array.prototype[name];
  if (typeof method !== 'function' || name === 'constructor') continue;
  Array.prototype[name] = function (...args) { called[called.length] = name; return Reflect.apply(method, this, args) };
}
setTimeout(() => {}, 1, 1);
setImmediate(() => {});
queueMicrotask(() => {});
console.log([1], 'a', () => 1);
verdict(called.length === 0)

//# the iterator of arrays, replaced
let asked = 0;
const set = new Set([1]), map = new Map([[1, 2]]);
const iterator = Array.prototype[Symbol.iterator];
const { next } = Object.getPrototypeOf([][Symbol.iterator]());
Array.prototype[Symbol.iterator] = function () { asked++; return Reflect.apply(iterator, this, []) };
Object.getPrototypeOf(Reflect.apply(iterator, [], [])).next = function () { asked++; return Reflect.apply(next, this, []) };
setTimeout(() => {}, 1, 1, 2);
setImmediate(() => {}, 3);
queueMicrotask(() => {});
console.log([1], set, map);
const before = asked;
Array.prototype[Symbol.iterator] = iterator;
verdict(before === 0)
