// Open folders: `opendir` and Dir.
'use strict';

const { Error, SymbolAsyncDispose, SymbolAsyncIterator, SymbolDispose } = primordials;
const { makeAs } = require('node/internal/errors');
const args = require('node/internal/fs_arguments');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

// What is in it is listed when it is opened.
class Dir {
  #entries;
  #at = 0;
  #closed = false;

  constructor(path, entries) {
    this.path = path;
    this.#entries = entries;
  }

  readSync() {
    if (this.#closed) throw makeAs(Error, 'ERR_DIR_CLOSED', 'Directory handle was closed');
    return this.#at < this.#entries.length ? this.#entries[this.#at++] : null;
  }

  read(callback) {
    const reading = (async () => this.readSync())();
    return callback === undefined ? reading : void forms.finish(reading, callback);
  }

  closeSync() {
    if (this.#closed) throw makeAs(Error, 'ERR_DIR_CLOSED', 'Directory handle was closed');
    this.#closed = true;
  }

  close(callback) {
    const closing = (async () => this.closeSync())();
    return callback === undefined ? closing : void forms.finish(closing, callback);
  }

  async* [SymbolAsyncIterator]() {
    try {
      for (let entry; (entry = this.readSync()) !== null;) yield entry;
    } finally {
      this.#closed = true;
    }
  }

  [SymbolDispose]() { this.#closed = true; }
  async [SymbolAsyncDispose]() { this.#closed = true; }
}

function* opendir(path, options) {
  const entries = yield* operations.list(path, { ...args.options(options, { __proto__: null }), withFileTypes: true }, true);
  return new Dir(args.path(path), entries);
}

module.exports = {
  __proto__: null, Dir, opendir: forms.callback('opendir', opendir), opendirSync: forms.sync('opendirSync', opendir),
  opendirPromise: forms.promised('opendir', opendir),
};
