// CommonJS: `require`, and the class Module that Node's `require('module')` is.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, ArrayPrototypeSlice, Error, FunctionPrototypeCall, ObjectDefineProperty,
  ObjectFreeze, ReflectApply, SafeMap, StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeStartsWith,
} = primordials;
const builtins = require('node/builtins');
const extensions = require('node/internal/module_extensions');
const folders = require('node/internal/module_folders');
const { beside, dirname, lookupPaths, pathOf, urlOf } = require('node/internal/module_paths');
const records = require('modules/records');

function withCode(error, code, extra) {
  error.code = code;
  for (const key in extra) error[key] = extra[key];
  return error;
}

function requireString(value, name) {
  if (typeof value !== 'string') throw require('node/internal/errors').make('ERR_INVALID_ARG_TYPE', name, 'string', value);
}

function validSpecifier(specifier) {
  requireString(specifier, 'id');
  if (specifier === '') {
    throw require('node/internal/errors').make('ERR_INVALID_ARG_VALUE', 'id', specifier, 'must be a non-empty string');
  }
}

// By file name, as `require.cache` shows it.
const cache = { __proto__: null };
// What a specifier meant from a folder.
const resolved = new SafeMap();
let main;
let mainFilename;
// Whether a module is run as a program, and no chunk.
let isModule = false;

function Module(id = '', parent) {
  this.id = id;
  this.path = dirname(id);
  this.exports = {};
  ObjectDefineProperty(this, 'parent', { __proto__: null, value: parent, writable: true, enumerable: false, configurable: true });
  this.filename = null;
  this.loaded = false;
  this.children = [];
  this.paths = lookupPaths(this.path);
}

// Runs the text of a module that the host has sent, or takes it from the cache.
function loadItem(item, parent) {
  const filename = item.filename ?? item.url;
  const cached = cache[filename];
  if (cached !== undefined) {
    adopt(parent, cached);
    return cached.exports;
  }
  const module = new Module(filename, parent);
  module.filename = filename;
  module.path = item.dirname ?? dirname(filename);
  module.paths = lookupPaths(module.path);
  if (filename === mainFilename) {
    main = module;
    module.id = '.';
    module.parent = null;
  }
  adopt(parent, module);
  cache[filename] = module;
  records.urls.set(filename, item.url);
  const hook = extensions.hookFor(filename);
  const isHooked = hook !== undefined && !(item.format === 'module' && hook === extensions.hookFor('.js'));
  let done = false;
  try {
    if (isHooked) hook(module, filename);
    else fill(module, item);
    module.loaded = true;
    done = true;
  } finally {
    if (!done) forget(module);
  }
  return module.exports;
}

// As in Node: what failed may be tried again.
function forget(module) {
  const { filename } = module;
  if (cache[filename] === module) delete cache[filename];
}

function fill(module, item) {
  const { filename } = module;
  switch (item.format) {
    case 'json':
      module.exports = records.parseJson(item.source, filename, filename);
      break;
    case 'module':
      module.exports = namespaceFor(item);
      break;
    case 'commonjs': {
      ops.setOriginals(filename, item.originals);
      const map = records.flatten(item.source_map);
      // A hook has put a function of its own in the place of this one, to change the text.
      if (module._compile === compile) run(module, item.source, map);
      else module._compile(item.source, filename);
      break;
    }
    default:
      throw withCode(new Error(`require() of modules of the format '${item.format}' is not supported: ${filename}`), 'ERR_REQUIRE_ESM');
  }
}

// A file with an ending that only the program knows: the host may not read it as a module.
function loadHooked(filename, hook, parent) {
  const cached = cache[filename];
  if (cached !== undefined) {
    adopt(parent, cached);
    return cached.exports;
  }
  const module = new Module(filename, parent);
  module.filename = filename;
  adopt(parent, module);
  cache[filename] = module;
  records.urls.set(filename, urlOf(filename));
  let done = false;
  try {
    hook(module, filename);
    module.loaded = true;
    done = true;
  } finally {
    if (!done) forget(module);
  }
  return module.exports;
}

function adopt(parent, module) {
  if (parent === undefined) return;
  for (let index = 0; index < parent.children.length; index++) if (parent.children[index] === module) return;
  ArrayPrototypePush(parent.children, module);
}

function run(module, source, map) {
  const compiled = ops.compileCommonJs(module.filename, source, map);
  ReflectApply(compiled, module.exports, [module.exports, makeRequire(module), module, module.filename, dirname(module.filename)]);
}

// What `require` of an ES module returns.
function namespaceFor(item) {
  const loader = require('modules/loader');
  const record = loader.requireModule(item);
  const namespace = ops.moduleNamespace(record.id);
  if ('module.exports' in namespace) return namespace['module.exports'];
  if (!('default' in namespace) || '__esModule' in namespace) return namespace;
  // Transpiled code looks for the mark before it takes `default`.
  const facade = ops.moduleText(
    'drupe:facade', "export * from 'original'; export { default } from 'original'; export const __esModule = true;", undefined);
  ops.moduleLink(facade, ['original', null, record.id]);
  ops.moduleInstantiate(facade);
  ops.markHandled(ops.moduleEvaluate(facade));
  return ops.moduleNamespace(facade);
}

