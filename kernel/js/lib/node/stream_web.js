// Node's `stream/web`: the web platform's streams.
'use strict';

const files = {
  __proto__: null,
  'web/streams/readable': ['ReadableStream'],
  'web/streams/readers': ['ReadableStreamDefaultReader'],
  'web/streams/byob_reader': ['ReadableStreamBYOBReader'],
  'web/streams/byte_controller': ['ReadableStreamBYOBRequest', 'ReadableByteStreamController'],
  'web/streams/default_controller': ['ReadableStreamDefaultController'],
  'web/streams/transform': ['TransformStream', 'TransformStreamDefaultController'],
  'web/streams/writable': ['WritableStream', 'WritableStreamDefaultWriter', 'WritableStreamDefaultController'],
  'web/streams/strategies': ['ByteLengthQueuingStrategy', 'CountQueuingStrategy'],
  'web/streams/text': ['TextEncoderStream', 'TextDecoderStream'],
};
for (const file in files) {
  const names = files[file];
  for (let index = 0; index < names.length; index++) exports[names[index]] = require(file)[names[index]];
}
