// Queues, with and without sizes.
'use strict';

const { RangeError } = primordials;
const { coded, invalidArgument, list } = require('web/common');

class Queue {
  #items = list();
  #head = 0;

  get length() {
    return this.#items.length - this.#head;
  }

  push(item) {
    this.#items[this.#items.length] = item;
  }

  peek() {
    return this.#items[this.#head];
  }

  shift() {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0;
    } else if (this.#head === 1024) {
      const rest = list();
      for (let index = this.#head; index < this.#items.length; index++) rest[rest.length] = this.#items[index];
      this.#items = rest;
      this.#head = 0;
    }
    return item;
  }
}

// The queue of a controller: chunks with their sizes.
function resetQueue(controller) {
  controller.queue = new Queue();
  controller.totalSize = 0;
}

function enqueueValue(controller, value, size) {
  if (typeof size !== 'number' || size !== size || size < 0 || size === Infinity) {
    throw coded(RangeError, 'ERR_INVALID_ARG_VALUE', `The property 'size' is invalid. Received ${ops.brief(size)}`);
  }
  controller.queue.push({ __proto__: null, value, size });
  controller.totalSize += size;
}

function dequeueValue(controller) {
  const { value, size } = controller.queue.shift();
  controller.totalSize -= size;
  if (controller.totalSize < 0) controller.totalSize = 0;
  return value;
}

// What is wanted of a queuing strategy.
function highWaterMark(strategy, otherwise) {
  const mark = strategy.highWaterMark;
  if (mark === undefined) return otherwise;
  const number = +mark;
  if (number !== number || number < 0) {
    throw coded(RangeError, 'ERR_INVALID_ARG_VALUE', `The property 'strategy.highWaterMark' is invalid. Received ${ops.brief(mark)}`);
  }
  return number;
}

function sizeOf(strategy) {
  const { size } = strategy;
  if (size === undefined) return () => 1;
  if (typeof size !== 'function') throw invalidArgument('strategy.size', 'of type function', size);
  return (chunk) => +size(chunk);
}

// A function of a source or sink, to be called on it.
function method(object, name) {
  const value = object[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'function') throw invalidArgument(name, 'of type function', value);
  return value;
}

module.exports = { __proto__: null, Queue, dequeueValue, enqueueValue, highWaterMark, method, resetQueue, sizeOf };
