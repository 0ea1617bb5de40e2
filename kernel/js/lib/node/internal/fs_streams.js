// Files as streams.
'use strict';

const { FunctionPrototypeCall } = primordials;
const args = require('node/internal/fs_arguments');
const { inherit, method } = require('node/internal/stream_base');
const { Readable } = require('node/internal/stream_readable');
const { Writable } = require('node/internal/stream_writable');

const { make } = require('node/internal/errors');
const { validateInteger } = require('node/internal/validators');

const fs = () => require('node/fs');

// Where in the file it begins and ends.
function validateRange({ start, end }) {
  if (start !== undefined) validateInteger(start, 'start', 0);
  if (end === undefined || end === null || end === Infinity) return;
  validateInteger(end, 'end', 0);
  if (start !== undefined && start > end) throw make('ERR_OUT_OF_RANGE', 'start', `<= "end" (here: ${end})`, start);
}

function prepare(stream, path, options) {
  if (options.fd !== undefined && options.fd !== null) {
    stream.fd = args.descriptor(options.fd);
    return;
  }
  stream.path = args.path(path);
  stream.fd = null;
  stream.flags = options.flags;
  stream.mode = options.mode;
}

function open(stream, done) {
  if (stream.fd !== null) {
    ops.tick(done, []);
    return;
  }
  fs().open(stream.path, stream.flags, stream.mode, (error, fd) => {
    if (error) return done(error);
    stream.fd = fd;
    done();
    stream.emit('open', fd);
    stream.emit('ready');
  });
}

function close(error, done) {
  const { fd } = this;
  if (fd === null || this.autoClose === false) return done(error);
  this.fd = null;
  fs().close(fd, (other) => done(error ?? other));
}

function ReadStream(path, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  options = args.options(options, { __proto__: null, flags: 'r', mode: 0o666, highWaterMark: 65536 });
  validateRange(options);
  this.bytesRead = 0;
  this.start = options.start;
  this.end = options.end ?? Infinity;
  this.pos = options.start;
  this.autoClose = options.autoClose !== false;
  prepare(this, path, options);
  FunctionPrototypeCall(Readable, this, {
    __proto__: null, highWaterMark: options.highWaterMark, encoding: options.encoding, signal: options.signal, emitClose: options.emitClose,
  });
}
inherit(ReadStream, Readable);
method(ReadStream, '_construct', function _construct(done) { open(this, done); });
method(ReadStream, '_read', function _read(count) {
  const at = this.pos;
  if (this.end !== Infinity) {
    const left = this.end - (at ?? this.bytesRead) + 1;
    if (left < count) count = left;
  }
  if (count <= 0) return void this.push(null);
  const { Buffer } = require('node/buffer');
  const piece = Buffer.allocUnsafeSlow(count);
  fs().read(this.fd, piece, 0, count, at ?? null, (error, length) => {
    if (error) return void this.destroy(error);
    if (at !== undefined) this.pos += length;
    this.bytesRead += length;
    this.push(length === 0 ? null : piece.subarray(0, length));
  });
});
method(ReadStream, '_destroy', close);
method(ReadStream, 'close', function(callback) {
  if (callback) this.once('close', callback);
  this.destroy();
});

function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  options = args.options(options, { __proto__: null, flags: 'w', mode: 0o666 });
  validateRange({ __proto__: null, start: options.start });
  this.bytesWritten = 0;
  this.start = options.start;
  this.pos = options.start;
  this.autoClose = options.autoClose !== false;
  prepare(this, path, options);
  FunctionPrototypeCall(Writable, this, {
    __proto__: null, highWaterMark: options.highWaterMark ?? 65536, signal: options.signal, emitClose: options.emitClose,
    defaultEncoding: options.encoding ?? 'utf8',
  });
}
inherit(WriteStream, Writable);
method(WriteStream, '_construct', function _construct(done) { open(this, done); });
method(WriteStream, '_write', function _write(chunk, encoding, done) {
  fs().write(this.fd, chunk, 0, chunk.length, this.pos ?? null, (error, written) => {
    if (error) return done(error);
    this.bytesWritten += written;
    if (this.pos !== undefined) this.pos += written;
    done();
  });
});
method(WriteStream, '_destroy', close);
method(WriteStream, 'close', function(callback) {
  if (callback) this.once('close', callback);
  this.end();
});

module.exports = {
  __proto__: null, ReadStream, WriteStream,
  createReadStream: (path, options) => new ReadStream(path, options),
  createWriteStream: (path, options) => new WriteStream(path, options),
};
