// `events`: the class EventEmitter. Waiting for events is in `internal/events_waiting.js`.
'use strict';

const {
  ArrayPrototypePush, ArrayPrototypeSlice, ArrayPrototypeSplice, ArrayPrototypeUnshift, Error, FunctionPrototypeCall,
  ObjectDefineProperties, ObjectDefineProperty, ObjectGetPrototypeOf, ReflectApply, ReflectOwnKeys, String, Symbol, SymbolFor,
} = primordials;
const { make } = require('node/internal/errors');
const { validateBoolean, validateFunction, validateNumber } = require('node/internal/validators');
const { tooManyListeners } = require('node/internal/warnings');

const kCapture = Symbol('kCapture');
const kShapeMode = Symbol('shapeMode');
const kErrorMonitor = Symbol('events.errorMonitor');
const kRejection = SymbolFor('nodejs.rejection');

let defaultMaxListeners = 10;
let captureRejections = false;

function EventEmitter(options) {
  FunctionPrototypeCall(EventEmitter.init, this, options);
}
const reattach = primordials.detached(EventEmitter, EventEmitter.prototype);

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
ObjectDefineProperty(EventEmitter.prototype, kCapture, { __proto__: null, value: false, writable: true, enumerable: false });

EventEmitter.init = function init(options) {
  if (this._events === undefined || this._events === ObjectGetPrototypeOf(this)._events) {
    this._events = { __proto__: null };
    this._eventsCount = 0;
  }
  this[kShapeMode] = false;
  this._maxListeners = this._maxListeners || undefined;
  if (options?.captureRejections) {
    validateBoolean(options.captureRejections, 'options.captureRejections');
    this[kCapture] = true;
  } else {
    this[kCapture] = captureRejections;
  }
};

function maxListeners(emitter) {
  return emitter._maxListeners === undefined ? defaultMaxListeners : emitter._maxListeners;
}

EventEmitter.prototype.setMaxListeners = function setMaxListeners(n) {
  validateNumber(n, 'setMaxListeners', 0);
  this._maxListeners = n;
  return this;
};

EventEmitter.prototype.getMaxListeners = function getMaxListeners() {
  return maxListeners(this);
};

// A listener returned a promise, and rejections of these are to become events.
function watch(emitter, promise, type, args) {
  try {
    const { then } = promise;
    if (typeof then !== 'function') return;
    FunctionPrototypeCall(then, promise, undefined, (error) => ops.tick(reject, [emitter, error, type, args]));
  } catch (error) {
    emitter.emit('error', error);
  }
}

function reject(emitter, error, type, args) {
  const handler = emitter[kRejection];
  if (typeof handler === 'function') {
    const all = [error, type];
    for (let index = 0; index < args.length; index++) ArrayPrototypePush(all, args[index]);
    ReflectApply(handler, emitter, all);
    return;
  }
  const before = emitter[kCapture];
  try {
    // What a listener of `error` rejects with must not come back here.
    emitter[kCapture] = false;
    emitter.emit('error', error);
  } finally {
    emitter[kCapture] = before;
  }
}

function throwUnhandled(error) {
  if (ops.isError(error)) throw error;
  let text;
  try {
    text = ops.inspect(error);
  } catch {
    text = String(error);
  }
  const unhandled = make('ERR_UNHANDLED_ERROR', text);
  unhandled.context = error;
  throw unhandled;
}

EventEmitter.prototype.emit = function emit(type, ...args) {
  const events = this._events;
  if (type === 'error') {
    if (events !== undefined && events[kErrorMonitor] !== undefined) {
      const all = [kErrorMonitor];
      for (let index = 0; index < args.length; index++) ArrayPrototypePush(all, args[index]);
      ReflectApply(this.emit, this, all);
    }
    if (events === undefined || events.error === undefined) throwUnhandled(args[0]);
  } else if (events === undefined) {
    return false;
  }
  const handler = events[type];
  if (handler === undefined) return false;
  if (typeof handler === 'function') {
    call(this, handler, type, args);
  } else {
    const listeners = ArrayPrototypeSlice(handler);
    for (let index = 0; index < listeners.length; index++) call(this, listeners[index], type, args);
  }
  return true;
};

function call(emitter, listener, type, args) {
  const result = ReflectApply(listener, emitter, args);
  if (result !== undefined && result !== null && emitter[kCapture] === true) watch(emitter, result, type, args);
}

function add(target, type, listener, prepend) {
  validateFunction(listener, 'listener');
  let events = target._events;
  if (events === undefined) {
    events = target._events = { __proto__: null };
    target._eventsCount = 0;
  } else if (events.newListener !== undefined) {
    target.emit('newListener', type, listener.listener ?? listener);
    events = target._events;
  }
  let existing = events[type];
  if (existing === undefined) {
    events[type] = listener;
    target._eventsCount++;
    return target;
  }
  if (typeof existing === 'function') existing = events[type] = prepend ? [listener, existing] : [existing, listener];
  else if (prepend) ArrayPrototypeUnshift(existing, listener);
  else ArrayPrototypePush(existing, listener);
  const most = maxListeners(target);
  if (most > 0 && existing.length > most && !existing.warned) {
    existing.warned = true;
    tooManyListeners('EventEmitter', target, type, existing.length, most);
  }
  return target;
}

EventEmitter.prototype.addListener = function addListener(type, listener) {
  return add(this, type, listener, false);
};
EventEmitter.prototype.on = EventEmitter.prototype.addListener;

EventEmitter.prototype.prependListener = function prependListener(type, listener) {
  return add(this, type, listener, true);
};

