// Event, CustomEvent, EventTarget.
'use strict';

const { FunctionPrototypeCall, SafeMap, TypeError } = primordials;
const { dictionary, expose, invalidArgument, invalidThis, isObject, list, requireArguments } = require('web/common');
const { DOMException } = require('web/dom_exception');

class Event {
  #state;

  constructor(type, options) {
    requireArguments(arguments.length, 'type');
    const { bubbles, cancelable, composed } = eventInit(options);
    this.#state = {
      __proto__: null, type: `${type}`, bubbles, cancelable, composed, canceled: false, stopped: false, stoppedNow: false, passive: false,
      dispatching: false, target: null, currentTarget: null, trusted: false, time: ops.now(),
    };
  }

  static state(event) {
    if (!isObject(event) || !(#state in event)) throw invalidThis('Event');
    return event.#state;
  }

  static is(event) {
    return isObject(event) && #state in event;
  }

  get type() { return state(this).type; }
  get target() { return state(this).target; }
  get srcElement() { return state(this).target; }
  get currentTarget() { return state(this).currentTarget; }
  get bubbles() { return state(this).bubbles; }
  get cancelable() { return state(this).cancelable; }
  get composed() { return state(this).composed; }
  get defaultPrevented() { return state(this).canceled; }
  get returnValue() { return !state(this).canceled; }
  set returnValue(value) { if (!value) cancel(state(this)); }
  get eventPhase() { return state(this).dispatching ? 2 : 0; }
  get timeStamp() { return state(this).time; }
  get isTrusted() { return state(this).trusted; }
  get cancelBubble() { return state(this).stopped; }
  set cancelBubble(value) { if (value) state(this).stopped = true; }

  composedPath() {
    const { dispatching, currentTarget } = state(this);
    return dispatching ? [currentTarget] : [];
  }

  preventDefault() {
    cancel(state(this));
  }

  stopPropagation() {
    state(this).stopped = true;
  }

  stopImmediatePropagation() {
    const event = state(this);
    event.stopped = true;
    event.stoppedNow = true;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    requireArguments(arguments.length, 'type');
    const event = state(this);
    if (event.dispatching) return;
    event.type = `${type}`;
    event.bubbles = !!bubbles;
    event.cancelable = !!cancelable;
    event.canceled = event.stopped = event.stoppedNow = false;
    event.target = null;
  }
}
const { state, is: isEvent } = Event;
delete Event.state;
delete Event.is;

function eventInit(options) {
  const { bubbles, cancelable, composed } = dictionary(options, 'options');
  return { __proto__: null, bubbles: !!bubbles, cancelable: !!cancelable, composed: !!composed };
}

function cancel(event) {
  if (event.cancelable && !event.passive) event.canceled = true;
}

expose(Event, {
  __proto__: null,
  constants: { __proto__: null, NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 },
  view(event) {
    if (!isEvent(event)) return undefined;
    const { type, canceled, cancelable, time } = state(event);
    return { __proto__: null, type, defaultPrevented: canceled, cancelable, timeStamp: time };
  },
  compared(event) {
    if (!isEvent(event)) return undefined;
    const { type, bubbles, cancelable, composed, canceled } = state(event);
    return { __proto__: null, type, bubbles, cancelable, composed, canceled };
  },
});

class CustomEvent extends Event {
  #detail;

  constructor(type, options) {
    requireArguments(arguments.length, 'type');
    super(type, options);
    this.#detail = dictionary(options, 'options').detail ?? null;
  }

  get detail() {
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    requireArguments(arguments.length, 'type');
    if (state(this).dispatching) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}
expose(CustomEvent, { __proto__: null });

// How many listeners of a type are no leak, for the targets that are made from now on.
let defaultMost = 10;

class EventTarget {
  #listeners;

  constructor() {
    this.#listeners = new SafeMap();
    this.#listeners.most = defaultMost;
    this.#listeners.warned = false;
  }

  static listeners(target) {
    if (!isObject(target) || !(#listeners in target)) throw invalidThis('EventTarget');
    return target.#listeners;
  }

  static is(target) {
    return isObject(target) && #listeners in target;
  }

  addEventListener(type, callback, options) {
    const listeners = listenersOf(this ?? globalThis);
    requireArguments(arguments.length, 'type', 'listener');
    const { capture, once, passive, signal } = listenerOptions(options);
    type = `${type}`;
    if (callback === null || callback === undefined) return;
    if (!isObject(callback)) throw invalidArgument('listener', 'an instance of EventListener', callback);
    if (signal !== undefined && signal.aborted) return;
    const listener = { __proto__: null, callback, capture, once, passive, removed: false };
    if (!add(this, listeners, type, listener)) return;
    if (signal !== undefined) {
      const remove = () => removeListener(this, listeners, type, listener);
      require('web/abort').whenAborted(signal, remove);
    }
  }

  removeEventListener(type, callback, options) {
    const listeners = listenersOf(this ?? globalThis);
    requireArguments(arguments.length, 'type', 'listener');
    const capture = isObject(options) ? !!options.capture : !!options;
    const ofType = listeners.get(`${type}`);
    if (ofType === undefined) return;
    for (let index = 0; index < ofType.length; index++) {
      const listener = ofType[index];
      if (listener.callback === callback && listener.capture === capture) return removeListener(this, listeners, `${type}`, listener);
    }
  }

  dispatchEvent(event) {
    const listeners = listenersOf(this ?? globalThis);
    requireArguments(arguments.length, 'event');
    if (!isEvent(event)) throw invalidArgument('event', 'an instance of Event', event);
    const inside = state(event);
    if (inside.dispatching) throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    inside.trusted = false;
    return dispatch(this, listeners, event, inside);
  }
}
const { listeners: listenersOf, is: isEventTarget } = EventTarget;
const { addEventListener } = EventTarget.prototype;
delete EventTarget.listeners;
delete EventTarget.is;
expose(EventTarget, { __proto__: null, view: (target) => isEventTarget(target) ? { __proto__: null } : undefined });

function listenerOptions(options) {
  if (!isObject(options)) return { __proto__: null, capture: !!options, once: false, passive: false, signal: undefined };
  const { capture, once, passive, signal } = options;
  if (signal !== undefined && !require('web/abort').isAbortSignal(signal)) {
    throw invalidArgument('options.signal', 'an instance of AbortSignal', signal);
  }
  return { __proto__: null, capture: !!capture, once: !!once, passive: !!passive, signal };
}

// Classes of the environment that want to know when somebody begins or ceases to listen.
let watch;

function add(target, listeners, type, listener) {
  const before = listeners.get(type);
  const after = list();
  if (before !== undefined) {
    for (let index = 0; index < before.length; index++) {
      const other = before[index];
      if (other.callback === listener.callback && other.capture === listener.capture) return false;
      after[index] = other;
    }
  }
  after[after.length] = listener;
  listeners.set(type, after);
  watch?.(target, type, after.length);
  const { most } = listeners;
  if (most > 0 && after.length > most && !listeners.warned) {
    listeners.warned = true;
    require('node/internal/warnings').tooManyListeners('EventTarget', target, type, after.length, most);
  }
  return true;
}

const mostListeners = (target) => listenersOf(target).most;
const setMostListeners = (target, most) => { listenersOf(target).most = most; };

// Lists of listeners are never changed but replaced, so that a dispatch goes through those that were there when it
// began.
function removeListener(target, listeners, type, listener) {
  if (listener.removed) return;
  listener.removed = true;
  const before = listeners.get(type);
  if (before === undefined) return;
  const after = list();
  for (let index = 0; index < before.length; index++) {
    if (before[index] !== listener) after[after.length] = before[index];
  }
  if (after.length === 0) listeners.delete(type);
  else listeners.set(type, after);
  watch?.(target, type, after.length);
}

function dispatch(target, listeners, event, inside) {
  inside.target = inside.currentTarget = target;
  inside.dispatching = true;
  const { type } = inside;
  const ofType = listeners.get(type);
  if (ofType !== undefined && !inside.stopped) {
    call(target, listeners, ofType, true, event, inside);
    call(target, listeners, ofType, false, event, inside);
  }
  inside.dispatching = inside.stopped = inside.stoppedNow = false;
  inside.currentTarget = null;
  return !inside.canceled;
}

function call(target, listeners, ofType, capture, event, inside) {
  for (let index = 0; index < ofType.length && !inside.stoppedNow; index++) {
    const listener = ofType[index];
    if (listener.removed || listener.capture !== capture) continue;
    if (listener.once) removeListener(target, listeners, inside.type, listener);
    inside.passive = listener.passive;
    try {
      const { callback } = listener;
      if (typeof callback === 'function') {
        FunctionPrototypeCall(callback, target, event);
      } else {
        const { handleEvent } = callback;
        if (typeof handleEvent !== 'function') throw new TypeError(`${ops.brief(callback)} has no function "handleEvent"`);
        FunctionPrototypeCall(handleEvent, callback, event);
      }
    } catch (error) {
      // As in Node, the program hears of it when what dispatches has come to its end.
      ops.tick(ops.uncaught, [error]);
    }
    inside.passive = false;
  }
}

// `target.onabort` and the like: a property that is a listener.
function handlerOf(target, handlers, type, value) {
  const listeners = listenersOf(target);
  const now = handlers.get(type);
  if (now !== undefined) {
    handlers.delete(type);
    removeListener(target, listeners, type, now.listener);
  }
  if (!isObject(value)) return;
  const callback = function(event) {
    if (typeof value === 'function' && FunctionPrototypeCall(value, this, event) === false) cancel(state(event));
  };
  const listener = { __proto__: null, callback, capture: false, once: false, passive: false, removed: false };
  handlers.set(type, { __proto__: null, value, listener });
  add(target, listeners, type, listener);
}

// Says that something has happened, in the environment's name.
function fire(target, event) {
  const inside = state(event);
  inside.trusted = true;
  return dispatch(target, listenersOf(target), event, inside);
}

// What listens to events of a type, in its order.
function listenersFor(target, type) {
  const found = [];
  const ofType = listenersOf(target).get(type);
  for (let index = 0; index < (ofType?.length ?? 0); index++) found[index] = ofType[index].callback;
  return found;
}

module.exports = {
  __proto__: null, CustomEvent, Event, EventTarget, addEventListener, fire, handlerOf, isEvent, isEventTarget, listenersFor,
  mostListeners, setMostListeners,
  setDefaultMost(most) { defaultMost = most; },
  watchListeners(watcher) { watch = watcher; },
};
