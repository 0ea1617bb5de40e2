// Node's `tty`. No terminal is on the other side of a session: what it prints is told to a front end, which may show it on one. So no file
// is a terminal and none can be opened as one; how many colours an environment promises can be asked all the same.
'use strict';

const {
  NumberIsInteger, ObjectDefineProperty, ObjectSetPrototypeOf, RegExp, RegExpPrototypeExec, StringPrototypeIncludes,
  StringPrototypeToLowerCase,
} = primordials;
const { make, makeAs } = require('node/internal/errors');
const { validateInteger } = require('node/internal/validators');
const { Readable, Writable } = require('node/stream');

function isatty() {
  return false;
}

function refuse(fd, hidden) {
  const isOne = NumberIsInteger(fd) && fd >= 0 && fd <= 0x7fffffff;
  if (!isOne) throw make('ERR_INVALID_FD', fd);
  const error = makeAs(
    primordials.Error, 'ERR_TTY_INIT_FAILED', 'TTY initialization failed: uv_tty_init returned EINVAL (invalid argument)', hidden);
  ObjectDefineProperty(error, 'name', { __proto__: null, value: 'SystemError', writable: true, enumerable: false, configurable: true });
  error.info = { errno: -22, code: 'EINVAL', message: 'invalid argument', syscall: 'uv_tty_init' };
  error.errno = -22;
  error.syscall = 'uv_tty_init';
  throw error;
}

function ReadStream(fd) {
  refuse(fd, ReadStream);
}
ObjectSetPrototypeOf(ReadStream.prototype, Readable.prototype);
ObjectSetPrototypeOf(ReadStream, Readable);

function WriteStream(fd) {
  refuse(fd, WriteStream);
}
ObjectSetPrototypeOf(WriteStream.prototype, Writable.prototype);
ObjectSetPrototypeOf(WriteStream, Writable);

// Depths in bits, as `getColorDepth` tells them.
const NONE = 1;
const BASIC = 4;
const MANY = 8;
const TRUE = 24;

const FORCED = { __proto__: null, '': BASIC, '1': BASIC, 'true': BASIC, '2': MANY, '3': TRUE };
const SERVICES = {
  __proto__: null, APPVEYOR: MANY, BUILDKITE: MANY, CIRCLECI: TRUE, DRONE: MANY, GITEA_ACTIONS: TRUE, GITHUB_ACTIONS: TRUE,
  GITLAB_CI: MANY, TRAVIS: MANY,
};
const PROGRAMS = { __proto__: null, 'HyperTerm': TRUE, 'MacTerm': TRUE, 'Apple_Terminal': MANY };
const TERMS = {
  __proto__: null, eterm: BASIC, cons25: BASIC, console: BASIC, cygwin: BASIC, dtterm: BASIC, gnome: BASIC, hurd: BASIC, jfbterm: BASIC,
  konsole: BASIC, kterm: BASIC, mlterm: BASIC, mosh: TRUE, putty: BASIC, st: BASIC, 'rxvt-unicode-24bit': TRUE, terminator: TRUE,
  'xterm-kitty': TRUE,
};
const FAMILIES = ['ansi', 'color', 'linux', '^con[0-9]*x[0-9]', '^rxvt', '^screen', '^xterm', '^vt100'];

const matches = (pattern, text) => RegExpPrototypeExec(new RegExp(pattern), text) !== null;

function serviceDepth(env) {
  for (const name in SERVICES) if (name in env) return SERVICES[name];
  return env.CI_NAME === 'codeship' ? MANY : NONE;
}

function termDepth(name) {
  const term = StringPrototypeToLowerCase(name);
  if (StringPrototypeIncludes(term, 'truecolor')) return TRUE;
  if (matches('^xterm-256', term)) return MANY;
  if (TERMS[term] !== undefined) return TERMS[term];
  for (let index = 0; index < FAMILIES.length; index++) if (matches(FAMILIES[index], term)) return BASIC;
  return undefined;
}

const reattach = primordials.detached(WriteStream.prototype);
WriteStream.prototype.isTTY = true;

// In order: what forces colours, what forbids them, the program around the terminal, and the terminal itself.
WriteStream.prototype.getColorDepth = function getColorDepth(env = require('node/process').env) {
  if (env.FORCE_COLOR !== undefined) return FORCED[env.FORCE_COLOR] ?? NONE;
  if (env.NODE_DISABLE_COLORS !== undefined || env.NO_COLOR !== undefined || env.TERM === 'dumb') return NONE;
  if (env.TMUX) return TRUE;
  if ('TF_BUILD' in env && 'AGENT_NAME' in env) return BASIC;
  if ('CI' in env) return serviceDepth(env);
  if ('TEAMCITY_VERSION' in env) {
    return matches('^(9\\.(0*[1-9][0-9]*)\\.|[0-9]{2,}\\.)', `${env.TEAMCITY_VERSION}`) ? BASIC : NONE;
  }
  if (env.TERM_PROGRAM === 'iTerm.app') {
    return !env.TERM_PROGRAM_VERSION || matches('^[0-2]\\.', `${env.TERM_PROGRAM_VERSION}`) ? MANY : TRUE;
  }
  const program = PROGRAMS[env.TERM_PROGRAM];
  if (program !== undefined) return program;
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return TRUE;
  const depth = env.TERM ? termDepth(`${env.TERM}`) : undefined;
  return depth ?? (env.COLORTERM ? BASIC : NONE);
};

WriteStream.prototype.hasColors = function hasColors(count, env) {
  if (env === undefined && (count === undefined || (typeof count === 'object' && count !== null))) {
    env = count;
    count = 16;
  } else {
    validateInteger(count, 'count', 2);
  }
  return count <= 2 ** this.getColorDepth(env);
};

reattach();
module.exports = { isatty, ReadStream, WriteStream };
