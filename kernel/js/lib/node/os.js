// Node's `os`. What tells of the machine is what Linux tells in files, and is told to whoever may read these.
'use strict';

const {
  ArrayPrototypePush, MathFloor, Number, ObjectDefineProperty, ObjectFreeze, RegExpPrototypeExec, StringPrototypeSplit,
  StringPrototypeStartsWith, StringPrototypeTrim, SymbolToPrimitive,
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

os.userInfo = function userInfo(options) {
  const words = StringPrototypeSplit(told('users'), ':');
  const { Buffer } = require('node/buffer');
  const encoding = options?.encoding;
  const text = (word) => {
    if (word === undefined) return null;
    if (encoding === 'buffer') return Buffer.from(word);
    return encoding !== 'utf8' && Buffer.isEncoding(encoding) ? Buffer.from(word).toString(encoding) : word;
  };
  return {
    __proto__: null, uid: Number(words[2]), gid: Number(words[3]), username: text(words[0]), homedir: text(words[5]), shell: text(words[6]),
  };
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
const errno = {
  __proto__: null,
  E2BIG: 7, EACCES: 13, EADDRINUSE: 98, EADDRNOTAVAIL: 99, EAFNOSUPPORT: 97, EAGAIN: 11, EALREADY: 114, EBADF: 9, EBADMSG: 74, EBUSY:
  16, ECANCELED: 125, ECHILD: 10, ECONNABORTED: 103, ECONNREFUSED: 111, ECONNRESET: 104, EDEADLK: 35, EDESTADDRREQ: 89, EDOM: 33,
  EDQUOT: 122, EEXIST: 17, EFAULT: 14, EFBIG: 27, EHOSTUNREACH: 113, EIDRM: 43, EILSEQ: 84, EINPROGRESS: 115, EINTR: 4, EINVAL: 22, EIO:
  5, EISCONN: 106, EISDIR: 21, ELOOP: 40, EMFILE: 24, EMLINK: 31, EMSGSIZE: 90, EMULTIHOP: 72, ENAMETOOLONG: 36, ENETDOWN: 100,
  ENETRESET: 102, ENETUNREACH: 101, ENFILE: 23, ENOBUFS: 105, ENODATA: 61, ENODEV: 19, ENOENT: 2, ENOEXEC: 8, ENOLCK: 37, ENOLINK: 67,
  ENOMEM: 12, ENOMSG: 42, ENOPROTOOPT: 92, ENOSPC: 28, ENOSR: 63, ENOSTR: 60, ENOSYS: 38, ENOTCONN: 107, ENOTDIR: 20, ENOTEMPTY: 39,
  ENOTSOCK: 88, ENOTSUP: 95, ENOTTY: 25, ENXIO: 6, EOPNOTSUPP: 95, EOVERFLOW: 75, EPERM: 1, EPIPE: 32, EPROTO: 71, EPROTONOSUPPORT: 93,
  EPROTOTYPE: 91, ERANGE: 34, EROFS: 30, ESPIPE: 29, ESRCH: 3, ESTALE: 116, ETIME: 62, ETIMEDOUT: 110, ETXTBSY: 26, EWOULDBLOCK: 11,
  EXDEV: 18,
};
const priority = ObjectFreeze({
  __proto__: null, PRIORITY_LOW: 19, PRIORITY_BELOW_NORMAL: 10, PRIORITY_NORMAL: 0, PRIORITY_ABOVE_NORMAL: -7, PRIORITY_HIGH: -14,
  PRIORITY_HIGHEST: -20,
});
const dlopen = ObjectFreeze({ __proto__: null, RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0, RTLD_DEEPBIND: 8 });
os.constants = ObjectFreeze({ __proto__: null, UV_UDP_REUSEADDR: 4, dlopen, errno: ObjectFreeze(errno), signals, priority });
const fixed = ['EOL', 'devNull', 'constants'];
for (let index = 0; index < fixed.length; index++) {
  ObjectDefineProperty(os, fixed[index], { __proto__: null, value: os[fixed[index]], writable: false, enumerable: true, configurable: fixed[index] !== 'constants' });
}
// As in Node, these stand for what they return where a primitive is wanted.
const primitives = [
  'arch', 'availableParallelism', 'endianness', 'freemem', 'homedir', 'hostname', 'machine', 'platform', 'release', 'tmpdir', 'totalmem', 'type', 'uptime', 'version',
];
for (let index = 0; index < primitives.length; index++) {
  const get = os[primitives[index]];
  ObjectDefineProperty(get, SymbolToPrimitive, {
    __proto__: null, value: { __proto__: null, toPrimitive: () => get() }.toPrimitive, writable: true, enumerable: true, configurable: true,
  });
}

reattach();
require('node/internal/missing').missing(os, 'os', ['getPriority', 'setPriority']);
module.exports = os;
