// Node's `tty`: which of the standard streams are terminals, and what can be done there; and how many colours an
// environment promises.
'use strict';

const {
  FunctionPrototypeCall, NumberIsInteger, ObjectDefineProperty, RegExp, RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeToLowerCase,
} = primordials;
const { make, makeAs } = require('node/internal/errors');
const { validateInteger } = require('node/internal/validators');
const { inherit, method } = require('node/internal/stream_base');
const { describe } = require('node/internal/standard_files');
const { Input } = require('node/internal/standard_input');
const { Output } = require('node/internal/standard_stream');

const isDescriptor = (fd) => NumberIsInteger(fd) && fd >= 0 && fd <= 0x7fffffff;

function isatty(fd) {
  return isDescriptor(fd) && fd <= 2 && describe(fd).kind === 'tty';
}

// What is no terminal cannot be opened as one.
function requireTerminal(fd, hidden) {
  if (!isDescriptor(fd)) throw make('ERR_INVALID_FD', fd);
  if (isatty(fd)) return;
  const error = makeAs(
    primordials.Error, 'ERR_TTY_INIT_FAILED', 'TTY initialization failed: uv_tty_init returned EINVAL (invalid argument)', hidden);
  ObjectDefineProperty(error, 'name', { __proto__: null, value: 'SystemError', writable: true, enumerable: false, configurable: true });
  error.info = { errno: -22, code: 'EINVAL', message: 'invalid argument', syscall: 'uv_tty_init' };
  error.errno = -22;
  error.syscall = 'uv_tty_init';
  throw error;
}

function ReadStream(fd) {
  if (!(this instanceof ReadStream)) return new ReadStream(fd);
  requireTerminal(fd, ReadStream);
  FunctionPrototypeCall(Input, this, fd, true);
  this.isRaw = false;
  this.isTTY = true;
}
inherit(ReadStream, Input);
method(ReadStream, 'setRawMode', function setRawMode(mode) {
  ops.hostCallNow('stdio.raw', !!mode);
  this.isRaw = !!mode;
  return this;
});

function WriteStream(fd) {
  if (!(this instanceof WriteStream)) return new WriteStream(fd);
  requireTerminal(fd, WriteStream);
  FunctionPrototypeCall(Output, this, fd);
  ({ columns: this.columns, rows: this.rows } = describe(fd));
}
inherit(WriteStream, Output);

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

WriteStream.prototype.getWindowSize = function getWindowSize() {
  return [this.columns, this.rows];
};
// Somebody may have changed the size of the window.
WriteStream.prototype._refreshSize = function _refreshSize() {
  const { columns, rows } = describe(this.fd);
  if (columns === this.columns && rows === this.rows) return;
  this.columns = columns;
  this.rows = rows;
  this.emit('resize');
};
const cursor = (name) => ({ __proto__: null, [name](...given) { return require('node/internal/readline_cursor')[name](this, ...given); } }[name]);
const CURSOR = ['cursorTo', 'moveCursor', 'clearLine', 'clearScreenDown'];
for (let index = 0; index < CURSOR.length; index++) WriteStream.prototype[CURSOR[index]] = cursor(CURSOR[index]);

reattach();
module.exports = { isatty, ReadStream, WriteStream };
