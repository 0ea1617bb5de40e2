// The folders in which `require` finds packages that no `node_modules` has: `Module.globalPaths`. The host knows them.
'use strict';

const { ArrayPrototypePush, ArrayPrototypeSlice } = primordials;
const { defineLazily } = require('node/internal/process_command');

let named;

function all() {
  if (named !== undefined) return named;
  try {
    named = ops.hostCallNow('module.folders');
  } catch {
    // A host that has none.
  }
  return named ??= [];
}

// The folders of a module, and these behind them.
exports.behind = (paths) => {
  const found = ArrayPrototypeSlice(paths);
  const folders = all();
  for (let index = 0; index < folders.length; index++) ArrayPrototypePush(found, folders[index]);
  return found;
};

// Gives the class its properties. As in Node, a change of `globalPaths` changes nothing.
exports.attach = (Module) => {
  const show = () => defineLazily(Module, 'globalPaths', () => ArrayPrototypeSlice(all()));
  // The program has changed the variables that name the folders.
  Module._initPaths = () => {
    const { env } = require('node/process');
    named = ops.hostCallNow('module.folders', [env.NODE_PATH, env.HOME]);
    show();
  };
  show();
};
