// `url`: the parser of before the web's, and what leads from files to URLs and back.
'use strict';

const {
  ArrayPrototypeIncludes, ObjectAssign, ObjectDefineProperty, StringPrototypeCharCodeAt, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeReplaceAll, StringPrototypeSlice, StringPrototypeStartsWith,
  StringPrototypeToLowerCase, StringPrototypeTrim, decodeURIComponent, encodeURIComponent,
} = primordials;
const { make } = require('node/internal/errors');
const { validateString } = require('node/internal/validators');
const querystring = require('node/querystring');
const files = require('node/internal/url_files');

const SLASHED = ['http:', 'https:', 'ftp:', 'gopher:', 'file:', 'ws:', 'wss:'];
const HOSTLESS = ['javascript:'];
const isSlashed = (protocol) => ArrayPrototypeIncludes(SLASHED, protocol);
const isHostless = (protocol) => ArrayPrototypeIncludes(HOSTLESS, protocol);

function Url() {
  this.protocol = null;
  this.slashes = null;
  this.auth = null;
  this.host = null;
  this.port = null;
  this.hostname = null;
  this.hash = null;
  this.search = null;
  this.query = null;
  this.pathname = null;
  this.path = null;
  this.href = null;
}

const isAlnum = (code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

// `scheme:` at the beginning, or nothing.
function schemeOf(text) {
  for (let index = 0; index < text.length; index++) {
    const code = StringPrototypeCharCodeAt(text, index);
    if (code === 58) return index > 0 ? StringPrototypeSlice(text, 0, index + 1) : '';
    if (!isAlnum(code) && code !== 43 && code !== 45 && code !== 46) return '';
  }
  return '';
}

const ESCAPED = {
  __proto__: null, '\t': '%09', '\n': '%0A', '\r': '%0D', ' ': '%20', '"': '%22', "'": '%27', '<': '%3C', '>': '%3E', '\\': '%5C', '^': '%5E',
  '`': '%60', '{': '%7B', '|': '%7C', '}': '%7D',
};

function escapeText(text) {
  let out = '';
  for (let index = 0; index < text.length; index++) out += ESCAPED[text[index]] ?? text[index];
  return out;
}

// Backslashes before the query are slashes.
function straighten(text) {
  let end = text.length;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '?' || text[index] === '#') {
      end = index;
      break;
    }
  }
  return StringPrototypeReplaceAll(StringPrototypeSlice(text, 0, end), '\\', '/') + StringPrototypeSlice(text, end);
}

// Where the host ends and what stands before it.
function splitHost(rest) {
  let hostEnd = -1;
  let atSign = -1;
  let nonHost = -1;
  for (let index = 0; index < rest.length; index++) {
    const c = rest[index];
    if (StringPrototypeIncludes('\t\n\r "%\';<>\\^`{|}', c)) {
      if (nonHost === -1) nonHost = index;
    } else if (c === '#' || c === '/' || c === '?') {
      if (nonHost === -1) nonHost = index;
      hostEnd = index;
    } else if (c === '@') {
      atSign = index;
      nonHost = -1;
    }
    if (hostEnd !== -1) break;
  }
  const start = atSign === -1 ? 0 : atSign + 1;
  const auth = atSign === -1 ? null : decodeURIComponent(StringPrototypeSlice(rest, 0, atSign));
  const end = nonHost === -1 ? rest.length : nonHost;
  return { __proto__: null, auth, host: StringPrototypeSlice(rest, start, end), rest: StringPrototypeSlice(rest, end) };
}

function splitPort(url) {
  const { host } = url;
  const colon = StringPrototypeLastIndexOf(host, ':');
  let hostname = host;
  if (colon >= 0 && isDigits(StringPrototypeSlice(host, colon + 1))) {
    const port = StringPrototypeSlice(host, colon + 1);
    if (port !== '') url.port = port;
    hostname = StringPrototypeSlice(host, 0, colon);
  }
  if (hostname) url.hostname = hostname;
}

