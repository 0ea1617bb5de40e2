// URL.
'use strict';

const { ObjectDefineProperty, StringPrototypeSlice, TypeError } = primordials;
const { coded, expose, invalidThis, isObject, requireArguments } = require('web/common');
const { newParams, paramsChanged } = require('web/url_search_params');

// Indices in what `ops.urlParse` returns.
const HREF = 0;
const AFTER_SCHEME = 1;
const BEFORE_USERNAME = 2;
const AFTER_USERNAME = 3;
const BEFORE_PASSWORD = 4;
const AFTER_PASSWORD = 5;
const BEFORE_HOST = 6;
const AFTER_HOST = 7;
const AFTER_PORT = 8;
const BEFORE_PATH = 9;
const AFTER_PATH = 10;
const AFTER_QUERY = 11;
const AFTER_FRAGMENT = 12;

const KEY = { __proto__: null };

function invalid(input, base) {
  const error = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL', invalid);
  ObjectDefineProperty(error, 'input', { __proto__: null, value: input, writable: true, enumerable: true, configurable: true });
  if (base !== undefined) {
    ObjectDefineProperty(error, 'base', { __proto__: null, value: base, writable: true, enumerable: true, configurable: true });
  }
  return error;
}

class URL {
  #parts;
  #params = undefined;

  constructor(url, base = undefined) {
    if (url === KEY) {
      this.#parts = base;
      return;
    }
    requireArguments(arguments.length, 'url');
    url = `${url}`;
    if (base !== undefined) base = `${base}`;
    this.#parts = ops.urlParse(url, base);
    if (this.#parts === undefined) throw invalid(url, base);
  }

  static inside(url) {
    if (!isURL(url)) throw invalidThis('URL');
    return url.#parts;
  }

  static is(url) {
    return isObject(url) && #parts in url;
  }

  // Puts other parts in the place of these, and tells the parameters unless they said so themselves.
  static change(url, parts, tell) {
    if (parts === undefined) return;
    url.#parts = parts;
    if (tell && url.#params !== undefined) paramsChanged(url.#params, query(parts));
  }

  static params(url) {
    if (!isURL(url)) throw invalidThis('URL');
    return url.#params ??= newParams(query(url.#parts), (text) => change(url, ops.urlSet(url.#parts[HREF], 'search', text), false));
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 'url');
    return ops.urlParse(`${url}`, base === undefined ? undefined : `${base}`) !== undefined;
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 'url');
    const parts = ops.urlParse(`${url}`, base === undefined ? undefined : `${base}`);
    return parts === undefined ? null : new URL(KEY, parts);
  }

  get href() { return inside(this)[HREF]; }
  set href(value) {
    inside(this);
    value = `${value}`;
    const parts = ops.urlParse(value, undefined);
    if (parts === undefined) throw invalid(value, undefined);
    change(this, parts, true);
  }
  get origin() { return origin(inside(this)); }
  get protocol() { return slice(inside(this), undefined, AFTER_SCHEME) + ':'; }
  set protocol(value) { set(this, 'protocol', value); }
  get username() { return slice(inside(this), BEFORE_USERNAME, AFTER_USERNAME); }
  set username(value) { set(this, 'username', value); }
  get password() { return slice(inside(this), BEFORE_PASSWORD, AFTER_PASSWORD); }
  set password(value) { set(this, 'password', value); }
  get host() { return slice(inside(this), BEFORE_HOST, AFTER_PORT); }
  set host(value) { set(this, 'host', value); }
  get hostname() { return slice(inside(this), BEFORE_HOST, AFTER_HOST); }
  set hostname(value) { set(this, 'hostname', value); }
  get port() {
    const parts = inside(this);
    return parts[AFTER_PORT] > parts[AFTER_HOST] ? StringPrototypeSlice(parts[HREF], parts[AFTER_HOST] + 1, parts[AFTER_PORT]) : '';
  }
  set port(value) { set(this, 'port', value); }
  get pathname() { return slice(inside(this), BEFORE_PATH, AFTER_PATH); }
  set pathname(value) { set(this, 'pathname', value); }
  get search() {
    const text = slice(inside(this), AFTER_PATH, AFTER_QUERY);
    return text === '?' ? '' : text;
  }
  set search(value) { set(this, 'search', value, true); }
  get searchParams() { return params(this); }
  get hash() {
    const text = slice(inside(this), AFTER_QUERY, AFTER_FRAGMENT);
    return text === '#' ? '' : text;
  }
  set hash(value) { set(this, 'hash', value); }
  toString() { return inside(this)[HREF]; }
  toJSON() { return inside(this)[HREF]; }
}
const { inside, is: isURL, change, params } = URL;
delete URL.inside;
delete URL.is;
delete URL.change;
delete URL.params;

const slice = (parts, from, to) => StringPrototypeSlice(parts[HREF], from === undefined ? 0 : parts[from], parts[to]);
const query = (parts) => StringPrototypeSlice(parts[HREF], parts[AFTER_PATH] + 1, parts[AFTER_QUERY]);

function origin(parts) {
  const scheme = slice(parts, undefined, AFTER_SCHEME);
  if (scheme === 'http' || scheme === 'https' || scheme === 'ws' || scheme === 'wss' || scheme === 'ftp') {
    return `${scheme}://${slice(parts, BEFORE_HOST, AFTER_PORT)}`;
  }
  if (scheme !== 'blob') return 'null';
  const inner = ops.urlParse(slice(parts, BEFORE_PATH, AFTER_PATH), undefined);
  const of = inner && slice(inner, undefined, AFTER_SCHEME);
  return of === 'http' || of === 'https' ? origin(inner) : 'null';
}

function set(url, part, value, tell = false) {
  const parts = inside(url);
  change(url, ops.urlSet(parts[HREF], part, `${value}`), tell);
}

expose(URL, {
  __proto__: null,
  view(url) {
    if (!isURL(url)) return undefined;
    const parts = inside(url);
    const search = slice(parts, AFTER_PATH, AFTER_QUERY);
    const hash = slice(parts, AFTER_QUERY, AFTER_FRAGMENT);
    return {
      __proto__: null, href: parts[HREF], origin: origin(parts), protocol: slice(parts, undefined, AFTER_SCHEME) + ':',
      username: slice(parts, BEFORE_USERNAME, AFTER_USERNAME), password: slice(parts, BEFORE_PASSWORD, AFTER_PASSWORD),
      host: slice(parts, BEFORE_HOST, AFTER_PORT), hostname: slice(parts, BEFORE_HOST, AFTER_HOST),
      port: parts[AFTER_PORT] > parts[AFTER_HOST] ? StringPrototypeSlice(parts[HREF], parts[AFTER_HOST] + 1, parts[AFTER_PORT]) : '',
      pathname: slice(parts, BEFORE_PATH, AFTER_PATH), search: search === '?' ? '' : search, searchParams: params(url),
      hash: hash === '#' ? '' : hash,
    };
  },
});

module.exports = { __proto__: null, URL, isURL, hrefOf: (url) => inside(url)[HREF] };
