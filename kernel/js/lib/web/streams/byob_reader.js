// ReadableStreamBYOBReader: reads into buffers that the reader brings.
'use strict';

const { ArrayBufferIsView, RangeError } = primordials;
const {
  dictionary, enforcedUnsigned, expose, invalidArgument, invalidState, invalidThis, isObject, onlyItself, requireArguments,
} = require('web/common');
const { pullInto } = require('web/streams/byte_core');
const { deferred, rejected } = require('web/streams/promises');
const { newReader, release, released } = require('web/streams/readable_core');
const { cancelBy, closedOf, viewOf: shown } = require('web/streams/readers');
const { viewOf } = require('web/streams/views');

class ReadableStreamBYOBReader {
  #state;

  constructor(stream) {
    requireArguments(arguments.length, 'stream');
    const { isReadableStream, stateOf } = require('web/streams/readable');
    if (!isReadableStream(stream)) throw invalidArgument('stream', 'an instance of ReadableStream', stream);
    this.#state = newReader(stateOf(stream), true);
  }

  static state(reader) {
    if (!isObject(reader) || !(#state in reader)) throw invalidThis('ReadableStreamBYOBReader');
    return reader.#state;
  }

  get closed() {
    return closedOf(state, this);
  }

  cancel(reason = undefined) {
    return cancelBy(state, this, reason);
  }

  read(view, options) {
    try {
      const reader = state(this);
      requireArguments(arguments.length, 'view');
      if (!isObject(view) || !ArrayBufferIsView(view)) throw invalidArgument('view', 'an instance of Buffer, TypedArray, or DataView', view);
      const { min } = dictionary(options, 'options');
      const least = min === undefined ? 1 : enforcedUnsigned(min);
      const described = viewOf(view);
      if (described.length === 0) throw invalidState('View or Viewed ArrayBuffer is zero-length or detached');
      if (least === 0) throw invalidArgument('options.min', 'greater than 0', min);
      if (least * described.elementSize > described.length) throw new RangeError('options.min is more than the view holds');
      if (reader.stream === undefined) throw released();
      const result = deferred();
      readInto(reader, described, least, {
        __proto__: null,
        chunk(value) { result.resolve({ value, done: false }); },
        close(value) { result.resolve({ value, done: true }); },
        error(reason) { result.reject(reason); },
      });
      return result.promise;
    } catch (error) {
      return rejected(error);
    }
  }

  releaseLock() {
    release(state(this));
  }
}
const { state } = ReadableStreamBYOBReader;
delete ReadableStreamBYOBReader.state;
expose(ReadableStreamBYOBReader, {
  __proto__: null, compared: onlyItself,
  view(reader) {
    const { stream, readRequests, close } = shown(state(reader));
    return { __proto__: null, stream, readIntoRequests: readRequests, close };
  },
});

function readInto(reader, described, least, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'errored') request.error(stream.storedError);
  else pullInto(stream.controller, described, least, request);
}

module.exports = { __proto__: null, ReadableStreamBYOBReader, readInto };
