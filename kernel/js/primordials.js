// The language's own functions as they were before any user code ran, for the library in `lib/`, which is loaded when
// it is first used.
//
// Names are those that Node's contributors know: `ArrayPrototypePush(array, item)`, `ObjectKeys(object)`,
// `MapPrototypeGetSize(map)`, `SymbolIterator`. The `Safe` classes iterate and answer without their replaceable
// prototypes.
'use strict';

const { bind, call } = Function.prototype;
const uncurry = bind.bind(call);
const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Object;
const { ownKeys } = Reflect;
const primordials = { __proto__: null, uncurryThis: uncurry };

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const nameOf = (key) => typeof key === 'symbol' ? 'Symbol' + capital(key.description.slice('Symbol.'.length)) : capital(key);

function copy(from, prefix, wrap) {
  for (const key of ownKeys(from)) {
    const { get, set, value } = getOwnPropertyDescriptor(from, key);
    const name = nameOf(key);
    if (get !== undefined) primordials[prefix + 'Get' + name] = uncurry(get);
    if (set !== undefined) primordials[prefix + 'Set' + name] = uncurry(set);
    if (get === undefined && set === undefined) primordials[prefix + name] = typeof value === 'function' ? wrap(value) : value;
  }
}

for (const name of ['JSON', 'Math', 'Reflect']) copy(globalThis[name], name, (value) => value);

const TypedArray = getPrototypeOf(Uint8Array);
const IteratorPrototype = getPrototypeOf(getPrototypeOf([].values()));
const classes = {
  __proto__: null, AggregateError, Array, ArrayBuffer, BigInt, BigInt64Array, BigUint64Array, Boolean, DataView, Date, Error, EvalError,
  FinalizationRegistry, Float32Array, Float64Array, Function, Int16Array, Int32Array, Int8Array, Map, Number, Object, Promise, Proxy,
  RangeError, ReferenceError, RegExp, Set, String, Symbol, SyntaxError, TypeError, TypedArray, URIError, Uint16Array, Uint32Array,
  Uint8Array, Uint8ClampedArray, WeakMap, WeakRef, WeakSet,
};
for (const name in classes) {
  const Class = classes[name];
  primordials[name] = Class;
  for (const key of ownKeys(Class)) {
    if (key === 'prototype' || key === 'length' || key === 'name') continue;
    const { get, value } = getOwnPropertyDescriptor(Class, key);
    if (get === undefined) primordials[name + nameOf(key)] = typeof value === 'function' ? value.bind(Class) : value;
  }
  if (Class.prototype !== undefined) copy(Class.prototype, name + 'Prototype', uncurry);
}
for (const key of ['asyncDispose', 'asyncIterator', 'dispose', 'hasInstance', 'iterator', 'toPrimitive', 'toStringTag']) {
  primordials['Symbol' + capital(key)] = Symbol[key];
}
for (const name of ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'unescape']) {
  primordials[name] = globalThis[name];
}
primordials.IteratorPrototype = IteratorPrototype;

// These two ask the class of the list what to make, and a program may have changed what it answers. Here it is always
// an array.
const place = (value, length, fallback) => {
  if (value === undefined) return fallback;
  return value < 0 ? (value + length < 0 ? 0 : value + length) : value > length ? length : value;
};
primordials.ArrayPrototypeSlice = (list, from, to) => {
  const { length } = list;
  const end = place(to, length, length);
  const out = [];
  for (let index = place(from, length, 0), at = 0; index < end; index++) out[at++] = list[index];
  return out;
};
primordials.ArrayPrototypeSplice = (list, from, count, ...items) => {
  const { length } = list;
  const start = place(from, length, 0);
  const removed = primordials.ArrayPrototypeSlice(list, start, place(count === undefined ? undefined : start + count, length, length));
  const grown = items.length - removed.length;
  if (grown > 0) for (let index = length - 1; index >= start + removed.length; index--) list[index + grown] = list[index];
  if (grown < 0) for (let index = start + removed.length; index < length; index++) list[index + grown] = list[index];
  list.length = length + grown;
  for (let index = 0; index < items.length; index++) list[start + index] = items[index];
  return removed;
};
copy(getPrototypeOf(function* () {}).prototype, 'GeneratorPrototype', uncurry);

// An iterator over an iterator, whose `next` nobody can replace.
function safeIterator(make, next) {
  const begin = uncurry(make);
  const step = uncurry(next);
  class SafeIterator {
    #inner;

    constructor(iterable) {
      this.#inner = begin(iterable);
    }

    next() {
      return step(this.#inner);
    }

    [Symbol.iterator]() {
      return this;
    }
  }
  setPrototypeOf(SafeIterator.prototype, null);
  freeze(SafeIterator.prototype);
  return SafeIterator;
}
primordials.SafeArrayIterator = safeIterator(Array.prototype.values, [].values().next);
primordials.SafeStringIterator = safeIterator(String.prototype[Symbol.iterator], ''[Symbol.iterator]().next);

// Gives `Safe`, a subclass of `Unsafe`, own copies of all that it inherits. What returns an iterator returns a safe
// one.
function makeSafe(Unsafe, Safe) {
  for (const key of ownKeys(Unsafe.prototype)) {
    if (key === 'constructor') continue;
    const descriptor = getOwnPropertyDescriptor(Unsafe.prototype, key);
    if (typeof descriptor.value === 'function' && (key === Symbol.iterator || ['entries', 'keys', 'values'].includes(key))) {
      const Iterator = safeIterator(descriptor.value, new Unsafe()[key]().next);
      descriptor.value = function() { return new Iterator(this); };
    }
    defineProperty(Safe.prototype, key, { __proto__: null, ...descriptor });
  }
  setPrototypeOf(Safe.prototype, null);
  freeze(Safe.prototype);
  freeze(Safe);
  return Safe;
}
primordials.SafeMap = makeSafe(Map, class SafeMap extends Map {});
primordials.SafeSet = makeSafe(Set, class SafeSet extends Set {});
primordials.SafeWeakMap = makeSafe(WeakMap, class SafeWeakMap extends WeakMap {});
primordials.SafeWeakSet = makeSafe(WeakSet, class SafeWeakSet extends WeakSet {});

// Until the function that it returns is called, these objects inherit nothing: what is assigned to them becomes their
// own, whatever setters a program has put on Object.prototype.
primordials.detached = (...objects) => {
  const parents = [];
  for (let index = 0; index < objects.length; index++) {
    defineProperty(parents, index, { __proto__: null, value: getPrototypeOf(objects[index]) });
    setPrototypeOf(objects[index], null);
  }
  return () => {
    for (let index = 0; index < objects.length; index++) setPrototypeOf(objects[index], parents[index]);
  };
};

ops.primordials = freeze(primordials);
