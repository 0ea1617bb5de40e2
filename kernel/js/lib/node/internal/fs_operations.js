// What `fs` does, each written once: generators that yield calls to the host and are given the answers. `fs_forms`
// makes of each the form that blocks, the one with a callback and the one with a promise.
'use strict';

const {
  ArrayBufferIsView, ArrayPrototypePush, SafeArrayIterator, StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice, Uint8Array, TypedArrayPrototypeSet, TypedArrayPrototypeSubarray,
} = primordials;
const args = require('node/internal/fs_arguments');
const { Dirent, StatFs, stats } = require('node/internal/fs_stats');
const positions = require('node/internal/fs_positions');
const remove = require('node/internal/fs_remove');
const standard = require('node/internal/standard_files');
const { validateBoolean } = require('node/internal/validators');

const { constants, descriptor, path } = args;

// As much as crosses to the host and back at once.
const PIECE = 8 << 20;
const WHOLE = 32 << 20;

// What is open may be a standard stream.
function* readFrom(fd, length, position) {
  const file = standard.at(fd);
  return file === undefined ? yield ['fs.read', fd, length, position] : yield* standard.read(file, length, position);
}
function* writeTo(fd, data, position) {
  const file = standard.at(fd);
  return file === undefined ? yield ['fs.write', fd, data, position] : yield* standard.write(file, data);
}
function* openPath(file, flags, mode) {
  const stream = standard.named(file);
  return stream === undefined ? yield ['fs.open', file, flags, mode] : yield* standard.open(stream, file, flags);
}
function* closeFile(fd) {
  if (standard.at(fd) === undefined) yield ['fs.close', fd];
  else standard.close(fd);
}

// Changes a file that is open.
function* change(op, fd, ...rest) {
  const file = standard.at(fd);
  if (file !== undefined) standard.refuse(file, op === 'fs.fsync' && rest[0] ? 'fdatasync' : StringPrototypeSlice(op, 'fs.'.length));
  return yield [op, fd, ...new SafeArrayIterator(rest)];
}

function* readWhole(fd) {
  const pieces = [];
  let total = 0;
  for (;;) {
    const piece = yield* readFrom(fd, PIECE, null);
    if (piece.length === 0) break;
    ArrayPrototypePush(pieces, piece);
    total += piece.length;
  }
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(total);
  let at = 0;
  for (let index = 0; index < pieces.length; index++) {
    TypedArrayPrototypeSet(whole, pieces[index], at);
    at += pieces[index].length;
  }
  return whole;
}

// Calls `work` with an open file, and closes it in any case.
function* withOpen(file, flags, mode, work) {
  const fd = yield* openPath(file, flags, mode);
  try {
    return yield* work(fd);
  } finally {
    yield* closeFile(fd);
  }
}

exports.readFile = function* readFile(file, options) {
  const { encoding, flag } = args.options(options, { __proto__: null, flag: 'r' });
  if (args.isDescriptor(file)) return args.decoded(yield* readWhole(descriptor(file)), encoding);
  file = path(file);
  const flags = args.flags(flag);
  if (flags === constants.O_RDONLY && standard.named(file) === undefined) {
    const whole = yield ['fs.readFile', file, args.isUtf8(encoding)];
    if (whole !== null) return args.decoded(whole, encoding);
  }
  return args.decoded(yield* withOpen(file, flags, 0o666, readWhole), encoding);
};

function* writeWhole(fd, content, position) {
  let at = 0;
  if (typeof content === 'string') {
    const { Buffer } = require('node/buffer');
    if (content.length < PIECE / 4) {
      at = yield* writeTo(fd, content, null);
      // Mostly that was all.
      if (at === Buffer.byteLength(content)) return;
    }
    content = args.bytesOf(Buffer.from(content));
  }
  while (at < content.length) {
    const piece = TypedArrayPrototypeSubarray(content, at, at + PIECE);
    const written = yield* writeTo(fd, piece, typeof position === 'number' ? position + at : null);
    at += written;
  }
}

