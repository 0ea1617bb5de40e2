// What a program sees of the command that started it: `execPath`, `execArgv` and `argv` of `process`.
'use strict';

const { ArrayPrototypePush, ArrayPrototypeSlice, ObjectDefineProperty } = primordials;

let told;
// `process`, once it is there.
let owner;
// The script that runs, and its arguments, where a module is run as a program.
let main;

function command() {
  if (told !== undefined) return told;
  try {
    told = ops.hostCallNow('process.command');
  } catch {
    // A host that knows of no command.
  }
  return told ??= { __proto__: null, execPath: null, execArgv: [], words: [], hasScript: false };
}

// Who may not know where the program is knows its name.
const execPath = () => command().execPath ?? 'drupe';

function argv() {
  const all = [execPath()];
  const words = main ?? command().words;
  for (let index = 0; index < words.length; index++) ArrayPrototypePush(all, words[index]);
  return all;
}

const makers = { __proto__: null, execPath, execArgv: () => ArrayPrototypeSlice(command().execArgv), argv };

// A property that is made when it is first read.
function defineLazily(object, name, make) {
  const settle = (value) => {
    ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  ObjectDefineProperty(object, name, {
    __proto__: null,
    get: { __proto__: null, get() { return settle(make()); } }.get,
    set: { __proto__: null, set(value) { settle(value); } }.set,
    enumerable: true,
    configurable: true,
  });
}
exports.defineLazily = defineLazily;

const define = (name) => defineLazily(owner, name, makers[name]);

// Gives `process` its properties: the host is asked when one of them is looked at.
exports.attach = (process) => {
  owner = process;
  for (const name in makers) define(name);
};

// A module is run as a program. Code of the command line has no name among the arguments.
exports.run = (filename, args) => {
  if (exports.evaluated() !== undefined) return;
  // As it was named on the command line: that may be a link.
  const { hasScript, words } = command();
  main = [hasScript && words[0]?.[0] === '/' ? words[0] : filename];
  for (let index = 0; index < args.length; index++) ArrayPrototypePush(main, args[index]);
  if (owner !== undefined) define('argv');
};

// What Node calls the code of the command line, if that is what runs.
exports.evaluated = () => {
  const { execArgv, hasScript, words } = command();
  if (words[0] === '-' && hasScript) return '[stdin]';
  const isFlag = (word) => word === '-e' || word === '-p';
  if (hasScript || execArgv.length === 0) return undefined;
  if (isFlag(execArgv[execArgv.length - 2])) return '[eval]';
  return isFlag(execArgv[execArgv.length - 1]) ? '[stdin]' : undefined;
};

// The program that the command has read from a stream, such as `/dev/stdin`, by the name that it has on the command
// line. Whether it is one, who asks must know: a file has such a name, too.
exports.streamed = () => {
  const { hasScript, words } = command();
  return hasScript && words[0] !== '-' ? words[0] : undefined;
};

// The arguments of the program alone.
exports.programArguments = () => {
  const { argv: all } = require('node/process');
  return ArrayPrototypeSlice(all, main !== undefined || command().hasScript ? 2 : 1);
};
