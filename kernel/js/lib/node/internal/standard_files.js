// Standard input, output and error as `fs` knows them: by the descriptors 0, 1 and 2, and by the paths that mean them.
//
// Input is the host's; what is written is said in order with the console. A path that is opened gets a number of its
// own, far from those of the host's files.
'use strict';

const { Error, ObjectDefineProperty, SafeMap, StringPrototypeCharCodeAt } = primordials;
const { constants: { O_RDWR, O_WRONLY } } = require('node/internal/fs_arguments');
const { SLASH, normalizeSegments } = require('node/internal/path_parts');
const output = require('node/internal/standard_output');

const PATHS = { __proto__: null, '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 };
for (let fd = 0; fd <= 2; fd++) {
  PATHS[`/dev/fd/${fd}`] = fd;
  PATHS[`/proc/self/fd/${fd}`] = fd;
}

// The first number of a path that was opened.
const FIRST = 0x10000;
// What each number means: the stream, and where a file is read from that was opened by its path.
const opened = new SafeMap();
for (let fd = 0; fd <= 2; fd++) opened.set(fd, { __proto__: null, fd, at: undefined });

function failure(code, errno, words, syscall, path) {
  const error = new Error(`${code}: ${words}, ${syscall}${path === undefined ? '' : ` '${path}'`}`);
  const facts = { __proto__: null, errno, code, syscall, path };
  for (const name in facts) {
    if (facts[name] === undefined) continue;
    ObjectDefineProperty(error, name, { __proto__: null, value: facts[name], writable: true, enumerable: true, configurable: true });
  }
  return error;
}
// What is done to files only is not done to a stream, whatever it is connected to.
exports.refuse = (file, syscall) => {
  throw file.fd < 0 ? badDescriptor(syscall) : failure('EINVAL', -22, 'invalid argument', syscall);
};
const badDescriptor = (syscall) => failure('EBADF', -9, 'bad file descriptor', syscall);

const isSlash = (code) => code === SLASH;
// No path of a standard stream is longer, unless it goes back and forth.
const MAX_PATH = 4096;

// The standard stream that a path means, text or bytes; `undefined` for another path.
exports.named = (path) => {
  if (path.length > MAX_PATH) return undefined;
  if (typeof path !== 'string') path = require('node/buffer').Buffer.from(path).toString('latin1');
  if (!isSlash(StringPrototypeCharCodeAt(path, 0)) || isSlash(StringPrototypeCharCodeAt(path, path.length - 1))) return undefined;
  return PATHS[path] ?? PATHS[`/${normalizeSegments(path, false, '/', isSlash)}`];
};

// What each of them is a link to, in Linux.
exports.target = (stream) => `/proc/self/fd/${stream}`;

// What is open as `fd`; `undefined` where that is none of these. One that was closed is nothing at all.
exports.at = (fd) => {
  const file = opened.get(fd);
  return file === undefined && fd <= 2 ? { __proto__: null, fd: -1, at: undefined } : file;
};

// As of a link: the numbers of `stat`, but for the mode.
exports.asLink = (numbers) => {
  numbers[1] = 0o120777n;
  return numbers;
};

const S_IFMT = 0o170000n;
const S_IFREG = 0o100000n;

exports.open = function* open(stream, path, flags) {
  const writes = (flags & (O_WRONLY | O_RDWR)) !== 0;
  if (writes !== (stream !== 0)) throw failure('EACCES', -13, 'permission denied', 'open', path);
  let at;
  // As in Linux, a file that is opened anew is read from its start.
  if (stream === 0 && ((yield ['stdio.fstat', 0])[1] & S_IFMT) === S_IFREG) at = 0;
  let fd = FIRST;
  while (opened.has(fd)) fd++;
  opened.set(fd, { __proto__: null, fd: stream, at });
  return fd;
};

exports.close = (fd) => {
  if (!opened.delete(fd)) throw badDescriptor('close');
};

exports.stat = function* stat(file) {
  if (file.fd < 0) throw badDescriptor('fstat');
  return yield ['stdio.fstat', file.fd];
};

exports.read = function* read(file, length, position) {
  if (file.fd !== 0) throw badDescriptor('read');
  if (position !== null || file.at === undefined) return yield ['stdio.read', length, position, true];
  const piece = yield ['stdio.read', length, file.at, true];
  file.at += piece.length;
  return piece;
};

// How many bytes were written: all.
exports.write = function* write(file, data) {
  if (file.fd !== 1 && file.fd !== 2) throw badDescriptor('write');
  if (!output.write(file.fd, data)) {
    // Who gave a callback gets the error by that, and so later.
    yield ['stdio.heard', file.fd];
    throw require('node/internal/output_failures').fileError(file.fd);
  }
  return typeof data === 'string' ? require('node/buffer').Buffer.byteLength(data) : data.length;
};

const NONE = { __proto__: null, kind: 'none', columns: 0, rows: 0 };

// What the host says of a standard stream: `{ kind, columns, rows }`.
exports.describe = (fd) => ops.hasStreams() ? { __proto__: null, ...ops.hostCallNow('stdio.describe', fd) } : NONE;
