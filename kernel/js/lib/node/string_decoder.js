// `string_decoder`: text out of bytes that come in pieces.
'use strict';

const {
  ArrayBufferIsView, MathMin, ObjectDefineProperties, Uint8Array, TypedArrayPrototypeGetLength, TypedArrayPrototypeSet,
} = primordials;
const { make } = require('node/internal/errors');
const { NUMBERS, normalizeEncoding } = require('node/internal/encodings');

const views = require('node/internal/views');

const lengthOf = TypedArrayPrototypeGetLength;
// What a decoder keeps: the bytes of an unfinished character, how many these are and how many it will have.
const states = new primordials.SafeWeakMap();

function StringDecoder(encoding) {
  const normal = normalizeEncoding(encoding);
  if (normal === undefined) throw make('ERR_UNKNOWN_ENCODING', encoding);
  primordials.ObjectDefineProperty(this, 'encoding', { __proto__: null, value: normal, writable: true, enumerable: true, configurable: true });
  states.set(this, { __proto__: null, normal, number: NUMBERS[normal], last: new Uint8Array(4), have: 0, need: 0 });
}

// How many bytes at the end of `bytes` begin a character that is not complete, and how many it will have.
function unfinished(bytes, normal) {
  const length = lengthOf(bytes);
  if (normal === 'utf16le') {
    if (length % 2 === 1) {
      const before = length >= 3 ? bytes[length - 2] & 0xfc : 0;
      return before === 0xd8 ? [3, 4] : [1, 2];
    }
    return length > 0 && (bytes[length - 1] & 0xfc) === 0xd8 ? [2, 4] : [0, 0];
  }
  if (normal === 'base64' || normal === 'base64url') return length % 3 === 0 ? [0, 0] : [length % 3, 3];
  if (normal !== 'utf8') return [0, 0];
  for (let back = 1; back <= MathMin(3, length); back++) {
    const byte = bytes[length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const need = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
    if (need <= back || !canGoOn(bytes, length - back, back, byte)) return [0, 0];
    return [back, need];
  }
  return [0, 0];
}

// Whether what follows a first byte can be of one character: the second byte of some has a narrower range.
function canGoOn(bytes, start, have, first) {
  if (have < 2) return true;
  const second = bytes[start + 1];
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  if (first === 0xf4) return second < 0x90;
  return true;
}

function bytesOf(value) {
  if (!ArrayBufferIsView(value)) throw make('ERR_INVALID_ARG_TYPE', 'buf', ['Buffer', 'TypedArray', 'DataView'], value);
  return views.bytesOf(value);
}

function text(state, bytes) {
  return ops.bufferText(bytes, state.number, 0, lengthOf(bytes));
}

function write(state, given) {
  let bytes = given;
  if (state.have > 0) {
    bytes = new Uint8Array(state.have + lengthOf(given));
    TypedArrayPrototypeSet(bytes, views.bytesOf(state.last, 0, state.have), 0);
    TypedArrayPrototypeSet(bytes, given, state.have);
  }
  const { 0: have, 1: need } = unfinished(bytes, state.normal);
  const whole = lengthOf(bytes) - have;
  state.have = have;
  state.need = need;
  for (let index = 0; index < have; index++) state.last[index] = bytes[whole + index];
  return whole === 0 ? '' : text(state, views.bytesOf(bytes, 0, whole));
}

const stateOf = (decoder) => {
  const state = states.get(decoder);
  if (state === undefined) throw make('ERR_INVALID_THIS', 'StringDecoder');
  return state;
};

const reattach = primordials.detached(StringDecoder.prototype);
StringDecoder.prototype.write = function write_(buf) {
  if (typeof buf === 'string') return buf;
  return write(stateOf(this), bytesOf(buf));
};
primordials.ObjectDefineProperty(StringDecoder.prototype.write, 'name', { __proto__: null, value: 'write', configurable: true });

StringDecoder.prototype.end = function end(buf) {
  const state = stateOf(this);
  const before = buf === undefined ? '' : this.write(buf);
  if (state.have === 0) return before;
  const left = new Uint8Array(state.have);
  for (let index = 0; index < state.have; index++) left[index] = state.last[index];
  state.have = 0;
  state.need = 0;
  return before + text(state, left);
};

StringDecoder.prototype.text = function text_(buf, offset) {
  const state = stateOf(this);
  state.have = 0;
  state.need = 0;
  return this.write(buf.slice(offset));
};

ObjectDefineProperties(StringDecoder.prototype, {
  __proto__: null,
  lastChar: {
    __proto__: null, configurable: true, enumerable: true,
    get() { return require('node/buffer').Buffer.from(stateOf(this).last); },
  },
  lastNeed: { __proto__: null, configurable: true, enumerable: true, get() { return stateOf(this).need - stateOf(this).have; } },
  lastTotal: { __proto__: null, configurable: true, enumerable: true, get() { return stateOf(this).need; } },
});

reattach();
module.exports = { StringDecoder };
