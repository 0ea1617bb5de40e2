// Node's `fs`: files and folders, which the host reads and writes where its permissions let it.
'use strict';

const { ObjectDefineProperty, SymbolFor } = primordials;
const { unavailable } = require('node/internal/errors');
const { constants } = require('node/internal/fs_arguments');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');
const { BigIntStats, Dirent, StatFs, Stats } = require('node/internal/fs_stats');

const fs = {};
const reattach = primordials.detached(fs);
// What a callback is given beside the count, and what a promise says.
const SECOND = { __proto__: null, read: 'buffer', write: 'buffer', readv: 'buffers', writev: 'buffers' };

for (const name in operations) {
  const operation = operations[name];
  fs[name] = forms.callback(name, operation, SECOND[name] === undefined ? undefined : (args) => args[1]);
  fs[`${name}Sync`] = forms.sync(`${name}Sync`, operation);
}

// `read(fd, callback)` and `read(fd, options, callback)` bring a buffer of their own.
const { read } = fs;
fs.read = function(fd, buffer, ...rest) {
  if (typeof buffer === 'function') return read(fd, require('node/buffer').Buffer.alloc(16384), buffer);
  if (rest.length === 1 && !primordials.ArrayBufferIsView(buffer)) {
    const options = buffer ?? { __proto__: null };
    require('node/internal/validators').validateObject(options, 'options');
    return read(fd, options.buffer ?? require('node/buffer').Buffer.alloc(16384), options, rest[0]);
  }
  primordials.ArrayPrototypeUnshift(rest, fd, buffer);
  return primordials.ReflectApply(read, fs, rest);
};
for (const name of new primordials.SafeArrayIterator(['name', 'length'])) {
  ObjectDefineProperty(fs.read, name, { __proto__: null, value: read[name], configurable: true });
}

// `exists` has no place for an error.
fs.exists = function exists(path, callback) {
  if (typeof callback !== 'function') return fs.access(path, callback);
  fs.access(path, (error) => callback(error === null));
};
const both = ['read', 'write', 'readv', 'writev'];
for (let index = 0; index < both.length; index++) {
  const name = both[index];
  const counted = name === 'read' || name === 'readv' ? 'bytesRead' : 'bytesWritten';
  const value = async (...args) => {
    const count = await forms.later(primordials.ReflectApply(operations[name], undefined, args));
    return { [counted]: count, [SECOND[name]]: args[1] };
  };
  ObjectDefineProperty(fs[name], SymbolFor('nodejs.util.promisify.custom'), { __proto__: null, value });
}
ObjectDefineProperty(fs.exists, SymbolFor('nodejs.util.promisify.custom'), {
  __proto__: null, value: (path) => forms.later(operations.exists(path)),
});
fs.existsSync = function existsSync(path) {
  try {
    return forms.now(operations.exists(path));
  } catch {
    return false;
  }
};
const { realpath, realpathSync } = fs;
const reattachBoth = primordials.detached(realpath, realpathSync);
realpath.native = realpath;
realpathSync.native = realpathSync;
reattachBoth();

const lazily = (name, file, key = name) => ObjectDefineProperty(fs, name, {
  __proto__: null,
  get: ops.markLazy({ __proto__: null, get() { return require(file)[key]; } }.get),
  set: { __proto__: null, set(value) {
    ObjectDefineProperty(fs, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  } }.set,
  enumerable: true,
  configurable: true,
});
const LAZY = {
  __proto__: null,
  'node/internal/fs_cp': ['cp', 'cpSync'],
  'node/internal/fs_dir': ['Dir', 'opendir', 'opendirSync'],
  'node/internal/fs_streams': ['ReadStream', 'WriteStream', 'createReadStream', 'createWriteStream'],
};
for (const file in LAZY) {
  if (!ops.hasLibrary(file)) continue;
  for (let index = 0; index < LAZY[file].length; index++) lazily(LAZY[file][index], file);
}
ObjectDefineProperty(fs, 'promises', {
  __proto__: null, get: ops.markLazy({ __proto__: null, get() { return require('node/fs_promises'); } }.get), enumerable: true, configurable: true,
});

fs.Stats = Stats;
fs.BigIntStats = BigIntStats;
fs.Dirent = Dirent;
fs.StatFs = StatFs;
fs.constants = { ...constants };
fs.F_OK = constants.F_OK;
fs.R_OK = constants.R_OK;
fs.W_OK = constants.W_OK;
fs.X_OK = constants.X_OK;

const absent = ['watch', 'watchFile', 'unwatchFile', 'chown', 'chownSync', 'fchown', 'fchownSync', 'lchown', 'lchownSync', 'lchmod', 'lchmodSync'];
for (let index = 0; index < absent.length; index++) {
  const name = absent[index];
  fs[name] = { __proto__: null, [name]() {
    throw unavailable(`drupe's fs has no ${name}`);
  } }[name];
}

reattach();
require('node/internal/missing').missing(fs, 'fs', ['openAsBlob']);
module.exports = fs;
