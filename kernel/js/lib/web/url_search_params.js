// URLSearchParams.
'use strict';

const {
  ArrayPrototypeSort, FunctionPrototypeCall, IteratorPrototype, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf,
  ReflectOwnKeys, StringPrototypeSlice, StringPrototypeToWellFormed: wellFormed, SymbolIterator, TypeError,
} = primordials;
const { coded, expose, invalidArgument, invalidThis, isObject, list, requireArguments } = require('web/common');

const KEY = { __proto__: null };

class URLSearchParams {
  // Names and values in turn.
  #list = list();
  // Tells the URL that these are parameters of.
  #tell = undefined;

  constructor(init = undefined) {
    if (init === undefined || init === null || init === KEY) return;
    if (isObject(init)) fill(this.#list, init);
    else append(this.#list, ops.formParse(withoutMark(`${init}`)));
  }

  static inside(params) {
    if (!isParams(params)) throw invalidThis('URLSearchParams');
    return params.#list;
  }

  static is(params) {
    return isObject(params) && #list in params;
  }

  static ofURL(text, tell) {
    const params = new URLSearchParams(KEY);
    append(params.#list, ops.formParse(text));
    params.#tell = tell;
    return params;
  }

  static changed(params, text) {
    params.#list = list();
    append(params.#list, ops.formParse(text));
  }

  static replace(params, pairs) {
    params.#list = pairs;
    params.#tell?.(serialize(pairs));
  }

  get size() {
    return pairs(this).length / 2;
  }

  append(name, value) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name', 'value');
    name = wellFormed(`${name}`);
    value = wellFormed(`${value}`);
    all[all.length] = name;
    all[all.length] = value;
    replace(this, all);
  }

  delete(name, value = undefined) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name');
    name = wellFormed(`${name}`);
    if (value !== undefined) value = wellFormed(`${value}`);
    const left = list();
    for (let at = 0; at < all.length; at += 2) {
      if (all[at] === name && (value === undefined || all[at + 1] === value)) continue;
      left[left.length] = all[at];
      left[left.length] = all[at + 1];
    }
    replace(this, left);
  }

  get(name) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name');
    name = wellFormed(`${name}`);
    for (let at = 0; at < all.length; at += 2) if (all[at] === name) return all[at + 1];
    return null;
  }

  getAll(name) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name');
    name = wellFormed(`${name}`);
    const found = list();
    for (let at = 0; at < all.length; at += 2) if (all[at] === name) found[found.length] = all[at + 1];
    return asArray(found);
  }

  has(name, value = undefined) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name');
    name = wellFormed(`${name}`);
    if (value !== undefined) value = wellFormed(`${value}`);
    for (let at = 0; at < all.length; at += 2) if (all[at] === name && (value === undefined || all[at + 1] === value)) return true;
    return false;
  }

  set(name, value) {
    const all = pairs(this);
    requireArguments(arguments.length, 'name', 'value');
    name = wellFormed(`${name}`);
    value = wellFormed(`${value}`);
    const made = list();
    let found = false;
    for (let at = 0; at < all.length; at += 2) {
      if (all[at] === name && found) continue;
      made[made.length] = all[at];
      made[made.length] = all[at] === name ? value : all[at + 1];
      found ||= all[at] === name;
    }
    if (!found) {
      made[made.length] = name;
      made[made.length] = value;
    }
    replace(this, made);
  }

  sort() {
    const all = pairs(this);
    const entries = [];
    for (let at = 0; at < all.length; at += 2) {
      ObjectDefineProperty(entries, at / 2, {
        __proto__: null, value: { __proto__: null, name: all[at], value: all[at + 1] }, writable: true, enumerable: true, configurable: true,
      });
    }
    // By code units, and stable.
    ArrayPrototypeSort(entries, (one, other) => one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
    const sorted = list();
    for (let index = 0; index < entries.length; index++) {
      sorted[sorted.length] = entries[index].name;
      sorted[sorted.length] = entries[index].value;
    }
    replace(this, sorted);
  }

  forEach(callback, thisArg = undefined) {
    pairs(this);
    if (typeof callback !== 'function') throw invalidArgument('callback', 'of type function', callback);
    for (let at = 0; at < pairs(this).length; at += 2) {
      const all = pairs(this);
      FunctionPrototypeCall(callback, thisArg, all[at + 1], all[at], this);
    }
  }

  entries() {
    pairs(this);
    return new ParamsIterator(this, 'entries');
  }

  keys() {
    pairs(this);
    return new ParamsIterator(this, 'keys');
  }

  values() {
    pairs(this);
    return new ParamsIterator(this, 'values');
  }

  toString() {
    return serialize(pairs(this));
  }
}
const { inside: pairs, is: isParams, ofURL: newParams, changed: paramsChanged, replace } = URLSearchParams;
delete URLSearchParams.inside;
delete URLSearchParams.is;
delete URLSearchParams.ofURL;
delete URLSearchParams.changed;
delete URLSearchParams.replace;
ObjectDefineProperty(URLSearchParams.prototype, SymbolIterator, {
  __proto__: null, value: URLSearchParams.prototype.entries, writable: true, enumerable: false, configurable: true,
});
expose(URLSearchParams, { __proto__: null, view: (params) => isParams(params) ? asArray(pairs(params)) : undefined });

