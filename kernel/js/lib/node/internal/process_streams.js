// `process.stdout`, `process.stderr` and `process.stdin`.
'use strict';

const { standardStreams } = require('node/internal/stream_base');
const { describe } = require('node/internal/standard_files');
const failures = require('node/internal/output_failures');
const { Output } = require('node/internal/standard_stream');

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
  if (kind === 'tty') require('node/process').on('SIGWINCH', () => stream._refreshSize());
  return stream;
}

exports.stdout = () => standardOutput(1);
exports.stderr = () => standardOutput(2);
exports.stdin = () => {
  const { kind } = describe(0);
  const { Input } = require('node/internal/standard_input');
  const stream = kind === 'tty' ? new (require('node/tty').ReadStream)(0) : new Input(0, false);
  stream._type = TYPES[kind];
  stream._isStdio = true;
  return stream;
};
