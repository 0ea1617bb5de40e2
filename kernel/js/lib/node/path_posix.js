// `path.posix`.
'use strict';

const { StringPrototypeCharCodeAt, StringPrototypeSlice } = primordials;
const { validateString } = require('node/internal/validators');
const { SLASH, basenameFrom, cwd, format, lastName, normalizeSegments, parseName } = require('node/internal/path_parts');

const codeAt = StringPrototypeCharCodeAt;
const isSlash = (code) => code === SLASH;

const posix = {
  resolve(...args) {
    let resolved = '';
    let absolute = false;
    for (let index = args.length - 1; index >= -1 && !absolute; index--) {
      const path = index >= 0 ? args[index] : cwd();
      validateString(path, `paths[${index}]`);
      if (path.length === 0) continue;
      resolved = `${path}/${resolved}`;
      absolute = codeAt(path, 0) === SLASH;
    }
    resolved = normalizeSegments(resolved, !absolute, '/', isSlash);
    if (absolute) return `/${resolved}`;
    return resolved.length > 0 ? resolved : '.';
  },
  normalize(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    const absolute = codeAt(path, 0) === SLASH;
    const trailing = codeAt(path, path.length - 1) === SLASH;
    path = normalizeSegments(path, !absolute, '/', isSlash);
    if (path.length === 0) {
      if (absolute) return '/';
      return trailing ? './' : '.';
    }
    if (trailing) path += '/';
    return absolute ? `/${path}` : path;
  },
  isAbsolute(path) {
    validateString(path, 'path');
    return path.length > 0 && codeAt(path, 0) === SLASH;
  },
  join(...args) {
    let joined;
    for (let index = 0; index < args.length; index++) {
      validateString(args[index], 'path');
      if (args[index].length > 0) joined = joined === undefined ? args[index] : `${joined}/${args[index]}`;
    }
    return joined === undefined ? '.' : posix.normalize(joined);
  },
  relative(from, to) {
    validateString(from, 'from');
    validateString(to, 'to');
    if (from === to) return '';
    from = posix.resolve(from);
    to = posix.resolve(to);
    if (from === to) return '';
    const fromLength = from.length - 1;
    const toLength = to.length - 1;
    const length = fromLength < toLength ? fromLength : toLength;
    let common = -1;
    let index = 0;
    for (; index < length; index++) {
      const code = codeAt(from, index + 1);
      if (code !== codeAt(to, index + 1)) break;
      if (code === SLASH) common = index;
    }
    if (index === length) {
      if (toLength > length) {
        if (codeAt(to, index + 1) === SLASH) return StringPrototypeSlice(to, index + 2);
        if (index === 0) return StringPrototypeSlice(to, 1);
      } else if (fromLength > length) {
        if (codeAt(from, index + 1) === SLASH) common = index;
        else if (index === 0) common = 0;
      }
    }
    let out = '';
    for (index = common + 2; index <= from.length; index++) {
      if (index === from.length || codeAt(from, index) === SLASH) out += out.length === 0 ? '..' : '/..';
    }
    return `${out}${StringPrototypeSlice(to, common + 1)}`;
  },
  toNamespacedPath(path) {
    return path;
  },
  dirname(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    const absolute = codeAt(path, 0) === SLASH;
    let end = path.length;
    while (end > 1 && codeAt(path, end - 1) === SLASH) end--;
    while (end > 0 && codeAt(path, end - 1) !== SLASH) end--;
    if (end === 0) return '.';
    end--;
    if (end === 0) return absolute ? '/' : '.';
    if (absolute && end === 1) return '//';
    return StringPrototypeSlice(path, 0, end);
  },
  basename(path, suffix) {
    if (suffix !== undefined) validateString(suffix, 'suffix');
    validateString(path, 'path');
    return basenameFrom(path, suffix, 0, isSlash);
  },
  extname(path) {
    validateString(path, 'path');
    const { dot, end } = lastName(path, 0, isSlash);
    return dot === -1 ? '' : StringPrototypeSlice(path, dot, end);
  },
  format(parts) {
    return format('/', parts);
  },
  parse(path) {
    validateString(path, 'path');
    const parts = { root: '', dir: '', base: '', ext: '', name: '' };
    if (path.length === 0) return parts;
    const absolute = codeAt(path, 0) === SLASH;
    const start = absolute ? 1 : 0;
    if (absolute) parts.root = '/';
    const begin = parseName(path, start, isSlash, parts);
    if (begin > start) parts.dir = StringPrototypeSlice(path, 0, begin - 1);
    else if (absolute) parts.dir = '/';
    return parts;
  },
  sep: '/',
  delimiter: ':',
  win32: null,
  posix: null,
};

const reattach = primordials.detached(posix);
posix._makeLong = posix.toNamespacedPath;
reattach();
posix.posix = posix;
module.exports = posix;
posix.win32 = require('node/path_win32');
