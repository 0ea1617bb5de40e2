// V8's own text of a stack frame, taken before anybody can replace it: call sites lead to their prototype.
'use strict';

// While a snapshot is made there is no limit yet, and without one V8 captures nothing.
Error.stackTraceLimit = 1;
Error.prepareStackTrace = (error, sites) => {
  ops.callSiteToString = sites[0].toString;
};
void new Error().stack;
delete Error.prepareStackTrace;
delete Error.stackTraceLimit;
