// Waiting for events: `once` and `on`, for emitters and event targets, and what else `events` exports as functions.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeShift, Error, ObjectSetPrototypeOf, Promise, PromiseReject, PromiseResolve,
  SymbolAsyncIterator, SymbolDispose,
} = primordials;
const { abortError, make } = require('node/internal/errors');
const { validateAbortSignal, validateFunction, validateNumber, validateObject } = require('node/internal/validators');

const isTarget = (emitter) => typeof emitter?.addEventListener === 'function';

function listen(emitter, name, listener, flags) {
  if (typeof emitter?.on === 'function') {
    if (flags?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (isTarget(emitter)) {
    emitter.addEventListener(name, listener, flags);
  } else {
    throw make('ERR_INVALID_ARG_TYPE', 'emitter', 'EventEmitter', emitter);
  }
}

function unlisten(emitter, name, listener) {
  if (typeof emitter?.removeListener === 'function') emitter.removeListener(name, listener);
  else emitter.removeEventListener(name, listener);
}

async function once(emitter, name, options = { __proto__: null }) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw abortError(signal.reason);
  return new Promise((resolve, reject) => {
    const onError = (error) => {
      unlisten(emitter, name, onEvent);
      signal?.removeEventListener('abort', onAbort);
      reject(error);
    };
    const onEvent = (...args) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      signal?.removeEventListener('abort', onAbort);
      resolve(args);
    };
    const onAbort = () => {
      unlisten(emitter, name, onEvent);
      unlisten(emitter, 'error', onError);
      reject(abortError(signal.reason));
    };
    listen(emitter, name, onEvent, { __proto__: null, once: true });
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    signal?.addEventListener('abort', onAbort, { __proto__: null, once: true });
  });
}

function on(emitter, event, options = { __proto__: null }) {
  validateObject(options, 'options');
  const { signal, close = [], highWaterMark = 9007199254740991, lowWaterMark = 1 } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw abortError(signal.reason);
  const events = [];
  const waiting = [];
  let error;
  let finished = false;
  let paused = false;
  const result = (value, done) => ({ value, done });
  const handler = (...args) => {
    if (waiting.length > 0) {
      ArrayPrototypeShift(waiting).resolve(result(args, false));
      return;
    }
    ArrayPrototypePush(events, args);
    if (events.length > highWaterMark && !paused && typeof emitter.pause === 'function') {
      paused = true;
      emitter.pause();
    }
  };
  const fail = (cause) => {
    if (waiting.length > 0) ArrayPrototypeShift(waiting).reject(cause);
    else error = cause;
    iterator.return();
  };
  const onAbort = () => fail(abortError(signal.reason));
  const finish = () => iterator.return();
  const iterator = {
    next() {
      if (events.length > 0) {
        const value = ArrayPrototypeShift(events);
        if (paused && events.length < lowWaterMark) {
          paused = false;
          emitter.resume();
        }
        return PromiseResolve(result(value, false));
      }
      if (error !== undefined) {
        const cause = error;
        error = undefined;
        return PromiseReject(cause);
      }
      if (finished) return PromiseResolve(result(undefined, true));
      return new Promise((resolve, reject) => ArrayPrototypePush(waiting, { __proto__: null, resolve, reject }));
    },
    return() {
      if (!finished) {
        unlisten(emitter, event, handler);
        if (!isTarget(emitter) || typeof emitter.on === 'function') unlisten(emitter, 'error', fail);
        for (let index = 0; index < close.length; index++) unlisten(emitter, close[index], finish);
        signal?.removeEventListener('abort', onAbort);
      }
      finished = true;
      while (waiting.length > 0) ArrayPrototypeShift(waiting).resolve(result(undefined, true));
      return PromiseResolve(result(undefined, true));
    },
    throw(cause) {
      if (!cause || !ops.isError(cause)) throw make('ERR_INVALID_ARG_TYPE', 'EventEmitter.AsyncIterator', 'Error', cause);
      fail(cause);
    },
    [SymbolAsyncIterator]() {
      return this;
    },
  };
  ObjectSetPrototypeOf(iterator, primordials.AsyncIteratorPrototype ?? primordials.Object.prototype);
  listen(emitter, event, handler);
  if (event !== 'error' && typeof emitter.on === 'function') emitter.on('error', fail);
  for (let index = 0; index < close.length; index++) listen(emitter, close[index], finish);
  signal?.addEventListener('abort', onAbort, { __proto__: null, once: true });
  return iterator;
}

function getEventListeners(emitterOrTarget, type) {
  if (typeof emitterOrTarget?.listeners === 'function') return emitterOrTarget.listeners(type);
  if (isTarget(emitterOrTarget)) return require('web/events').listenersFor(emitterOrTarget, `${type}`);
  throw make('ERR_INVALID_ARG_TYPE', 'emitter', ['EventEmitter', 'EventTarget'], emitterOrTarget);
}

function getMaxListeners(emitterOrTarget) {
  if (typeof emitterOrTarget?.getMaxListeners === 'function') return emitterOrTarget.getMaxListeners();
  const targets = require('web/events');
  if (targets.isEventTarget(emitterOrTarget)) return targets.mostListeners(emitterOrTarget);
  throw make('ERR_INVALID_ARG_TYPE', 'emitter', ['EventEmitter', 'EventTarget'], emitterOrTarget);
}

function setMaxListeners(n = require('node/events').defaultMaxListeners, ...targets) {
  validateNumber(n, 'setMaxListeners', 0);
  if (targets.length === 0) require('node/events').defaultMaxListeners = n;
  const { isEventTarget, setMostListeners } = require('web/events');
  for (let index = 0; index < targets.length; index++) {
    const target = targets[index];
    if (typeof target?.setMaxListeners === 'function') {
      target.setMaxListeners(n);
    } else if (isEventTarget(target)) {
      setMostListeners(target, n);
    } else {
      throw make('ERR_INVALID_ARG_TYPE', 'eventTargets', ['EventEmitter', 'EventTarget'], target);
    }
  }
}

function listenerCount(emitter, type) {
  if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
  return primordials.FunctionPrototypeCall(require('node/events').prototype.listenerCount, emitter, type);
}

function addAbortListener(signal, listener) {
  if (signal === undefined) throw make('ERR_INVALID_ARG_TYPE', 'signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateFunction(listener, 'listener');
  let remove;
  if (signal.aborted) {
    ops.tick(() => listener(), []);
  } else {
    signal.addEventListener('abort', listener, { __proto__: null, once: true });
    remove = () => signal.removeEventListener('abort', listener);
  }
  return { __proto__: null, [SymbolDispose]() { remove?.(); } };
}

module.exports = { __proto__: null, addAbortListener, getEventListeners, getMaxListeners, listenerCount, on, once, setMaxListeners };
