// Node's `fs/promises`.
'use strict';

const { ReflectApply } = primordials;
const { constants } = require('node/internal/fs_arguments');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

const promises = {};
const reattach = primordials.detached(promises);
const NAMES = [
  'access', 'appendFile', 'chmod', 'copyFile', 'link', 'lstat', 'lutimes', 'mkdir', 'mkdtemp', 'readFile', 'readdir', 'readlink',
  'realpath', 'rename', 'rm', 'rmdir', 'stat', 'statfs', 'symlink', 'truncate', 'unlink', 'utimes', 'writeFile',
];
for (let index = 0; index < NAMES.length; index++) promises[NAMES[index]] = forms.promised(NAMES[index], operations[NAMES[index]]);

// What is written may come in pieces, of an iterable or a stream.
promises.writeFile = async function writeFile(file, data, options) {
  const isPieces = data !== null && typeof data === 'object' && !primordials.ArrayBufferIsView(data) &&
    (typeof data[primordials.SymbolAsyncIterator] === 'function' || typeof data[primordials.SymbolIterator] === 'function');
  return forms.later(isPieces ? require('node/internal/fs_pieces').writePieces(file, data, options) : operations.writeFile(file, data, options));
};

promises.constants = { ...constants };
promises.open = async function open(path, flags = 'r', mode = 0o666) {
  const { FileHandle } = require('node/internal/fs_file_handle');
  return new FileHandle(await forms.later(operations.open(path, flags, mode)));
};
promises.cp = function cp(...args) {
  return ReflectApply(require('node/internal/fs_cp').cpPromise, undefined, args);
};
promises.opendir = function opendir(...args) {
  return ReflectApply(require('node/internal/fs_dir').opendirPromise, undefined, args);
};

reattach();
module.exports = promises;
