// AbortController and AbortSignal.
'use strict';

const { SafeMap, SafeSet, SymbolIterator, WeakRef, WeakRefPrototypeDeref } = primordials;
const {
  enforcedUnsigned, expose, illegalConstructor, invalidArgument, invalidThis, isObject, list, requireArguments,
} = require('web/common');
const { DOMException } = require('web/dom_exception');
const { Event, EventTarget, fire, handlerOf, watchListeners } = require('web/events');

const KEY = { __proto__: null };

class AbortSignal extends EventTarget {
  #state;

  constructor(key) {
    if (key !== KEY) throw illegalConstructor();
    super();
    this.#state = {
      __proto__: null, aborted: false, reason: undefined, handlers: new SafeMap(),
      // What the environment does on abort, before any listener hears of it.
      steps: new SafeSet(),
      // Of a signal made by `any`: where it may come from; of others: weakly, those that depend on it.
      sources: undefined, dependents: undefined,
    };
  }

  static state(signal) {
    if (!isSignal(signal)) throw invalidThis('AbortSignal');
    return signal.#state;
  }

  static is(signal) {
    return isObject(signal) && #state in signal;
  }

  static abort(reason = aborted()) {
    const signal = new AbortSignal(KEY);
    const inside = state(signal);
    inside.aborted = true;
    inside.reason = reason;
    return signal;
  }

  static timeout(milliseconds) {
    requireArguments(arguments.length, 'delay');
    const delay = enforcedUnsigned(milliseconds);
    const signal = new AbortSignal(KEY);
    const expire = () => abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    ops.reference(ops.schedule(expire, delay < 0x7fffffff ? delay : 0x7fffffff, false, []), false);
    return signal;
  }

  static any(signals) {
    const all = list();
    if (!isObject(signals) || typeof signals[SymbolIterator] !== 'function') throw invalidArgument('signals', 'an iterable of AbortSignal', signals);
    for (const signal of signals) {
      if (!isSignal(signal)) throw invalidArgument(`signals[${all.length}]`, 'an instance of AbortSignal', signal);
      all[all.length] = signal;
    }
    const made = new AbortSignal(KEY);
    const inside = state(made);
    for (let index = 0; index < all.length; index++) {
      const { aborted, reason } = state(all[index]);
      if (!aborted) continue;
      inside.aborted = true;
      inside.reason = reason;
      return made;
    }
    inside.sources = new SafeSet();
    const ref = new WeakRef(made);
    for (let index = 0; index < all.length; index++) {
      const { sources } = state(all[index]);
      // A signal that depends on others hands on what these say: nobody depends on it.
      if (sources === undefined) depend(inside, all[index], ref);
      else for (const source of sources) depend(inside, source, ref);
    }
    return made;
  }

  get aborted() {
    return state(this).aborted;
  }

  get reason() {
    return state(this).reason;
  }

  throwIfAborted() {
    const { aborted, reason } = state(this);
    if (aborted) throw reason;
  }

  get onabort() {
    return state(this).handlers.get('abort')?.value ?? null;
  }

  set onabort(value) {
    handlerOf(this, state(this).handlers, 'abort', value);
  }
}
const { state, is: isSignal } = AbortSignal;
delete AbortSignal.state;
delete AbortSignal.is;
expose(AbortSignal, {
  __proto__: null,
  view: (signal) => isSignal(signal) ? { __proto__: null, aborted: state(signal).aborted } : undefined,
  compared: (signal) => isSignal(signal) ? { __proto__: null, aborted: state(signal).aborted, reason: state(signal).reason } : undefined,
});

function depend(inside, source, ref) {
  if (inside.sources.has(source)) return;
  inside.sources.add(source);
  const dependents = state(source).dependents ??= new SafeSet();
  for (const other of dependents) {
    if (WeakRefPrototypeDeref(other) === undefined) dependents.delete(other);
  }
  dependents.add(ref);
}

// Signals made by `any` that somebody listens to: they must not vanish before what they depend on.
const heard = new SafeSet();
watchListeners((target, type, count) => {
  if (type !== 'abort' || !isSignal(target)) return;
  if (count > 0 && state(target).sources !== undefined) heard.add(target);
  else if (state(target).steps.size === 0) heard.delete(target);
});

const aborted = () => new DOMException('This operation was aborted', 'AbortError');

function abort(signal, reason) {
  const all = list();
  mark(signal, reason, all);
  for (let index = 0; index < all.length; index++) {
    const { steps } = state(all[index]);
    for (const step of steps) {
      try {
        step(reason);
      } catch (error) {
        ops.tick(ops.uncaught, [error]);
      }
    }
    steps.clear();
    fire(all[index], new Event('abort'));
    heard.delete(all[index]);
  }
}

function mark(signal, reason, all) {
  const inside = state(signal);
  if (inside.aborted) return;
  inside.aborted = true;
  inside.reason = reason;
  all[all.length] = signal;
  const { dependents } = inside;
  inside.dependents = undefined;
  if (dependents === undefined) return;
  for (const ref of dependents) {
    const dependent = WeakRefPrototypeDeref(ref);
    if (dependent !== undefined) mark(dependent, reason, all);
  }
}

// Calls `step(reason)` when the signal aborts, before its listeners, unless the function that is returned is called
// before.
function whenAborted(signal, step) {
  const inside = state(signal);
  if (inside.aborted) {
    step(inside.reason);
    return () => {};
  }
  inside.steps.add(step);
  if (inside.sources !== undefined) heard.add(signal);
  return () => { inside.steps.delete(step); };
}

class AbortController {
  #signal = new AbortSignal(KEY);

  static signal(controller) {
    if (!isController(controller)) throw invalidThis('AbortController');
    return controller.#signal;
  }

  static is(controller) {
    return isObject(controller) && #signal in controller;
  }

  get signal() {
    return signalOf(this);
  }

  abort(reason = aborted()) {
    abort(signalOf(this), reason);
  }
}
const { signal: signalOf, is: isController } = AbortController;
delete AbortController.signal;
delete AbortController.is;
expose(AbortController, {
  __proto__: null,
  view: (controller) => isController(controller) ? { __proto__: null, signal: signalOf(controller) } : undefined,
});

module.exports = {
  __proto__: null, AbortController, AbortSignal, isAbortSignal: isSignal, whenAborted,
  // A signal of the environment's own, and how to abort it.
  makeSignal: () => new AbortSignal(KEY), abortSignal: abort,
  reasonOf: (signal) => state(signal).reason, isAborted: (signal) => state(signal).aborted,
};
