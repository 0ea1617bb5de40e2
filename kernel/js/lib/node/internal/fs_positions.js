// Which bytes of a view are read or written, and where in the file: what `offset`, `length` and `position` may be.
'use strict';

const { ArrayBufferIsView, ArrayIsArray, Number } = primordials;
const { make } = require('node/internal/errors');
const { validateInteger, validateObject } = require('node/internal/validators');

const MAX_LENGTH = 2147483647;

function outOfRange(name, range, value) {
  return make('ERR_OUT_OF_RANGE', name, range, value);
}

const isOptions = (value) => typeof value === 'object' && value !== null;

// For reading: `[offset, length, position]`; a position of null is where the file is.
function forReading(size, offset, length, position, isWhole) {
  if (isWhole || isOptions(offset)) {
    if (offset !== undefined && offset !== null) validateObject(offset, 'options');
    ({ offset, length, position } = offset ?? { __proto__: null });
  }
  if (offset === undefined || offset === null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length = length === undefined || length === null ? size - offset : length | 0;
  if (length !== 0) {
    if (length < 0) throw outOfRange('length', '>= 0', length);
    if (length > size - offset) throw outOfRange('length', `<= ${size - offset}`, length);
  }
  return { __proto__: null, offset, length, position: positionOf(position) };
}

function positionOf(position) {
  if (position === undefined || position === null) return null;
  if (typeof position === 'bigint') {
    if (position < -1n || position > 9223372036854775807n) throw outOfRange('position', '>= -1 && <= 9223372036854775807', position);
    position = Number(position);
  } else if (typeof position === 'number') {
    validateInteger(position, 'position', -1);
  } else {
    throw make('ERR_INVALID_ARG_TYPE', 'position', ['bigint', 'integer'], position);
  }
  return position < 0 ? null : position;
}

// For writing.
function forWriting(size, offset, length, position) {
  if (isOptions(offset)) ({ offset, length, position } = offset);
  if (offset === undefined || offset === null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  if (typeof length !== 'number') length = size - offset;
  if (offset > size) throw outOfRange('offset', `<= ${size}`, offset);
  if (length > size - offset) throw outOfRange('length', `<= ${size - offset}`, length);
  if (length < 0) throw outOfRange('length', '>= 0', length);
  validateInteger(length, 'length', 0, MAX_LENGTH);
  return { __proto__: null, offset, length, position: writePosition(position) };
}

// What is no position is none: it is written where the file is.
function writePosition(position) {
  if (typeof position === 'bigint') position = Number(position);
  return typeof position === 'number' && position >= 0 ? position : null;
}

function validateViews(views) {
  if (!ArrayIsArray(views)) throw make('ERR_INVALID_ARG_TYPE', 'buffers', 'ArrayBufferView[]', views);
  for (let index = 0; index < views.length; index++) {
    if (!ArrayBufferIsView(views[index])) throw make('ERR_INVALID_ARG_TYPE', 'buffers', 'ArrayBufferView[]', views);
  }
}

module.exports = { __proto__: null, forReading, forWriting, validateViews, writePosition };
