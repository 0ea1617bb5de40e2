// `fs.cp`: whole trees, copied by the operations for files and folders.
'use strict';

const { Error } = primordials;
const args = require('node/internal/fs_arguments');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');

function failed(code, message, path) {
  const error = args.coded(new Error(`${message}: ${path}`), code);
  error.path = path;
  return error;
}

function* copy(from, to, options) {
  if (options.filter !== undefined && !(yield* filtered(options.filter, from, to))) return;
  const source = options.dereference ? yield* operations.stat(from) : yield* operations.lstat(from);
  const target = yield* operations.lstat(to, { __proto__: null, throwIfNoEntry: false });
  if (target !== undefined && target.ino === source.ino && target.dev === source.dev) {
    throw failed('ERR_FS_CP_EINVAL', 'Invalid src or dest: src and dest cannot be the same', to);
  }
  if (source.isDirectory()) {
    if (!options.recursive) {
      throw failed('ERR_FS_EISDIR', 'Recursive option not enabled, cannot copy a directory', from);
    }
    if (target !== undefined && !target.isDirectory()) {
      throw failed('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot overwrite non-directory with directory', to);
    }
    if (primordials.StringPrototypeStartsWith(`${to}/`, `${from}/`)) {
      throw failed('ERR_FS_CP_EINVAL', 'Cannot copy a directory to a subdirectory of self', to);
    }
    if (target === undefined) yield* operations.mkdir(to, { __proto__: null, recursive: true });
    const names = yield* operations.readdir(from);
    for (let index = 0; index < names.length; index++) yield* copy(`${from}/${names[index]}`, `${to}/${names[index]}`, options);
    return;
  }
  if (target?.isDirectory()) {
    throw failed('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot overwrite directory with non-directory', to);
  }
  if (target !== undefined) {
    if (options.errorOnExist && options.force === false) throw failed('ERR_FS_CP_EEXIST', 'Target already exists', to);
    if (options.force === false) return;
  }
  if (source.isSymbolicLink()) {
    if (target !== undefined) yield* operations.unlink(to);
    return yield* operations.symlink(yield* operations.readlink(from), to);
  }
  if (target?.isSymbolicLink()) yield* operations.unlink(to);
  yield* operations.copyFile(from, to, options.mode);
  if (options.preserveTimestamps) yield* operations.utimes(to, source.atimeMs / 1000, source.mtimeMs / 1000);
}

function* filtered(filter, from, to) {
  const keeps = filter(from, to);
  if (typeof keeps?.then === 'function') throw args.wrongValue('options.filter', filter, 'must answer at once');
  return keeps;
}

function* cp(from, to, options) {
  const wanted = args.options(options, { __proto__: null, force: true });
  yield* copy(`${args.path(from, 'src')}`, `${args.path(to, 'dest')}`, wanted);
}

module.exports = {
  __proto__: null, cp: forms.callback('cp', cp), cpSync: forms.sync('cpSync', cp), cpPromise: forms.promised('cp', cp),
};
