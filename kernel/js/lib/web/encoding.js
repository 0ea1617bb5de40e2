// TextEncoder and TextDecoder.
'use strict';

const {
  ArrayBufferIsView, FinalizationRegistry, FinalizationRegistryPrototypeRegister, FinalizationRegistryPrototypeUnregister, RangeError,
  TypeError, TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} = primordials;
const { coded, dictionary, expose, invalidArgument, invalidThis, isObject } = require('web/common');

class TextEncoder {
  #brand = true;

  static check(encoder) {
    if (!isObject(encoder) || !(#brand in encoder)) throw invalidThis('TextEncoder');
  }

  get encoding() {
    check(this);
    return 'utf-8';
  }

  encode(input = '') {
    check(this);
    return ops.utf8Encode(`${input}`);
  }

  encodeInto(source, destination) {
    check(this);
    if (typeof source !== 'string') throw invalidArgument('src', 'of type string', source);
    if (!isUint8Array(destination)) throw invalidArgument('dest', 'an instance of Uint8Array', destination);
    const done = ops.utf8EncodeInto(source, destination);
    return { read: done[0], written: done[1] };
  }
}
const { check } = TextEncoder;
delete TextEncoder.check;
expose(TextEncoder, {
  __proto__: null,
  view(encoder) {
    check(encoder);
    return { __proto__: null, encoding: 'utf-8' };
  },
});

const isUint8Array = (value) => isObject(value) && ArrayBufferIsView(value) && TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array';

// Frees what a decoder has begun when the decoder is collected.
const abandoned = new FinalizationRegistry((number) => ops.decoderDrop(number));
const NOTHING = new Uint8Array(0);

class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  // The number of a decoder in the midst of a stream.
  #open = 0;

  constructor(label = 'utf-8', options) {
    const encoding = ops.encodingName(`${label}`);
    if (encoding === undefined) throw coded(RangeError, 'ERR_ENCODING_NOT_SUPPORTED', `The "${label}" encoding is not supported`);
    const { fatal, ignoreBOM } = dictionary(options, 'options');
    this.#encoding = encoding;
    this.#fatal = !!fatal;
    this.#ignoreBOM = !!ignoreBOM;
  }

  static view(decoder) {
    if (!isObject(decoder) || !(#encoding in decoder)) throw invalidThis('TextDecoder');
    return { __proto__: null, encoding: decoder.#encoding, fatal: decoder.#fatal, ignoreBOM: decoder.#ignoreBOM };
  }

  static decode(decoder, input, options) {
    if (!isObject(decoder) || !(#encoding in decoder)) throw invalidThis('TextDecoder');
    if (input === undefined) input = NOTHING;
    else if (!isBytes(input)) throw invalidArgument('list', 'an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView', input);
    const stream = !!dictionary(options, 'options').stream;
    const fatal = decoder.#fatal;
    let text;
    if (!stream && decoder.#open === 0) {
      text = ops.decode(decoder.#encoding, input, fatal, decoder.#ignoreBOM);
    } else {
      if (decoder.#open === 0) {
        decoder.#open = ops.decoderOpen(decoder.#encoding, decoder.#ignoreBOM);
        FinalizationRegistryPrototypeRegister(abandoned, decoder, decoder.#open, decoder);
      }
      text = ops.decoderStep(decoder.#open, input, fatal, !stream);
      if (!stream || text === undefined) {
        decoder.#open = 0;
        FinalizationRegistryPrototypeUnregister(abandoned, decoder);
      }
    }
    if (text === undefined) {
      throw coded(TypeError, 'ERR_ENCODING_INVALID_ENCODED_DATA', `The encoded data was not valid for encoding ${decoder.#encoding}`);
    }
    return text;
  }

  get encoding() {
    return viewOf(this).encoding;
  }

  get fatal() {
    return viewOf(this).fatal;
  }

  get ignoreBOM() {
    return viewOf(this).ignoreBOM;
  }

  decode(input = undefined, options = undefined) {
    return decode(this, input, options);
  }
}
const { decode, view: viewOf } = TextDecoder;
delete TextDecoder.decode;
delete TextDecoder.view;
expose(TextDecoder, { __proto__: null, view: viewOf });

function isBytes(value) {
  if (!isObject(value)) return false;
  if (ArrayBufferIsView(value)) return true;
  return ops.isAnyArrayBuffer(value);
}

module.exports = { __proto__: null, TextDecoder, TextEncoder, decode, isBytes };
