// A stream to standard output or standard error. Writing still works after `destroy()`.
'use strict';

const { FunctionPrototypeCall, ObjectDefineProperty, Symbol } = primordials;
const { inherit, isBuffer, method, toBuffer } = require('node/internal/stream_base');
const { Writable } = require('node/internal/stream_writable');
const failures = require('node/internal/output_failures');
const { write } = require('node/internal/standard_output');

const asBuffer = (chunk) => isBuffer(chunk) ? chunk : toBuffer(chunk);
const TEXT = { __proto__: null, utf8: true, 'utf-8': true };
// As much as Node lets wait.
const MARK = 16384;

// The function of a stream that hears that the program ends it.
const kEnds = Symbol('kEnds');

function Output(fd) {
  FunctionPrototypeCall(Writable, this, { __proto__: null, decodeStrings: false, highWaterMark: MARK });
  this.fd = fd;
}
inherit(Output, Writable);
method(Output, '_write', function _write(chunk, encoding, done) {
  let data = chunk;
  if (typeof chunk !== 'string') data = asBuffer(chunk);
  else if (encoding !== undefined && !TEXT[encoding]) data = require('node/buffer').Buffer.from(chunk, encoding);
  if (write(this.fd, data)) done();
  else done(failures.streamError(this.fd));
});
// Behind a failure what is written waits, and a loop may go on for ever.
method(Output, 'write', function write(chunk, encoding, callback) {
  failures.endLoop(this.fd);
  return FunctionPrototypeCall(Writable.prototype.write, this, chunk, encoding, callback);
});
method(Output, 'end', function end(chunk, encoding, callback) {
  this[kEnds]?.();
  return FunctionPrototypeCall(Writable.prototype.end, this, chunk, encoding, callback);
});
ObjectDefineProperty(Output, 'name', { __proto__: null, value: 'WriteStream', configurable: true });

module.exports = { __proto__: null, Output, kEnds };