const referrerOf = (module) => module === repl || module.filename === null ? undefined : records.urls.get(module.filename) ?? urlOf(module.filename);

// What is loaded already and is meant by `specifier`, as far as that is known here.
function knownAs(specifier, module) {
  const key = module.path + '\n' + specifier;
  const known = cache[resolved.get(key) ?? ''];
  if (known !== undefined) return known;
  // Packages of hundreds of files name the same few from every folder: the host need not be asked again where each of
  // these is.
  const file = beside(specifier, module.path);
  if (file === undefined || !records.urls.has(file)) return undefined;
  const loaded = cache[file];
  if (loaded !== undefined) resolved.set(key, file);
  return loaded;
}

// `module` is who requires.
function load(specifier, module) {
  if (Module._resolveFilename !== resolveFilename) specifier = `${Module._resolveFilename(specifier, module, false)}`;
  if (builtins.isBuiltin(specifier)) return builtins.load(specifier);
  const known = knownAs(specifier, module);
  if (known !== undefined) {
    adopt(module, known);
    return known.exports;
  }
  if (extensions.hasOwn()) {
    const filename = resolve(specifier, module);
    const hook = extensions.ownFor(filename);
    if (hook !== undefined) {
      resolved.set(module.path + '\n' + specifier, filename);
      return loadHooked(filename, hook, module);
    }
  }
  const item = ops.hostCallNow('module.require', specifier, referrerOf(module));
  if (item.format === 'builtin') return builtins.load(item.url);
  resolved.set(module.path + '\n' + specifier, item.filename ?? item.url);
  return loadItem(item, module);
}

function resolve(specifier, module, options) {
  requireString(specifier, 'request');
  if (builtins.isBuiltin(specifier)) return specifier;
  const paths = options?.paths;
  if (paths !== undefined && !ArrayIsArray(paths)) throw require('node/internal/errors').make('ERR_INVALID_ARG_VALUE', 'options.paths', paths);
  if (paths === undefined) {
    return extensions.tried(specifier, (named) => pathOf(ops.hostCallNow('module.resolve', named, referrerOf(module), 'require')));
  }
  let failure;
  for (let index = 0; index < paths.length; index++) {
    try {
      return pathOf(ops.hostCallNow('module.resolve', specifier, urlOf(`${paths[index]}/[require]`), 'require'));
    } catch (error) {
      failure = error;
    }
  }
  throw failure ?? withCode(new Error(`Cannot find module '${specifier}'`), 'MODULE_NOT_FOUND');
}

// A chunk that was a file requires from its place.
const files = new SafeMap();
function asked(module) {
  if (module !== repl) return module;
  const file = require('modules/chunk_meta').file();
  if (file === undefined) return repl;
  let own = files.get(file.filename);
  if (own === undefined) {
    own = new Module(file.filename, repl);
    own.filename = file.filename;
    files.set(file.filename, own);
  }
  return own;
}

function makeRequire(module) {
  const require = function require(path) {
    return FunctionPrototypeCall(Module.prototype.require, module, path);
  };
  const resolve_ = function(request, options) {
    return resolve(request, asked(module), options);
  };
  ObjectDefineProperty(resolve_, 'name', { __proto__: null, value: 'resolve', configurable: true });
  const whole = primordials.detached(require, resolve_);
  require.resolve = resolve_;
  resolve_.paths = function paths(request) {
    requireString(request, 'request');
    if (builtins.isBuiltin(request)) return null;
    return StringPrototypeStartsWith(request, './') || StringPrototypeStartsWith(request, '../') ? [asked(module).path] : folders.behind(asked(module).paths);
  };
  ObjectDefineProperty(require, 'main', { __proto__: null, get: () => main ?? (streamed() && repl), enumerable: true, configurable: true });
  require.extensions = Module._extensions;
  require.cache = cache;
  whole();
  return require;
}

const reattach = primordials.detached(Module, Module.prototype);
Module.prototype.require = function(id) {
  validSpecifier(id);
  // Packages put functions of their own in the place of this one.
  return ReflectApply(Module._load, Module, [id, asked(this), false]);
};
Module.prototype._compile = function(content, filename) {
  this.filename ??= filename;
  run(this, `${content}`, undefined);
};
const compile = Module.prototype._compile;
ObjectDefineProperty(Module.prototype, 'isPreloading', {
  __proto__: null, get: { __proto__: null, get() { return false; } }.get, enumerable: false, configurable: true,
});
Module.prototype.load = function(filename) {
  this.filename = filename;
  this.paths = lookupPaths(dirname(filename));
  const hook = extensions.hookFor(filename) ?? extension;
  hook(this, filename);
  this.loaded = true;
};

