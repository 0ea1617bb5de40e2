// What both kinds of paths are taken apart with.
'use strict';

const { StringPrototypeCharCodeAt, StringPrototypeLastIndexOf, StringPrototypeSlice } = primordials;
const { validateObject } = require('node/internal/validators');

const DOT = 46;
const SLASH = 47;
const codeAt = StringPrototypeCharCodeAt;

// Drops `.` and resolves `..`; `keep` says whether `..` may stay at the front, as in relative paths.
function normalizeSegments(path, keep, separator, isSeparator) {
  let result = '';
  let lastLength = 0;
  let lastSlash = -1;
  let dots = 0;
  let code;
  for (let index = 0; index <= path.length; index++) {
    if (index < path.length) code = codeAt(path, index);
    else if (isSeparator(code)) break;
    else code = SLASH;
    if (!isSeparator(code)) {
      dots = code === DOT && dots !== -1 ? dots + 1 : -1;
      continue;
    }
    if (lastSlash === index - 1 || dots === 1) {
      // Nothing, or the folder itself.
    } else if (dots === 2 && !(result.length < 2 || lastLength !== 2 || !endsWithTwoDots(result))) {
      if (keep) {
        result += `${separator}..`;
        lastLength = 2;
      }
    } else if (dots === 2) {
      if (result.length > 0) {
        const slash = StringPrototypeLastIndexOf(result, separator);
        result = slash === -1 ? '' : StringPrototypeSlice(result, 0, slash);
        lastLength = slash === -1 ? 0 : result.length - 1 - StringPrototypeLastIndexOf(result, separator);
        lastSlash = index;
        dots = 0;
        continue;
      }
      if (keep) {
        result = '..';
        lastLength = 2;
      }
    } else {
      const segment = StringPrototypeSlice(path, lastSlash + 1, index);
      result = result.length > 0 ? result + separator + segment : segment;
      lastLength = index - lastSlash - 1;
    }
    lastSlash = index;
    dots = 0;
  }
  return result;
}

const endsWithTwoDots = (text) => codeAt(text, text.length - 1) === DOT && codeAt(text, text.length - 2) === DOT;

// The end of the last name in `path` and where its extension begins, from position `start` on.
function lastName(path, start, isSeparator) {
  let end = path.length;
  while (end > start && isSeparator(codeAt(path, end - 1))) end--;
  let begin = end;
  while (begin > start && !isSeparator(codeAt(path, begin - 1))) begin--;
  let dot = -1;
  for (let index = end - 1; index > begin; index--) {
    if (codeAt(path, index) === DOT) {
      dot = index;
      break;
    }
  }
  // `..` is a name without extension.
  if (dot === begin + 1 && end === begin + 2 && codeAt(path, begin) === DOT) dot = -1;
  return { __proto__: null, begin, end, dot };
}

// Tells `parts` what the last name in `path` is, and returns where it begins.
function parseName(path, start, isSeparator, parts) {
  const { begin, end, dot } = lastName(path, start, isSeparator);
  parts.base = StringPrototypeSlice(path, begin, end);
  parts.name = dot === -1 ? parts.base : StringPrototypeSlice(path, begin, dot);
  parts.ext = dot === -1 ? '' : StringPrototypeSlice(path, dot, end);
  return begin;
}

function format(separator, parts) {
  validateObject(parts, 'pathObject');
  const dir = parts.dir || parts.root;
  const { ext } = parts;
  const base = parts.base || `${parts.name || ''}${ext ? `${ext[0] === '.' ? '' : '.'}${ext}` : ''}`;
  if (!dir) return base;
  return dir === parts.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

// `basename` from `start` on; a suffix that is the whole name stays.
function basenameFrom(path, suffix, start, isSeparator) {
  if (suffix !== undefined && suffix === path) return '';
  const { begin, end } = lastName(path, start, isSeparator);
  const name = StringPrototypeSlice(path, begin, end);
  if (suffix === undefined || suffix.length === 0 || suffix.length > path.length || suffix.length >= name.length) return name;
  const cut = name.length - suffix.length;
  return StringPrototypeSlice(name, cut) === suffix ? StringPrototypeSlice(name, 0, cut) : name;
}

// `ops.cwd` is there when `process` is.
const cwd = () => {
  if (ops.cwd === undefined) require('node/process');
  return ops.cwd();
};

module.exports = { __proto__: null, DOT, SLASH, basenameFrom, cwd, format, lastName, normalizeSegments, parseName };
