// `process.emitWarning`: what it takes, and how a warning is told.
'use strict';

const {
  ArrayIsArray, ArrayPrototypeIncludes, Error, ErrorCaptureStackTrace, ErrorPrototypeToString, ObjectDefineProperty, String,
} = primordials;
const { make } = require('node/internal/errors');

const FLAGS = {
  __proto__: null,
  noDeprecation: '--no-deprecation',
  throwDeprecation: '--throw-deprecation',
  traceDeprecation: '--trace-deprecation',
  traceProcessWarnings: '--trace-warnings',
};

// A property that a plain assignment would make.
const set = (error, name, value) => {
  ObjectDefineProperty(error, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
};

function warningOf(message, type, code, place, detail) {
  const warning = new Error(message);
  set(warning, 'name', String(type || 'Warning'));
  if (code !== undefined) set(warning, 'code', code);
  if (detail !== undefined) set(warning, 'detail', detail);
  ErrorCaptureStackTrace(warning, place);
  return warning;
}

function tell(process, warning) {
  // Whether the flags or the environment want to see no warnings.
  if (ArrayPrototypeIncludes(process.execArgv, '--no-warnings') || process.env.NODE_NO_WARNINGS === '1') return;
  const isTraced = process.traceProcessWarnings || (warning.name === 'DeprecationWarning' && process.traceDeprecation);
  let text = `(drupe:${process.pid}) ${warning.code ? `[${warning.code}] ` : ''}`;
  if (isTraced && warning.stack) text += warning.stack;
  else text += typeof warning.toString === 'function' ? `${warning.toString()}` : ErrorPrototypeToString(warning);
  if (typeof warning.detail === 'string') text += `\n${warning.detail}`;
  globalThis.console.warn(text);
}

// Gives `process` what it warns by.
exports.attach = (process, give) => {
  process.emitWarning = function emitWarning(warning, type, code, ctor) {
    let detail;
    if (typeof type === 'object' && type !== null && !ArrayIsArray(type)) {
      ctor = type.ctor;
      code = type.code;
      if (typeof type.detail === 'string') detail = type.detail;
      type = type.type || 'Warning';
    } else if (typeof type === 'function') {
      ctor = type;
      code = '';
      type = 'Warning';
    }
    if (type !== undefined && typeof type !== 'string') throw make('ERR_INVALID_ARG_TYPE', 'type', 'string', type);
    if (typeof code === 'function') {
      ctor = code;
      code = '';
    } else if (code !== undefined && typeof code !== 'string') {
      throw make('ERR_INVALID_ARG_TYPE', 'code', 'string', code);
    }
    if (typeof warning === 'string') warning = warningOf(warning, type, code, ctor || process.emitWarning, detail);
    else if (!(warning instanceof Error)) throw make('ERR_INVALID_ARG_TYPE', 'warning', ['Error', 'string'], warning);
    if (warning.name === 'DeprecationWarning') {
      if (process.noDeprecation) return;
      if (process.throwDeprecation) {
        ops.tick(() => { throw warning; }, []);
        return;
      }
    }
    ops.tick(() => {
      tell(process, warning);
      process.emit?.('warning', warning);
    }, []);
  };
  // What flags of the command switch on, unless the program says otherwise.
  for (const name in FLAGS) {
    ObjectDefineProperty(process, name, {
      __proto__: null,
      get: { __proto__: null, get() { return ArrayPrototypeIncludes(process.execArgv, FLAGS[name]) || undefined; } }.get,
      set: { __proto__: null, set(value) { give(process, name, value); } }.set,
      enumerable: false,
      configurable: true,
    });
  }
};
