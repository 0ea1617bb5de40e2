// What waits in a readable stream: chunks in order, of which any number of bytes or characters can be taken.
'use strict';

const { ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSlice, StringPrototypeSlice } = primordials;

// Taken chunks leave holes, which are closed when there are so many: no chunk is moved more than once on the average.
const MAX_HOLES = 1024;

class ChunkList {
  #chunks = [];
  #start = 0;

  get length() {
    return this.#chunks.length - this.#start;
  }

  // Emptied as an array is.
  set length(length) {
    if (length === 0) this.clear();
  }

  // Libraries look into the buffer of a stream.
  join(separator) {
    return ArrayPrototypeJoin(ArrayPrototypeSlice(this.#chunks, this.#start), separator);
  }

  push(chunk) {
    ArrayPrototypePush(this.#chunks, chunk);
  }

  unshift(chunk) {
    if (this.#start > 0) this.#chunks[--this.#start] = chunk;
    else primordials.ArrayPrototypeUnshift(this.#chunks, chunk);
  }

  first() {
    return this.#chunks[this.#start];
  }

  shift() {
    if (this.length === 0) return undefined;
    const chunk = this.#chunks[this.#start];
    this.#chunks[this.#start++] = undefined;
    if (this.length === 0) {
      this.clear();
    } else if (this.#start >= MAX_HOLES && this.#start * 2 >= this.#chunks.length) {
      this.#chunks = ArrayPrototypeSlice(this.#chunks, this.#start);
      this.#start = 0;
    }
    return chunk;
  }

  clear() {
    this.#chunks = [];
    this.#start = 0;
  }

  // An object, or so many bytes or characters; all that there is where `count` is not less.
  take(count, state) {
    if (state.objectMode) return this.shift();
    if (!count || count >= state.length) return this.#takeAll(state);
    const head = this.first();
    if (count < head.length) return this.#cut(head, count);
    if (count === head.length) return this.shift();
    const parts = [];
    while (count > 0) {
      const next = this.first();
      const part = count < next.length ? this.#cut(next, count) : this.shift();
      count -= part.length;
      ArrayPrototypePush(parts, part);
    }
    return joined(parts, state);
  }

  #takeAll(state) {
    const parts = this.#start === 0 ? this.#chunks : ArrayPrototypeSlice(this.#chunks, this.#start);
    this.clear();
    return parts.length === 1 && !state.decoder ? parts[0] : joined(parts, state);
  }

  // The beginning of the first chunk, which loses it.
  #cut(head, count) {
    const isText = typeof head === 'string';
    this.#chunks[this.#start] = isText ? StringPrototypeSlice(head, count) : head.slice(count);
    return isText ? StringPrototypeSlice(head, 0, count) : head.slice(0, count);
  }

  // For those who look into a stream's state.
  * [primordials.SymbolIterator]() {
    for (let index = this.#start; index < this.#chunks.length; index++) yield this.#chunks[index];
  }

  [primordials.SymbolFor('nodejs.util.inspect.custom')](depth, options, inspect) {
    return `BufferList ${inspect({ length: this.length }, options)}`;
  }
}

function joined(parts, state) {
  if (state.decoder) return ArrayPrototypeJoin(parts, '');
  return require('node/buffer').Buffer.concat(parts, lengthOf(parts));
}

function lengthOf(parts) {
  let length = 0;
  for (let index = 0; index < parts.length; index++) length += parts[index].length;
  return length;
}

exports.ChunkList = ChunkList;