const withoutMark = (text) => text[0] === '?' ? StringPrototypeSlice(text, 1) : text;
const serialize = (pairs) => ops.formSerialize(asArray(pairs));

// A true array of what is in a list.
function asArray(items) {
  const array = [];
  for (let index = 0; index < items.length; index++) {
    ObjectDefineProperty(array, index, { __proto__: null, value: items[index], writable: true, enumerable: true, configurable: true });
  }
  return array;
}

function append(pairs, parsed) {
  for (let index = 0; index < parsed.length; index++) pairs[pairs.length] = parsed[index];
}

// From an iterable of pairs, or a record.
function fill(pairs, init) {
  const iterate = init[SymbolIterator];
  if (iterate === undefined || iterate === null) {
    const keys = ReflectOwnKeys(init);
    const at = { __proto__: null };
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (typeof key === 'symbol' || ObjectGetOwnPropertyDescriptor(init, key)?.enumerable !== true) continue;
      const name = wellFormed(key);
      const value = wellFormed(`${init[key]}`);
      // Two keys may be one when they are well-formed.
      at[name] ??= pairs.length;
      pairs[at[name]] = name;
      pairs[at[name] + 1] = value;
    }
    return;
  }
  if (typeof iterate !== 'function') throw coded(TypeError, 'ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
  for (const pair of init) {
    if (!isObject(pair) || typeof pair[SymbolIterator] !== 'function') throw notATuple();
    const both = list();
    for (const part of pair) both[both.length] = wellFormed(`${part}`);
    if (both.length !== 2) throw notATuple();
    pairs[pairs.length] = both[0];
    pairs[pairs.length] = both[1];
  }
}
const notATuple = () => coded(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');

class ParamsIterator {
  #params;
  #kind;
  #at = 0;

  constructor(params, kind) {
    this.#params = params;
    this.#kind = kind;
  }

  next() {
    const all = pairs(this.#params);
    if (this.#at >= all.length) return { value: undefined, done: true };
    const name = all[this.#at];
    const value = all[this.#at + 1];
    this.#at += 2;
    return { value: this.#kind === 'keys' ? name : this.#kind === 'values' ? value : [name, value], done: false };
  }
}
delete ParamsIterator.prototype.constructor;
ObjectSetPrototypeOf(ParamsIterator.prototype, IteratorPrototype);
expose(ParamsIterator, { __proto__: null, tag: 'URLSearchParams Iterator' });

module.exports = { __proto__: null, URLSearchParams, asArray, newParams, pairsOf: pairs, paramsChanged };
