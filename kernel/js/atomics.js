// Atomics.wait, which V8 refuses here without a reason. Atomics.waitAsync and Atomics.notify, whose ends are tasks that
// V8 posts to this thread: they cannot wake it, so a timer does.
'use strict';

const { defineProperty } = Object;
const { notify, wait, waitAsync } = Atomics;
const { TypeError } = globalThis;
const nothing = () => {};
const LONGEST = 2 ** 31 - 1;

const functions = {
  __proto__: null,
  wait(array, index, value, timeout) {
    try {
      return wait(array, index, value, timeout);
    } catch (error) {
      if (error?.message !== 'Atomics.wait cannot be called in this context') throw error;
      throw new TypeError('Atomics.wait cannot be called here: a session is one thread, and nothing else could wake it; use Atomics.waitAsync');
    }
  },
  waitAsync(array, index, value, timeout) {
    timeout = +timeout;
    const waits = waitAsync(array, index, value, timeout);
    // V8 has set its own clock before: a millisecond later its task is due, too.
    if (waits.async && timeout < LONGEST) ops.reference(ops.schedule(nothing, timeout + 1, false, []), false);
    return waits;
  },
  notify(array, index, count) {
    const woken = notify(array, index, count);
    if (woken > 0) ops.reference(ops.immediate(nothing, []), false);
    return woken;
  },
};

for (const name in functions) {
  defineProperty(Atomics, name, {
    __proto__: null, value: functions[name], writable: true, enumerable: false, configurable: true,
  });
}
