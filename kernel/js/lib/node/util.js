// `util`.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, DateNow, ObjectDefineProperties, ObjectDefineProperty, ObjectGetOwnPropertyDescriptors,
  ObjectGetPrototypeOf, ObjectKeys, ObjectPrototypeToString, ObjectSetPrototypeOf, Promise, PromisePrototypeThen, PromiseResolve,
  ReflectApply, RegExpPrototypeExec, StringPrototypeToUpperCase, StringPrototypeToWellFormed, SymbolFor,
} = primordials;
const { make } = require('node/internal/errors');
const { validateAbortSignal, validateFunction, validateString } = require('node/internal/validators');
const { deprecate } = require('node/internal/warnings');
const { format, formatWithOptions, inspect } = require('node/internal/inspect');
const { systemErrorMap, systemErrorName } = require('node/internal/system_errors');
const types = require('node/util_types');

const kCustomPromisify = SymbolFor('nodejs.util.promisify.custom');
const kCustomArgs = SymbolFor('nodejs.util.promisify.customArgs');

function promisify(original) {
  validateFunction(original, 'original');
  if (original[kCustomPromisify]) {
    const fn = original[kCustomPromisify];
    validateFunction(fn, 'util.promisify.custom');
    return ObjectDefineProperty(fn, kCustomPromisify, {
      __proto__: null, value: fn, enumerable: false, writable: false, configurable: true,
    });
  }
  const names = original[kCustomArgs];
  function fn(...args) {
    return new Promise((resolve, reject) => {
      ArrayPrototypePush(args, (error, ...values) => {
        if (error) return reject(error);
        if (names === undefined || values.length <= 1) return resolve(values[0]);
        const all = {};
        for (let index = 0; index < names.length; index++) all[names[index]] = values[index];
        return resolve(all);
      });
      ReflectApply(original, this, args);
    });
  }
  ObjectSetPrototypeOf(fn, ObjectGetPrototypeOf(original));
  ObjectDefineProperty(fn, kCustomPromisify, { __proto__: null, value: fn, enumerable: false, writable: false, configurable: true });
  return copyProperties(fn, original);
}
ObjectDefineProperty(promisify, 'custom', { __proto__: null, value: kCustomPromisify, writable: true, enumerable: true, configurable: true });

function copyProperties(to, from) {
  const descriptors = ObjectGetOwnPropertyDescriptors(from);
  const keys = primordials.ReflectOwnKeys(descriptors);
  for (let index = 0; index < keys.length; index++) ObjectSetPrototypeOf(descriptors[keys[index]], null);
  return ObjectDefineProperties(to, descriptors);
}

const later = (fn, ...args) => ops.tick(fn, args);

function callbackify(original) {
  validateFunction(original, 'original');
  function callbackified(...args) {
    const callback = primordials.ArrayPrototypePop(args);
    validateFunction(callback, 'last argument');
    const answer = (error, value) => ReflectApply(callback, this, error === null ? [null, value] : [error]);
    PromisePrototypeThen(PromiseResolve(ReflectApply(original, this, args)), (value) => later(answer, null, value), (reason) => {
      if (!reason) {
        const error = make('ERR_FALSY_VALUE_REJECTION');
        error.reason = reason;
        reason = error;
      }
      later(answer, reason);
    });
  }
  const descriptors = ObjectGetOwnPropertyDescriptors(original);
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  const keys = primordials.ReflectOwnKeys(descriptors);
  for (let index = 0; index < keys.length; index++) ObjectSetPrototypeOf(descriptors[keys[index]], null);
  return ObjectDefineProperties(callbackified, descriptors);
}

function inherits(constructor, superConstructor) {
  if (constructor === undefined || constructor === null) throw make('ERR_INVALID_ARG_TYPE', 'ctor', 'Function', constructor);
  if (superConstructor === undefined || superConstructor === null) {
    throw make('ERR_INVALID_ARG_TYPE', 'superCtor', 'Function', superConstructor);
  }
  if (superConstructor.prototype === undefined) {
    throw make('ERR_INVALID_ARG_TYPE', 'superCtor.prototype', 'Object', superConstructor.prototype);
  }
  ObjectDefineProperty(constructor, 'super_', { __proto__: null, value: superConstructor, writable: true, configurable: true });
  ObjectSetPrototypeOf(constructor.prototype, superConstructor.prototype);
}

// What the environment variable NODE_DEBUG names.
function isDebugged(set) {
  const wanted = require('node/internal/process_env').env().NODE_DEBUG ?? '';
  return wanted !== '' && RegExpPrototypeExec(debugPattern(wanted), set) !== null;
}

function debugPattern(text) {
  let source = '';
  for (let index = 0; index < text.length; index++) {
    const c = text[index];
    if (c === ',') source += '$|^';
    else if (c === '*') source += '.*';
    else source += RegExpPrototypeExec(/[|\\{}()[\]^$+?.]/, c) === null ? c : `\\${c}`;
  }
  return new primordials.RegExp(`^${source}$`, 'i');
}

