// Bodies of requests and responses: what they are made of, and the ways to read them.
'use strict';

const {
  ArrayBufferIsView, ArrayBufferPrototypeSlice, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset, JSONParse, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, Promise, ReflectOwnKeys,
  RegExpPrototypeExec, StringPrototypeToLowerCase, StringPrototypeToWellFormed, SymbolAsyncIterator, SymbolToStringTag, TypeError, TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  Uint8Array, uncurryThis,
} = primordials;
const { isObject, list } = require('web/common');
const { TextDecoder, decode } = require('web/encoding');
const { Blob, bytesOf, isBlob, typeOf } = require('web/blob');
const { isFormData } = require('web/form_data');
const { joined } = require('web/multipart');
const { ReadableStream, isDisturbed, isReadableStream, makeStream, stateOf } = require('web/streams/readable');
const { attempt, react } = require('web/streams/promises');
const core = require('web/streams/readable_core');
const controllers = require('web/streams/default_controller');

// A body: its bytes, or an iterator of the environment's own that gives them, or a stream. **A stream, once there is
// one, is the body.**
const makeBody = (fields) => ({
  __proto__: null, bytes: undefined, items: undefined, stream: undefined, used: false, type: null, ...fields,
});

// A view of the same bytes.
function viewOf(value) {
  if (!ArrayBufferIsView(value)) return new Uint8Array(value);
  if (TypedArrayPrototypeGetSymbolToStringTag(value) === undefined) {
    return new Uint8Array(DataViewPrototypeGetBuffer(value), DataViewPrototypeGetByteOffset(value), DataViewPrototypeGetByteLength(value));
  }
  return new Uint8Array(TypedArrayPrototypeGetBuffer(value), TypedArrayPrototypeGetByteOffset(value), TypedArrayPrototypeGetByteLength(value));
}

// A copy, in a buffer of its own.
function copyOf(value) {
  const view = viewOf(value);
  const copy = new Uint8Array(TypedArrayPrototypeGetByteLength(view));
  TypedArrayPrototypeSet(copy, view);
  return copy;
}

// A query as text, if `value` is one: its class tells by refusing what is none.
function paramsText(value) {
  const { URLSearchParams } = require('web/url_search_params');
  if (value[SymbolToStringTag] !== 'URLSearchParams') return undefined;
  try {
    return uncurryThis(URLSearchParams.prototype.toString)(value);
  } catch {
    return undefined;
  }
}

// The body that `value` is.
function extract(value) {
  if (isReadableStream(value)) {
    if (isDisturbed(value) || core.isLocked(stateOf(value))) throw new TypeError('Response body object should not be disturbed or locked');
    return makeBody({ __proto__: null, stream: value });
  }
  if (isObject(value)) {
    const params = paramsText(value);
    if (params !== undefined) {
      return makeBody({ __proto__: null, bytes: ops.utf8Encode(params), type: 'application/x-www-form-urlencoded;charset=UTF-8' });
    }
    if (ops.isAnyArrayBuffer(value) || ArrayBufferIsView(value)) return makeBody({ __proto__: null, bytes: copyOf(value) });
    if (isBlob(value)) return makeBody({ __proto__: null, bytes: bytesOf(value), type: typeOf(value) || null });
    if (isFormData(value)) {
      const { bytes, boundary } = require('web/multipart').encode(value);
      return makeBody({ __proto__: null, bytes, type: `multipart/form-data; boundary=${boundary}` });
    }
    if (typeof value[SymbolAsyncIterator] === 'function') return makeBody({ __proto__: null, stream: ReadableStream.from(value) });
  }
  return makeBody({ __proto__: null, bytes: ops.utf8Encode(StringPrototypeToWellFormed(`${value}`)), type: 'text/plain;charset=UTF-8' });
}

const isUnusable = (body) => body.stream === undefined ? body.used : isDisturbed(body.stream) || core.isLocked(stateOf(body.stream));
const isUsed = (body) => body.stream === undefined ? body.used : isDisturbed(body.stream);

// The body as a stream: made when somebody first asks for it.
function streamOf(body) {
  if (body.stream !== undefined) return body.stream;
  const { bytes, items } = body;
  let given = bytes === undefined;
  let made;
  const controller = () => stateOf(made).controller;
  const pull = () => {
    if (!given) {
      given = true;
      if (bytes.length > 0) controllers.enqueue(controller(), copyOf(bytes));
      controllers.close(controller());
      return attempt(() => undefined);
    }
    if (items === undefined) {
      controllers.close(controller());
      return attempt(() => undefined);
    }
    return react(attempt(() => items.next()), ({ value, done }) => {
      if (done) controllers.close(controller());
      else controllers.enqueue(controller(), value);
    });
  };
  const cancel = (reason) => attempt(() => items === undefined ? undefined : items.return(reason));
  body.stream = made = makeStream(() => undefined, pull, cancel, 0);
  if (body.used) core.cancel(stateOf(made), undefined);
  return made;
}

