// Request.
'use strict';

const { RegExpPrototypeExec, StringPrototypeToUpperCase, StringPrototypeToWellFormed, TypeError } = primordials;
const { coded, dictionary, expose, invalidThis, isObject, requireArguments } = require('web/common');
const { isAbortSignal, isAborted, makeSignal, abortSignal, reasonOf, whenAborted } = require('web/abort');
const bodies = require('web/body');
const headerLists = require('web/headers');

const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const NORMAL = /^(?:delete|get|head|options|post|put)$/i;
const FORBIDDEN = /^(?:connect|trace|track)$/i;

// What these may be; the first is what they are if nobody says.
const CHOICES = {
  __proto__: null,
  cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
  credentials: ['same-origin', 'omit', 'include'],
  mode: ['cors', 'no-cors', 'same-origin', 'navigate'],
  redirect: ['follow', 'error', 'manual'],
  referrerPolicy: [
    '', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin',
    'strict-origin-when-cross-origin', 'unsafe-url',
  ],
};

function choice(key, value) {
  const choices = CHOICES[key];
  const text = `${value}`;
  for (let index = 0; index < choices.length; index++) {
    if (choices[index] === text) return text;
  }
  throw new TypeError(`Request constructor: ${text} is not an accepted type. Expected one of ${choices}.`);
}

function methodOf(value) {
  const method = `${value}`;
  if (RegExpPrototypeExec(TOKEN, method) === null) throw new TypeError(`'${method}' is not a valid HTTP method.`);
  if (RegExpPrototypeExec(FORBIDDEN, method) !== null) throw new TypeError(`'${method}' HTTP method is unsupported.`);
  return RegExpPrototypeExec(NORMAL, method) === null ? method : StringPrototypeToUpperCase(method);
}

// A URL in its normal form.
function urlOf(value) {
  const text = StringPrototypeToWellFormed(`${value}`);
  const parsed = ops.urlParse(text);
  if (parsed !== undefined) return parsed[0];
  const cause = coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL');
  cause.input = text;
  throw new TypeError(`Failed to parse URL from ${text}`, { __proto__: null, cause });
}

