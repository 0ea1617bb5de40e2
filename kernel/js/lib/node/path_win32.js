// `path.win32`.
'use strict';

const {
  StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
} = primordials;
const { validateString } = require('node/internal/validators');
const { SLASH, basenameFrom, cwd, format, lastName, normalizeSegments, parseName } = require('node/internal/path_parts');

const BACKSLASH = 92;
const COLON = 58;
const codeAt = StringPrototypeCharCodeAt;
const isSeparator = (code) => code === SLASH || code === BACKSLASH;
const isLetter = (code) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

// What a path begins with: the device (`C:`, `\\host\share`), whether the path is absolute, and where the rest begins.
function beginning(path, devices = false) {
  const { length } = path;
  if (length === 0 || (length === 1 && !isSeparator(codeAt(path, 0)))) return { __proto__: null, device: '', absolute: false, end: 0 };
  if (!isSeparator(codeAt(path, 0))) {
    if (!isLetter(codeAt(path, 0)) || codeAt(path, 1) !== COLON) return { __proto__: null, device: '', absolute: false, end: 0 };
    const absolute = length > 2 && isSeparator(codeAt(path, 2));
    return { __proto__: null, device: StringPrototypeSlice(path, 0, 2), absolute, end: absolute ? 3 : 2 };
  }
  const root = { __proto__: null, device: '', absolute: true, end: 1, unc: false };
  if (length < 2 || !isSeparator(codeAt(path, 1))) return root;
  const skip = (from, wanted) => {
    while (from < length && isSeparator(codeAt(path, from)) === wanted) from++;
    return from;
  };
  const hostEnd = skip(2, false);
  if (hostEnd === length || hostEnd === 2) return root;
  const shareStart = skip(hostEnd, true);
  if (shareStart === length) return root;
  const shareEnd = skip(shareStart, false);
  const host = StringPrototypeSlice(path, 2, hostEnd);
  // `\\.\name` is a device itself.
  if (devices && (host === '.' || host === '?')) return { __proto__: null, device: `\\\\${host}`, absolute: true, end: 4, unc: false };
  return {
    __proto__: null,
    device: `\\\\${host}\\${StringPrototypeSlice(path, shareStart, shareEnd)}`,
    absolute: true,
    // The root of a share ends with the slash after it, if there is one.
    end: shareEnd,
    unc: true,
  };
}

const lower = StringPrototypeToLowerCase;

