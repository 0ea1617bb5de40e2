// Node's `os`. What tells of the machine is what Linux tells in files, and is told to whoever may read these.
'use strict';

const {
  ArrayPrototypePush, MathFloor, Number, ObjectFreeze, RegExpPrototypeExec, StringPrototypeSplit, StringPrototypeStartsWith,
  StringPrototypeTrim,
} = primordials;
const process = require('node/process');

const os = {};
const reattach = primordials.detached(os);
const told = (what) => ops.hostCallNow('process.machine', what);

os.EOL = '\n';
os.devNull = '/dev/null';
os.arch = function arch() { return process.arch; };
os.platform = function platform() { return process.platform; };
os.type = function type() { return { __proto__: null, linux: 'Linux', darwin: 'Darwin', win32: 'Windows_NT' }[process.platform] ?? process.platform; };
os.machine = function machine() { return process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : process.arch; };
os.endianness = function endianness() { return 'LE'; };
os.tmpdir = function tmpdir() {
  const { env } = process;
  const folder = env.TMPDIR || env.TMP || env.TEMP || '/tmp';
  return folder.length > 1 && folder[folder.length - 1] === '/' ? primordials.StringPrototypeSlice(folder, 0, -1) : folder;
};
os.homedir = function homedir() { return process.env.HOME || StringPrototypeSplit(told('users'), ':')[5]; };
os.hostname = function hostname() { return StringPrototypeTrim(told('hostname')); };
os.release = function release() { return StringPrototypeTrim(told('release')); };
os.version = function version() { return StringPrototypeTrim(told('version')); };
os.uptime = function uptime() { return Number(StringPrototypeSplit(told('uptime'), ' ')[0]); };
os.loadavg = function loadavg() {
  const words = StringPrototypeSplit(told('load'), ' ');
  return [Number(words[0]), Number(words[1]), Number(words[2])];
};

function memory(name) {
  const found = RegExpPrototypeExec(new primordials.RegExp(`^${name}:\\s+(\\d+) kB`, 'm'), told('memory'));
  return found === null ? 0 : Number(found[1]) * 1024;
}
os.totalmem = function totalmem() { return memory('MemTotal'); };
os.freemem = function freemem() { return memory('MemAvailable'); };

os.cpus = function cpus() {
  const lines = StringPrototypeSplit(told('cpus'), '\n');
  const all = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    const value = () => StringPrototypeTrim(StringPrototypeSplit(line, ':')[1] ?? '');
    if (StringPrototypeStartsWith(line, 'processor')) {
      ArrayPrototypePush(all, { model: 'unknown', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } });
    } else if (StringPrototypeStartsWith(line, 'model name')) {
      all[all.length - 1].model = value();
    } else if (StringPrototypeStartsWith(line, 'cpu MHz')) {
      all[all.length - 1].speed = MathFloor(Number(value()));
    }
  }
  return all;
};
os.availableParallelism = function availableParallelism() { return os.cpus().length || 1; };

os.userInfo = function userInfo() {
  const words = StringPrototypeSplit(told('users'), ':');
  return { uid: Number(words[2]), gid: Number(words[3]), username: words[0], homedir: words[5], shell: words[6] ?? null };
};
os.networkInterfaces = function networkInterfaces() {
  throw require('node/internal/errors').unavailable("drupe's os has no networkInterfaces");
};

const signals = ObjectFreeze({
  __proto__: null, SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGIOT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9,
  SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGCHLD: 17, SIGSTKFLT: 16, SIGCONT: 18,
  SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22, SIGURG: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27,
  SIGWINCH: 28, SIGIO: 29, SIGPOLL: 29, SIGPWR: 30, SIGSYS: 31,
});
const errno = { __proto__: null };
if (ops.hasLibrary('node/internal/system_errors')) {
  const { systemErrorMap } = require('node/internal/system_errors');
  const entries = systemErrorMap?.() ?? [];
  for (let index = 0; index < entries.length; index++) {
    const { 0: number, 1: { 0: name } } = entries[index];
    if (number > -3000) errno[name] = -number;
  }
}
const priority = ObjectFreeze({
  __proto__: null, PRIORITY_LOW: 19, PRIORITY_BELOW_NORMAL: 10, PRIORITY_NORMAL: 0, PRIORITY_ABOVE_NORMAL: -7, PRIORITY_HIGH: -14,
  PRIORITY_HIGHEST: -20,
});
os.constants = ObjectFreeze({ __proto__: null, UV_UDP_REUSEADDR: 4, dlopen: ObjectFreeze({ __proto__: null }), errno: ObjectFreeze(errno), signals, priority });

reattach();
module.exports = os;
