// Warnings, which go to the console as Node's go to standard error, and each of some kinds only once.
'use strict';

const { ObjectDefineProperty, ObjectSetPrototypeOf, ReflectApply, ReflectConstruct, SafeSet } = primordials;

const said = new SafeSet();

function emitWarning(message, type = 'Warning', code = undefined) {
  const warn = globalThis.console?.warn;
  if (typeof warn !== 'function') return;
  const text = typeof message === 'string' ? message : message?.message;
  ReflectApply(warn, undefined, [`${code === undefined ? '' : `[${code}] `}${type}: ${text}`]);
}

function emitOnce(key, message, type, code) {
  if (said.has(key)) return;
  said.add(key);
  emitWarning(message, type, code);
}

// A function that says once that it should not be used any more, and then does what `fn` does.
function deprecate(fn, message, code) {
  let warned = false;
  function deprecated(...args) {
    if (!warned) {
      warned = true;
      if (code === undefined || !said.has(`code ${code}`)) {
        if (code !== undefined) said.add(`code ${code}`);
        emitWarning(message, 'DeprecationWarning', code);
      }
    }
    return new.target ? ReflectConstruct(fn, args, new.target) : ReflectApply(fn, this, args);
  }
  ObjectSetPrototypeOf(deprecated, fn);
  if (fn.prototype) ObjectDefineProperty(deprecated, 'prototype', { __proto__: null, value: fn.prototype, writable: true });
  return deprecated;
}

exports.deprecate = deprecate;
exports.emitOnce = emitOnce;
exports.emitWarning = emitWarning;