function* write(file, data, options, flag) {
  const { encoding, mode, flag: wanted, flush } = args.options(options, { __proto__: null, encoding: 'utf8', mode: 0o666, flag });
  if (args.isDescriptor(file)) return yield* writeWhole(descriptor(file), args.data(data, encoding));
  file = path(file);
  const flags = args.flags(wanted);
  const bits = args.mode(mode, 0o666);
  const content = args.data(data, encoding);
  const writes = (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0;
  if (content.length < WHOLE / 4 && !flush && writes && standard.named(file) === undefined) return yield ['fs.writeFile', file, content, flags, bits];
  return yield* withOpen(file, flags, bits, function* (fd) {
    yield* writeWhole(fd, content);
    if (flush && standard.at(fd) === undefined) yield ['fs.fsync', fd];
  });
}
exports.writeFile = function* writeFile(file, data, options) {
  return yield* write(file, data, options, 'w');
};
exports.appendFile = function* appendFile(file, data, options) {
  return yield* write(file, data, options, 'a');
};

exports.open = function* open(file, flags, mode) {
  return yield* openPath(path(file), args.flags(flags), args.mode(mode, 0o666));
};
exports.close = function* close(fd) {
  yield* closeFile(descriptor(fd));
};

// Reads into a view: how many bytes. `offset` may be an object with the options.
exports.read = function* read(fd, view, offset, length, position) {
  fd = descriptor(fd);
  if (!ArrayBufferIsView(view)) throw args.wrongType('buffer', 'an instance of Buffer, TypedArray, or DataView', view);
  const bytes = args.bytesOf(view);
  const place = positions.forReading(bytes.length, offset, length, position, arguments.length <= 3);
  if (place.length === 0) return 0;
  if (bytes.length === 0) throw args.wrongValue('buffer', view, 'is empty and cannot be written');
  const piece = yield* readFrom(fd, place.length > PIECE ? PIECE : place.length, place.position);
  TypedArrayPrototypeSet(bytes, piece, place.offset);
  return piece.length;
};

// Writes a view or a string: how many bytes.
exports.write = function* writeSome(fd, view, offset, length, position) {
  fd = descriptor(fd);
  let at;
  let bytes;
  if (typeof view === 'string') {
    // (fd, text, position, encoding)
    at = positions.writePosition(offset);
    const { Buffer } = require('node/buffer');
    const encoding = typeof length === 'string' && Buffer.isEncoding(length) ? length : 'utf8';
    if (encoding === 'hex' && view.length % 2 !== 0) throw args.wrongValue('encoding', length, `is invalid for data of length ${view.length}`);
    // Short enough to be taken at once.
    if (args.isUtf8(encoding) && view.length < PIECE / 4) return yield* writeTo(fd, view, at);
    bytes = args.bytesOf(Buffer.from(view, encoding));
  } else {
    const whole = args.data(view, undefined, 'buffer');
    const place = positions.forWriting(whole.length, offset, length, position);
    at = place.position;
    bytes = TypedArrayPrototypeSubarray(whole, place.offset, place.offset + place.length);
  }
  let written = 0;
  do {
    const piece = TypedArrayPrototypeSubarray(bytes, written, written + PIECE);
    written += yield* writeTo(fd, piece, at === null ? null : at + written);
  } while (written < bytes.length);
  return written;
};

function* vectors(one, fd, views, position) {
  positions.validateViews(views);
  let total = 0;
  for (let index = 0; index < views.length; index++) {
    const at = typeof position === 'number' ? position + total : null;
    const count = yield* one(fd, views[index], 0, views[index].byteLength, at);
    total += count;
    if (count < views[index].byteLength) break;
  }
  return total;
}
exports.readv = function* readv(fd, views, position) {
  return yield* vectors(exports.read, fd, views, position);
};
exports.writev = function* writev(fd, views, position) {
  return yield* vectors(exports.write, fd, views, position);
};

const isAbsent = (error) => error.code === 'ENOENT' || error.code === 'ENOTDIR';

function* look(op, file, options) {
  file = path(file);
  const stream = standard.named(file);
  if (stream !== undefined) {
    const numbers = yield ['stdio.fstat', stream];
    return stats(op === 'fs.lstat' ? standard.asLink(numbers) : numbers, options?.bigint === true);
  }
  try {
    return stats(yield [op, file], options?.bigint === true);
  } catch (error) {
    if (options?.throwIfNoEntry === false && isAbsent(error)) return undefined;
    throw error;
  }
}
exports.stat = function* stat(file, options) {
  return yield* look('fs.stat', file, options);
};
exports.lstat = function* lstat(file, options) {
  return yield* look('fs.lstat', file, options);
};
exports.fstat = function* fstat(fd, options) {
  const file = standard.at(descriptor(fd));
  return stats(file === undefined ? yield ['fs.fstat', descriptor(fd)] : yield* standard.stat(file), options?.bigint === true);
};
exports.statfs = function* statfs(file, options) {
  return new StatFs(yield ['fs.statfs', path(file)], options?.bigint === true);
};
exports.access = function* access(file, mode) {
  file = path(file);
  if (standard.named(file) === undefined) yield ['fs.access', file, args.mode(mode, constants.F_OK)];
};
exports.exists = function* exists(file) {
  try {
    file = path(file);
    if (standard.named(file) === undefined) yield ['fs.access', file, constants.F_OK];
    return true;
  } catch {
    return false;
  }
};

function entry(folder, name, type, encoding) {
  const slash = StringPrototypeLastIndexOf(name, '/');
  if (slash < 0) return new Dirent(args.named(name, encoding), folder, type);
  const parent = (StringPrototypeEndsWith(folder, '/') ? folder : `${folder}/`) + StringPrototypeSlice(name, 0, slash);
  return new Dirent(args.named(StringPrototypeSlice(name, slash + 1), encoding), parent, type);
}

exports.readdir = function* readdir(folder, options) {
  return yield* exports.list(folder, options, false);
};
// `isOpened`: errors tell that the folder was to be opened.
exports.list = function* list(folder, options, isOpened) {
  const { encoding, recursive, withFileTypes } = args.options(options, { __proto__: null, encoding: 'utf8' });
  folder = path(folder);
  const { names, types } = yield ['fs.readdir', folder, recursive === true, isOpened];
  for (let index = 0; index < names.length; index++) {
    names[index] = withFileTypes ? entry(`${folder}`, names[index], types[index], encoding) : args.named(names[index], encoding);
  }
  return names;
};
// The part of a path that leads to `folder`, as it was written.
function asWritten(written, folder) {
  const { resolve } = require('node/path');
  for (let end = 0; end >= 0;) {
    end = StringPrototypeIndexOf(written, '/', end + 1);
    const part = end < 0 ? written : StringPrototypeSlice(written, 0, end);
    if (resolve(part) === folder) return part;
  }
  return folder;
}

exports.mkdir = function* mkdir(folder, options) {
  const { recursive = false, mode } = typeof options === 'object' && options !== null ? options : { __proto__: null, mode: options };
  validateBoolean(recursive, 'options.recursive');
  folder = path(folder);
  const first = yield ['fs.mkdir', folder, recursive === true, args.mode(mode, 0o777)];
  return first === undefined ? undefined : asWritten(`${folder}`, first);
};
exports.mkdtemp = function* mkdtemp(prefix, options) {
  const { encoding } = args.options(options, { __proto__: null, encoding: 'utf8' });
  return args.named(yield ['fs.mkdtemp', `${path(prefix, 'prefix')}`], encoding);
};
exports.rmdir = remove.rmdir;
exports.unlink = function* unlink(file) {
  yield ['fs.unlink', path(file)];
};
exports.rm = remove.rm;

exports.rename = function* rename(from, to) {
  yield ['fs.rename', path(from, 'oldPath'), path(to, 'newPath')];
};
// Copies from a standard stream, or to one.
function* copyStream(from, to, isNew) {
  const { O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
  const flags = O_WRONLY | O_CREAT | O_TRUNC | (isNew ? O_EXCL : 0);
  yield* withOpen(from, O_RDONLY, 0, function* (source) {
    yield* withOpen(to, flags, 0o666, function* (target) {
      for (;;) {
        const piece = yield* readFrom(source, PIECE, null);
        if (piece.length === 0) return;
        yield* writeWhole(target, piece);
      }
    });
  });
}
exports.copyFile = function* copyFile(from, to, mode) {
  from = path(from, 'src');
  to = path(to, 'dest');
  const isNew = (args.copyMode(mode) & constants.COPYFILE_EXCL) !== 0;
  if (standard.named(from) === undefined && standard.named(to) === undefined) return void (yield ['fs.copyFile', from, to, isNew]);
  yield* copyStream(from, to, isNew);
};
exports.link = function* link(existing, file) {
  yield ['fs.link', path(existing, 'existingPath'), path(file, 'newPath')];
};
exports.symlink = function* symlink(target, file) {
  yield ['fs.symlink', path(target, 'target'), path(file)];
};
exports.readlink = function* readlink(file, options) {
  const { encoding } = args.options(options, { __proto__: null, encoding: 'utf8' });
  file = path(file);
  const stream = standard.named(file);
  return args.named(stream === undefined ? yield ['fs.readlink', file] : standard.target(stream), encoding);
};
exports.realpath = function* realpath(file, options) {
  const { encoding } = args.options(options, { __proto__: null, encoding: 'utf8' });
  file = path(file);
  const stream = standard.named(file);
  return args.named(stream === undefined ? yield ['fs.realpath', file] : standard.target(stream), encoding);
};
exports.truncate = function* truncate(file, length) {
  if (args.isDescriptor(file)) return yield* change('fs.ftruncate', descriptor(file), args.length(length));
  file = path(file);
  const stream = standard.named(file);
  if (stream !== undefined) standard.refuse({ __proto__: null, fd: stream }, 'ftruncate');
  return yield ['fs.truncate', file, args.length(length)];
};
exports.ftruncate = function* ftruncate(fd, length) {
  yield* change('fs.ftruncate', descriptor(fd), args.length(length));
};
exports.chmod = function* chmod(file, mode) {
  yield ['fs.chmod', path(file), args.mode(mode)];
};
exports.fchmod = function* fchmod(fd, mode) {
  yield* change('fs.fchmod', descriptor(fd), args.mode(mode));
};
exports.utimes = function* utimes(file, atime, mtime) {
  yield ['fs.utimes', path(file), args.time(atime, 'atime'), args.time(mtime, 'mtime')];
};
exports.lutimes = function* lutimes(file, atime, mtime) {
  yield ['fs.lutimes', path(file), args.time(atime, 'atime'), args.time(mtime, 'mtime')];
};
exports.futimes = function* futimes(fd, atime, mtime) {
  yield* change('fs.futimes', descriptor(fd), args.time(atime, 'atime'), args.time(mtime, 'mtime'));
};
exports.fsync = function* fsync(fd) {
  yield* change('fs.fsync', descriptor(fd), false);
};
exports.fdatasync = function* fdatasync(fd) {
  yield* change('fs.fsync', descriptor(fd), true);
};
