// What a program takes up, and what it waits for: the functions of `process` that count.
'use strict';

const { ArrayPrototypePush, MathFloor, ObjectDefineProperty } = primordials;
const { make } = require('node/internal/errors');

const MAX_SAFE_INTEGER = 9007199254740991;

// What the whole process takes up, the system tells the host. A kernel without a process of its own knows what V8 takes
// up.
function resident() {
  let told = null;
  try {
    told = ops.hostCallNow('process.memory');
  } catch {
    // A host that has no processes.
  }
  return typeof told === 'number' ? told : ops.memory()[0];
}

function requireTime(value, name) {
  if (typeof value !== 'number') throw make('ERR_INVALID_ARG_TYPE', name, 'number', value);
  if (!(value >= 0 && value <= MAX_SAFE_INTEGER)) throw make('ERR_INVALID_ARG_VALUE_RANGE', name, value);
}

const functions = {
  __proto__: null,
  memoryUsage() {
    const { 1: heapTotal, 2: heapUsed, 3: external } = ops.memory();
    return { rss: resident(), heapTotal, heapUsed, external, arrayBuffers: external };
  },
  // No limit of the system is known here.
  constrainedMemory() { return 0; },
  availableMemory() {
    try {
      return require('node/os').freemem();
    } catch {
      // Who may not know that of the machine knows its own heap.
      return ops.heapStatistics()[3];
    }
  },
  cpuUsage(prevValue) {
    const user = MathFloor(ops.cpuTime());
    if (!prevValue) return { user, system: 0 };
    if (typeof prevValue !== 'object') throw make('ERR_INVALID_ARG_TYPE', 'prevValue', 'object', prevValue);
    requireTime(prevValue.user, 'prevValue.user');
    requireTime(prevValue.system, 'prevValue.system');
    return { user: user - prevValue.user, system: -prevValue.system };
  },
  // What the system counts besides is the kernel's and the host's together, and told to nobody.
  resourceUsage() {
    return {
      userCPUTime: MathFloor(ops.cpuTime()), systemCPUTime: 0, maxRSS: MathFloor(resident() / 1024), sharedMemorySize: 0, unsharedDataSize: 0,
      unsharedStackSize: 0, minorPageFault: 0, majorPageFault: 0, swappedOut: 0, fsRead: 0, fsWrite: 0, ipcSent: 0, ipcReceived: 0,
      signalsCount: 0, voluntaryContextSwitches: 0, involuntaryContextSwitches: 0,
    };
  },
  getActiveResourcesInfo() {
    const { 0: timers, 1: immediates } = ops.activeTimers();
    const all = [];
    for (let index = 0; index < timers; index++) ArrayPrototypePush(all, 'Timeout');
    for (let index = 0; index < immediates; index++) ArrayPrototypePush(all, 'Immediate');
    return all;
  },
  _getActiveHandles() { return []; },
  _getActiveRequests() { return []; },
};

// Gives `process` its functions.
exports.attach = (process, give) => {
  for (const name in functions) process[name] = functions[name];
  ObjectDefineProperty(resident, 'name', { __proto__: null, value: 'rss' });
  give(process.memoryUsage, 'rss', resident);
};
