// `process.stdout`, `process.stderr` and `process.stdin`. What is written comes out line by line, in order with the console; a line
// that is not ended comes when the JavaScript that executes now is done.
'use strict';

const { Readable, Writable } = require('node/stream');
const { ObjectDefineProperty, StringPrototypeLastIndexOf, StringPrototypeSlice } = primordials;

// The console's own methods, whatever becomes of them.
const { error: sayError, log: sayLog } = globalThis.console;

function output(fd) {
  let pending = '';
  let waits = false;
  const say = fd === 1 ? sayLog : sayError;
  const flush = () => {
    waits = false;
    if (pending !== '') say(pending);
    pending = '';
  };
  const stream = new Writable({
    __proto__: null,
    decodeStrings: false,
    write(chunk, encoding, done) {
      pending += typeof chunk === 'string' ? chunk : require('node/buffer').Buffer.from(chunk).toString();
      const end = StringPrototypeLastIndexOf(pending, '\n');
      if (end >= 0) {
        say(StringPrototypeSlice(pending, 0, end));
        pending = StringPrototypeSlice(pending, end + 1);
      }
      if (pending !== '' && !waits) {
        waits = true;
        ops.tick(flush, []);
      }
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