function debuglog(set, callback) {
  set = StringPrototypeToUpperCase(`${set}`);
  let enabled;
  const test = () => {
    if (enabled === undefined) enabled = isDebugged(set);
    return enabled;
  };
  let told = false;
  const logger = (...args) => {
    if (!test()) return;
    if (!told && typeof callback === 'function') {
      told = true;
      callback(logger);
    }
    globalThis.console.error(`${set}: ${ReflectApply(format, undefined, args)}`);
  };
  return ObjectDefineProperty(logger, 'enabled', { __proto__: null, get: test, configurable: true, enumerable: true });
}

async function aborted(signal, resource) {
  if (signal === undefined) throw make('ERR_INVALID_ARG_TYPE', 'signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  if (resource === null || (typeof resource !== 'object' && typeof resource !== 'function')) {
    throw make('ERR_INVALID_ARG_TYPE', 'resource', 'Object', resource);
  }
  if (signal.aborted) return undefined;
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { __proto__: null, once: true }));
}

function getSystemErrorName(code) {
  if (typeof code !== 'number') throw make('ERR_INVALID_ARG_TYPE', 'err', 'number', code);
  if (code >= 0 || !primordials.NumberIsSafeInteger(code)) throw make('ERR_OUT_OF_RANGE', 'err', 'a negative integer', code);
  return systemErrorName(code);
}

const legacy = (message, code, fn) => deprecate(fn, message, code);
const tag = (value) => ObjectPrototypeToString(value);

const util = module.exports = {
  _errnoException(...args) { return ReflectApply(require('node/internal/system_errors').errnoException, undefined, args); },
  _extend(target, source) {
    if (source === null || typeof source !== 'object') return target;
    const keys = ObjectKeys(source);
    for (let index = keys.length - 1; index >= 0; index--) target[keys[index]] = source[keys[index]];
    return target;
  },
  callbackify,
  debug: debuglog,
  debuglog,
  deprecate(fn, message, code) {
    if (code !== undefined) validateString(code, 'code');
    return deprecate(fn, message, code);
  },
  format,
  styleText(...args) { return ReflectApply(require('node/internal/styles').styleText, undefined, args); },
  formatWithOptions,
  getSystemErrorMap() {
    const map = new primordials.Map();
    const entries = systemErrorMap();
    for (let index = 0; index < entries.length; index++) primordials.MapPrototypeSet(map, entries[index][0], entries[index][1]);
    return map;
  },
  getSystemErrorName,
  inherits,
  inspect,
  isArray: ArrayIsArray,
  isBoolean: (value) => typeof value === 'boolean',
  isBuffer: (value) => require('node/buffer').Buffer.isBuffer(value),
  isDeepStrictEqual: (one, other) => require('node/internal/deep_equal').isDeepEqual(one, other, true),
  isNull: (value) => value === null,
  isNullOrUndefined: (value) => value === null || value === undefined,
  isNumber: (value) => typeof value === 'number',
  isString: (value) => typeof value === 'string',
  isSymbol: (value) => typeof value === 'symbol',
  isUndefined: (value) => value === undefined,
  isRegExp: types.isRegExp,
  isObject: (value) => value !== null && typeof value === 'object',
  isDate: types.isDate,
  isError: (value) => tag(value) === '[object Error]' || ops.isError(value),
  isFunction: (value) => typeof value === 'function',
  isPrimitive: (value) => value === null || (typeof value !== 'object' && typeof value !== 'function'),
  log(...args) { globalThis.console.log('%s - %s', new primordials.Date(DateNow()).toString(), ReflectApply(format, undefined, args)); },
  promisify,
  stripVTControlCharacters(text) {
    validateString(text, 'str');
    return require('node/internal/styles').strip(text);
  },
  toUSVString: (input) => StringPrototypeToWellFormed(`${input}`),
  aborted,
  types,
  parseEnv(content) {
    validateString(content, 'content');
    return require('node/internal/parse_env').parseEnv(content);
  },
  parseArgs(config) { return require('node/internal/parse_args').parseArgs(config); },
};

// Loaded when they are first looked at.
const lazily = (name, load) => ObjectDefineProperty(util, name, {
  __proto__: null, get: () => load(), enumerable: true, configurable: true,
});
lazily('TextDecoder', () => globalThis.TextDecoder);
lazily('TextEncoder', () => globalThis.TextEncoder);
lazily('MIMEType', () => require('node/internal/mime').MIMEType);
lazily('MIMEParams', () => require('node/internal/mime').MIMEParams);
require('node/internal/missing').missing(util, 'util', ['transferableAbortController', 'transferableAbortSignal']);
