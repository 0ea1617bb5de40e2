// MessageChannel, MessagePort, MessageEvent: clones that arrive as tasks of their own, within this session.
'use strict';

const { ArrayIsArray, ReflectApply, SafeMap, TypeError } = primordials;
const { coded, dictionary, expose, invalidThis, isObject, requireArguments } = require('web/common');
const { Event, EventTarget, addEventListener, fire, handlerOf } = require('web/events');
const { DOMException } = require('web/dom_exception');

class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports;

  constructor(type, options = undefined) {
    requireArguments(arguments.length, 'type');
    super(type, options);
    const { data = null, origin = '', lastEventId = '', source = null, ports = [] } = dictionary(options, 'options');
    this.#data = data;
    this.#origin = `${origin}`;
    this.#lastEventId = `${lastEventId}`;
    this.#source = source;
    this.#ports = ports;
  }

  get data() { return this.#data; }
  get origin() { return this.#origin; }
  get lastEventId() { return this.#lastEventId; }
  get source() { return this.#source; }
  get ports() { return this.#ports; }
}
expose(MessageEvent, { __proto__: null });

// Only channels make ports.
const KEY = { __proto__: null };

class MessagePort extends EventTarget {
  #other;
  #handlers = new SafeMap();
  // What has arrived, in order, from `#first` on.
  #arrived = { __proto__: null };
  #first = 0;
  #next = 0;
  #started = false;
  #waits = false;
  #closed = false;

  constructor(key = undefined) {
    if (key !== KEY) throw coded(TypeError, 'ERR_CONSTRUCT_CALL_INVALID', 'Constructor cannot be called', MessagePort);
    super();
  }

  static is(value) {
    return isObject(value) && #other in value;
  }

  static join(one, other) {
    one.#other = other;
    other.#other = one;
  }

  postMessage(message, options = undefined) {
    requireArguments(arguments.length, 'message');
    if (!(#other in this)) throw invalidThis('MessagePort');
    const transfer = ArrayIsArray(options) ? options : dictionary(options, 'options').transfer;
    if (ArrayIsArray(transfer)) {
      for (let index = 0; index < transfer.length; index++) {
        if (isPort(transfer[index])) throw new DOMException('ports cannot be transferred here', 'DataCloneError');
      }
    }
    const clone = require('web/structured_clone').structuredClone(message, { __proto__: null, transfer });
    const other = this.#other;
    if (this.#closed || other.#closed) return;
    other.#arrived[other.#next++] = clone;
    other.#deliverLater();
  }

  start() {
    this.#started = true;
    this.#deliverLater();
  }

  close() {
    const ports = [this, this.#other];
    for (let index = 0; index < ports.length; index++) {
      const port = ports[index];
      if (port.#closed) continue;
      port.#closed = true;
      // What has been sent arrives before the end.
      ops.timers.setImmediate(() => {
        while (port.#started && port.#first < port.#next) port.#deliver();
        fire(port, new Event('close'));
      });
    }
  }

  ref() {}
  unref() {}

  addEventListener(type, callback, options) {
    ReflectApply(addEventListener, this, [type, callback, options]);
    if (`${type}` === 'message') this.start();
  }

  get onmessage() {
    return this.#handlers.get('message')?.value ?? null;
  }

  set onmessage(value) {
    handlerOf(this, this.#handlers, 'message', value);
    if (isObject(value)) this.start();
  }

  get onmessageerror() {
    return this.#handlers.get('messageerror')?.value ?? null;
  }

  set onmessageerror(value) {
    handlerOf(this, this.#handlers, 'messageerror', value);
  }

  // One message a task, so that promise jobs come between them.
  #deliverLater() {
    if (!this.#started || this.#waits || this.#closed || this.#first === this.#next) return;
    this.#waits = true;
    ops.timers.setImmediate(() => {
      this.#waits = false;
      if (this.#closed || this.#first === this.#next) return;
      this.#deliver();
      this.#deliverLater();
    });
  }

  // The oldest message that waits, in a list, without waiting for its turn.
  static take(port) {
    return port.#closed || port.#first === port.#next ? [] : [port.#shift()];
  }

  #shift() {
    const at = this.#first++;
    const data = this.#arrived[at];
    delete this.#arrived[at];
    return data;
  }

  #deliver() {
    const data = this.#shift();
    fire(this, new MessageEvent('message', { __proto__: null, data }));
  }
}
const { join, is: isPort, take } = MessagePort;
delete MessagePort.take;
delete MessagePort.join;
delete MessagePort.is;
expose(MessagePort, { __proto__: null });

class MessageChannel {
  #one = new MessagePort(KEY);
  #other = new MessagePort(KEY);

  constructor() {
    join(this.#one, this.#other);
  }

  get port1() { return this.#one; }
  get port2() { return this.#other; }
}
expose(MessageChannel, { __proto__: null });

module.exports = { __proto__: null, MessageChannel, MessageEvent, MessagePort, isPort, take };
