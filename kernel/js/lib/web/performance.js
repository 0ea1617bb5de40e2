// performance: a clock, marks and measures. The clock's steps are coarse (`kernel/src/web/clock.rs`).
'use strict';

const { ArrayPrototypeSort, ObjectDefineProperty, TypeError } = primordials;
const { coded, dictionary, expose, illegalConstructor, invalidThis, isObject, list, requireArguments } = require('web/common');
const { DOMException } = require('web/dom_exception');
const { EventTarget } = require('web/events');
const { structuredClone } = require('web/structured_clone');

const KEY = { __proto__: null };
// No timeline is kept longer: the oldest entries go.
const MOST_ENTRIES = 10_000;

class PerformanceEntry {
  #entry;

  constructor(key, entry) {
    if (key !== KEY) throw illegalConstructor();
    this.#entry = entry;
  }

  static inside(object) {
    if (!isObject(object) || !(#entry in object)) throw invalidThis('PerformanceEntry');
    return object.#entry;
  }

  get name() { return inside(this).name; }
  get entryType() { return inside(this).entryType; }
  get startTime() { return inside(this).startTime; }
  get duration() { return inside(this).duration; }

  toJSON() {
    const { name, entryType, startTime, duration, detail } = inside(this);
    return detail === undefined ? { name, entryType, startTime, duration } : { name, entryType, startTime, duration, detail };
  }
}
const { inside } = PerformanceEntry;
delete PerformanceEntry.inside;
const view = (object) => ({ __proto__: null, ...inside(object) });
expose(PerformanceEntry, { __proto__: null, view });

class PerformanceMark extends PerformanceEntry {
  constructor(name, options = undefined) {
    requireArguments(arguments.length, 'name');
    name = `${name}`;
    const { startTime, detail } = dictionary(options, 'options');
    const time = startTime === undefined ? ops.now() : +startTime;
    if (time < 0) throw coded(TypeError, 'ERR_PERFORMANCE_INVALID_TIMESTAMP', `${time} is not a valid timestamp`);
    super(KEY, {
      __proto__: null, name, entryType: 'mark', startTime: time, duration: 0,
      detail: detail === undefined || detail === null ? null : structuredClone(detail),
    });
  }

  get detail() { return inside(this).detail; }
}
expose(PerformanceMark, { __proto__: null, view });

class PerformanceMeasure extends PerformanceEntry {
  get detail() { return inside(this).detail; }
}
expose(PerformanceMeasure, { __proto__: null, view });

let timeline = list();

function record(entry) {
  if (timeline.length === MOST_ENTRIES) {
    const rest = list();
    for (let index = MOST_ENTRIES / 2; index < timeline.length; index++) rest[rest.length] = timeline[index];
    timeline = rest;
  }
  timeline[timeline.length] = entry;
  return entry;
}

// Entries that `wanted` lets through, by their time.
function entries(wanted) {
  const found = [];
  for (let index = 0; index < timeline.length; index++) {
    if (!wanted(inside(timeline[index]))) continue;
    ObjectDefineProperty(found, found.length, { __proto__: null, value: timeline[index], writable: true, enumerable: true, configurable: true });
  }
  return ArrayPrototypeSort(found, (one, other) => inside(one).startTime - inside(other).startTime);
}

function clear(type, name) {
  const rest = list();
  for (let index = 0; index < timeline.length; index++) {
    const { entryType, name: its } = inside(timeline[index]);
    if (entryType !== type || (name !== undefined && its !== name)) rest[rest.length] = timeline[index];
  }
  timeline = rest;
}

// A time, or that of the latest mark of this name.
function timeOf(mark) {
  if (typeof mark === 'number') {
    if (mark < 0) throw coded(TypeError, 'ERR_PERFORMANCE_INVALID_TIMESTAMP', `${mark} is not a valid timestamp`);
    return mark;
  }
  const name = `${mark}`;
  for (let index = timeline.length - 1; index >= 0; index--) {
    const entry = inside(timeline[index]);
    if (entry.entryType === 'mark' && entry.name === name) return entry.startTime;
  }
  throw new DOMException(`The "${name}" performance mark has not been set`, 'SyntaxError');
}

function measured(name, startOrOptions, endMark) {
  let start;
  let end;
  let duration;
  let detail;
  if (isObject(startOrOptions)) {
    ({ start, end, duration, detail } = startOrOptions);
    if (start === undefined && end === undefined && (duration !== undefined || detail !== undefined)) {
      throw coded(TypeError, 'ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS', 'One of options.start or options.end is required');
    }
    if (start !== undefined && end !== undefined && duration !== undefined) {
      const message = 'Must not have options.start, options.end, and options.duration specified';
      throw coded(TypeError, 'ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS', message);
    }
    if (endMark !== undefined) {
      throw coded(TypeError, 'ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS', 'endMark must not be specified');
    }
  } else {
    start = startOrOptions;
    end = endMark;
  }
  let until;
  if (end !== undefined) until = timeOf(end);
  else if (start !== undefined && duration !== undefined) until = timeOf(start) + +duration;
  else until = ops.now();
  let from = 0;
  if (start !== undefined) from = timeOf(start);
  else if (duration !== undefined && end !== undefined) from = until - +duration;
  return new PerformanceMeasure(KEY, {
    __proto__: null, name: `${name}`, entryType: 'measure', startTime: from, duration: until - from,
    detail: detail === undefined || detail === null ? null : structuredClone(detail),
  });
}

let made;

class Performance extends EventTarget {
  constructor(key) {
    if (key !== KEY) throw illegalConstructor();
    super();
  }

  get timeOrigin() { check(this); return ops.timeOrigin(); }
  now() { check(this); return ops.now(); }

  mark(name, options = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    return record(new PerformanceMark(name, options));
  }

  measure(name, startOrOptions = undefined, endMark = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    return record(measured(name, startOrOptions, endMark));
  }

  clearMarks(name = undefined) { check(this); clear('mark', name === undefined ? undefined : `${name}`); }
  clearMeasures(name = undefined) { check(this); clear('measure', name === undefined ? undefined : `${name}`); }
  getEntries() { check(this); return entries(() => true); }

  getEntriesByName(name, type = undefined) {
    check(this);
    requireArguments(arguments.length, 'name');
    name = `${name}`;
    return entries((entry) => entry.name === name && (type === undefined || entry.entryType === type));
  }

  getEntriesByType(type) {
    check(this);
    requireArguments(arguments.length, 'type');
    type = `${type}`;
    return entries((entry) => entry.entryType === type);
  }

  toJSON() { check(this); return { timeOrigin: ops.timeOrigin() }; }
}
function check(object) {
  if (object !== made) throw invalidThis('Performance');
}
expose(Performance, { __proto__: null, view: (object) => object === made ? { __proto__: null, timeOrigin: ops.timeOrigin() } : undefined });
made = new Performance(KEY);

module.exports = {
  __proto__: null, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, performance: made,
};