const win32 = {
  resolve(...args) {
    let device = '';
    let tail = '';
    let absolute = false;
    for (let index = args.length - 1; index >= -1; index--) {
      let path;
      if (index >= 0) {
        path = args[index];
        validateString(path, `paths[${index}]`);
        if (path.length === 0) continue;
      } else {
        path = cwd();
        if (device.length > 0 && (path === undefined
          || (lower(StringPrototypeSlice(path, 0, 2)) !== lower(device) && codeAt(path, 2) === BACKSLASH))) path = `${device}\\`;
      }
      const begin = beginning(path, true);
      if (begin.device.length > 0) {
        if (device.length > 0) {
          if (lower(begin.device) !== lower(device)) continue;
        } else {
          device = begin.device;
        }
      }
      if (absolute) {
        if (device.length > 0) break;
      } else {
        tail = `${StringPrototypeSlice(path, begin.end)}\\${tail}`;
        absolute = begin.absolute;
        if (absolute && device.length > 0) break;
      }
    }
    tail = normalizeSegments(tail, !absolute, '\\', isSeparator);
    return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
  },
  normalize(path) {
    validateString(path, 'path');
    const { length } = path;
    if (length === 0) return '.';
    if (length === 1) return codeAt(path, 0) === SLASH ? '\\' : path;
    const { device, absolute, end, unc } = beginning(path, true);
    if (unc && end === length) return `${device}\\`;
    let tail = end < length ? normalizeSegments(StringPrototypeSlice(path, end), !absolute, '\\', isSeparator) : '';
    if (tail.length === 0 && !absolute) tail = '.';
    if (tail.length > 0 && isSeparator(codeAt(path, length - 1))) tail += '\\';
    if (device === '' && !absolute && StringPrototypeIncludes(path, ':')) {
      // What only became a drive by dropping segments is none.
      if (tail.length >= 2 && isLetter(codeAt(tail, 0)) && codeAt(tail, 1) === COLON) return `.\\${tail}`;
      for (let at = StringPrototypeIndexOf(path, ':'); at !== -1; at = StringPrototypeIndexOf(path, ':', at + 1)) {
        if (at === length - 1 || isSeparator(codeAt(path, at + 1))) return `.\\${tail}`;
      }
    }
    if (device === '') return absolute ? `\\${tail}` : tail;
    return absolute ? `${device}\\${tail}` : `${device}${tail}`;
  },
  isAbsolute(path) {
    validateString(path, 'path');
    if (path.length === 0) return false;
    return isSeparator(codeAt(path, 0))
      || (path.length > 2 && isLetter(codeAt(path, 0)) && codeAt(path, 1) === COLON && isSeparator(codeAt(path, 2)));
  },
  join(...args) {
    let joined;
    let first;
    for (let index = 0; index < args.length; index++) {
      validateString(args[index], 'path');
      if (args[index].length === 0) continue;
      if (joined === undefined) joined = first = args[index];
      else joined += `\\${args[index]}`;
    }
    if (joined === undefined) return '.';
    // Slashes that only came together by joining do not make the name of a host.
    let slashes = 0;
    while (slashes < joined.length && isSeparator(codeAt(joined, slashes))) slashes++;
    const host = first.length > 2 && isSeparator(codeAt(first, 0)) && isSeparator(codeAt(first, 1)) && !isSeparator(codeAt(first, 2));
    const only = first.length === 2 && isSeparator(codeAt(first, 0)) && isSeparator(codeAt(first, 1));
    if (!host && !only && slashes >= 2) joined = `\\${StringPrototypeSlice(joined, slashes)}`;
    return win32.normalize(joined);
  },
  relative(from, to) {
    validateString(from, 'from');
    validateString(to, 'to');
    if (from === to) return '';
    const fromOrig = win32.resolve(from);
    const toOrig = win32.resolve(to);
    if (fromOrig === toOrig) return '';
    from = lower(fromOrig);
    to = lower(toOrig);
    if (from === to) return '';
    const bounds = (path) => {
      let start = 0;
      let end = path.length;
      while (start < end && codeAt(path, start) === BACKSLASH) start++;
      while (end - 1 > start && codeAt(path, end - 1) === BACKSLASH) end--;
      return { __proto__: null, start, end, length: end - start };
    };
    const a = bounds(from);
    const b = bounds(to);
    const length = a.length < b.length ? a.length : b.length;
    let common = -1;
    let index = 0;
    for (; index < length; index++) {
      const code = codeAt(from, a.start + index);
      if (code !== codeAt(to, b.start + index)) break;
      if (code === BACKSLASH) common = index;
    }
    if (index !== length) {
      if (common === -1) return toOrig;
    } else {
      if (b.length > length) {
        if (codeAt(to, b.start + index) === BACKSLASH) return StringPrototypeSlice(toOrig, b.start + index + 1);
        if (index === 2) return StringPrototypeSlice(toOrig, b.start + index);
      }
      if (a.length > length) {
        if (codeAt(from, a.start + index) === BACKSLASH) common = index;
        else if (index === 2) common = 3;
      }
      if (common === -1) common = 0;
    }
    let out = '';
    for (index = a.start + common + 1; index <= a.end; index++) {
      if (index === a.end || codeAt(from, index) === BACKSLASH) out += out.length === 0 ? '..' : '\\..';
    }
    let start = b.start + common;
    if (out.length > 0) return `${out}${StringPrototypeSlice(toOrig, start, b.end)}`;
    if (codeAt(toOrig, start) === BACKSLASH) start++;
    return StringPrototypeSlice(toOrig, start, b.end);
  },
  toNamespacedPath(path) {
    if (typeof path !== 'string' || path.length === 0) return path;
    const resolved = win32.resolve(path);
    if (resolved.length <= 2) return path;
    if (codeAt(resolved, 0) === BACKSLASH) {
      const third = codeAt(resolved, 2);
      if (codeAt(resolved, 1) === BACKSLASH && third !== 63 && third !== 46) return `\\\\?\\UNC\\${StringPrototypeSlice(resolved, 2)}`;
    } else if (isLetter(codeAt(resolved, 0)) && codeAt(resolved, 1) === COLON && codeAt(resolved, 2) === BACKSLASH) {
      return `\\\\?\\${resolved}`;
    }
    return resolved;
  },
  dirname(path) {
    validateString(path, 'path');
    const { length } = path;
    if (length === 0) return '.';
    if (length === 1) return isSeparator(codeAt(path, 0)) ? path : '.';
    const { end: root, unc } = beginning(path);
    if (unc && root === length) return path;
    // The slash after a share belongs to its root.
    const rootEnd = unc ? root + 1 : root;
    let end = length;
    while (end > rootEnd && isSeparator(codeAt(path, end - 1))) end--;
    while (end > rootEnd && !isSeparator(codeAt(path, end - 1))) end--;
    if (end > rootEnd) return StringPrototypeSlice(path, 0, end - 1);
    return rootEnd === 0 ? '.' : StringPrototypeSlice(path, 0, rootEnd);
  },
  basename(path, suffix) {
    if (suffix !== undefined) validateString(suffix, 'suffix');
    validateString(path, 'path');
    const drive = path.length >= 2 && isLetter(codeAt(path, 0)) && codeAt(path, 1) === COLON;
    return basenameFrom(path, suffix, drive ? 2 : 0, isSeparator);
  },
  extname(path) {
    validateString(path, 'path');
    const drive = path.length >= 2 && codeAt(path, 1) === COLON && isLetter(codeAt(path, 0));
    const { dot, end } = lastName(path, drive ? 2 : 0, isSeparator);
    return dot === -1 ? '' : StringPrototypeSlice(path, dot, end);
  },
  format(parts) {
    return format('\\', parts);
  },
  parse(path) {
    validateString(path, 'path');
    const parts = { root: '', dir: '', base: '', ext: '', name: '' };
    if (path.length === 0) return parts;
    const { end: root, unc } = beginning(path);
    const rootEnd = unc && root < path.length ? root + 1 : root;
    parts.root = StringPrototypeSlice(path, 0, rootEnd);
    const begin = parseName(path, rootEnd, isSeparator, parts);
    parts.dir = begin > rootEnd ? StringPrototypeSlice(path, 0, begin - 1) : parts.root;
    return parts;
  },
  sep: '\\',
  delimiter: ';',
  win32: null,
  posix: null,
};

const reattach = primordials.detached(win32);
win32._makeLong = win32.toNamespacedPath;
reattach();
win32.win32 = win32;
module.exports = win32;
win32.posix = require('node/path_posix');
