// Node's built-in modules by their names, and which file of the library each is.
'use strict';

const { Error, SafeArrayIterator, SafeSet, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;

// Every name that Node has, so that none of them ever means a package.
const NAMES = [
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto', 'dgram',
  'diagnostics_channel', 'dns', 'dns/promises', 'domain', 'events', 'fs', 'fs/promises', 'http', 'http2', 'https', 'inspector',
  'inspector/promises', 'module', 'net', 'os', 'path', 'path/posix', 'path/win32', 'perf_hooks', 'process', 'punycode', 'querystring',
  'readline', 'readline/promises', 'repl', 'stream', 'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'sys',
  'timers', 'timers/promises', 'tls', 'trace_events', 'tty', 'url', 'util', 'util/types', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib',
];
// These have no name without the scheme.
const SCHEME_ONLY = ['sea', 'sqlite', 'test', 'test/reporters'];

const names = new SafeSet(new SafeArrayIterator(NAMES));
const schemeOnly = new SafeSet(new SafeArrayIterator(SCHEME_ONLY));
const aliases = { __proto__: null, sys: 'util' };

exports.names = NAMES;

const bare = (specifier) => StringPrototypeStartsWith(specifier, 'node:') ? StringPrototypeSlice(specifier, 5) : undefined;

exports.isBuiltin = (specifier) => {
  const name = bare(specifier);
  return name === undefined ? names.has(specifier) : names.has(name) || schemeOnly.has(name);
};

function underscored(name) {
  const slash = StringPrototypeIndexOf(name, '/');
  return slash < 0 ? name : StringPrototypeSlice(name, 0, slash) + '_' + StringPrototypeSlice(name, slash + 1);
}

// Whether there is such a module here.
exports.isThere = (name) => ops.hasLibrary('node/' + underscored(aliases[name] ?? name));

// What the module exports. `specifier` is a name with or without the scheme.
exports.load = (specifier) => {
  let name = bare(specifier) ?? specifier;
  name = aliases[name] ?? name;
  const file = 'node/' + underscored(name);
  if (ops.hasLibrary(file)) return ops.library(file);
  // A part of another module may have no file of its own.
  const slash = StringPrototypeIndexOf(name, '/');
  if (slash > 0 && ops.hasLibrary('node/' + StringPrototypeSlice(name, 0, slash))) {
    const whole = ops.library('node/' + StringPrototypeSlice(name, 0, slash));
    const part = whole[StringPrototypeSlice(name, slash + 1)];
    if (part !== undefined) return part;
  }
  const isKnown = names.has(name) || schemeOnly.has(name);
  const error = new Error(isKnown ? `drupe has no built-in '${name}' yet (docs/NODE.md)` : `No such built-in module: ${specifier}`);
  error.code = 'ERR_UNKNOWN_BUILTIN_MODULE';
  throw error;
};
