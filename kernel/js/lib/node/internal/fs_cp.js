// `fs.cp`: whole trees, copied by the operations for files and folders.
'use strict';

const { Error, StringPrototypeStartsWith } = primordials;
const args = require('node/internal/fs_arguments');
const { make } = require('node/internal/errors');
const forms = require('node/internal/fs_forms');
const operations = require('node/internal/fs_operations');
const path = require('node/path');
const { ERRORS } = require('node/internal/system_errors');
const { validateBoolean, validateObject } = require('node/internal/validators');

const FLAGS = ['dereference', 'errorOnExist', 'force', 'preserveTimestamps', 'recursive', 'verbatimSymlinks'];
const DEFAULTS = {
  __proto__: null, dereference: false, errorOnExist: false, filter: undefined, force: true, preserveTimestamps: false, recursive: false,
  verbatimSymlinks: false, mode: 0,
};

function checked(options) {
  if (options === undefined) return DEFAULTS;
  validateObject(options, 'options');
  const merged = { __proto__: null, ...DEFAULTS, ...options };
  for (let index = 0; index < FLAGS.length; index++) validateBoolean(merged[FLAGS[index]], `options.${FLAGS[index]}`);
  merged.mode = args.copyMode(merged.mode);
  if (merged.dereference && merged.verbatimSymlinks) {
    throw args.coded(new primordials.TypeError('Option "dereference" cannot be used in combination with option "verbatimSymlinks"'),
      'ERR_INCOMPATIBLE_OPTION_PAIR');
  }
  if (merged.filter !== undefined && typeof merged.filter !== 'function') {
    throw make('ERR_INVALID_ARG_TYPE', 'options.filter', 'function', merged.filter);
  }
  return merged;
}

// As Node tells of what it finds out itself: `code` is the system's word for it.
function failed(key, text, code, message, file, errno = ERRORS[code][0]) {
  const error = new Error(`${text}: cp returned ${code} (${message}) ${file}`);
  error.name = 'SystemError';
  error.errno = errno;
  error.syscall = 'cp';
  error.path = file;
  return args.coded(error, key);
}

function* copy(from, to, options) {
  if (options.filter !== undefined && !(yield* filtered(options.filter, from, to))) return;
  const source = options.dereference ? yield* operations.stat(from) : yield* operations.lstat(from);
  const look = options.dereference ? operations.stat : operations.lstat;
  const target = yield* look(to, { __proto__: null, throwIfNoEntry: false });
  check(from, to, source, target, options);
  if (source.isDirectory()) return yield* copyFolder(from, to, source, target, options);
  if (source.isSymbolicLink()) return yield* copyLink(from, to, target, options);
  if (!source.isFile() && !source.isCharacterDevice() && !source.isBlockDevice()) throw special(source, to);
  if (target !== undefined) {
    if (!options.force) {
      if (options.errorOnExist) throw failed('ERR_FS_CP_EEXIST', 'Target already exists', 'EEXIST', `${to} already exists`, to);
      return;
    }
    // The link goes, not what it leads to.
    if (target.isSymbolicLink()) yield* operations.unlink(to);
  }
  // What is there is to be overwritten; it is never without content but while that is written.
  const mode = target === undefined ? options.mode : options.mode & ~args.constants.COPYFILE_EXCL;
  yield* operations.copyFile(from, to, mode);
  if (options.preserveTimestamps) yield* operations.utimes(to, source.atimeMs / 1000, source.mtimeMs / 1000);
}

function check(from, to, source, target, options) {
  if (target !== undefined) {
    if (target.ino === source.ino && target.dev === source.dev) {
      throw failed('ERR_FS_CP_EINVAL', 'Invalid src or dest', 'EINVAL', 'src and dest cannot be the same', to);
    }
    if (source.isDirectory() && !target.isDirectory()) {
      throw failed('ERR_FS_CP_DIR_TO_NON_DIR', 'Cannot overwrite non-directory with directory', 'EISDIR',
        `cannot overwrite non-directory ${to} with directory ${from}`, to);
    }
    if (!source.isDirectory() && target.isDirectory()) {
      throw failed('ERR_FS_CP_NON_DIR_TO_DIR', 'Cannot overwrite directory with non-directory', 'ENOTDIR',
        `cannot overwrite directory ${to} with non-directory ${from}`, to);
    }
  }
  if (!source.isDirectory()) return;
  if (!options.recursive) {
    throw failed('ERR_FS_EISDIR', 'Path is a directory', 'EISDIR', `${from} is a directory (not copied)`, from,
      ERRORS.EINVAL[0]);
  }
  if (isWithin(from, to)) {
    throw failed('ERR_FS_CP_EINVAL', 'Invalid src or dest', 'EINVAL', `cannot copy ${from} to a subdirectory of self ${to}`, to);
  }
}

const isWithin = (folder, file) => {
  const whole = path.resolve(folder);
  return StringPrototypeStartsWith(path.resolve(file), whole === '/' ? '/' : `${whole}/`);
};

function special(source, to) {
  if (source.isSocket()) return failed('ERR_FS_CP_SOCKET', 'Cannot copy a socket file', 'EINVAL', `cannot copy a socket file: ${to}`, to);
  if (source.isFIFO()) return failed('ERR_FS_CP_FIFO_PIPE', 'Cannot copy a FIFO pipe', 'EINVAL', `cannot copy a FIFO pipe: ${to}`, to);
  return failed('ERR_FS_CP_UNKNOWN', 'Cannot copy an unknown file type', 'EINVAL', `cannot copy an unknown file type: ${to}`, to);
}

function* copyFolder(from, to, source, target, options) {
  if (target === undefined) yield* operations.mkdir(to, { __proto__: null, recursive: true });
  const names = yield* operations.readdir(from);
  for (let index = 0; index < names.length; index++) yield* copy(path.join(from, names[index]), path.join(to, names[index]), options);
  if (target === undefined) yield* operations.chmod(to, source.mode & 0o7777);
}

function* copyLink(from, to, target, options) {
  let leads = yield* operations.readlink(from);
  if (!options.verbatimSymlinks && !path.isAbsolute(leads)) leads = path.resolve(path.dirname(from), leads);
  if (target !== undefined) yield* operations.unlink(to);
  yield* operations.symlink(leads, to);
}

function* filtered(filter, from, to) {
  const keeps = filter(from, to);
  if (typeof keeps?.then !== 'function') return keeps;
  // Only a form that waits can know.
  return yield forms.awaiting(keeps);
}

function* cp(from, to, options) {
  const wanted = checked(options);
  from = `${args.path(from, 'src')}`;
  to = `${args.path(to, 'dest')}`;
  const parent = path.dirname(path.resolve(to));
  if ((yield* operations.stat(parent, { __proto__: null, throwIfNoEntry: false })) === undefined) {
    // Nothing is made for what is not there.
    yield* operations.lstat(from);
    yield* operations.mkdir(parent, { __proto__: null, recursive: true });
  }
  yield* copy(from, to, wanted);
}

module.exports = {
  __proto__: null, cp: forms.callback('cp', cp), cpSync: forms.sync('cpSync', cp), cpPromise: forms.promised('cp', cp),
};
