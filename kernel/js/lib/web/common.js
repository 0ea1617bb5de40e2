// What the classes of the web platform share: their errors, their looks, and how they convert what they are given.
'use strict';

const {
  ErrorCaptureStackTrace, MathFloor, MathSign, MathTrunc, NumberIsFinite, NumberMAX_SAFE_INTEGER, ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn, ObjectSetPrototypeOf, RangeError, ReflectOwnKeys, SafeWeakMap, SymbolToStringTag, TypeError,
} = primordials;

function define(object, key, value) {
  ObjectDefineProperty(object, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

// An error as Node makes them: with a `code`, which its stack tells.
function coded(Class, code, message, hidden) {
  const error = new Class(message);
  const name = error.name;
  define(error, 'name', `${name} [${code}]`);
  ErrorCaptureStackTrace(error, hidden ?? coded);
  // The stack is made when it is first looked at.
  void error.stack;
  delete error.name;
  ObjectDefineProperty(error, 'code', { __proto__: null, value: code, writable: true, enumerable: true, configurable: true });
  return error;
}

// What was received, in the words of Node's messages.
function received(value) {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${ownName(value)}`;
  if (typeof value === 'object') return `Received ${ops.brief(value)}`;
  return `Received type ${typeof value} (${ops.brief(value)})`;
}

function ownName(object) {
  const name = ObjectGetOwnPropertyDescriptor(object, 'name');
  return name !== undefined && ObjectHasOwn(name, 'value') && typeof name.value === 'string' ? name.value : '';
}

const invalidArgument = (name, expected, value) => {
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}. ${received(value)}`, invalidArgument);
};
const invalidThis = (name) => coded(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${name}`, invalidThis);
const illegalConstructor = () => coded(TypeError, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor', illegalConstructor);
const invalidState = (message) => coded(TypeError, 'ERR_INVALID_STATE', `Invalid state: ${message}`, invalidState);
const outOfRange = (name, range, value) => {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${ops.brief(value)}`;
  return coded(RangeError, 'ERR_OUT_OF_RANGE', message, outOfRange);
};

// Throws if fewer arguments were given than these.
function requireArguments(given, ...names) {
  if (given >= names.length) return;
  let list = `"${names[0]}"`;
  for (let index = 1; index < names.length; index++) list += `${index === names.length - 1 ? ' and ' : ', '}"${names[index]}"`;
  const message = `The ${list} argument${names.length === 1 ? '' : 's'} must be specified`;
  throw coded(TypeError, 'ERR_MISSING_ARGS', message, requireArguments);
}

// A list that no setter on a prototype can hear of: `list[list.length] = item`.
const list = () => ObjectSetPrototypeOf([], null);

// What objects of a class are compared by where nobody can read their state: by the prototype, a function that tells
// it.
const comparisons = new SafeWeakMap();

// Instead of a state: two such objects are equal only if they are one.
const IDENTITY = { __proto__: null };
const onlyItself = () => IDENTITY;

// The state of an object of the library's classes; `undefined` for others.
function comparedState(object) {
  for (let prototype = ObjectGetPrototypeOf(object); prototype !== null; prototype = ObjectGetPrototypeOf(prototype)) {
    const compared = comparisons.get(prototype);
    if (compared !== undefined) return compared(object);
  }
  return undefined;
}

// Makes a class look as Web IDL has it: members enumerable, a tag, constants, what the inspector shows of its objects,
// and what they are compared by, where that is more than what is shown. An object that shows nothing of itself is like
// no other.
function expose(Class, { tag = Class.name, view, compared = view ?? onlyItself, constants, hidden }) {
  const { prototype } = Class;
  const places = [prototype, Class];
  for (let place = 0; place < places.length; place++) {
    const keys = ReflectOwnKeys(places[place]);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (typeof key === 'symbol' || key === 'constructor') continue;
      if (place === 1 && (key === 'prototype' || key === 'name' || key === 'length')) continue;
      ObjectDefineProperty(places[place], key, { __proto__: null, enumerable: hidden !== key });
    }
  }
  ObjectDefineProperty(prototype, SymbolToStringTag, { __proto__: null, value: tag, writable: false, enumerable: false, configurable: true });
  if (constants !== undefined) {
    for (const key in constants) {
      const descriptor = { __proto__: null, value: constants[key], writable: false, enumerable: true, configurable: false };
      ObjectDefineProperty(Class, key, descriptor);
      ObjectDefineProperty(prototype, key, descriptor);
    }
  }
  if (view !== undefined) ops.teachView(prototype, view);
  comparisons.set(prototype, compared);
  return Class;
}

// What is looked at as a dictionary: `undefined` and `null` are empty ones.
function dictionary(value, name) {
  if (value === undefined || value === null) return { __proto__: null };
  if (typeof value !== 'object' && typeof value !== 'function') throw invalidArgument(name, 'of type object', value);
  return value;
}

// Web IDL's integers: `bits` wide, clamped, enforced or wrapped around.
function integer(value, lowest, highest, mode) {
  let number = +value;
  if (mode === 'enforce') {
    if (!NumberIsFinite(number)) throw new TypeError(`${ops.brief(value)} is not a finite number`);
    number = MathTrunc(number);
    if (number < lowest || number > highest) throw new TypeError(`${ops.brief(value)} is out of range`);
    return number + 0;
  }
  if (number !== number) return 0;
  if (mode === 'clamp') {
    if (number <= lowest) return lowest;
    if (number >= highest) return highest;
    const below = MathFloor(number);
    const rest = number - below;
    if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below + 0;
    return below + 1;
  }
  if (!NumberIsFinite(number)) return 0;
  const range = highest - lowest + 1;
  number = MathSign(number) * MathFloor(number < 0 ? -number : number) % range;
  if (number < lowest) number += range;
  else if (number > highest) number -= range;
  return number + 0;
}
const enforcedUnsigned = (value) => integer(value, 0, NumberMAX_SAFE_INTEGER, 'enforce');
const clampedInteger = (value) => integer(value, -NumberMAX_SAFE_INTEGER, NumberMAX_SAFE_INTEGER, 'clamp');

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

module.exports = {
  __proto__: null, IDENTITY, clampedInteger, coded, comparedState, define, dictionary, enforcedUnsigned, expose, illegalConstructor, integer, invalidArgument,
  invalidState, invalidThis, isObject, list, onlyItself, outOfRange, received, requireArguments,
};
