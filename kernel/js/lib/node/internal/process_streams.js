// `process.stdout`, `process.stderr` and `process.stdin`. What is written comes out as it is, in order with the console.
'use strict';

const { Readable, Writable } = require('node/stream');
const { ObjectDefineProperty } = primordials;

const TEXT = { __proto__: null, utf8: true, 'utf-8': true };

function output(fd) {
  // Bytes of a character may come in two pieces.
  let decoder;
  const decoded = (bytes) => {
    decoder ??= new (require('node/string_decoder').StringDecoder)('utf8');
    return decoder.write(bytes);
  };
  const stream = new Writable({
    __proto__: null,
    decodeStrings: false,
    write(chunk, encoding, done) {
      const { Buffer } = require('node/buffer');
      if (typeof chunk !== 'string') ops.write(fd, decoded(Buffer.from(chunk)));
      else if (encoding === undefined || TEXT[encoding]) ops.write(fd, chunk);
      else ops.write(fd, decoded(Buffer.from(chunk, encoding)));
      done();
    },
  });
  stream.fd = fd;
  // What is on the other side is no terminal that a program could paint on.
  stream.isTTY = false;
  stream._type = 'pipe';
  stream._isStdio = true;
  stream.destroySoon = stream.destroy;
  stream._destroy = (error, done) => done(error);
  const quiet = { __proto__: null, getColorDepth: () => 1, hasColors: () => false, getWindowSize: () => [80, 24] };
  for (const name in quiet) {
    ObjectDefineProperty(stream, name, { __proto__: null, value: quiet[name], writable: true, enumerable: false, configurable: true });
  }
  return stream;
}

exports.stdout = () => output(1);
exports.stderr = () => output(2);
exports.stdin = () => {
  // Nothing comes from there: input is the front end's.
  const stream = new Readable({ __proto__: null, read() { this.push(null); } });
  stream.fd = 0;
  stream.isTTY = false;
  return stream;
};
