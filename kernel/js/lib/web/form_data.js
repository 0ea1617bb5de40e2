// FormData.
'use strict';

const { Array, ObjectSetPrototypeOf, ReflectApply, StringPrototypeToWellFormed, SymbolIterator, TypeError } = primordials;
const { define, expose, invalidThis, isObject, list, requireArguments } = require('web/common');
const { File, isBlob, isFile, typeOf } = require('web/blob');

function entry(name, value, filename, given, where) {
  if (given && !isBlob(value)) {
    throw new TypeError(`Failed to execute '${where}' on 'FormData': parameter 2 is not of type 'Blob'`);
  }
  name = StringPrototypeToWellFormed(`${name}`);
  if (!isBlob(value)) return { __proto__: null, name, value: StringPrototypeToWellFormed(`${value}`) };
  if (isFile(value) && !given) return { __proto__: null, name, value };
  const own = isFile(value) ? value.name : 'blob';
  const options = { __proto__: null, type: typeOf(value), lastModified: isFile(value) ? value.lastModified : undefined };
  value = new File([value], given ? StringPrototypeToWellFormed(`${filename}`) : own, options);
  return { __proto__: null, name, value };
}

class FormData {
  #entries = list();

  constructor(form = undefined) {
    if (form !== undefined) throw new TypeError("Failed to construct 'FormData': parameter 1 is not of type 'HTMLFormElement'.");
  }

  static is(value) {
    return isObject(value) && #entries in value;
  }

  static state(form) {
    if (!isFormData(form)) throw invalidThis('FormData');
    return form.#entries;
  }

  static replace(form, entries) {
    state(form);
    form.#entries = entries;
  }

  append(name, value, filename = undefined) {
    const entries = state(this);
    requireArguments(arguments.length, 'name', 'value');
    entries[entries.length] = entry(name, value, filename, arguments.length > 2, 'append');
  }

  delete(name) {
    state(this);
    requireArguments(arguments.length, 'name');
    replace(this, without(state(this), `${name}`));
  }

  get(name) {
    const entries = state(this);
    requireArguments(arguments.length, 'name');
    name = `${name}`;
    for (let index = 0; index < entries.length; index++) {
      if (entries[index].name === name) return entries[index].value;
    }
    return null;
  }

  getAll(name) {
    const entries = state(this);
    requireArguments(arguments.length, 'name');
    name = `${name}`;
    const all = list();
    for (let index = 0; index < entries.length; index++) {
      if (entries[index].name === name) all[all.length] = entries[index].value;
    }
    return ObjectSetPrototypeOf(all, Array.prototype);
  }

  has(name) {
    const entries = state(this);
    requireArguments(arguments.length, 'name');
    name = `${name}`;
    for (let index = 0; index < entries.length; index++) {
      if (entries[index].name === name) return true;
    }
    return false;
  }

  set(name, value, filename = undefined) {
    state(this);
    requireArguments(arguments.length, 'name', 'value');
    const made = entry(name, value, filename, arguments.length > 2, 'set');
    const before = state(this);
    const after = list();
    let placed = false;
    for (let index = 0; index < before.length; index++) {
      if (before[index].name !== made.name) after[after.length] = before[index];
      else if (!placed) {
        after[after.length] = made;
        placed = true;
      }
    }
    if (!placed) after[after.length] = made;
    replace(this, after);
  }

  forEach(callback, thisArg = undefined) {
    state(this);
    requireArguments(arguments.length, 'callbackFn');
    if (typeof callback !== 'function') throw new TypeError("Failed to execute 'forEach' on 'FormData': parameter 1 is not of type 'Function'.");
    for (let index = 0; index < state(this).length; index++) {
      const { name, value } = state(this)[index];
      ReflectApply(callback, thisArg, [value, name, this]);
    }
  }

  keys() {
    state(this);
    return new FormDataIterator(this, 'keys');
  }

  values() {
    state(this);
    return new FormDataIterator(this, 'values');
  }

  entries() {
    state(this);
    return new FormDataIterator(this, 'entries');
  }
}
const { is: isFormData, replace, state } = FormData;
delete FormData.is;
delete FormData.replace;
delete FormData.state;
define(FormData.prototype, SymbolIterator, FormData.prototype.entries);
expose(FormData, {
  __proto__: null,
  view(form) {
    if (!isFormData(form)) return undefined;
    const made = { __proto__: null };
    const many = { __proto__: null };
    const entries = state(form);
    for (let index = 0; index < entries.length; index++) {
      const { name, value } = entries[index];
      if (many[name] !== undefined) made[name][made[name].length] = value;
      else if (name in made) many[name] = made[name] = [made[name], value];
      else made[name] = value;
    }
    return made;
  },
});

function without(entries, name) {
  const rest = list();
  for (let index = 0; index < entries.length; index++) {
    if (entries[index].name !== name) rest[rest.length] = entries[index];
  }
  return rest;
}

const { IteratorPrototype: iteratorPrototype } = primordials;

class FormDataIterator {
  #form;
  #kind;
  #index = 0;

  constructor(form, kind) {
    this.#form = form;
    this.#kind = kind;
  }

  next() {
    if (!isObject(this) || !(#form in this)) throw invalidThis('FormData Iterator');
    const entries = state(this.#form);
    if (this.#index >= entries.length) return { value: undefined, done: true };
    const { name, value } = entries[this.#index++];
    return { value: this.#kind === 'entries' ? [name, value] : this.#kind === 'keys' ? name : value, done: false };
  }
}
delete FormDataIterator.prototype.constructor;
ObjectSetPrototypeOf(FormDataIterator.prototype, iteratorPrototype);
expose(FormDataIterator, { __proto__: null, tag: 'FormData Iterator' });

module.exports = {
  __proto__: null, FormData, isFormData, stateOf: state,
  // Whatever becomes of the prototype.
  append: primordials.uncurryThis(FormData.prototype.append),
};
