// What arguments must be, with the errors that Node throws where they are something else.
'use strict';

const {
  ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypePush, NumberIsInteger, NumberMAX_SAFE_INTEGER, NumberMIN_SAFE_INTEGER,
  TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;
const { make } = require('node/internal/errors');

function validateString(value, name) {
  if (typeof value !== 'string') throw make('ERR_INVALID_ARG_TYPE', name, 'string', value);
}

function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== 'number') throw make('ERR_INVALID_ARG_TYPE', name, 'number', value);
  if ((min != null && value < min) || (max != null && value > max) || ((min != null || max != null) && value !== value)) {
    const range = `${min != null ? `>= ${min}` : ''}${min != null && max != null ? ' && ' : ''}${max != null ? `<= ${max}` : ''}`;
    throw make('ERR_OUT_OF_RANGE', name, range, value);
  }
}

function validateInteger(value, name, min = NumberMIN_SAFE_INTEGER, max = NumberMAX_SAFE_INTEGER) {
  if (typeof value !== 'number') throw make('ERR_INVALID_ARG_TYPE', name, 'number', value);
  if (!NumberIsInteger(value)) throw make('ERR_OUT_OF_RANGE', name, 'an integer', value);
  if (value < min || value > max) throw make('ERR_OUT_OF_RANGE', name, `>= ${min} && <= ${max}`, value);
}

function validateUint32(value, name, positive = false) {
  validateInteger(value, name, positive ? 1 : 0, 4294967295);
}

function validateBoolean(value, name) {
  if (typeof value !== 'boolean') throw make('ERR_INVALID_ARG_TYPE', name, 'boolean', value);
}

function validateFunction(value, name) {
  if (typeof value !== 'function') throw make('ERR_INVALID_ARG_TYPE', name, 'Function', value);
}

function validateObject(value, name) {
  if (value === null || ArrayIsArray(value) || typeof value !== 'object') throw make('ERR_INVALID_ARG_TYPE', name, 'Object', value);
}

function validateArray(value, name) {
  if (!ArrayIsArray(value)) throw make('ERR_INVALID_ARG_TYPE', name, 'Array', value);
}

function validateStringArray(value, name) {
  validateArray(value, name);
  for (let index = 0; index < value.length; index++) validateString(value[index], `${name}[${index}]`);
}

function validateOneOf(value, name, allowed) {
  if (ArrayPrototypeIncludes(allowed, value)) return;
  const words = [];
  for (let index = 0; index < allowed.length; index++) {
    ArrayPrototypePush(words, typeof allowed[index] === 'string' ? `'${allowed[index]}'` : `${allowed[index]}`);
  }
  throw make('ERR_INVALID_ARG_VALUE', name, value, `must be one of: ${primordials.ArrayPrototypeJoin(words, ', ')}`);
}

function validateAbortSignal(signal, name) {
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw make('ERR_INVALID_ARG_TYPE', name, 'AbortSignal', signal);
  }
}

// Whether it is a Uint8Array, a Buffer included.
const isUint8Array = (value) => TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array';

module.exports = {
  __proto__: null, isUint8Array, validateAbortSignal, validateArray, validateBoolean, validateFunction, validateInteger, validateNumber,
  validateObject, validateOneOf, validateString, validateStringArray, validateUint32,
};
