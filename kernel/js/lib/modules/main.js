// Modules that are run as programs, or only checked.
'use strict';

const {
  ArrayPrototypePush, ObjectSetPrototypeOf, Promise, ReflectDefineProperty, ReflectDeleteProperty, ReflectGetOwnPropertyDescriptor,
  StringPrototypeEndsWith, StringPrototypeStartsWith,
} = primordials;
const commonjs = require('modules/commonjs');
const loader = require('modules/loader');
const records = require('modules/records');

// A path of a program may leave out the ending of a file, or name a folder.
const programUrl = async (named) => StringPrototypeStartsWith(named, '/') ? ops.hostCall('module.resolve', named, undefined, 'require') : named;

// Compiles a module, and throws what is wrong with its text.
exports.check = async (named) => {
  const item = await ops.hostCall('module.require', await programUrl(named), undefined, undefined, true);
  if (item.format === 'module') ops.moduleText(item.url, item.source, records.flatten(item.source_map));
  else if (item.format === 'commonjs') ops.compileCommonJs(item.filename ?? item.url, item.source, records.flatten(item.source_map));
  else if (item.format === 'json') records.parseJson(item.source, item.filename ?? item.url, item.url);
};

// Runs a CommonJS module between promise jobs, as a tick: the ticks and jobs that it makes due run after it, and a
// handler of its error runs before them.
function execute(record) {
  return new Promise((resolve) => {
    ops.tick(() => {
      resolve();
      ops.callMain(record.execute);
    }, []);
  });
}

// As in Node, a main file with an ending that says nothing is CommonJS, unless its package says otherwise.
async function load(specifier) {
  try {
    return await loader.load(specifier, undefined, null);
  } catch (error) {
    if (error?.code !== 'ERR_UNKNOWN_FILE_EXTENSION' || !StringPrototypeStartsWith(specifier, 'file:')) throw error;
    const told = await ops.hostCall('module.package', specifier);
    const item = told?.[1] === 'module' ? undefined : await ops.hostCall('module.require', specifier);
    // An error about another file is an error about an import.
    if (item?.format !== 'commonjs' || !StringPrototypeEndsWith(error.message, item.filename)) throw error;
    return loader.enter([item], item.url, null);
  }
}

// A module has no globals of CommonJS. The chunks that follow it have them again.
function hideCommonJs() {
  const names = ['require', 'module', 'exports'];
  const hidden = [];
  for (let index = 0; index < names.length; index++) {
    const descriptor = ReflectGetOwnPropertyDescriptor(globalThis, names[index]);
    if (descriptor === undefined || !ReflectDeleteProperty(globalThis, names[index])) continue;
    ArrayPrototypePush(hidden, [names[index], ObjectSetPrototypeOf(descriptor, null)]);
  }
  if (hidden.length === 0) return;
  ops.beforeNextScript(() => {
    for (let index = 0; index < hidden.length; index++) {
      const name = hidden[index][0];
      if (ReflectGetOwnPropertyDescriptor(globalThis, name) === undefined) ReflectDefineProperty(globalThis, name, hidden[index][1]);
    }
  });
}

async function runMain(named, argv) {
  const specifier = await programUrl(named);
  hideCommonJs();
  const record = await load(specifier);
  if (ops.hasLibrary('node/process')) {
    ops.library('node/internal/process_command').run(record.filename ?? record.url, argv);
  }
  record.main = true;
  commonjs.setMain(record.format === 'commonjs' ? record.filename : undefined);
  await (record.execute !== undefined && ops.isProgram() ? execute(record) : loader.evaluate(record));
}

// Runs a module as a program. As in Node, an error of an ES module is dealt with where its promise is rejected, before
// the ticks that wait.
exports.run = async (named, argv) => {
  try {
    await runMain(named, argv);
  } catch (error) {
    if (!ops.isProgram()) throw error;
    ops.mainRejected(error);
  }
};
