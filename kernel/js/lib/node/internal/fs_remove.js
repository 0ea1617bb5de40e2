// Removing: `rm`, `rmdir`, and what their options may be. **What is removed is what the call is for**: `rmdir` takes
// nothing but folders.
'use strict';

const { Error, StringPrototypeEndsWith, StringPrototypeSlice } = primordials;
const args = require('node/internal/fs_arguments');
const { stats } = require('node/internal/fs_stats');
const { systemError } = require('node/internal/system_errors');
const { validateBoolean, validateInteger, validateObject } = require('node/internal/validators');

function removal(options, defaults) {
  if (options === undefined) return defaults;
  validateObject(options, 'options');
  const { retryDelay = 100, maxRetries = 0 } = options;
  const merged = { __proto__: null, ...defaults, ...options };
  validateBoolean(merged.recursive, 'options.recursive');
  validateInteger(retryDelay, 'options.retryDelay', 0, 2147483647);
  validateInteger(maxRetries, 'options.maxRetries', 0, 4294967295);
  return merged;
}

// A file is known by its name alone: with a slash at the end, a link would be the folder that it leads to.
function withoutSlash(file) {
  if (typeof file !== 'string') return file;
  while (file.length > 1 && StringPrototypeEndsWith(file, '/')) file = StringPrototypeSlice(file, 0, -1);
  return file;
}

const look = function* (file) { return stats(yield ['fs.lstat', withoutSlash(file)], false); };

exports.rmdir = function* rmdir(folder, options) {
  folder = args.path(folder);
  const { recursive } = removal(options, { __proto__: null, recursive: false });
  if (!recursive) return void (yield ['fs.rmdir', folder]);
  if (!(yield* look(folder)).isDirectory()) throw systemError('ENOTDIR', 'rmdir', folder);
  yield ['fs.rm', folder, true];
};

exports.rm = function* rm(file, options) {
  file = args.path(file);
  const { force, recursive } = removal(options, { __proto__: null, force: false, recursive: false });
  validateBoolean(force, 'options.force');
  let found;
  try {
    found = yield* look(file);
  } catch (error) {
    if (force && error.code === 'ENOENT') return;
    throw error;
  }
  if (withoutSlash(file) !== file && !found.isDirectory()) throw systemError('ENOTDIR', found.isSymbolicLink() ? 'rmdir' : 'lstat', file);
  if (found.isDirectory() && !recursive) throw isFolder(file);
  yield ['fs.rm', file, recursive];
};

function isFolder(file) {
  const known = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${file}`);
  known.name = 'SystemError';
  known.errno = 21;
  known.syscall = 'rm';
  known.path = `${file}`;
  return args.coded(known, 'ERR_FS_EISDIR');
}
