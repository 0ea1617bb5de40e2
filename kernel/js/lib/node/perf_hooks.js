// `perf_hooks`: the global `performance` and its classes, and histograms.
'use strict';

const {
  BigInt, MathMax, MathMin, MathSqrt, Number, NumberMAX_SAFE_INTEGER, ObjectDefineProperty, SafeMap, TypedArrayPrototypeSort,
  MathFloor, Symbol,
} = primordials;
const { make } = require('node/internal/errors');
const { validateInteger, validateNumber, validateObject } = require('node/internal/validators');

const kMake = Symbol('make');

// Values counted as they are; enough of them for what a program measures.
class RecordableHistogram {
  #counts = new SafeMap();
  #count = 0;
  #sum = 0;
  #squares = 0;
  #min = 9223372036854776000;
  #max = 0;
  #exceeds = 0;
  #last;
  #highest;

  constructor(key, lowest, highest) {
    if (key !== kMake) throw make('ERR_ILLEGAL_CONSTRUCTOR');
    this.#highest = highest;
  }

  record(value) {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof value !== 'bigint') validateInteger(value, 'val', 1);
    if (number > this.#highest) {
      this.#exceeds++;
      return;
    }
    this.#counts.set(number, (this.#counts.get(number) ?? 0) + 1);
    this.#count++;
    this.#sum += number;
    this.#squares += number * number;
    this.#min = MathMin(this.#min, number);
    this.#max = MathMax(this.#max, number);
  }

  recordDelta() {
    const now = globalThis.performance.now() * 1e6;
    if (this.#last !== undefined) this.record(MathMax(1, MathFloor(now - this.#last)));
    this.#last = now;
  }

  get count() { return this.#count; }

  get countBigInt() { return BigInt(this.#count); }

  get min() { return this.#min; }

  get minBigInt() { return BigInt(this.#min); }

  get max() { return this.#max; }

  get maxBigInt() { return BigInt(this.#max); }

  get exceeds() { return this.#exceeds; }

  get exceedsBigInt() { return BigInt(this.#exceeds); }

  get mean() { return this.#sum / this.#count; }

  get stddev() {
    const { mean } = this;
    return MathSqrt(MathMax(0, this.#squares / this.#count - mean * mean));
  }

  #sorted() {
    const values = new primordials.Float64Array(this.#counts.size);
    let index = 0;
    const keys = this.#counts.keys();
    for (let step = keys.next(); !step.done; step = keys.next()) values[index++] = step.value;
    return TypedArrayPrototypeSort(values);
  }

  percentile(percentile) {
    validateNumber(percentile, 'percentile');
    if (!(percentile > 0 && percentile <= 100)) throw make('ERR_OUT_OF_RANGE', 'percentile', '> 0 && <= 100', percentile);
    const values = this.#sorted();
    const wanted = MathMax(1, primordials.MathCeil(this.#count * percentile / 100));
    let seen = 0;
    for (let index = 0; index < values.length; index++) {
      seen += this.#counts.get(values[index]);
      if (seen >= wanted) return values[index];
    }
    return 0;
  }

  percentileBigInt(percentile) { return BigInt(this.percentile(percentile)); }

  get percentiles() {
    const map = new primordials.Map();
    const set = primordials.MapPrototypeSet;
    if (this.#count === 0) return set(map, 100, 0);
    for (let step = 0, at = 0; at < 100; step++) {
      set(map, at, this.percentile(MathMax(at, 1e-9)));
      at = 100 - 100 / 2 ** (step + 1);
      if (100 - at < 100 / this.#count) break;
    }
    return set(map, 100, this.#max);
  }

  reset() {
    this.#counts.clear();
    this.#count = this.#sum = this.#squares = this.#max = this.#exceeds = 0;
    this.#min = 9223372036854776000;
  }

  add(other) {
    if (!(#counts in other)) throw make('ERR_INVALID_ARG_TYPE', 'other', 'RecordableHistogram', other);
    const entries = other.#counts.entries();
    for (let step = entries.next(); !step.done; step = entries.next()) {
      for (let times = 0; times < step.value[1]; times++) this.record(step.value[0]);
    }
  }
}

function createHistogram(options = { __proto__: null }) {
  validateObject(options, 'options');
  const { lowest = 1, highest = NumberMAX_SAFE_INTEGER, figures = 3 } = options;
  if (typeof lowest !== 'bigint') validateInteger(lowest, 'options.lowest', 1);
  if (typeof highest !== 'bigint') validateInteger(highest, 'options.highest', 2 * Number(lowest));
  validateInteger(figures, 'options.figures', 1, 5);
  return new RecordableHistogram(kMake, Number(lowest), Number(highest));
}

module.exports = {
  createHistogram,
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0, NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2, NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8, NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32, NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  },
};
const names = ['Performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure', 'performance'];
for (let index = 0; index < names.length; index++) {
  const name = names[index];
  ObjectDefineProperty(module.exports, name, { __proto__: null, get: () => globalThis[name], enumerable: true, configurable: true });
}
require('node/internal/missing').missing(module.exports, 'perf_hooks', [
  'PerformanceObserver', 'PerformanceObserverEntryList', 'PerformanceResourceTiming', 'monitorEventLoopDelay',
]);
