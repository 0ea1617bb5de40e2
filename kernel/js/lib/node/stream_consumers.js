// Node's `stream/consumers`: all that a stream gives, as one value.
'use strict';

const { ArrayPrototypePush, JSONParse } = primordials;

async function chunks(stream) {
  const all = [];
  for await (const chunk of stream) ArrayPrototypePush(all, chunk);
  return all;
}

async function blob(stream) {
  return new (require('web/blob').Blob)(await chunks(stream));
}

async function arrayBuffer(stream) {
  return await (await blob(stream)).arrayBuffer();
}

async function buffer(stream) {
  return require('node/buffer').Buffer.from(await arrayBuffer(stream));
}

async function text(stream) {
  const decoder = new (require('web/encoding').TextDecoder)();
  let all = '';
  for await (const chunk of stream) all += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { __proto__: null, stream: true });
  return all + decoder.decode();
}

async function json(stream) {
  return JSONParse(await text(stream));
}

module.exports = { arrayBuffer, blob, buffer, text, json };
