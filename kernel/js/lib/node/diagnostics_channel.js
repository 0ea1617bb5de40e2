// `diagnostics_channel`: named channels, and tracing channels made of five of them.
'use strict';

const {
  ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSlice, ArrayPrototypeSplice, ObjectDefineProperty,
  PromisePrototypeThen, PromiseReject, PromiseResolve, ReflectApply, SafeMap,
} = primordials;
const { make } = require('node/internal/errors');
const { validateFunction } = require('node/internal/validators');

const channels = new SafeMap();

class Channel {
  constructor(name) {
    this._subscribers = undefined;
    this._stores = new SafeMap();
    this.name = name;
  }

  get hasSubscribers() {
    return (this._subscribers !== undefined && this._subscribers.length > 0) || this._stores.size > 0;
  }

  subscribe(subscription) {
    validateFunction(subscription, 'subscription');
    // A copy, so that who publishes goes on with the list that it has begun.
    this._subscribers = this._subscribers === undefined ? [] : ArrayPrototypeSlice(this._subscribers);
    ArrayPrototypePush(this._subscribers, subscription);
  }

  unsubscribe(subscription) {
    const index = this._subscribers === undefined ? -1 : ArrayPrototypeIndexOf(this._subscribers, subscription);
    if (index === -1) return false;
    this._subscribers = ArrayPrototypeSlice(this._subscribers);
    ArrayPrototypeSplice(this._subscribers, index, 1);
    return true;
  }

  bindStore(store, transform) {
    this._stores.set(store, transform);
  }

  unbindStore(store) {
    return this._stores.delete(store);
  }

  publish(data) {
    const subscribers = this._subscribers;
    for (let index = 0; subscribers !== undefined && index < subscribers.length; index++) {
      try {
        subscribers[index](data, this.name);
      } catch (error) {
        ops.timers.setImmediate(() => { throw error; });
      }
    }
  }

  runStores(data, fn, thisArg, ...args) {
    let run = () => {
      this.publish(data);
      return ReflectApply(fn, thisArg, args);
    };
    const entries = this._stores.entries();
    for (let step = entries.next(); !step.done; step = entries.next()) {
      const { 0: store, 1: transform } = step.value;
      const next = run;
      run = () => {
        let context = data;
        if (transform) {
          try {
            context = transform(data);
          } catch (error) {
            ops.timers.setImmediate(() => { throw error; });
            return next();
          }
        }
        return store.run(context, next);
      };
    }
    return run();
  }
}

function channel(name) {
  const known = channels.get(name);
  if (known) return known;
  if (typeof name !== 'string' && typeof name !== 'symbol') throw make('ERR_INVALID_ARG_TYPE', 'channel', ['string', 'symbol'], name);
  const made = new Channel(name);
  channels.set(name, made);
  return made;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
  constructor(nameOrChannels) {
    for (let index = 0; index < EVENTS.length; index++) {
      const event = EVENTS[index];
      let value;
      if (typeof nameOrChannels === 'string') value = channel(`tracing:${nameOrChannels}:${event}`);
      else if (nameOrChannels !== null && typeof nameOrChannels === 'object') value = nameOrChannels[event];
      if (!(value instanceof Channel)) {
        throw make('ERR_INVALID_ARG_TYPE', typeof nameOrChannels === 'object' && nameOrChannels !== null
          ? `nameOrChannels.${event}` : 'nameOrChannels', typeof nameOrChannels === 'object' && nameOrChannels !== null
          ? 'Channel' : ['string', 'object', 'TracingChannel'], typeof nameOrChannels === 'object' && nameOrChannels !== null ? value : nameOrChannels);
      }
      ObjectDefineProperty(this, event, { __proto__: null, value });
    }
  }

  get hasSubscribers() {
    for (let index = 0; index < EVENTS.length; index++) if (this[EVENTS[index]].hasSubscribers) return true;
    return false;
  }

  subscribe(handlers) {
    for (let index = 0; index < EVENTS.length; index++) if (handlers[EVENTS[index]]) this[EVENTS[index]].subscribe(handlers[EVENTS[index]]);
  }

  unsubscribe(handlers) {
    let done = true;
    for (let index = 0; index < EVENTS.length; index++) {
      if (handlers[EVENTS[index]] && !this[EVENTS[index]].unsubscribe(handlers[EVENTS[index]])) done = false;
    }
    return done;
  }

  traceSync(fn, context = {}, thisArg, ...args) {
    return traced(this, context, () => {
      context.result = ReflectApply(fn, thisArg, args);
      return context.result;
    });
  }

  tracePromise(fn, context = {}, thisArg, ...args) {
    const settled = () => {
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    const reject = (error) => {
      failed(this, context, error);
      settled();
      return PromiseReject(error);
    };
    const resolve = (result) => {
      context.result = result;
      settled();
      return result;
    };
    return traced(this, context, () => PromisePrototypeThen(PromiseResolve(ReflectApply(fn, thisArg, args)), resolve, reject));
  }

  traceCallback(fn, position = -1, context = {}, thisArg, ...args) {
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    validateFunction(callback, 'callback');
    const tracing = this;
    args[at] = function(error, result, ...rest) {
      if (error) failed(tracing, context, error);
      else context.result = result;
      return tracing.asyncStart.runStores(context, () => {
        try {
          const all = [error, result];
          for (let index = 0; index < rest.length; index++) ArrayPrototypePush(all, rest[index]);
          return ReflectApply(callback, this, all);
        } finally {
          tracing.asyncEnd.publish(context);
        }
      });
    };
    return traced(this, context, () => ReflectApply(fn, thisArg, args));
  }
}

function failed(tracing, context, error) {
  context.error = error;
  tracing.error.publish(context);
}

// Calls `body` between `start` and `end`, and tells what it throws.
function traced(tracing, context, body) {
  return tracing.start.runStores(context, () => {
    try {
      return body();
    } catch (error) {
      failed(tracing, context, error);
      throw error;
    } finally {
      tracing.end.publish(context);
    }
  });
}

module.exports = {
  channel,
  hasSubscribers(name) { return channels.get(name)?.hasSubscribers ?? false; },
  subscribe(name, subscription) { return channel(name).subscribe(subscription); },
  tracingChannel: (nameOrChannels) => new TracingChannel(nameOrChannels),
  unsubscribe(name, subscription) { return channel(name).unsubscribe(subscription); },
  Channel,
};
