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
    return this.start.runStores(context, () => {
      try {
        const result = ReflectApply(fn, thisArg, args);
        context.result = result;
        return result;
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(fn, context = {}, thisArg, ...args) {
    const reject = (error) => {
      context.error = error;
      this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      return PromiseReject(error);
    };
    const resolve = (result) => {
      context.result = result;
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      return result;
    };
    return this.start.runStores(context, () => {
      try {
        return PromisePrototypeThen(PromiseResolve(ReflectApply(fn, thisArg, args)), resolve, reject);
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback(fn, position = -1, context = {}, thisArg, ...args) {
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    validateFunction(callback, 'callback');
    const channel_ = this;
    args[at] = function(error, result, ...rest) {
      if (error) {
        context.error = error;
        channel_.error.publish(context);
      } else {
        context.result = result;
      }
      return channel_.asyncStart.runStores(context, () => {
        try {
          const all = [error, result];
          for (let index = 0; index < rest.length; index++) ArrayPrototypePush(all, rest[index]);
          return ReflectApply(callback, this, all);
        } finally {
          channel_.asyncEnd.publish(context);
        }
      });
    };
    return this.start.runStores(context, () => {
      try {
        return ReflectApply(fn, thisArg, args);
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

module.exports = {
  channel,
  hasSubscribers(name) { return channels.get(name)?.hasSubscribers ?? false; },
  subscribe(name, subscription) { return channel(name).subscribe(subscription); },
  tracingChannel: (nameOrChannels) => new TracingChannel(nameOrChannels),
  unsubscribe(name, subscription) { return channel(name).unsubscribe(subscription); },
  Channel,
};
