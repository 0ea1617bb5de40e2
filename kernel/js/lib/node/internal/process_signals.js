// Signals that `process` is listened to for: the host tells of them, if whoever runs the program hears any.
'use strict';

const { ArrayIsArray, Error, ObjectKeys, ReflectApply, StringPrototypeStartsWith } = primordials;

const numbers = () => require('node/os').constants.signals;

// Who listens to these hears how the program ends, also where its output fails.
const ENDS = { __proto__: null, beforeExit: true, exit: true, uncaughtException: true, uncaughtExceptionMonitor: true };

// What is listened to, by its name.
const hearing = { __proto__: null };

async function listen(self, emit, name) {
  const { 0: call, 1: opened } = ops.hostOpen('signals.listen', [name]);
  // As in Node, no program stays for the sake of a signal.
  ops.hostUnref(call);
  const heard = hearing[name] = { __proto__: null, call, stream: undefined };
  // A host that tells of none closes the call, and so there is no item.
  heard.stream = await opened;
  while (ArrayIsArray(await ops.hostNext(call))) {
    try {
      ReflectApply(emit, self, [name, name, numbers()[name]]);
    } catch (error) {
      ops.uncaught(error);
    }
  }
}

// Makes the emitter `self` hear of the signals that it has listeners for; `emit` is its own.
exports.hear = (self, emit) => {
  // In this order: nobody is told of the second, which would have its properties read.
  self.on('removeListener', (name) => {
    const heard = hearing[name];
    if (heard === undefined || self.listenerCount(name) > 0) return;
    delete hearing[name];
    ops.hostCancel(heard.call);
  });
  self.on('newListener', (name) => {
    if (ENDS[name]) require('node/internal/output_failures').listen();
    if (typeof name !== 'string' || !StringPrototypeStartsWith(name, 'SIG')) return;
    if (numbers()[name] === undefined || hearing[name] !== undefined) return;
    if (name === 'SIGKILL' || name === 'SIGSTOP') {
      const error = new Error('uv_signal_start EINVAL');
      error.errno = -22;
      error.code = 'EINVAL';
      error.syscall = 'uv_signal_start';
      throw error;
    }
    listen(self, emit, name);
  });
};

// Waits until the system tells the host of all that is listened to.
exports.settle = () => {
  const names = ObjectKeys(hearing);
  if (names.length > 0) ops.hostCallNow('signals.heard', names);
};
