// What readable streams, their readers and their controllers do with one another, by the algorithms of the Streams
// standard.
//
// Inside, a stream, a reader, a controller is a record that user code never sees; the classes hold it in a private
// field.
'use strict';

const { invalidState } = require('web/common');
const { deferred, handled, react, rejected, rejectedDeferred, resolved, resolvedDeferred } = require('web/streams/promises');
const { Queue } = require('web/streams/queue');

const newStream = () => ({
  __proto__: null, state: 'readable', storedError: undefined, disturbed: false, reader: undefined, controller: undefined, object: undefined,
  // For who waits for its end without a reader.
  ended: undefined,
});

const isLocked = (stream) => stream.reader !== undefined;

function cancel(stream, reason) {
  stream.disturbed = true;
  if (stream.state === 'closed') return resolved(undefined);
  if (stream.state === 'errored') return rejected(stream.storedError);
  close(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.byob) {
    const { requests } = reader;
    reader.requests = new Queue();
    while (requests.length > 0) requests.shift().close(undefined);
  }
  return react(stream.controller.cancelSteps(reason), () => undefined);
}

function close(stream) {
  stream.state = 'closed';
  stream.ended?.resolve(undefined);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve(undefined);
  if (reader.byob) return;
  const { requests } = reader;
  reader.requests = new Queue();
  while (requests.length > 0) requests.shift().close();
}

function error(stream, reason) {
  stream.state = 'errored';
  stream.storedError = reason;
  stream.ended?.reject(reason);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.reject(reason);
  handled(reader.closed.promise);
  failRequests(reader, reason);
}

function failRequests(reader, reason) {
  const { requests } = reader;
  reader.requests = new Queue();
  while (requests.length > 0) requests.shift().error(reason);
}

// How many reads wait for the stream.
const waiting = (stream) => stream.reader === undefined ? 0 : stream.reader.requests.length;

function fulfill(stream, chunk, done) {
  const request = stream.reader.requests.shift();
  if (done) request.close(chunk);
  else request.chunk(chunk);
}

function newReader(stream, byob) {
  if (isLocked(stream)) throw invalidState('ReadableStream is locked');
  if (byob && !stream.controller.bytes) throw invalidState('Cannot get a BYOB reader of a stream that has no bytes');
  const reader = { __proto__: null, stream, byob, closed: undefined, requests: new Queue(), object: undefined };
  stream.reader = reader;
  if (stream.state === 'readable') reader.closed = deferred();
  else if (stream.state === 'closed') reader.closed = resolvedDeferred(undefined);
  else reader.closed = rejectedDeferred(stream.storedError);
  return reader;
}

const released = () => invalidState('The reader is not attached to a stream');

function release(reader) {
  const { stream } = reader;
  if (stream === undefined) return;
  if (stream.state === 'readable') reader.closed.reject(released());
  else reader.closed = rejectedDeferred(released());
  handled(reader.closed.promise);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
  failRequests(reader, released());
}

// A read: `request` has the functions `chunk(value)`, `close()` and `error(reason)`.
function read(reader, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'closed') request.close();
  else if (stream.state === 'errored') request.error(stream.storedError);
  else stream.controller.pullSteps(request);
}

module.exports = {
  __proto__: null, cancel, close, error, failRequests, fulfill, isLocked, newReader, newStream, read, release, released, waiting,
};
