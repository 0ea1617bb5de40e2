// The engine's own functions, taken before any user code ran: the inspector calls them for slots that nothing else can
// read.
'use strict';

const { apply } = Reflect;
const { defineProperty } = Object;

// V8's own clock for Temporal ticks every microsecond: fine enough to time a cache. A tenth of a millisecond is what
// pages get.
const coarsenNow = (() => {
  const { Now, Instant, PlainDateTime, PlainTime, ZonedDateTime } = Temporal;
  for (const [name, { prototype: { round } }] of [
    ['instant', Instant], ['plainDateTimeISO', PlainDateTime], ['plainTimeISO', PlainTime], ['zonedDateTimeISO', ZonedDateTime],
  ]) {
    const fine = Now[name];
    const coarse = {
      [name](...zone) {
        return apply(round, apply(fine, Now, zone), [
          { __proto__: null, smallestUnit: 'microsecond', roundingIncrement: 100, roundingMode: 'floor' },
        ]);
      },
    }[name];
    defineProperty(coarse, 'length', { __proto__: null, value: 0, configurable: true });
    defineProperty(Now, name, { __proto__: null, value: coarse, writable: true, enumerable: false, configurable: true });
  }
});

ops.intrinsics = {
  __proto__: null,
  errorPrototype: Error.prototype,
  symbolValueOf: Symbol.prototype.valueOf,
  mapEntries: Map.prototype.entries,
  mapNext: new Map().entries().next,
  setValues: Set.prototype.values,
  setNext: new Set().values().next,
};

// What tells the state of an internationalization object, by its class.
for (const name of [
  'Collator', 'DateTimeFormat', 'DisplayNames', 'DurationFormat', 'ListFormat', 'NumberFormat', 'PluralRules', 'RelativeTimeFormat', 'Segmenter',
]) {
  const { resolvedOptions } = Intl[name].prototype;
  ops.intrinsics[`Intl.${name}`] = resolvedOptions;
}
ops.intrinsics['Intl.Locale'] = Intl.Locale.prototype.toString;

// Temporal exists only in a running session, and making its classes takes time: the kernel calls this when the session
// has started and before the first run, when it would otherwise wait. In parentheses, as is the function above: V8
// compiles such functions at once, and so into the snapshot.
ops.captureTemporal = (() => {
  coarsenNow();
  const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime } = Temporal;
  const { intrinsics } = ops;
  // By the name of the class.
  intrinsics['Temporal.Duration'] = Duration.prototype.toString;
  intrinsics['Temporal.Instant'] = Instant.prototype.toString;
  intrinsics['Temporal.PlainDate'] = PlainDate.prototype.toString;
  intrinsics['Temporal.PlainDateTime'] = PlainDateTime.prototype.toString;
  intrinsics['Temporal.PlainMonthDay'] = PlainMonthDay.prototype.toString;
  intrinsics['Temporal.PlainTime'] = PlainTime.prototype.toString;
  intrinsics['Temporal.PlainYearMonth'] = PlainYearMonth.prototype.toString;
  intrinsics['Temporal.ZonedDateTime'] = ZonedDateTime.prototype.toString;
});
