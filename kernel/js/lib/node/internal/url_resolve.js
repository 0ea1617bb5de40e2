// `url.resolve`: where a relative address leads from a base, by the old rules.
'use strict';

const {
  ArrayPrototypeIncludes, ArrayPrototypeJoin, ArrayPrototypePop, ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSlice,
  ArrayPrototypeSplice, ArrayPrototypeUnshift, ObjectKeys, StringPrototypeSplit,
} = primordials;

const SLASHED = ['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:'];
const isSlashed = (protocol) => ArrayPrototypeIncludes(SLASHED, protocol);

const segments = (pathname) => pathname ? StringPrototypeSplit(pathname, '/') : [];

function setPath(result) {
  if (result.pathname !== null || result.search !== null) result.path = (result.pathname ?? '') + (result.search ?? '');
}

function copyOf(url, Url) {
  const copy = new Url();
  const keys = ObjectKeys(url);
  for (let index = 0; index < keys.length; index++) copy[keys[index]] = url[keys[index]];
  return copy;
}

// `user@host` that came into the path of an address without slashes.
function splitAuth(result) {
  const parts = result.host ? StringPrototypeSplit(result.host, '@') : [];
  if (parts.length < 2) return;
  result.auth = ArrayPrototypeShift(parts);
  result.host = result.hostname = ArrayPrototypeShift(parts);
}

exports.resolve = function resolve(base, relative, Url) {
  const result = copyOf(base, Url);
  // An empty address means the same document, but for the part in it.
  result.hash = relative.hash;
  if (relative.href === '') {
    result.href = result.format();
    return result;
  }
  if (relative.slashes && !relative.protocol) {
    const keys = ObjectKeys(relative);
    for (let index = 0; index < keys.length; index++) if (keys[index] !== 'protocol') result[keys[index]] = relative[keys[index]];
    if (isSlashed(result.protocol) && result.hostname && !result.pathname) result.path = result.pathname = '/';
    result.href = result.format();
    return result;
  }
  if (relative.protocol && relative.protocol !== result.protocol) return otherProtocol(result, relative);
  return samePlace(result, relative);
};

function otherProtocol(result, relative) {
  if (!isSlashed(relative.protocol)) {
    const keys = ObjectKeys(relative);
    for (let index = 0; index < keys.length; index++) result[keys[index]] = relative[keys[index]];
    result.href = result.format();
    return result;
  }
  result.protocol = relative.protocol;
  if (!relative.host && relative.protocol !== 'file:' && relative.protocol !== 'file') {
    const parts = segments(relative.pathname);
    while (parts.length > 0 && !(relative.host = ArrayPrototypeShift(parts)));
    relative.host ||= '';
    relative.hostname ||= '';
    if (parts[0] !== '') ArrayPrototypeUnshift(parts, '');
    if (parts.length < 2) ArrayPrototypeUnshift(parts, '');
    result.pathname = ArrayPrototypeJoin(parts, '/');
  } else {
    result.pathname = relative.pathname;
  }
  result.search = relative.search;
  result.query = relative.query;
  result.host = relative.host || '';
  result.auth = relative.auth;
  result.hostname = relative.hostname || relative.host;
  result.port = relative.port;
  if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
  result.slashes = result.slashes || relative.slashes;
  result.href = result.format();
  return result;
}

function samePlace(result, relative) {
  const sourceAbsolute = !!(result.pathname) && result.pathname[0] === '/';
  const relativeAbsolute = !!(relative.host) || (!!(relative.pathname) && relative.pathname[0] === '/');
  let endsAbsolute = relativeAbsolute || sourceAbsolute || !!(result.host && relative.pathname);
  const removeDots = endsAbsolute;
  let path = segments(result.pathname);
  const relativePath = segments(relative.pathname);
  const noLeading = !!(result.protocol) && !isSlashed(result.protocol);
  if (noLeading) {
    result.hostname = '';
    result.port = null;
    if (result.host) {
      if (path[0] === '') path[0] = result.host;
      else ArrayPrototypeUnshift(path, result.host);
    }
    result.host = '';
    if (relative.protocol) {
      relative.hostname = null;
      relative.port = null;
      result.auth = null;
      if (relative.host) {
        if (relativePath[0] === '') relativePath[0] = relative.host;
        else ArrayPrototypeUnshift(relativePath, relative.host);
      }
      relative.host = null;
    }
    endsAbsolute = endsAbsolute && (relativePath[0] === '' || path[0] === '');
  }
  if (relativeAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    path = relativePath;
  } else if (relativePath.length > 0) {
    ArrayPrototypePop(path);
    for (let index = 0; index < relativePath.length; index++) ArrayPrototypePush(path, relativePath[index]);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (noLeading) {
      result.hostname = result.host = ArrayPrototypeShift(path);
      splitAuth(result);
    }
    result.search = relative.search;
    result.query = relative.query;
    setPath(result);
    result.href = result.format();
    return result;
  }
  if (path.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    result.href = result.format();
    return result;
  }
  const last = path[path.length - 1];
  const trailing = ((result.host || relative.host || path.length > 1) && (last === '.' || last === '..')) || last === '';
  path = withoutDots(path, endsAbsolute || removeDots);
  if (endsAbsolute && path[0] !== '' && (!path[0] || path[0][0] !== '/')) ArrayPrototypeUnshift(path, '');
  const joined = ArrayPrototypeJoin(path, '/');
  if (trailing && joined[joined.length - 1] !== '/') ArrayPrototypePush(path, '');
  const absolute = path[0] === '' || (path[0] && path[0][0] === '/');
  if (noLeading) {
    result.hostname = result.host = absolute ? '' : path.length > 0 ? ArrayPrototypeShift(path) : '';
    splitAuth(result);
  }
  endsAbsolute = endsAbsolute || !!(result.host && path.length > 0);
  if (endsAbsolute && !absolute) ArrayPrototypeUnshift(path, '');
  if (path.length === 0) {
    result.pathname = null;
    result.path = null;
  } else {
    result.pathname = ArrayPrototypeJoin(path, '/');
  }
  setPath(result);
  result.auth = relative.auth || result.auth;
  result.slashes = result.slashes || relative.slashes;
  result.href = result.format();
  return result;
}

// Without `.`, and `..` with what they take back; what goes above the root is dropped where `rooted`.
function withoutDots(path, rooted) {
  path = ArrayPrototypeSlice(path);
  let up = 0;
  for (let index = path.length - 1; index >= 0; index--) {
    if (path[index] === '.') {
      ArrayPrototypeSplice(path, index, 1);
    } else if (path[index] === '..') {
      ArrayPrototypeSplice(path, index, 1);
      up++;
    } else if (up > 0) {
      ArrayPrototypeSplice(path, index, 1);
      up--;
    }
  }
  if (!rooted) for (; up > 0; up--) ArrayPrototypeUnshift(path, '..');
  return path;
}
