// Promises as the algorithms of streams use them: what becomes of Promise.prototype is no concern of theirs.
'use strict';

const {
  ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectHasOwn, Promise, PromisePrototypeThen, PromiseReject, PromiseResolve, Symbol,
} = primordials;

const PROTOTYPE = Promise.prototype;
const SPECIES = Symbol.species;
const species = ObjectGetOwnPropertyDescriptor(Promise, SPECIES).get;

// `then` asks a promise for its constructor, and that for a species. While both are the language's own, nobody hears of
// it.
function isPlain() {
  const maker = ObjectGetOwnPropertyDescriptor(PROTOTYPE, 'constructor');
  if (maker === undefined || !ObjectHasOwn(maker, 'value') || maker.value !== Promise) return false;
  const kind = ObjectGetOwnPropertyDescriptor(Promise, SPECIES);
  return kind !== undefined && ObjectHasOwn(kind, 'get') && kind.get === species;
}

function react(promise, fulfilled, rejected) {
  if (isPlain()) return PromisePrototypeThen(promise, fulfilled, rejected);
  try {
    ObjectDefineProperty(promise, 'constructor', { __proto__: null, value: undefined, configurable: true });
  } catch {
    return PromisePrototypeThen(promise, fulfilled, rejected);
  }
  try {
    return PromisePrototypeThen(promise, fulfilled, rejected);
  } finally {
    delete promise.constructor;
  }
}

const nothing = () => {};

// A rejection of this promise is not reported.
function handled(promise) {
  react(promise, undefined, nothing);
  return promise;
}

function deferred() {
  const made = { __proto__: null, promise: undefined, resolve: undefined, reject: undefined };
  made.promise = new Promise((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  return made;
}

function resolvedDeferred(value) {
  const made = deferred();
  made.resolve(value);
  return made;
}

function rejectedDeferred(reason) {
  const made = deferred();
  made.reject(reason);
  handled(made.promise);
  return made;
}

// What the user's function returns, as a promise; also if it throws.
function attempt(call) {
  try {
    return resolved(call());
  } catch (error) {
    return PromiseReject(error);
  }
}

// A promise of the language's own, resolved with `value`.
function resolved(value) {
  if (isPlain()) return PromiseResolve(value);
  return resolvedDeferred(value).promise;
}

// A promise for the end of a stream, readable or writable, without a reader or writer: rejected when the stream fails.
function whenEnded(stream) {
  if (stream.ended === undefined) {
    stream.ended = deferred();
    handled(stream.ended.promise);
    if (stream.state === 'closed') stream.ended.resolve(undefined);
    else if (stream.state === 'errored') stream.ended.reject(stream.storedError);
  }
  return stream.ended.promise;
}

module.exports = {
  __proto__: null, attempt, deferred, handled, react, rejected: PromiseReject, rejectedDeferred, resolved, resolvedDeferred, whenEnded,
};
