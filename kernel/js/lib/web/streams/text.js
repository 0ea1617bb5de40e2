// TextEncoderStream and TextDecoderStream.
'use strict';

const { StringPrototypeCharCodeAt, StringPrototypeSlice } = primordials;
const { expose, invalidThis, isObject } = require('web/common');
const { TextDecoder } = require('web/encoding');
const { makeTransform } = require('web/streams/transform');

class TextEncoderStream {
  #transform;

  constructor() {
    // The first half of a pair whose second is in the next chunk.
    let half = '';
    this.#transform = makeTransform((chunk, enqueue) => {
      let text = half + `${chunk}`;
      half = '';
      const last = text.length === 0 ? 0 : StringPrototypeCharCodeAt(text, text.length - 1);
      if (last >= 0xd800 && last <= 0xdbff) {
        half = StringPrototypeSlice(text, text.length - 1);
        text = StringPrototypeSlice(text, 0, text.length - 1);
      }
      if (text !== '') enqueue(ops.utf8Encode(text));
    }, (enqueue) => {
      if (half !== '') enqueue(ops.utf8Encode(half));
    });
  }

  static inside(stream) {
    if (!isObject(stream) || !(#transform in stream)) throw invalidThis('TextEncoderStream');
    return stream.#transform;
  }

  get encoding() {
    encoderOf(this);
    return 'utf-8';
  }

  get readable() {
    return encoderOf(this).readable;
  }

  get writable() {
    return encoderOf(this).writable;
  }
}
const { inside: encoderOf } = TextEncoderStream;
delete TextEncoderStream.inside;
expose(TextEncoderStream, {
  __proto__: null,
  view(stream) {
    const { readable, writable } = encoderOf(stream);
    return { __proto__: null, encoding: 'utf-8', readable, writable };
  },
});

class TextDecoderStream {
  #transform;

  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    const { encoding, fatal, ignoreBOM } = decoder;
    const more = { __proto__: null, stream: true };
    const { decode } = require('web/encoding');
    const transform = makeTransform((chunk, enqueue) => {
      const text = decode(decoder, chunk, more);
      if (text !== '') enqueue(text);
    }, (enqueue) => {
      const text = decode(decoder, undefined, undefined);
      if (text !== '') enqueue(text);
    });
    const { readable, writable } = transform;
    this.#transform = { __proto__: null, encoding, fatal, ignoreBOM, readable, writable };
  }

  static inside(stream) {
    if (!isObject(stream) || !(#transform in stream)) throw invalidThis('TextDecoderStream');
    return stream.#transform;
  }

  get encoding() {
    return decoderOf(this).encoding;
  }

  get fatal() {
    return decoderOf(this).fatal;
  }

  get ignoreBOM() {
    return decoderOf(this).ignoreBOM;
  }

  get readable() {
    return decoderOf(this).readable;
  }

  get writable() {
    return decoderOf(this).writable;
  }
}
const { inside: decoderOf } = TextDecoderStream;
delete TextDecoderStream.inside;
expose(TextDecoderStream, { __proto__: null, view: (stream) => decoderOf(stream) });

module.exports = { __proto__: null, TextDecoderStream, TextEncoderStream };
