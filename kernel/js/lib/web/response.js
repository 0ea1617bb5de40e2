// Response.
'use strict';

const { JSONStringify, RangeError, RegExpPrototypeExec, TypeError } = primordials;
const { dictionary, expose, invalidThis, isObject, requireArguments } = require('web/common');
const bodies = require('web/body');
const headerLists = require('web/headers');

const KEY = { __proto__: null };
const REASON = /^[\t\x20-\x7e\x80-\xff]*$/;

const newState = (fields) => ({
  __proto__: null, type: 'default', url: '', redirected: false, status: 200, statusText: '', headers: headerLists.newList(), body: null,
  object: undefined,
  ...fields,
});

function begin(init, body, type) {
  const { status = 200, statusText = '', headers } = dictionary(init, 'init');
  const code = +status & 0xffff;
  if (code < 200 || code > 599) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
  const reason = headerLists.byteString(statusText, 'Response constructor');
  if (RegExpPrototypeExec(REASON, reason) === null) throw new TypeError('Invalid statusText');
  const made = newState({ __proto__: null, status: code, statusText: reason });
  if (headers !== undefined) headerLists.fill(made.headers, headers, 'Response constructor');
  if (body !== null) {
    if (isNull(code)) throw new TypeError(`Response constructor: Invalid response status code ${code}`);
    made.body = body;
    if (type !== null && !made.headers.values.has('content-type')) headerLists.append(made.headers, 'content-type', type);
  }
  return made;
}

// Whether responses with this status have no body.
const isNull = (status) => status === 101 || status === 204 || status === 205 || status === 304;

class Response {
  #state;

  constructor(body = null, init = undefined) {
    if (body === KEY) {
      this.#state = init;
      return;
    }
    const extracted = body === null ? null : bodies.extract(body);
    this.#state = begin(init, extracted, extracted?.type ?? null);
  }

  static state(response) {
    if (!isResponse(response)) throw invalidThis('Response');
    return response.#state;
  }

  static is(value) {
    return isObject(value) && #state in value;
  }

  static error() {
    const made = newState({ __proto__: null, type: 'error', status: 0 });
    made.headers.immutable = true;
    return new Response(KEY, made);
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 'data');
    const text = JSONStringify(data);
    if (text === undefined) throw new TypeError('Value is not JSON serializable');
    const body = bodies.makeBody({ __proto__: null, bytes: ops.utf8Encode(text) });
    return new Response(KEY, begin(init, body, 'application/json'));
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 'url');
    // Requests are not needed until somebody asks for one.
    const location = require('web/request').urlOf(url);
    const code = +status & 0xffff;
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308) throw new RangeError(`Invalid status code ${status}`);
    const made = newState({ __proto__: null, status: code });
    headerLists.append(made.headers, 'location', location);
    made.headers.immutable = true;
    return new Response(KEY, made);
  }

  get type() {
    return state(this).type;
  }

  get url() {
    const { url } = state(this);
    return RegExpPrototypeExec(/^[^#]*/, url)[0];
  }

  get redirected() {
    return state(this).redirected;
  }

  get status() {
    return state(this).status;
  }

  get ok() {
    const { status } = state(this);
    return status >= 200 && status <= 299;
  }

  get statusText() {
    return state(this).statusText;
  }

  get headers() {
    return headersOf(state(this));
  }

  clone() {
    const inside = state(this);
    if (inside.body !== null && bodies.isUnusable(inside.body)) throw new TypeError('Response.clone: Body has already been consumed.');
    const headers = headerLists.copy(inside.headers);
    headers.immutable = inside.headers.immutable;
    return new Response(KEY, { ...inside, __proto__: null, headers, object: undefined, body: bodies.clone(inside.body) });
  }
}
const { is: isResponse, state } = Response;
delete Response.is;
delete Response.state;
bodies.mixin(Response, (response) => state(response).body, (response) => state(response).headers.values.get('content-type'));
expose(Response, {
  __proto__: null,
  view(response) {
    if (!isResponse(response)) return undefined;
    const { status, statusText, body, type, url, redirected } = state(response);
    return {
      __proto__: null, status, statusText, headers: headersOf(state(response)), body: body === null ? null : bodies.streamOf(body),
      bodyUsed: body !== null && bodies.isUsed(body), ok: status >= 200 && status <= 299, redirected, type, url,
    };
  },
});

const headersOf = (inside) => inside.object ??= headerLists.makeHeaders(inside.headers);

// A response from the network, or what stands for it: `headers` are names and values in turn.
function makeResponse(fields, headers) {
  const made = newState({ type: 'basic', ...fields, __proto__: null });
  for (let index = 0; index < headers.length; index += 2) headerLists.append(made.headers, headers[index], headers[index + 1]);
  made.headers.immutable = true;
  return new Response(KEY, made);
}

module.exports = { __proto__: null, Response, isNull, isResponse, makeResponse };
