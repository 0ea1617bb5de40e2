// Headers, by the Fetch standard: names are kept as they are compared, in lower case, and listed sorted.
'use strict';

const {
  Array, ArrayPrototypeSort, ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, ReflectApply, ReflectOwnKeys,
  RegExpPrototypeExec, SafeMap, StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeToLowerCase, SymbolIterator, TypeError,
} = primordials;
const { define, expose, invalidThis, isObject, list, requireArguments } = require('web/common');

const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const NO_VALUE = /[\0\r\n]/;
const COOKIES = 'set-cookie';

// A string whose characters are bytes.
function byteString(value, what) {
  if (typeof value === 'symbol') throw new TypeError(`${what}: ${ops.brief(value)} is a symbol, which cannot be converted to a ByteString.`);
  const text = `${value}`;
  for (let index = 0; index < text.length; index++) {
    const code = StringPrototypeCharCodeAt(text, index);
    if (code > 255) {
      const where = `the character at index ${index} has a value of ${code} which is greater than 255.`;
      throw new TypeError(`Cannot convert argument to a ByteString because ${where}`);
    }
  }
  return text;
}

const isSpace = (code) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;

function trimmed(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(StringPrototypeCharCodeAt(text, start))) start++;
  while (end > start && isSpace(StringPrototypeCharCodeAt(text, end - 1))) end--;
  return StringPrototypeSlice(text, start, end);
}

function nameOf(value, where) {
  const name = byteString(value, where);
  if (RegExpPrototypeExec(TOKEN, name) === null) throw new TypeError(`${where}: "${name}" is an invalid header name.`);
  return StringPrototypeToLowerCase(name);
}

function valueOf(value, where) {
  const text = trimmed(byteString(value, where));
  if (RegExpPrototypeExec(NO_VALUE, text) !== null) throw new TypeError(`${where}: "${text}" is an invalid header value.`);
  return text;
}

// What is inside: values by name, joined, but for cookies, which cannot be.
const newList = () => ({ __proto__: null, values: new SafeMap(), cookies: list(), immutable: false });

function append(inside, name, value) {
  const before = inside.values.get(name);
  if (name === COOKIES) inside.cookies[inside.cookies.length] = value;
  inside.values.set(name, before === undefined ? value : `${before}, ${value}`);
}

function set(inside, name, value) {
  if (name === COOKIES) {
    inside.cookies = list();
    inside.cookies[0] = value;
  }
  inside.values.set(name, value);
}

function remove(inside, name) {
  if (name === COOKIES) inside.cookies = list();
  inside.values.delete(name);
}

// Names and values, sorted by name; each cookie on its own.
function sorted(inside) {
  const names = list();
  for (const name of inside.values.keys()) names[names.length] = name;
  ArrayPrototypeSort(names, (one, other) => one < other ? -1 : 1);
  const pairs = list();
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name !== COOKIES) {
      pairs[pairs.length] = [name, inside.values.get(name)];
      continue;
    }
    for (let cookie = 0; cookie < inside.cookies.length; cookie++) pairs[pairs.length] = [name, inside.cookies[cookie]];
  }
  return pairs;
}

function copy(inside) {
  const made = newList();
  for (const name of inside.values.keys()) made.values.set(name, inside.values.get(name));
  for (let index = 0; index < inside.cookies.length; index++) made.cookies[index] = inside.cookies[index];
  return made;
}

// Adds what a constructor was given.
function fill(inside, init, where) {
  if (isHeaders(init)) {
    const pairs = sorted(state(init));
    for (let index = 0; index < pairs.length; index++) append(inside, pairs[index][0], pairs[index][1]);
    return;
  }
  if (!isObject(init)) throw new TypeError(`${where}: init: ${ops.brief(init)} is not an object.`);
  const iterate = init[SymbolIterator];
  if (iterate !== undefined && iterate !== null) {
    for (const pair of { __proto__: null, [SymbolIterator]: () => ReflectApply(iterate, init, []) }) {
      if (!isObject(pair) || typeof pair[SymbolIterator] !== 'function') {
        throw new TypeError(`${where}: init: ${ops.brief(pair)} is not iterable.`);
      }
      const parts = list();
      for (const part of pair) parts[parts.length] = part;
      if (parts.length !== 2) throw new TypeError(`${where}: expected name/value pair to be length 2, found ${parts.length}.`);
      append(inside, nameOf(parts[0], 'Headers.append'), valueOf(parts[1], 'Headers.append'));
    }
    return;
  }
  const keys = ReflectOwnKeys(init);
  for (let index = 0; index < keys.length; index++) {
    if (!ObjectGetOwnPropertyDescriptor(init, keys[index])?.enumerable) continue;
    append(inside, nameOf(keys[index], 'Headers.append'), valueOf(init[keys[index]], 'Headers.append'));
  }
}

