// `process.stdout`, `process.stderr` and `process.stdin`.
'use strict';

const { ObjectDefineProperty } = primordials;
const { standardStreams } = require('node/internal/stream_base');
const { describe } = require('node/internal/standard_files');
const failures = require('node/internal/output_failures');
const { Output, kEnds } = require('node/internal/standard_stream');

const TYPES = { __proto__: null, file: 'fs', pipe: 'pipe', socket: 'tcp', tty: 'tty', none: 'pipe' };

function standardOutput(fd) {
  const { kind } = describe(fd);
  const stream = kind === 'tty' ? new (require('node/tty').WriteStream)(fd) : new Output(fd);
  stream._type = TYPES[kind];
  stream._isStdio = true;
  standardStreams.add(stream);
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, done) => {
    done(error);
    // As in Node, it can be written to all the same.
    stream._undestroy();
  };
  failures.attach(fd, stream);
  followWrite(stream, fd);
  if (kind === 'tty') require('node/process').on('SIGWINCH', () => stream._refreshSize());
  return stream;
}

const ignore = () => {};

const isStackOverflow = (error) => error?.name === 'RangeError' && error.message === 'Maximum call stack size exceeded';

// As in Node, the console writes by the stream's `write` where a program has assigned another, as tests do to see what
// is printed, and where it has ended the stream: then nothing is written.
function followWrite(stream, fd) {
  const own = stream.write;
  const isOwn = (write) => write === undefined || write === own;
  const isEnding = () => stream.writableEnded && !stream.destroyed;
  const onWritten = (error) => {
    if (error && stream.listenerCount('error') === 0) stream.once('error', ignore);
  };
  const route = (text) => {
    if (isOwn(stream.write) && !isEnding()) return false;
    try {
      stream.write(text, onWritten);
    } catch (error) {
      // As in Node, the console throws nothing of that, but that the stack is full: else each call on it would go on
      // with the next.
      if (isStackOverflow(error)) throw error;
    }
    return true;
  };
  stream[kEnds] = () => ops.routeConsole(fd, route);
  let write = own;
  ObjectDefineProperty(stream, 'write', {
    __proto__: null,
    get: { __proto__: null, get() { return write; } }.get,
    set: { __proto__: null, set(value) {
      write = value;
      ops.routeConsole(fd, isOwn(value) ? undefined : route);
    } }.set,
    enumerable: false,
    configurable: true,
  });
}

exports.stdout = () => standardOutput(1);
exports.stderr = () => standardOutput(2);
// The stream of a session that has none, until it has said so.
let refusing;
exports.stdin = () => {
  const { kind } = describe(0);
  if (refusing !== undefined && !refusing.destroyed) return refusing;
  const { Input } = require('node/internal/standard_input');
  // What a person types at the prompt is read as from a terminal.
  const stream = kind === 'tty' ? new (require('node/tty').ReadStream)(0) : new Input(0, !ops.hasStreams());
  stream._type = TYPES[kind];
  stream._isStdio = true;
  if (!ops.hasStreams()) refusing = stream;
  return stream;
};
