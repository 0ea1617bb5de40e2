// FileHandle: an open file, as `fs/promises` has it.
'use strict';

const { ObjectDefineProperty, SymbolAsyncDispose, SymbolToStringTag } = primordials;
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

class FileHandle {
  #fd;

  constructor(fd) {
    this.#fd = fd;
  }

  get fd() { return this.#fd; }

  async close() {
    const fd = this.#fd;
    if (fd === -1) return;
    this.#fd = -1;
    await forms.later(operations.close(fd));
  }

  async read(buffer, offset, length, position) {
    if (buffer === undefined || (typeof buffer === 'object' && buffer !== null && buffer.byteLength === undefined)) {
      const options = buffer ?? {};
      buffer = options.buffer ?? require('node/buffer').Buffer.alloc(16384);
      ({ offset, length, position } = options);
    }
    return { bytesRead: await forms.later(operations.read(this.#fd, buffer, offset, length, position)), buffer };
  }

  async write(buffer, offset, length, position) {
    return { bytesWritten: await forms.later(operations.write(this.#fd, buffer, offset, length, position)), buffer };
  }

  async readv(buffers, position) {
    return { bytesRead: await forms.later(operations.readv(this.#fd, buffers, position)), buffers };
  }

  async writev(buffers, position) {
    return { bytesWritten: await forms.later(operations.writev(this.#fd, buffers, position)), buffers };
  }

  createReadStream(options) {
    return this.#lent(require('node/internal/fs_streams').createReadStream('', { ...options, fd: this.#fd }));
  }

  createWriteStream(options) {
    return this.#lent(require('node/internal/fs_streams').createWriteStream('', { ...options, fd: this.#fd }));
  }

  // The file is closed once: with the stream, unless that is not wished, or by itself.
  #lent(stream) {
    if (!stream.autoClose) return stream;
    const { _destroy } = stream;
    ObjectDefineProperty(stream, '_destroy', { __proto__: null, writable: true, configurable: true, value: (error, done) => {
      if (this.#fd === -1) stream.fd = null;
      this.#fd = -1;
      primordials.FunctionPrototypeCall(_destroy, stream, error, done);
    } });
    return stream;
  }

  readLines(options) {
    return require('node/readline').createInterface({ __proto__: null, input: this.createReadStream(options), crlfDelay: Infinity });
  }

  async [SymbolAsyncDispose]() { await this.close(); }
}
ObjectDefineProperty(FileHandle.prototype, SymbolToStringTag, { __proto__: null, value: 'FileHandle', configurable: true });

const METHODS = {
  __proto__: null, readFile: 'readFile', writeFile: 'writeFile', appendFile: 'appendFile', stat: 'fstat', truncate: 'ftruncate',
  chmod: 'fchmod', utimes: 'futimes', sync: 'fsync', datasync: 'fdatasync',
};
for (const name in METHODS) {
  const operation = operations[METHODS[name]];
  const made = { __proto__: null, async [name](...args) {
    primordials.ArrayPrototypeUnshift(args, this.fd);
    return forms.later(primordials.ReflectApply(operation, undefined, args));
  } };
  ObjectDefineProperty(FileHandle.prototype, name, { __proto__: null, value: made[name], writable: true, configurable: true });
}

exports.FileHandle = FileHandle;