function isDigits(text) {
  for (let index = 0; index < text.length; index++) {
    const code = StringPrototypeCharCodeAt(text, index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

const isV6 = (hostname) => hostname.length > 1 && hostname[0] === '[' && hostname[hostname.length - 1] === ']';

const reattach = primordials.detached(Url.prototype);
Url.prototype.parse = function parse(url, parseQueryString, slashesDenoteHost) {
  validateString(url, 'url');
  let rest = straighten(StringPrototypeTrim(url));
  let protocol = schemeOf(rest);
  if (protocol !== '') {
    rest = StringPrototypeSlice(rest, protocol.length);
    protocol = StringPrototypeToLowerCase(protocol);
    this.protocol = protocol;
  }
  let slashes = false;
  if (slashesDenoteHost || protocol !== '' || hasAuthority(rest)) {
    slashes = StringPrototypeStartsWith(rest, '//');
    if (slashes && !(protocol !== '' && isHostless(protocol))) {
      rest = StringPrototypeSlice(rest, 2);
      this.slashes = true;
    }
  }
  if (!isHostless(protocol) && (slashes || (protocol !== '' && !isSlashed(protocol)))) {
    const parts = splitHost(rest);
    if (parts.auth !== null) this.auth = parts.auth;
    this.host = parts.host;
    rest = parts.rest;
    splitPort(this);
    if (typeof this.hostname !== 'string') this.hostname = '';
    rest = this._finishHost(rest, url);
  }
  if (!isHostless(protocol)) rest = escapeText(rest);
  const hash = StringPrototypeIndexOf(rest, '#');
  if (hash !== -1) {
    this.hash = StringPrototypeSlice(rest, hash);
    rest = StringPrototypeSlice(rest, 0, hash);
  }
  const question = StringPrototypeIndexOf(rest, '?');
  if (question !== -1) {
    this.search = StringPrototypeSlice(rest, question);
    this.query = StringPrototypeSlice(rest, question + 1);
    if (parseQueryString) this.query = querystring.parse(this.query);
    rest = StringPrototypeSlice(rest, 0, question);
  } else if (parseQueryString) {
    this.search = null;
    this.query = { __proto__: null };
  }
  if (rest !== '') this.pathname = rest;
  else if (isSlashed(protocol) && this.hostname) this.pathname = '/';
  if (this.pathname || this.search) this.path = (this.pathname ?? '') + (this.search ?? '');
  this.href = this.format();
  return this;
};

// `//user@host`: an authority even where slashes do not denote a host.
function hasAuthority(rest) {
  if (!StringPrototypeStartsWith(rest, '//')) return false;
  const at = StringPrototypeIndexOf(rest, '@', 2);
  if (at < 3) return false;
  const user = StringPrototypeSlice(rest, 2, at);
  const end = StringPrototypeIndexOf(rest, '/', 2);
  return !StringPrototypeIncludes(user, '/') && !StringPrototypeIncludes(user, '@') && at + 1 < (end < 0 ? rest.length : end);
}

function isAscii(text) {
  for (let index = 0; index < text.length; index++) if (StringPrototypeCharCodeAt(text, index) > 127) return false;
  return true;
}

// What no name of a host has.
const FORBIDDEN_IN_V6 = '\0\t\n\r #%/<>?@\\^|';
const FORBIDDEN = `${FORBIDDEN_IN_V6}:[]`;

function hasAnyOf(text, characters) {
  for (let index = 0; index < text.length; index++) if (StringPrototypeIncludes(characters, text[index])) return true;
  return false;
}

// Checks the name of the host, and gives back what does not belong to it.
ObjectDefineProperty(Url.prototype, '_finishHost', {
  __proto__: null,
  value(rest, url) {
    let { hostname } = this;
    const v6 = isV6(hostname);
    // A colon that no port follows ends the host; the path begins there.
    const colon = v6 ? -1 : StringPrototypeIndexOf(hostname, ':');
    if (colon !== -1) {
      rest = `/${StringPrototypeSlice(hostname, colon)}${rest}`;
      hostname = StringPrototypeSlice(hostname, 0, colon);
    }
    hostname = hostname.length > 255 ? '' : StringPrototypeToLowerCase(hostname);
    if (hostname !== '') {
      if (!v6) hostname = isAscii(hostname) ? hostname : files.domainToASCII(hostname);
      if (hostname === '' || hasAnyOf(hostname, v6 ? FORBIDDEN_IN_V6 : FORBIDDEN)) {
        const error = make('ERR_INVALID_URL');
        error.input = url;
        throw error;
      }
    }
    this.host = hostname + (this.port ? `:${this.port}` : '');
    this.hostname = v6 ? StringPrototypeSlice(hostname, 1, -1) : hostname;
    if (v6 && rest[0] !== '/') rest = `/${rest}`;
    return rest;
  },
  writable: true,
  configurable: true,
});

const encodeAuth = (auth) => StringPrototypeReplaceAll(
  StringPrototypeReplaceAll(encodeURIComponent(auth), '%3A', ':'), '%3a', ':');

Url.prototype.format = function format() {
  const auth = this.auth ? `${encodeAuth(this.auth)}@` : '';
  let protocol = this.protocol ?? '';
  let pathname = this.pathname ?? '';
  let hash = this.hash ?? '';
  let host = '';
  if (this.host) {
    host = auth + this.host;
  } else if (this.hostname) {
    const { hostname } = this;
    host = auth + (StringPrototypeIncludes(hostname, ':') && !isV6(hostname) ? `[${hostname}]` : hostname);
    if (this.port) host += `:${this.port}`;
  }
  const query = this.query !== null && typeof this.query === 'object' ? querystring.stringify(this.query) : '';
  let search = this.search || (query && `?${query}`) || '';
  if (protocol !== '' && protocol[protocol.length - 1] !== ':') protocol += ':';
  pathname = StringPrototypeReplaceAll(StringPrototypeReplaceAll(pathname, '#', '%23'), '?', '%3F');
  if (this.slashes || isSlashed(protocol)) {
    if (this.slashes || host) {
      if (pathname !== '' && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (StringPrototypeStartsWith(protocol, 'file')) {
      host = '//';
    }
  }
  search = StringPrototypeReplaceAll(search, '#', '%23');
  if (hash !== '' && hash[0] !== '#') hash = `#${hash}`;
  if (search !== '' && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

function urlParse(url, parseQueryString, slashesDenoteHost) {
  if (url instanceof Url) return url;
  return new Url().parse(url, parseQueryString, slashesDenoteHost);
}

function urlFormat(urlObject, options) {
  if (typeof urlObject === 'string') {
    urlObject = urlParse(urlObject);
  } else if (typeof urlObject !== 'object' || urlObject === null) {
    throw make('ERR_INVALID_ARG_TYPE', 'urlObject', ['Object', 'string'], urlObject);
  } else if (files.isURL(urlObject)) {
    return files.formatURL(urlObject, options);
  }
  return primordials.FunctionPrototypeCall(Url.prototype.format, urlObject);
}

Url.prototype.resolve = function resolve(relative) {
  return this.resolveObject(urlParse(relative, false, true)).format();
};

Url.prototype.resolveObject = function resolveObject(relative) {
  return require('node/internal/url_resolve').resolve(this, typeof relative === 'string' ? urlParse(relative, false, true) : relative, Url);
};

reattach();
module.exports = {
  Url,
  parse: urlParse,
  resolve: (source, relative) => urlParse(source, false, true).resolve(relative),
  resolveObject: (source, relative) => source ? urlParse(source, false, true).resolveObject(relative) : relative,
  format: urlFormat,
};
ObjectDefineProperty(module.exports, 'URL', { __proto__: null, get: () => files.classes().URL, enumerable: true, configurable: true });
ObjectDefineProperty(module.exports, 'URLSearchParams', {
  __proto__: null, get: () => files.classes().URLSearchParams, enumerable: true, configurable: true,
});
const reattachExports = primordials.detached(module.exports);
ObjectAssign(module.exports, {
  domainToASCII: files.domainToASCII,
  domainToUnicode: files.domainToUnicode,
  pathToFileURL: files.pathToFileURL,
  fileURLToPath: files.fileURLToPath,
  urlToHttpOptions: files.urlToHttpOptions,
});
reattachExports();
