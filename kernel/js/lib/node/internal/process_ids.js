// Whose process it is, and the mask of new files: `process.getuid` and its like.
'use strict';

const { ArrayPrototypeIncludes, ArrayPrototypePush, NumberIsInteger, NumberParseInt, ObjectDefineProperty, RegExpPrototypeExec } = primordials;
const { make } = require('node/internal/errors');

// Those that the host tells where the program is what the command runs. Another session has no user.
const NAMES = { __proto__: null, getuid: 'uid', geteuid: 'euid', getgid: 'gid', getegid: 'egid', getgroups: 'groups' };
const MAX_MASK = 4294967295;

function told(op) {
  try {
    return ops.hostCallNow(op);
  } catch {
    // A host that has no processes.
    return null;
  }
}

const isThere = () => told('process.ids') !== null;
// What Node says of a process whose mask nobody knows.
const currentMask = () => told('process.umask') ?? 0o22;

function idOf(key) {
  const ids = told('process.ids');
  const id = ids?.[key];
  // As in Node, the group of the process is one of its groups.
  if (key === 'groups' && !ArrayPrototypeIncludes(id, ids.egid)) ArrayPrototypePush(id, ids.egid);
  return id;
}

function maskOf(mask) {
  if (typeof mask === 'string') {
    if (RegExpPrototypeExec(/^[0-7]+$/, mask) === null) {
      throw make('ERR_INVALID_ARG_VALUE', 'mask', mask, 'must be a 32-bit unsigned integer or an octal string');
    }
    mask = NumberParseInt(mask, 8);
  }
  if (typeof mask !== 'number') throw make('ERR_INVALID_ARG_TYPE', 'mask', 'number', mask);
  if (mask !== mask >>> 0) {
    const range = NumberIsInteger(mask) ? `>= 0 && <= ${MAX_MASK}` : 'an integer';
    throw make('ERR_OUT_OF_RANGE', 'mask', range, mask);
  }
  return mask & 0o777;
}

// Gives `process` its functions. They are there where the host tells what they say.
exports.attach = (process, give) => {
  for (const name in NAMES) {
    const key = NAMES[name];
    const get = { __proto__: null, [name]() { return idOf(key); } }[name];
    ObjectDefineProperty(process, name, {
      __proto__: null,
      get: { __proto__: null, get() { return isThere() ? get : undefined; } }.get,
      set: { __proto__: null, set(value) { give(process, name, value); } }.set,
      enumerable: true,
      configurable: true,
    });
  }
  process.umask = function umask(mask) {
    const current = currentMask();
    if (mask === undefined || maskOf(mask) === current) return current;
    // The files are the host's.
    throw require('node/internal/errors').unavailable('drupe cannot change the mask of new files: give them their mode with chmod');
  };
};
