// ReadableStreamDefaultReader, and what both readers share.
'use strict';

const { expose, invalidArgument, invalidThis, isObject, onlyItself, requireArguments } = require('web/common');
const { deferred, rejected } = require('web/streams/promises');
const { cancel, newReader, read, release, released } = require('web/streams/readable_core');

class ReadableStreamDefaultReader {
  #state;

  constructor(stream) {
    requireArguments(arguments.length, 'stream');
    const { isReadableStream, stateOf } = require('web/streams/readable');
    if (!isReadableStream(stream)) throw invalidArgument('stream', 'an instance of ReadableStream', stream);
    this.#state = newReader(stateOf(stream), false);
    this.#state.object = this;
  }

  static state(reader) {
    if (!isObject(reader) || !(#state in reader)) throw invalidThis('ReadableStreamDefaultReader');
    return reader.#state;
  }

  get closed() {
    return closedOf(state, this);
  }

  cancel(reason = undefined) {
    return cancelBy(state, this, reason);
  }

  read() {
    let reader;
    try {
      reader = state(this);
    } catch (error) {
      return rejected(error);
    }
    if (reader.stream === undefined) return rejected(released());
    const result = deferred();
    read(reader, {
      __proto__: null,
      chunk(value) { result.resolve({ value, done: false }); },
      close() { result.resolve({ value: undefined, done: true }); },
      error(reason) { result.reject(reason); },
    });
    return result.promise;
  }

  releaseLock() {
    release(state(this));
  }
}
const { state } = ReadableStreamDefaultReader;
delete ReadableStreamDefaultReader.state;
expose(ReadableStreamDefaultReader, { __proto__: null, compared: onlyItself, view: (reader) => viewOf(state(reader)) });

function viewOf({ stream, requests, closed }) {
  return { __proto__: null, stream: stream?.object, readRequests: requests.length, close: closed.promise };
}

function closedOf(state, object) {
  try {
    return state(object).closed.promise;
  } catch (error) {
    return rejected(error);
  }
}

function cancelBy(state, object, reason) {
  try {
    const { stream } = state(object);
    return stream === undefined ? rejected(released()) : cancel(stream, reason);
  } catch (error) {
    return rejected(error);
  }
}

module.exports = { __proto__: null, ReadableStreamDefaultReader, cancelBy, closedOf, viewOf };
