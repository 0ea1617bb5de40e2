// What can be told of a stream from outside, whoever wrote it: by the states of Node's own classes, or by what it
// shows.
'use strict';

const { MathFloor, NumberIsInteger, SymbolAsyncIterator, SymbolFor, SymbolIterator } = primordials;
const { make } = require('node/internal/errors');
const { validateInteger } = require('node/internal/validators');

// Set on streams of other people's classes that were destroyed from here.
const kDestroyed = SymbolFor('nodejs.stream.destroyed');

const marks = { __proto__: null, bytes: 65536, objects: 16 };

const defaultMark = (objectMode) => objectMode ? marks.objects : marks.bytes;

function setDefaultMark(objectMode, value) {
  validateInteger(value, 'value', 0);
  marks[objectMode ? 'objects' : 'bytes'] = value;
}

// How much may wait in one side of a stream: `name` is the option for a side of a duplex stream.
function mark(objectMode, options, name, isDuplex) {
  const asked = options?.highWaterMark ?? (isDuplex ? options?.[name] : null);
  if (asked === undefined || asked === null) return defaultMark(objectMode);
  if (!NumberIsInteger(asked) || asked < 0) throw make('ERR_INVALID_ARG_VALUE', `options.${isDuplex ? name : 'highWaterMark'}`, asked);
  return MathFloor(asked);
}

// How text is read where nothing else is said.
function defaultEncoding(options) {
  const asked = options?.defaultEncoding;
  if (asked === undefined || asked === null || asked === 'utf-8') return 'utf8';
  if (!require('node/buffer').Buffer.isEncoding(asked)) throw make('ERR_UNKNOWN_ENCODING', asked);
  return asked;
}

const isObject = (value) => value !== null && typeof value === 'object';
const isFunction = (value) => typeof value === 'function';

// `strict`: it can be paused, too.
function isReadableSide(value, strict = false) {
  if (!value || !isFunction(value.pipe) || !isFunction(value.on)) return false;
  if (strict && !(isFunction(value.pause) && isFunction(value.resume))) return false;
  if (!value._writableState) return true;
  return Boolean(value._readableState) && value._readableState.readable !== false;
}

function isWritableSide(value) {
  if (!value || !isFunction(value.write) || !isFunction(value.on)) return false;
  return !value._readableState || value._writableState?.writable !== false;
}

const isDuplex = (value) => Boolean(value && isFunction(value.pipe) && value._readableState && isFunction(value.on) && isFunction(value.write));

const isNodeStream = (value) => Boolean(value) && Boolean(value._readableState || value._writableState ||
  (isFunction(value.on) && (isFunction(value.write) || isFunction(value.pipe))));

const isWebReadable = (value) => isObject(value) && !isNodeStream(value) && require('web/streams/readable').isReadableStream(value);
const isWebWritable = (value) => isObject(value) && !isNodeStream(value) && require('web/streams/writable').isWritableStream(value);
const isWebTransform = (value) => isObject(value) && !isNodeStream(value) && isWebReadable(value.readable) && isWebWritable(value.writable);
const isWebStream = (value) => isWebReadable(value) || isWebWritable(value) || isWebTransform(value);

// `isAsync`: true for asynchronous iterables only, false for the others only.
function isIterable(value, isAsync) {
  if (value === undefined || value === null) return false;
  if (isAsync === true) return isFunction(value[SymbolAsyncIterator]);
  if (isAsync === false) return isFunction(value[SymbolIterator]);
  return isFunction(value[SymbolAsyncIterator]) || isFunction(value[SymbolIterator]);
}

const stateOf = (stream) => stream._writableState || stream._readableState;

function isDestroyed(stream) {
  if (!isNodeStream(stream)) return null;
  return Boolean(stream.destroyed || stream[kDestroyed] || stateOf(stream)?.destroyed);
}

function isWritableEnded(stream) {
  if (!isWritableSide(stream)) return null;
  if (stream.writableEnded === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  return typeof state?.ended === 'boolean' ? state.ended : null;
}

// Whether all was written; `strict`: and `finish` was emitted.
function isWritableFinished(stream, strict) {
  if (!isWritableSide(stream)) return null;
  if (stream.writableFinished === true) return true;
  const state = stream._writableState;
  if (state?.errored) return false;
  if (typeof state?.finished !== 'boolean') return null;
  return Boolean(state.finished || (strict === false && state.ended === true && state.length === 0));
}

// Whether all was read; `strict`: and `end` was emitted.
function isReadableFinished(stream, strict) {
  if (!isReadableSide(stream)) return null;
  const state = stream._readableState;
  if (state?.errored) return false;
  if (typeof state?.endEmitted !== 'boolean') return null;
  return Boolean(state.endEmitted || (strict === false && state.ended === true && state.length === 0));
}

function isReadable(stream) {
  if (isWebReadable(stream)) return require('web/streams/readable').stateOf(stream).state === 'readable';
  if (typeof stream?.readable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isReadableSide(stream) && stream.readable && !isReadableFinished(stream);
}

function isWritable(stream) {
  if (typeof stream?.writable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isWritableSide(stream) && stream.writable && !isWritableEnded(stream);
}

// Whether nothing more will come of the sides that are asked about.
function isFinished(stream, sides) {
  if (!isNodeStream(stream)) return null;
  if (isDestroyed(stream)) return true;
  return !(sides?.readable !== false && isReadable(stream)) && !(sides?.writable !== false && isWritable(stream));
}

function errorOf(stream, side, name) {
  if (!isNodeStream(stream)) return null;
  if (stream[name]) return stream[name];
  return stream[side]?.errored ?? null;
}
const writableError = (stream) => errorOf(stream, '_writableState', 'writableErrored');
const readableError = (stream) => errorOf(stream, '_readableState', 'readableErrored');

function isClosed(stream) {
  if (!isNodeStream(stream)) return null;
  if (typeof stream.closed === 'boolean') return stream.closed;
  const { _writableState: writable, _readableState: readable } = stream;
  if (typeof writable?.closed === 'boolean' || typeof readable?.closed === 'boolean') return writable?.closed || readable?.closed;
  return null;
}

// Whether `close` is still to come by itself.
function willEmitClose(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stateOf(stream);
  return Boolean(state?.autoDestroy && state.emitClose && state.closed === false);
}

function isDisturbed(stream) {
  if (isWebReadable(stream)) return require('web/streams/readable').isDisturbed(stream);
  return Boolean(stream && (stream.readableDidRead || stream.readableAborted));
}

function isErrored(stream) {
  if (isWebReadable(stream)) return require('web/streams/readable').stateOf(stream).state === 'errored';
  return Boolean(stream && (stream.readableErrored ?? stream.writableErrored ?? stream._readableState?.errorEmitted ??
    stream._writableState?.errorEmitted ?? stream._readableState?.errored ?? stream._writableState?.errored));
}

module.exports = {
  __proto__: null, defaultEncoding, defaultMark, isClosed, isDestroyed, isDisturbed, isDuplex, isErrored, isFinished, isIterable, isNodeStream, isReadable,
  isReadableFinished, isReadableSide, isWebReadable, isWebStream, isWebTransform, isWebWritable, isWritable, isWritableEnded, isWritableFinished,
  isWritableSide, kDestroyed, mark, readableError, setDefaultMark, willEmitClose, writableError,
};