// Gives `take` one chunk of bytes after the other, until it answers false or returns a promise of that.
async function each(body, take) {
  body.used = true;
  if (body.stream === undefined) {
    if (body.bytes !== undefined) {
      await take(body.bytes);
      return;
    }
    const { items } = body;
    if (items === undefined) return;
    for (;;) {
      const result = await items.next();
      if (result.done) return;
      if (await take(result.value) === false) {
        await items.return();
        return;
      }
    }
  }
  const reader = core.newReader(stateOf(body.stream), false);
  for (;;) {
    const result = await step(reader);
    if (result.done) return;
    if (!isBytes(result.value)) {
      const error = new TypeError('Received non-Uint8Array chunk');
      core.cancel(reader.stream, error);
      throw error;
    }
    if (await take(result.value) === false) {
      core.cancel(reader.stream, undefined);
      return;
    }
  }
}

const step = (reader) => new Promise((resolve, reject) => {
  core.read(reader, {
    __proto__: null,
    chunk(value) { resolve({ __proto__: null, value, done: false }); },
    close() { resolve({ __proto__: null, value: undefined, done: true }); },
    error: reject,
  });
});

// The rest of a body that is a stream, which belongs to the caller from now on.
function taken(body) {
  const reader = core.newReader(stateOf(body.stream), false);
  return { __proto__: null, next: () => step(reader), return: async (reason) => { await core.cancel(stateOf(body.stream), reason); } };
}

const isBytes = (value) => ArrayBufferIsView(value) && TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array';

// All of it.
async function consume(body) {
  if (body === null) return new Uint8Array(0);
  const pieces = list();
  await each(body, (chunk) => { pieces[pieces.length] = chunk; });
  if (pieces.length === 1 && body.stream === undefined) return body.bytes === undefined ? pieces[0] : copyOf(pieces[0]);
  return joined(pieces);
}

// Two bodies of one; the first takes the place of the original.
function clone(body) {
  if (body === null) return null;
  if (body.stream === undefined && body.bytes !== undefined) return makeBody({ __proto__: null, bytes: body.bytes, type: body.type });
  const { 0: one, 1: other } = uncurryThis(ReadableStream.prototype.tee)(streamOf(body));
  body.stream = one;
  return makeBody({ __proto__: null, stream: other, type: body.type });
}

const textOf = (bytes) => decode(new TextDecoder(), bytes);

function bufferOf(bytes) {
  const buffer = TypedArrayPrototypeGetBuffer(bytes);
  const start = TypedArrayPrototypeGetByteOffset(bytes);
  const length = TypedArrayPrototypeGetByteLength(bytes);
  return start === 0 && buffer.byteLength === length ? buffer : ArrayBufferPrototypeSlice(buffer, start, start + length);
}

function formOf(bytes, type) {
  const essence = StringPrototypeToLowerCase(RegExpPrototypeExec(/^[^;]*?(?=\s*(?:;|$))/, type ?? '')?.[0] ?? '');
  if (essence === 'multipart/form-data') return require('web/multipart').decode(bytes, type);
  if (essence === 'application/x-www-form-urlencoded') {
    const { URLSearchParams, pairsOf } = require('web/url_search_params');
    const { FormData, append } = require('web/form_data');
    const form = new FormData();
    const pairs = pairsOf(new URLSearchParams(textOf(bytes)));
    for (let index = 0; index < pairs.length; index += 2) append(form, pairs[index], pairs[index + 1]);
    return form;
  }
  throw new TypeError('Content-Type was not one of "multipart/form-data" or "application/x-www-form-urlencoded".');
}

// Gives a class the ways to read the body that `bodyOf(object)` is; `contentTypeOf(object)` is its Content-Type.
function mixin(Class, bodyOf, contentTypeOf) {
  async function taken(object) {
    const body = bodyOf(object);
    if (body !== null && isUnusable(body)) throw new TypeError('Body is unusable: Body has already been read');
    return consume(body);
  }
  const members = {
    __proto__: null,
    async arrayBuffer() { return bufferOf(await taken(this)); },
    async blob() {
      const bytes = await taken(this);
      return new Blob([bytes], { __proto__: null, type: contentTypeOf(this) ?? '' });
    },
    async bytes() { return taken(this); },
    async formData() { return formOf(await taken(this), contentTypeOf(this)); },
    async json() { return JSONParse(textOf(await taken(this))); },
    async text() { return textOf(await taken(this)); },
    get body() {
      const body = bodyOf(this);
      return body === null ? null : streamOf(body);
    },
    get bodyUsed() {
      const body = bodyOf(this);
      return body !== null && isUsed(body);
    },
  };
  const keys = ReflectOwnKeys(members);
  for (let index = 0; index < keys.length; index++) {
    ObjectDefineProperty(Class.prototype, keys[index], { __proto__: null, ...ObjectGetOwnPropertyDescriptor(members, keys[index]) });
  }
}

module.exports = { __proto__: null, clone, consume, copyOf, each, extract, isUnusable, isUsed, makeBody, mixin, streamOf, taken };
