// `process.kill`: signals to the program itself, to the programs that it has started, and to others where the host lets
// it.
'use strict';

const { Error, ObjectDefineProperty, TypeError } = primordials;
const { make } = require('node/internal/errors');

const SIGNALS = () => require('node/os').constants.signals;

// What these do by themselves: nothing, or stop the process.
const IGNORED = { __proto__: null, SIGCHLD: true, SIGCLD: true, SIGCONT: true, SIGURG: true, SIGWINCH: true };
const STOPPING = { __proto__: null, SIGSTOP: true, SIGTSTP: true, SIGTTIN: true, SIGTTOU: true };

function failed(code, errno) {
  const error = new Error(`kill ${code}`);
  const facts = { __proto__: null, errno, code, syscall: 'kill' };
  for (const name in facts) {
    ObjectDefineProperty(error, name, { __proto__: null, value: facts[name], writable: true, enumerable: true, configurable: true });
  }
  return error;
}

// Gives `process` its functions. `tell` calls its listeners, and `ownId` is its number.
exports.attach = (process, tell, ownId) => {
  // Ends the run as a signal ends a process: nobody is told of it.
  const endBySignal = (number) => {
    process.exitCode = 128 + number;
    if (ops.exit()) for (;;);
  };
  // Stops the command, whose process the program is to others, and so the program, which waits for the answer.
  const stopSelf = (number, isGroup) => {
    let isStopped = false;
    try {
      // What was written comes before the stop, and the signal that ends it is heard.
      ops.hostCallNow('stdio.settle');
      require('node/internal/process_signals').settle();
      isStopped = ops.hostCallNow('process.stop', number, isGroup);
    } catch {
      // A host without a program's streams, signals or process: nothing may stop it.
    }
    if (!isStopped) throw failed('EPERM', -1);
  };
  // There is no process of the program's own. A signal that it sends to itself reaches its listeners, or does what such
  // a signal does.
  const killSelf = (number, isGroup) => {
    let name;
    for (const each in SIGNALS()) if (name === undefined && SIGNALS()[each] === number) name = each;
    if (number === 0 || IGNORED[name]) return;
    if (name === undefined) throw failed('EINVAL', -22);
    if (name !== 'SIGKILL' && process.listenerCount(name) > 0) {
      require('node/timers').setImmediate(() => tell([name, name, number]));
      return;
    }
    if (STOPPING[name]) return void stopSelf(number, isGroup);
    endBySignal(number);
  };
  process.abort = function abort() { endBySignal(SIGNALS().SIGABRT); };
  process.kill = function kill(pid, sig) {
    // As in Node, a text that is a number is one, and `null` is none.
    if (pid != (pid | 0)) throw make('ERR_INVALID_ARG_TYPE', 'pid', 'number', pid);
    pid |= 0;
    const number = typeof sig === 'number' ? sig : SIGNALS()[sig || 'SIGTERM'];
    if (number === undefined) throw require('node/internal/errors').makeAs(TypeError, 'ERR_UNKNOWN_SIGNAL', `Unknown signal: ${sig}`);
    if (pid === ownId() || pid === 0) {
      killSelf(number, pid === 0);
      return true;
    }
    let sent;
    try {
      sent = ops.hostCallNow('process.kill', pid, number);
    } catch (error) {
      throw error.code === 'EINVAL' ? failed('EINVAL', -22) : error;
    }
    if (sent === 'EPERM') throw failed('EPERM', -1);
    if (sent !== true) throw failed('ESRCH', -3);
    return true;
  };
};