function urlWithoutCredentials(value) {
  const url = urlOf(value);
  if (RegExpPrototypeExec(/^[^:/?#]*:\/\/[^/?#]*@/, url) !== null) {
    throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${value}`);
  }
  return url;
}

const fresh = () => ({
  __proto__: null, method: 'GET', url: '', headers: headerLists.newList(), object: undefined, body: null, cache: 'default',
  credentials: 'same-origin', mode: 'cors', redirect: 'follow', referrer: 'about:client', referrerPolicy: '', integrity: '', keepalive: false,
  signal: undefined, upload: false,
});

// A signal that follows another.
function follow(signal) {
  const made = makeSignal();
  if (signal !== undefined) whenAborted(signal, (reason) => abortSignal(made, reason));
  return made;
}

const KEY = { __proto__: null };

class Request {
  #state;

  constructor(input, init = undefined) {
    if (input === KEY) {
      this.#state = init;
      return;
    }
    requireArguments(arguments.length, 'input');
    const given = dictionary(init, 'init');
    let inside = fresh();
    let before;
    if (isRequest(input)) {
      before = state(input);
      inside = { ...before, __proto__: null, headers: headerLists.copy(before.headers), object: undefined, body: null };
    } else {
      inside.url = urlWithoutCredentials(input);
    }
    let signal = before?.signal;
    if (given.method !== undefined) inside.method = methodOf(given.method);
    for (const key in CHOICES) {
      const value = given[key];
      if (value !== undefined) inside[key] = choice(key, value);
    }
    if (inside.mode === 'navigate' && given.mode !== undefined) throw new TypeError('Request constructor: invalid request mode navigate.');
    if (given.referrer !== undefined) inside.referrer = `${given.referrer}`;
    if (given.integrity !== undefined) inside.integrity = `${given.integrity}`;
    if (given.keepalive !== undefined) inside.keepalive = !!given.keepalive;
    if (given.window !== undefined && given.window !== null) throw new TypeError(`'window' option '${ops.brief(given.window)}' must be null`);
    if (given.signal !== undefined) {
      signal = given.signal ?? undefined;
      if (signal !== undefined && !isAbortSignal(signal)) {
        throw new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.");
      }
    }
    inside.signal = follow(signal);
    if (given.headers !== undefined) {
      inside.headers = headerLists.newList();
      headerLists.fill(inside.headers, given.headers, 'Request constructor');
    }
    const { body, duplex } = given;
    const has = body !== undefined && body !== null;
    if ((has || (body === undefined && before?.body)) && (inside.method === 'GET' || inside.method === 'HEAD')) {
      throw new TypeError('Request with GET/HEAD method cannot have body.');
    }
    if (duplex !== undefined && `${duplex}` !== 'half') throw new TypeError("Request constructor: duplex must be 'half'.");
    if (has) {
      inside.body = bodies.extract(body);
      const { type, stream } = inside.body;
      if (stream !== undefined && duplex === undefined) throw new TypeError('RequestInit: duplex option is required when sending a body.');
      if (type !== null && !inside.headers.values.has('content-type')) headerLists.append(inside.headers, 'content-type', type);
    } else if (body === undefined && before?.body) {
      if (bodies.isUnusable(before.body)) throw new TypeError('Cannot construct a Request with a Request object that has already been used.');
      // The body moves, and the request that it is taken from has been used.
      const { bytes, items, stream, type } = before.body;
      if (stream !== undefined) inside.body = bodies.makeBody({ __proto__: null, items: bodies.taken(before.body), type });
      else inside.body = bodies.makeBody({ __proto__: null, bytes, items, type });
      before.body.used = true;
    }
    this.#state = inside;
  }

  static state(request) {
    if (!isRequest(request)) throw invalidThis('Request');
    return request.#state;
  }

  static is(value) {
    return isObject(value) && #state in value;
  }

  get method() {
    return state(this).method;
  }

  get url() {
    return state(this).url;
  }

  get headers() {
    return headersOf(state(this));
  }

  get destination() {
    return state(this) && '';
  }

  get referrer() {
    return state(this).referrer;
  }

  get referrerPolicy() {
    return state(this).referrerPolicy;
  }

  get mode() {
    return state(this).mode;
  }

  get credentials() {
    return state(this).credentials;
  }

  get cache() {
    return state(this).cache;
  }

  get redirect() {
    return state(this).redirect;
  }

  get integrity() {
    return state(this).integrity;
  }

  get keepalive() {
    return state(this).keepalive;
  }

  get isReloadNavigation() {
    return state(this) && false;
  }

  get isHistoryNavigation() {
    return state(this) && false;
  }

  get signal() {
    return state(this).signal;
  }

  get duplex() {
    return state(this) && 'half';
  }

  clone() {
    const inside = state(this);
    if (inside.body !== null && bodies.isUnusable(inside.body)) throw new TypeError('unusable');
    return new Request(KEY, {
      ...inside, __proto__: null, headers: headerLists.copy(inside.headers), object: undefined, body: bodies.clone(inside.body),
      signal: follow(inside.signal),
    });
  }
}
const { is: isRequest, state } = Request;
delete Request.is;
delete Request.state;
const headersOf = (inside) => inside.object ??= headerLists.makeHeaders(inside.headers);
bodies.mixin(Request, (request) => state(request).body, (request) => state(request).headers.values.get('content-type'));
expose(Request, {
  __proto__: null,
  view(request) {
    if (!isRequest(request)) return undefined;
    const { method, url, referrer, referrerPolicy, mode, credentials, cache, redirect, integrity, keepalive, signal } = state(request);
    return {
      __proto__: null, method, url, headers: headersOf(state(request)), destination: '', referrer, referrerPolicy, mode, credentials,
      cache, redirect, integrity, keepalive, isReloadNavigation: false, isHistoryNavigation: false, signal,
    };
  },
});

module.exports = {
  __proto__: null, Request, isRequest, stateOf: state, urlOf,
  abortedReason: ({ signal }) => isAborted(signal) ? { __proto__: null, reason: reasonOf(signal) } : undefined,
};
