// The engine's own functions, taken before any user code ran: the inspector calls them for slots that nothing else can read.
'use strict';

ops.intrinsics = {
  __proto__: null,
  errorPrototype: Error.prototype,
  symbolValueOf: Symbol.prototype.valueOf,
  mapEntries: Map.prototype.entries,
  mapNext: new Map().entries().next,
  setValues: Set.prototype.values,
  setNext: new Set().values().next,
};

// Temporal exists only in a running session, and making its classes takes time: the kernel calls this when the session has started
// and before the first run, when it would otherwise wait.
ops.captureTemporal = () => {
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
};
