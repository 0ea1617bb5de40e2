// What functions of `fs` are given: paths, options, flags, modes, times, data.
'use strict';

const {
  ArrayBufferIsView, DatePrototypeGetTime, Error, NumberIsFinite, NumberIsInteger, NumberParseInt, RangeError,
  RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeToLowerCase, TypeError, Uint8Array, decodeURIComponent,
} = primordials;

const { makeAs, received } = require('node/internal/errors');
const { validateInteger } = require('node/internal/validators');

const constants = {
  __proto__: null, UV_FS_SYMLINK_DIR: 1, UV_FS_SYMLINK_JUNCTION: 2, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, UV_DIRENT_UNKNOWN: 0,
  UV_DIRENT_FILE: 1, UV_DIRENT_DIR: 2, UV_DIRENT_LINK: 3, UV_DIRENT_FIFO: 4, UV_DIRENT_SOCKET: 5, UV_DIRENT_CHAR: 6,
  UV_DIRENT_BLOCK: 7, EXTENSIONLESS_FORMAT_JAVASCRIPT: 0, EXTENSIONLESS_FORMAT_WASM: 1, S_IFMT: 61440, S_IFREG: 32768,
  S_IFDIR: 16384, S_IFCHR: 8192, S_IFBLK: 24576, S_IFIFO: 4096, S_IFLNK: 40960, S_IFSOCK: 49152, O_CREAT: 64, O_EXCL: 128,
  UV_FS_O_FILEMAP: 0, O_NOCTTY: 256, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536, O_NOATIME: 262144, O_NOFOLLOW: 131072,
  O_SYNC: 1052672, O_DSYNC: 4096, O_DIRECT: 16384, O_NONBLOCK: 2048, S_IRWXU: 448, S_IRUSR: 256, S_IWUSR: 128, S_IXUSR: 64,
  S_IRWXG: 56, S_IRGRP: 32, S_IWGRP: 16, S_IXGRP: 8, S_IRWXO: 7, S_IROTH: 4, S_IWOTH: 2, S_IXOTH: 1, F_OK: 0, R_OK: 4, W_OK: 2,
  X_OK: 1, UV_FS_COPYFILE_EXCL: 1, COPYFILE_EXCL: 1, UV_FS_COPYFILE_FICLONE: 2, COPYFILE_FICLONE: 2,
  UV_FS_COPYFILE_FICLONE_FORCE: 4, COPYFILE_FICLONE_FORCE: 4,
};
const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = constants;