const KEY = { __proto__: null };

class Headers {
  #list = newList();

  constructor(init = undefined, inside = undefined) {
    if (init === KEY) this.#list = inside;
    else if (init !== undefined) fill(this.#list, init, 'Headers constructor');
  }

  static is(value) {
    return isObject(value) && #list in value;
  }

  static state(headers) {
    if (!isHeaders(headers)) throw invalidThis('Headers');
    return headers.#list;
  }

  append(name, value) {
    const inside = writable(this);
    requireArguments(arguments.length, 'name', 'value');
    append(inside, nameOf(name, 'Headers.append'), valueOf(value, 'Headers.append'));
  }

  delete(name) {
    const inside = writable(this);
    requireArguments(arguments.length, 'name');
    remove(inside, nameOf(name, 'Headers.delete'));
  }

  get(name) {
    const inside = state(this);
    requireArguments(arguments.length, 'name');
    return inside.values.get(nameOf(name, 'Headers.get')) ?? null;
  }

  has(name) {
    const inside = state(this);
    requireArguments(arguments.length, 'name');
    return inside.values.has(nameOf(name, 'Headers.has'));
  }

  set(name, value) {
    const inside = writable(this);
    requireArguments(arguments.length, 'name', 'value');
    set(inside, nameOf(name, 'Headers.set'), valueOf(value, 'Headers.set'));
  }

  getSetCookie() {
    const { cookies } = state(this);
    const copied = list();
    for (let index = 0; index < cookies.length; index++) copied[index] = cookies[index];
    return ObjectSetPrototypeOf(copied, Array.prototype);
  }

  forEach(callback, thisArg = undefined) {
    const inside = state(this);
    requireArguments(arguments.length, 'callbackFn');
    if (typeof callback !== 'function') throw new TypeError("Failed to execute 'forEach' on 'Headers': parameter 1 is not of type 'Function'.");
    for (let index = 0; ; index++) {
      const pairs = sorted(inside);
      if (index >= pairs.length) return;
      ReflectApply(callback, thisArg, [pairs[index][1], pairs[index][0], this]);
    }
  }

  keys() {
    return new HeadersIterator(state(this), 'keys');
  }

  values() {
    return new HeadersIterator(state(this), 'values');
  }

  entries() {
    return new HeadersIterator(state(this), 'entries');
  }
}
const { is: isHeaders, state } = Headers;
delete Headers.is;
delete Headers.state;
define(Headers, 'length', 0);
define(Headers.prototype, SymbolIterator, Headers.prototype.entries);
expose(Headers, { __proto__: null, view: (headers) => isHeaders(headers) ? record(state(headers)) : undefined });

function writable(headers) {
  const inside = state(headers);
  if (inside.immutable) throw new TypeError('immutable');
  return inside;
}

// As an object, for who looks at it.
function record(inside) {
  const made = { __proto__: null };
  for (const name of inside.values.keys()) made[name] = inside.values.get(name);
  return made;
}

const { IteratorPrototype: iteratorPrototype } = primordials;

class HeadersIterator {
  #inside;
  #kind;
  #index = 0;

  constructor(inside, kind) {
    this.#inside = inside;
    this.#kind = kind;
  }

  next() {
    if (!isObject(this) || !(#inside in this)) throw invalidThis('Headers Iterator');
    const pairs = sorted(this.#inside);
    if (this.#index >= pairs.length) return { value: undefined, done: true };
    const pair = pairs[this.#index++];
    return { value: this.#kind === 'entries' ? pair : pair[this.#kind === 'keys' ? 0 : 1], done: false };
  }
}
delete HeadersIterator.prototype.constructor;
ObjectSetPrototypeOf(HeadersIterator.prototype, iteratorPrototype);
expose(HeadersIterator, { __proto__: null, tag: 'Headers Iterator' });

module.exports = {
  __proto__: null, Headers, append, byteString, copy, fill, isHeaders, newList, set, sorted, stateOf: state,
  makeHeaders: (inside) => new Headers(KEY, inside),
};
