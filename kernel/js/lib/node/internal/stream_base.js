// What all streams share: the class Stream with its old `pipe`, and how the other classes are put together.
'use strict';

const {
  ArrayBufferIsView, FunctionPrototypeCall, ObjectDefineProperty, ObjectGetOwnPropertyDescriptors, ObjectPrototypeHasOwnProperty, ObjectSetPrototypeOf,
  ReflectOwnKeys, SafeWeakSet, TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;
const EventEmitter = require('node/events');

function Stream(options) {
  FunctionPrototypeCall(EventEmitter, this, options);
}

// It inherits when it has all of its own: an assignment would find setters of its parents.
const reattach = primordials.detached(Stream, Stream.prototype);

function inherit(Class, Parent) {
  ObjectSetPrototypeOf(Class.prototype, Parent.prototype);
  ObjectSetPrototypeOf(Class, Parent);
}

// Libraries look into `_events` for where a listener stands, so the first place is taken through it where there is no
// such method.
function listenFirst(emitter, name, listener) {
  if (typeof emitter.prependListener === 'function') emitter.prependListener(name, listener);
  else emitter.on(name, listener);
}

// How many listen to it, also where an emitter has no such method of its own.
const listenerCount = (emitter, name) => FunctionPrototypeCall(EventEmitter.prototype.listenerCount, emitter, name);

// For streams that are no Readable: no more than data, drain and end.
Stream.prototype.pipe = function pipe(target, options) {
  const onData = (chunk) => {
    if (target.writable && target.write(chunk) === false) this.pause?.();
  };
  const onDrain = () => {
    if (this.readable) this.resume?.();
  };
  let over = false;
  const once = (then) => () => {
    if (over) return;
    over = true;
    then();
  };
  const onEnd = once(() => target.end());
  const onClose = once(() => {
    if (typeof target.destroy === 'function') target.destroy();
  });
  const failing = (emitter) => (error) => {
    cleanUp();
    if (listenerCount(emitter, 'error') === 0) emitter.emit('error', error);
  };
  const onSourceError = failing(this);
  const onTargetError = failing(target);
  const cleanUp = () => {
    this.removeListener('data', onData);
    target.removeListener('drain', onDrain);
    this.removeListener('end', onEnd);
    this.removeListener('close', onClose);
    this.removeListener('error', onSourceError);
    target.removeListener('error', onTargetError);
    this.removeListener('end', cleanUp);
    this.removeListener('close', cleanUp);
    target.removeListener('close', cleanUp);
  };
  this.on('data', onData);
  target.on('drain', onDrain);
  if (!target._isStdio && options?.end !== false) {
    this.on('end', onEnd);
    this.on('close', onClose);
  }
  listenFirst(this, 'error', onSourceError);
  listenFirst(target, 'error', onTargetError);
  this.on('end', cleanUp);
  this.on('close', cleanUp);
  target.on('close', cleanUp);
  target.emit('pipe', this);
  return target;
};

// A method for `Class` that user code may replace, but does not list.
function method(Class, name, value) {
  ObjectDefineProperty(Class.prototype, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

// What is found on the class itself, as if it were assigned.
function assign(Class, name, value) {
  ObjectDefineProperty(Class, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function getter(Class, name, get, set) {
  ObjectDefineProperty(Class.prototype, name, { __proto__: null, get, set, enumerable: false, configurable: true });
}

// Getters by their names, each of which reads `this[field]`; without such a state they say `undefined`, or `empty`.
function stateGetters(Class, field, readers, empty) {
  const names = ReflectOwnKeys(readers);
  for (let index = 0; index < names.length; index++) {
    const read = readers[names[index]];
    getter(Class, names[index], function() {
      const state = this[field];
      return state === undefined ? empty : read(state);
    });
  }
}

// Gives `Class` the methods of `From` that it has not.
function mix(Class, From) {
  const found = ObjectGetOwnPropertyDescriptors(From.prototype);
  const names = ReflectOwnKeys(found);
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    if (name === 'constructor' || ObjectPrototypeHasOwnProperty(Class.prototype, name)) continue;
    ObjectDefineProperty(Class.prototype, name, { __proto__: null, ...found[name] });
  }
}

// The program's standard streams, which no pipe ends.
const standardStreams = new SafeWeakSet();

const isBytes = ArrayBufferIsView;

const isBuffer = (chunk) => chunk instanceof require('node/buffer').Buffer;

// The same bytes as a Buffer.
const toBuffer = (bytes) => require('node/buffer').Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

Stream._isArrayBufferView = isBytes;
Stream._isUint8Array = (chunk) => TypedArrayPrototypeGetSymbolToStringTag(chunk) === 'Uint8Array';
Stream._uint8ArrayToBuffer = toBuffer;

reattach();
inherit(Stream, EventEmitter);

module.exports = {
  __proto__: null, Stream, assign, getter, inherit, isBuffer, isBytes, listenFirst, listenerCount, method, mix, standardStreams,
  stateGetters, toBuffer,
};