const FLAGS = {
  __proto__: null, r: O_RDONLY, rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC,
  'sr+': O_RDWR | O_SYNC, w: O_TRUNC | O_CREAT | O_WRONLY, wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL, 'w+': O_TRUNC | O_CREAT | O_RDWR, 'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL, a: O_APPEND | O_CREAT | O_WRONLY, ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL, as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC, 'a+': O_APPEND | O_CREAT | O_RDWR, 'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL, 'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

function coded(error, code) {
  primordials.ObjectDefineProperty(error, 'code', { __proto__: null, value: code, writable: true, enumerable: true, configurable: true });
  return error;
}

const wrongType = (name, wanted, value) => makeAs(
  TypeError, 'ERR_INVALID_ARG_TYPE',
  `The "${name}" ${StringPrototypeIncludes(name, '.') ? 'property' : 'argument'} must be ${wanted}. Received ${received(value)}`);
const wrongValue = (name, value, why) => makeAs(
  TypeError, 'ERR_INVALID_ARG_VALUE', `The argument '${name}' ${why}. Received ${ops.brief(value)}`);

function fromUrl(url) {
  if (url.protocol !== 'file:') throw makeAs(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  if (url.hostname !== '') {
    throw makeAs(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
  }
  const path = url.pathname;
  if (RegExpPrototypeExec(/%2f/i, path) !== null) {
    throw makeAs(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
  }
  return decodeURIComponent(path);
}

// A path as the host takes it: a string or bytes.
function path(value, name = 'path') {
  if (typeof value === 'object' && value !== null && typeof value.href === 'string' && typeof value.protocol === 'string') {
    value = fromUrl(value);
  }
  if (typeof value === 'string') {
    if (StringPrototypeIncludes(value, '\0')) {
      throw wrongValue(name, value, 'must be a string, Uint8Array, or URL without null bytes');
    }
    return value;
  }
  if (ArrayBufferIsView(value) && value.byteLength !== undefined) {
    const bytes = bytesOf(value);
    for (let index = 0; index < bytes.length; index++) {
      if (bytes[index] === 0) throw wrongValue(name, value, 'must be a string, Uint8Array, or URL without null bytes');
    }
    return bytes;
  }
  throw wrongType(name, 'of type string or an instance of Buffer or URL', value);
}

const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// A descriptor, or the handle that holds one.
function descriptor(value) {
  const fd = typeof value === 'object' && value !== null ? value.fd : value;
  if (typeof fd !== 'number') throw wrongType('fd', 'of type number', value);
  if (!NumberIsInteger(fd) || fd < 0 || fd > 2147483647) {
    const range = NumberIsInteger(fd) ? '>= 0 && <= 2147483647' : 'an integer';
    throw makeAs(RangeError, 'ERR_OUT_OF_RANGE', `The value of "fd" is out of range. It must be ${range}. Received ${fd}`);
  }
  return fd;
}

// What is no whole number is taken for a path, and refused as one, as in Node.
const isDescriptor = (value) => (NumberIsInteger(value) && value >= 0 && value <= 4294967295) || (typeof value === 'object' && value !== null && typeof value.fd === 'number');

// Options with `defaults`; a string is an encoding.
function options(given, defaults) {
  if (given === undefined || given === null || typeof given === 'function') return { __proto__: null, ...defaults };
  if (typeof given === 'string') {
    encoding(given);
    return { __proto__: null, ...defaults, encoding: given };
  }
  if (typeof given !== 'object') throw wrongType('options', 'one of type string or object', given);
  if (given.encoding !== undefined && given.encoding !== null && given.encoding !== 'buffer') encoding(given.encoding);
  const merged = { __proto__: null, ...defaults };
  for (const key in given) if (given[key] !== undefined) merged[key] = given[key];
  const { signal } = merged;
  if (signal?.aborted) throw require('node/internal/errors').abortError(signal.reason);
  return merged;
}

const ENCODINGS = {
  __proto__: null, utf8: 1, 'utf-8': 1, ucs2: 1, 'ucs-2': 1, utf16le: 1, 'utf-16le': 1, latin1: 1, binary: 1, ascii: 1, base64: 1,
  base64url: 1, hex: 1, buffer: 1,
};

function encoding(name) {
  if (typeof name !== 'string' || ENCODINGS[StringPrototypeToLowerCase(name)] === undefined) {
    throw wrongValue('encoding', name, 'is invalid encoding');
  }
}

const isUtf8 = (name) => typeof name === 'string' && (name === 'utf8' || name === 'utf-8' || RegExpPrototypeExec(/^utf-?8$/i, name) !== null);

function flags(value, name = 'flags') {
  if (value === undefined || value === null) return O_RDONLY;
  if (typeof value === 'number') {
    validateInteger(value, name, -2147483648, 2147483647);
    return value >>> 0;
  }
  const found = typeof value === 'string' ? FLAGS[value] : undefined;
  if (found === undefined) throw wrongValue(name, value, 'is invalid');
  return found;
}

function mode(value, fallback) {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number') {
    validateInteger(value, 'mode', 0, 4294967295);
    return value;
  }
  if (typeof value === 'string' && RegExpPrototypeExec(/^[0-7]+$/, value) !== null) return NumberParseInt(value, 8);
  throw wrongValue('mode', value, 'must be a 32-bit unsigned integer or an octal string');
}

// Seconds since the epoch.
function time(value, name = 'time') {
  if (typeof value === 'string' && value !== '' && +value === +value) return +value;
  if (typeof value === 'number' && NumberIsFinite(value)) return value < 0 ? 0 : value;
  if (typeof value === 'object' && value !== null) {
    try {
      return DatePrototypeGetTime(value) / 1000;
    } catch {
      // It is no date.
    }
  }
  throw wrongType(name, 'an instance of Date, or a time in seconds', value);
}

function length(value) {
  if (value === undefined) return 0;
  validateInteger(value, 'len');
  return value < 0 ? 0 : value;
}

// What a copy may be told: that nothing is to be overwritten, and how to share blocks.
function copyMode(value) {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'number' || !NumberIsInteger(value)) {
    throw coded(new TypeError('mode must be int32 or null/undefined'), 'ERR_INVALID_ARG_TYPE');
  }
  if (value < 0 || value > 7) throw coded(new RangeError('mode is out of range: >= 0 && <= 7'), 'ERR_OUT_OF_RANGE');
  return value;
}

const buffer = (bytes) => {
  if (!ops.hasLibrary('node/buffer')) return bytes;
  return require('node/buffer').Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

// What was read, as the caller wants it.
function decoded(bytes, name) {
  if (typeof bytes === 'string') return bytes;
  const whole = buffer(bytes);
  return name === undefined || name === null || name === 'buffer' ? whole : whole.toString(name);
}

// A name of a file, as the caller wants it.
function named(text, name) {
  if (name === undefined || name === null || isUtf8(name)) return text;
  const whole = require('node/buffer').Buffer.from(text);
  return name === 'buffer' ? whole : whole.toString(name);
}

// What is to be written, as the host takes it.
function data(value, name, what = 'data') {
  if (typeof value === 'string') {
    if (name === undefined || name === null || isUtf8(name)) return value;
    return bytesOf(require('node/buffer').Buffer.from(value, name));
  }
  if (ArrayBufferIsView(value)) return bytesOf(value);
  throw wrongType(what, 'of type string or an instance of Buffer, TypedArray, or DataView', value);
}

module.exports = {
  __proto__: null, buffer, bytesOf, coded, constants, copyMode, data, decoded, descriptor, flags, isDescriptor, isUtf8, length, mode, named,
  options, path, time, wrongType, wrongValue,
};