Module._cache = cache;
// What Node's own functions of these names do: the host knows the formats.
function extension(module, filename) {
  fill(module, ops.hostCallNow('module.require', urlOf(filename), referrerOf(module)));
}
Module._extensions = extensions.make(extension);
Module._load = (request, parent) => load(request, parent ?? repl);
const resolveFilename = (request, parent, isMain, options) => resolve(request, parent ?? repl, options);
Module._resolveFilename = resolveFilename;
Module._nodeModulePaths = (from) => lookupPaths(from);
folders.attach(Module);
Module.Module = Module;
const wrapper = ['(function (exports, require, module, __filename, __dirname) { ', '\n});'];
Module.wrapper = wrapper;
Module.wrap = (script) => wrapper[0] + script + wrapper[1];
Module.builtinModules = ObjectFreeze(ArrayPrototypeSlice(builtins.names));
Module.isBuiltin = function isBuiltin(moduleName) {
  return typeof moduleName === 'string' && builtins.isBuiltin(moduleName);
};
Module.createRequire = function createRequire(filename) {
  let path = typeof filename === 'object' && filename !== null && typeof filename.href === 'string' ? filename.href : filename;
  if (typeof path === 'string' && StringPrototypeStartsWith(path, 'file:')) path = pathOf(path);
  if (typeof path !== 'string' || !StringPrototypeStartsWith(path, '/')) {
    throw require('node/internal/errors').make(
      'ERR_INVALID_ARG_VALUE', 'filename', filename, 'must be a file URL object, file URL string, or absolute path string');
  }
  const module = new Module(path);
  module.filename = path;
  module.path = StringPrototypeEndsWith(path, '/') ? StringPrototypeSlice(path, 0, path.length - 1) || '/' : dirname(path);
  module.paths = lookupPaths(module.path);
  return makeRequire(module);
};
Module.findSourceMap = () => undefined;
Module.syncBuiltinESMExports = () => {};
Module.register = () => {};

// The working folder in which the session has begun.
function firstFolder() {
  if (ops.firstFolder !== undefined) return ops.firstFolder;
  // `process` is large, and most that require something do not need it.
  if (ops.cwd !== undefined) return ops.cwd();
  let folder;
  try {
    folder = ops.hostCallNow('process.cwd');
  } catch {
    // A host that has none.
  }
  return typeof folder === 'string' ? folder : '/';
}

// The module that chunks are: it is nowhere, and its `require` starts from the working directory. For `-e` and `-p` it
// has the names that Node gives it. **The host is asked for them when one is looked at**: this file is loaded for
// completion, too.
const repl = new Module('<repl>');
repl.path = '.';
const command = require('node/internal/process_command');
const { defineLazily, evaluated } = command;
// The name of the program that runs, if it is a chunk that the command has read from a stream.
const streamed = () => !isModule && ops.isProgram() ? command.streamed() : undefined;
const named = {
  __proto__: null,
  id: () => evaluated() ?? (streamed() === undefined ? '<repl>' : '.'),
  filename() {
    const name = evaluated();
    if (name === undefined) return streamed() ?? null;
    const folder = firstFolder();
    return (folder === '/' ? '' : folder) + '/' + name;
  },
  paths: () => lookupPaths(streamed() === undefined ? firstFolder() : dirname(streamed())),
};
for (const name in named) defineLazily(repl, name, named[name]);

reattach();
module.exports = Module;

// For the loader.
ops.commonJs = {
  __proto__: null,
  loadItem,
  // The working folder is another one: what chunks have required by path is looked up again.
  moved() { resolved.clear(); },
  setMain(filename) {
    mainFilename = filename;
    isModule = true;
  },
  // Adds to `stale` the URLs of what has required one of these; whether there was any.
  spread(stale) {
    let grown = false;
    for (const name in cache) {
      const url = records.urls.get(name);
      const children = cache[name]?.children;
      if (url === undefined || stale.has(url) || !ArrayIsArray(children)) continue;
      for (let index = 0; index < children.length; index++) {
        if (!stale.has(records.urls.get(children[index]?.filename))) continue;
        stale.add(url);
        grown = true;
        break;
      }
    }
    return grown;
  },
  // Whether a module of this URL is loaded.
  has(url) {
    for (const name in cache) if (records.urls.get(name) === url) return true;
    return false;
  },
  // Forgets the modules of these URLs, or all of them.
  forget(stale) {
    for (const name in cache) {
      if (stale === undefined || stale.has(records.urls.get(name))) delete cache[name];
    }
    if (stale === undefined) resolved.clear();
  },
};

// For `js/globals.js`.
const globals = { __proto__: null, require: makeRequire(repl), module: repl, exports: repl.exports };
ops.commonJs.globals = globals;
