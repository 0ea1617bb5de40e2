// ByteLengthQueuingStrategy and CountQueuingStrategy.
'use strict';

const { dictionary, expose, invalidThis, isObject, requireArguments } = require('web/common');

const byteSize = { size(chunk) { return chunk.byteLength; } }.size;
const countSize = { size() { return 1; } }.size;

function mark(init) {
  if (dictionary(init, 'init').highWaterMark === undefined) requireArguments(0, 'options.highWaterMark');
  return +init.highWaterMark;
}

class ByteLengthQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requireArguments(arguments.length, 'init');
    this.#highWaterMark = mark(init);
  }

  static markOf(strategy) {
    if (!isObject(strategy) || !(#highWaterMark in strategy)) throw invalidThis('ByteLengthQueuingStrategy');
    return strategy.#highWaterMark;
  }

  get highWaterMark() {
    return byteMark(this);
  }

  get size() {
    byteMark(this);
    return byteSize;
  }
}
const { markOf: byteMark } = ByteLengthQueuingStrategy;
delete ByteLengthQueuingStrategy.markOf;

class CountQueuingStrategy {
  #highWaterMark;

  constructor(init) {
    requireArguments(arguments.length, 'init');
    this.#highWaterMark = mark(init);
  }

  static markOf(strategy) {
    if (!isObject(strategy) || !(#highWaterMark in strategy)) throw invalidThis('CountQueuingStrategy');
    return strategy.#highWaterMark;
  }

  get highWaterMark() {
    return countMark(this);
  }

  get size() {
    countMark(this);
    return countSize;
  }
}
const { markOf: countMark } = CountQueuingStrategy;
delete CountQueuingStrategy.markOf;

// An object that only inherits from the prototype has nothing to show: then the view throws, and it is shown as usual.
expose(ByteLengthQueuingStrategy, { __proto__: null, view: (strategy) => ({ __proto__: null, highWaterMark: byteMark(strategy) }) });
expose(CountQueuingStrategy, { __proto__: null, view: (strategy) => ({ __proto__: null, highWaterMark: countMark(strategy) }) });

module.exports = { __proto__: null, ByteLengthQueuingStrategy, CountQueuingStrategy };
