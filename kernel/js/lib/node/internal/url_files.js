// What `url` has around the web's URL: files and their URLs, hosts, options of requests.
'use strict';

const {
  NumberParseInt, StringPrototypeCharCodeAt, StringPrototypeEndsWith, StringPrototypeReplaceAll, StringPrototypeSlice,
  StringPrototypeStartsWith, decodeURIComponent,
} = primordials;
const { make } = require('node/internal/errors');
const { validateObject, validateString } = require('node/internal/validators');

// The web's own classes, whatever a program has put in their place.
const classes = () => ({ __proto__: null, URL: require('web/url').URL, URLSearchParams: require('web/url_search_params').URLSearchParams });

const isURL = (value) => !!(value?.href && value.protocol && value.auth === undefined && value.path === undefined);

function formatURL(url, options) {
  if (options) validateObject(options, 'options');
  const { auth = true, fragment = true, search = true, unicode = false } = options ?? {};
  let out = url.protocol;
  if (url.host !== '' || url.protocol === 'file:') {
    out += '//';
    if (auth && (url.username !== '' || url.password !== '')) {
      out += url.username;
      if (url.password !== '') out += `:${url.password}`;
      out += '@';
    }
    out += unicode ? require('node/punycode').toUnicode(url.hostname) : url.hostname;
    if (url.port !== '') out += `:${url.port}`;
  }
  out += url.pathname;
  if (search) out += url.search;
  if (fragment) out += url.hash;
  return out;
}

function fileURLToPath(path, options) {
  const windows = options?.windows ?? false;
  if (typeof path === 'string') path = new (classes().URL)(path);
  else if (!isURL(path)) throw make('ERR_INVALID_ARG_TYPE', 'path', ['string', 'URL'], path);
  if (path.protocol !== 'file:') throw make('ERR_INVALID_URL_SCHEME', 'file');
  const { hostname, pathname } = path;
  for (let index = 0; index < pathname.length - 2; index++) {
    if (pathname[index] !== '%') continue;
    const next = StringPrototypeCharCodeAt(pathname, index + 2) | 0x20;
    if (pathname[index + 1] === '2' && next === 102) {
      throw make('ERR_INVALID_FILE_URL_PATH', windows ? 'must not include encoded \\ or / characters' : 'must not include encoded / characters');
    }
    if (windows && pathname[index + 1] === '5' && next === 99) {
      throw make('ERR_INVALID_FILE_URL_PATH', 'must not include encoded \\ or / characters');
    }
  }
  if (!windows) {
    if (hostname !== '') throw make('ERR_INVALID_FILE_URL_HOST', 'linux');
    return decodeURIComponent(pathname);
  }
  const local = decodeURIComponent(StringPrototypeReplaceAll(pathname, '/', '\\'));
  if (hostname !== '') return `\\\\${require('node/punycode').toUnicode(hostname)}${local}`;
  const letter = StringPrototypeCharCodeAt(local, 1) | 0x20;
  if (letter < 97 || letter > 122 || local[2] !== ':') throw make('ERR_INVALID_FILE_URL_PATH', 'must be absolute');
  return StringPrototypeSlice(local, 1);
}

function pathToFileURL(filepath, options) {
  validateString(filepath, 'path');
  const windows = options?.windows ?? false;
  const path = windows ? require('node/path_win32') : require('node/path_posix');
  let resolved = path.resolve(filepath);
  const last = filepath[filepath.length - 1];
  if ((last === '/' || (windows && last === '\\')) && !StringPrototypeEndsWith(resolved, path.sep)) resolved += '/';
  const { URL } = classes();
  const url = new URL('file://');
  if (windows) resolved = StringPrototypeReplaceAll(resolved, '\\', '/');
  let text = '';
  for (let index = 0; index < resolved.length; index++) {
    const c = resolved[index];
    text += c === '%' ? '%25' : c === '\\' ? '%5C' : c === '\n' ? '%0A' : c === '\r' ? '%0D' : c === '\t' ? '%09'
      : c === '?' ? '%3F' : c === '#' ? '%23' : c;
  }
  if (windows && StringPrototypeStartsWith(text, '//')) return new URL(`file:${text}`);
  url.pathname = text;
  return url;
}

function hostOf(domain) {
  try {
    return new (classes().URL)(`ws://${domain}`).hostname;
  } catch {
    return '';
  }
}

function domainToASCII(domain) {
  if (arguments.length < 1) throw make('ERR_MISSING_ARGS', 'domain');
  return hostOf(`${domain}`);
}

function domainToUnicode(domain) {
  if (arguments.length < 1) throw make('ERR_MISSING_ARGS', 'domain');
  return require('node/punycode').toUnicode(hostOf(`${domain}`));
}

function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  const options = {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && hostname[0] === '[' ? StringPrototypeSlice(hostname, 1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
  };
  if (port !== '') options.port = NumberParseInt(port, 10);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

module.exports = { __proto__: null, classes, domainToASCII, domainToUnicode, fileURLToPath, formatURL, isURL, pathToFileURL, urlToHttpOptions };
