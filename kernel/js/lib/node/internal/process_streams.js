// `process.stdout`, `process.stderr` and `process.stdin`. What is written comes out as it is, in order with the console.
'use strict';

const { Readable, Writable } = require('node/stream');
const { isBuffer, standardStreams, toBuffer } = require('node/internal/stream_base');
const { ObjectDefineProperty } = primordials;

const asBuffer = (chunk) => isBuffer(chunk) ? chunk : toBuffer(chunk);

// How many bytes are told at once.
const PIECE = 64 << 10;
const TEXT = { __proto__: null, utf8: true, 'utf-8': true };

function output(fd) {
  // Bytes go out as they are. Who shows text shows what they read as, and the bytes of a character may come in two pieces.
  let decoder;
  const writeBytes = (bytes) => {
    decoder ??= new (require('node/string_decoder').StringDecoder)('utf8');
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      ops.write(fd, decoder.write(piece), piece);
    }
  };
  const stream = new Writable({
    __proto__: null,
    decodeStrings: false,
    write(chunk, encoding, done) {
      const { Buffer } = require('node/buffer');
      if (typeof chunk !== 'string') writeBytes(asBuffer(chunk));
      else if (encoding === undefined || TEXT[encoding]) ops.write(fd, chunk);
      else writeBytes(Buffer.from(chunk, encoding));
      done();
    },
  });
  stream.fd = fd;
  // The output is not a terminal.
  stream.isTTY = false;
  stream._type = 'pipe';
  stream._isStdio = true;
  standardStreams.add(stream);
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