function wrapOnce(target, type, listener) {
  validateFunction(listener, 'listener');
  let fired = false;
  const onceWrapper = (...args) => {
    if (fired) return undefined;
    target.removeListener(type, wrapped);
    fired = true;
    return ReflectApply(listener, target, args);
  };
  const wrapped = { onceWrapper(...args) { return ReflectApply(onceWrapper, undefined, args); } }.onceWrapper;
  ObjectDefineProperty(wrapped, 'name', { __proto__: null, value: 'bound onceWrapper', configurable: true });
  wrapped.listener = listener;
  return wrapped;
}

EventEmitter.prototype.once = function once(type, listener) {
  this.on(type, wrapOnce(this, type, listener));
  return this;
};

EventEmitter.prototype.prependOnceListener = function prependOnceListener(type, listener) {
  this.prependListener(type, wrapOnce(this, type, listener));
  return this;
};

EventEmitter.prototype.removeListener = function removeListener(type, listener) {
  validateFunction(listener, 'listener');
  const events = this._events;
  const list = events?.[type];
  if (list === undefined) return this;
  if (list === listener || list.listener === listener) {
    this._eventsCount--;
    if (this._eventsCount === 0) this._events = { __proto__: null };
    else delete events[type];
    if (events.removeListener) this.emit('removeListener', type, list.listener || listener);
    return this;
  }
  if (typeof list === 'function') return this;
  let position = -1;
  for (let index = list.length - 1; index >= 0 && position < 0; index--) {
    if (list[index] === listener || list[index].listener === listener) position = index;
  }
  if (position < 0) return this;
  ArrayPrototypeSplice(list, position, 1);
  if (list.length === 1) events[type] = list[0];
  if (events.removeListener !== undefined) this.emit('removeListener', type, listener);
  return this;
};
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

EventEmitter.prototype.removeAllListeners = function removeAllListeners(type) {
  const events = this._events;
  if (events === undefined) return this;
  if (events.removeListener === undefined) {
    if (arguments.length === 0) {
      this._events = { __proto__: null };
      this._eventsCount = 0;
    } else if (events[type] !== undefined) {
      if (--this._eventsCount === 0) this._events = { __proto__: null };
      else delete events[type];
    }
    return this;
  }
  if (arguments.length === 0) {
    const keys = ReflectOwnKeys(events);
    for (let index = 0; index < keys.length; index++) {
      if (keys[index] !== 'removeListener') this.removeAllListeners(keys[index]);
    }
    this.removeAllListeners('removeListener');
    this._events = { __proto__: null };
    this._eventsCount = 0;
    return this;
  }
  const listeners = events[type];
  if (typeof listeners === 'function') {
    this.removeListener(type, listeners);
  } else if (listeners !== undefined) {
    for (let index = listeners.length - 1; index >= 0; index--) this.removeListener(type, listeners[index]);
  }
  return this;
};

function listenersOf(emitter, type, unwrap) {
  const list = emitter._events?.[type];
  if (list === undefined) return [];
  const all = typeof list === 'function' ? [list] : ArrayPrototypeSlice(list);
  for (let index = 0; unwrap && index < all.length; index++) all[index] = all[index].listener || all[index];
  return all;
}

EventEmitter.prototype.listeners = function listeners(type) {
  return listenersOf(this, type, true);
};

EventEmitter.prototype.rawListeners = function rawListeners(type) {
  return listenersOf(this, type, false);
};

EventEmitter.prototype.listenerCount = function listenerCount(type, listener) {
  const list = this._events?.[type];
  if (list === undefined) return 0;
  if (listener == null) return typeof list === 'function' ? 1 : list.length;
  let count = 0;
  const all = typeof list === 'function' ? [list] : list;
  for (let index = 0; index < all.length; index++) if (all[index] === listener || all[index].listener === listener) count++;
  return count;
};

EventEmitter.prototype.eventNames = function eventNames() {
  return this._eventsCount > 0 ? ReflectOwnKeys(this._events) : [];
};

const accessor = (get, set) => ({ __proto__: null, get, set, enumerable: true, configurable: false });
ObjectDefineProperties(EventEmitter, {
  __proto__: null,
  captureRejections: accessor(() => captureRejections, (value) => {
    validateBoolean(value, 'EventEmitter.captureRejections');
    captureRejections = value;
  }),
  captureRejectionSymbol: { __proto__: null, value: kRejection, enumerable: true },
  defaultMaxListeners: accessor(() => defaultMaxListeners, (value) => {
    validateNumber(value, 'defaultMaxListeners', 0);
    defaultMaxListeners = value;
    require('web/events').setDefaultMost(value);
  }),
  errorMonitor: { __proto__: null, value: kErrorMonitor, enumerable: true },
  EventEmitterAsyncResource: {
    __proto__: null, get() { throw make('ERR_FEATURE_UNAVAILABLE', 'events.EventEmitterAsyncResource'); }, enumerable: false, configurable: true,
  },
});

module.exports = EventEmitter;
EventEmitter.EventEmitter = EventEmitter;
EventEmitter.usingDomains = false;
const waiting = require('node/internal/events_waiting');
const statics = ['once', 'on', 'getEventListeners', 'getMaxListeners', 'setMaxListeners', 'listenerCount', 'addAbortListener'];
for (let index = 0; index < statics.length; index++) EventEmitter[statics[index]] = waiting[statics[index]];
reattach();
require('node/internal/missing').missing(EventEmitter, 'events', ['EventEmitterAsyncResource']);
