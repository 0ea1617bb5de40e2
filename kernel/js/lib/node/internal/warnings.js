// Warnings of the built-in modules, by `process.emitWarning`, and each of some kinds only once.
'use strict';

const {
  Error, ObjectDefineProperty, ObjectSetPrototypeOf, ReflectApply, ReflectConstruct, SafeSet, String, StringPrototypeSlice,
} = primordials;
const { validateString } = require('node/internal/validators');

const said = new SafeSet();

// `warning`: a text, or an error. `place`: the function whose caller the stack begins with.
function emitWarning(warning, type, code, place) {
  require('node/process').emitWarning(warning, type, code, place);
}

function emitOnce(key, message, type, code, place) {
  if (said.has(key)) return;
  said.add(key);
  emitWarning(message, type, code, place);
}

// A function that says once that it should not be used any more, and then does what `fn` does.
function deprecate(fn, message, code) {
  if (code !== undefined) validateString(code, 'code');
  let warned = false;
  function deprecated(...args) {
    if (!warned) {
      warned = true;
      if (code === undefined || !said.has(`code ${code}`)) {
        if (code !== undefined) said.add(`code ${code}`);
        emitWarning(message, 'DeprecationWarning', code, deprecated);
      }
    }
    return new.target ? ReflectConstruct(fn, args, new.target) : ReflectApply(fn, this, args);
  }
  ObjectSetPrototypeOf(deprecated, fn);
  if (fn.prototype) ObjectDefineProperty(deprecated, 'prototype', { __proto__: null, value: fn.prototype, writable: true });
  return deprecated;
}

// `kind`: `EventEmitter` or `EventTarget`, as which `target` has more listeners than `most`.
function tooManyListeners(kind, target, type, count, most) {
  const is = kind === 'EventEmitter' ? 'emitter' : 'target';
  const how = kind === 'EventEmitter' ? 'emitter' : 'events';
  let named = ops.inspect(target, { __proto__: null, depth: -1 });
  // As in Node, only some classes are in brackets.
  if (is === 'target' && !require('web/abort').isAbortSignal(target)) named = StringPrototypeSlice(named, 1, -1);
  const warning = new Error(`Possible ${kind} memory leak detected. ${count} ${String(type)} listeners added to `
    + `${named}. MaxListeners is ${most}. Use ${how}.setMaxListeners() to increase limit`);
  const properties = { __proto__: null, name: 'MaxListenersExceededWarning', [is]: target, type, count };
  for (const name in properties) {
    ObjectDefineProperty(warning, name, {
      __proto__: null, value: properties[name], writable: true, enumerable: true, configurable: true,
    });
  }
  emitWarning(warning);
}

exports.deprecate = deprecate;
exports.emitOnce = emitOnce;
exports.emitWarning = emitWarning;
exports.tooManyListeners = tooManyListeners;
