// The modules of a session: loads graphs of them from the host, links and evaluates them, and keeps them by their URLs.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, ArrayPrototypeSlice, Error, ObjectDefineProperty, Promise, ReflectApply, ReflectDeleteProperty,
  ReflectGetOwnPropertyDescriptor, ReflectSet, SafeMap, SafeSet, StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeStartsWith, SyntaxError,
} = primordials;
const records = require('modules/records');
const { byId, keyOf, typeOf, urls } = records;

const EVALUATED = 4;
const FAILED = 5;

// What the names end in under which chunks hold imports that are called as globals of the environment are.
const SHADOW = '\u01c3';

// Whole graphs only: whatever is here is linked.
const registry = new SafeMap();
exports.registry = registry;

function find(url, type) {
  // JSON may be imported without saying so where the host lets it.
  return registry.get(keyOf(url, type)) ?? (type === null ? registry.get(keyOf(url, 'json')) : undefined);
}

// URLs of what need not be sent again: of modules that are imported without attributes.
function known() {
  const found = new SafeSet();
  const keys = registry.keys();
  for (let step = keys.next(); !step.done; step = keys.next()) {
    const record = registry.get(step.value);
    if (record.url === step.value) found.add(step.value);
  }
  return found;
}

// A record. What keeps it from being made is shown at the import of it; those of the modules `made` come first.
function make(item, made) {
  try {
    return records.make(item);
  } catch (error) {
    for (let index = 0; index < made.length; index++) {
      const { edges, id, url } = registry.get(made[index]);
      for (let edge = 0; edge < edges.length; edge++) {
        if (item.format === 'builtin' && edges[edge][2] === item.url) ops.locateImport(error, id, edges[edge][0], url);
      }
    }
    throw error;
  }
}

// Takes a graph into the registry: all of it or, when something is wrong with it, nothing. The entry's record.
function enter(items, entryUrl, entryType) {
  const made = [];
  try {
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      const key = keyOf(item.url, typeOf(item.format));
      if (registry.has(key)) continue;
      registry.set(key, make(item, made));
      ArrayPrototypePush(made, key);
    }
    for (let index = 0; index < made.length; index++) {
      const record = registry.get(made[index]);
      const edges = [];
      for (let edge = 0; edge < record.edges.length; edge++) {
        const { 0: specifier, 1: type, 2: url } = record.edges[edge];
        const target = find(url, type ?? null);
        // V8 says which import it is, if the module really has it.
        if (target !== undefined) ArrayPrototypePush(edges, specifier, type ?? null, target.id);
      }
      ops.moduleLink(record.id, edges);
    }
    const entry = find(entryUrl, entryType);
    if (entry === undefined) throw new Error(`the host did not send the module ${entryUrl}`);
    try {
      ops.moduleInstantiate(entry.id);
    } catch (error) {
      throw require('modules/explain').link(error, registry, find);
    }
    return entry;
  } catch (error) {
    for (let index = 0; index < made.length; index++) registry.delete(made[index]);
    throw error;
  }
}
exports.enter = enter;

// The record of a built-in module. Nothing is asked of the host, so that who listens to a stream before such an import
// and after it misses nothing.
function loadBuiltin(specifier) {
  const url = StringPrototypeStartsWith(specifier, 'node:') ? specifier : `node:${specifier}`;
  return find(url, null) ?? enter([{ __proto__: null, format: 'builtin', url }], url, null);
}

// The record of a module that is linked, with all that it imports.
exports.load = load;
async function load(specifier, referrer, type) {
  if (type === null && require('node/builtins').isBuiltin(specifier)) return loadBuiltin(specifier);
  const attributes = type === null ? undefined : { type };
  const stream = await ops.hostCall('module.graph', specifier, referrer, attributes, known(), true);
  const items = [];
  for (;;) {
    const step = await ops.pull(stream);
    if (step.done) break;
    if (ArrayIsArray(step.value)) {
      for (let index = 0; index < step.value.length; index++) ArrayPrototypePush(items, step.value[index]);
    } else {
      ArrayPrototypePush(items, step.value);
    }
  }
  if (items.length > 0 && !items[0].known) return enter(items, items[0].url, typeOf(items[0].format));
  // All of it is here already.
  const url = items.length > 0 ? items[0].url : await ops.hostCall('module.resolve', specifier, referrer, 'import');
  const record = find(url, type);
  if (record === undefined) throw new Error(`the host did not send the module ${url}`);
  return record;
}

exports.evaluate = evaluate;
async function evaluate(record) {
  if (record.done && ops.moduleStatus(record.id) === EVALUATED) return record;
  try {
    await ops.moduleEvaluate(record.id);
  } catch (error) {
    throw require('modules/explain').evaluation(error, registry);
  }
  record.done = true;
  return record;
}

const referrerOf = (name) => typeof name === 'string' && name !== '' ? urls.get(name) ?? name : undefined;

// What the script of a run may ask for, besides modules.
const requests = {
  __proto__: null, bind,
  check: (named) => require('modules/main').check(named),
  main: (named, argv) => require('modules/main').run(named, argv),
  reload: (specifier) => require('modules/reload').reload(specifier, registry),
  unknown(name) {
    throw new Error(`this kernel does not know what the run asks for: ${name}; its parent is newer`);
  },
};

// `import(specifier)`; `referrer` is the name of the script that says it, `request` what the run's script asks for by
// that.
exports.importDynamically = async (specifier, referrer, type, request) => {
  if (request !== undefined) return ReflectApply(requests[request[0]], referrerOf(referrer), ArrayPrototypeSlice(request, 1));
  const record = await load(specifier, referrerOf(referrer), type ?? null);
  await evaluate(record);
  return ops.moduleNamespace(record.id);
};

const ABSENT = { __proto__: null, ERR_MODULE_NOT_FOUND: true, ERR_UNSUPPORTED_DIR_IMPORT: true };

// The URL that a specifier means, whether or not there is anything.
function resolveUrl(specifier, referrer) {
  try {
    return ops.hostCallNow('module.resolve', specifier, referrer, 'import');
  } catch (error) {
    if (ABSENT[error?.code] && typeof error.url === 'string') return error.url;
    throw error;
  }
}
exports.resolveUrl = resolveUrl;

exports.fillImportMeta = (meta, id) => {
  const record = byId[id];
  const define = (key, value) => {
    ObjectDefineProperty(meta, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };
  if (record.instantiate !== undefined) define('instantiate', record.instantiate);
  if (record.filename !== undefined) {
    define('dirname', record.dirname);
    define('filename', record.filename);
  }
  define('main', record.main);
  define('resolve', { __proto__: null, resolve: (specifier) => resolveUrl(`${specifier}`, record.url) }.resolve);
  define('url', record.url);
};

// What chunks have imported, by local name: `read` tells the value, `get` is the getter on the global object.
const imported = { __proto__: null };
ops.imported = imported;

function define(local, holder, key, url) {
  const settle = (value) => {
    ObjectDefineProperty(globalThis, local, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };
  const now = ReflectGetOwnPropertyDescriptor(globalThis, local);
  const read = () => key === undefined ? holder : holder[key];
  if (now !== undefined && !now.configurable) {
    ReflectSet(globalThis, local, read());
    return;
  }
  const { get } = { __proto__: null, get() { return read(); } };
  imported[local] = { __proto__: null, get, holder, key, url };
  ObjectDefineProperty(globalThis, local, {
    __proto__: null, get, set: { __proto__: null, set(value) { settle(value); } }.set,
    enumerable: !StringPrototypeEndsWith(local, SHADOW), configurable: true,
  });
}

// Takes a name from the global object that an earlier version of the module at `url` gave a value. What it holds is no
// export any more.
function withdraw(local, url) {
  const entry = imported[local];
  if (entry?.url !== url || ReflectGetOwnPropertyDescriptor(globalThis, local)?.get !== entry.get) return;
  delete imported[local];
  ReflectDeleteProperty(globalThis, local);
}

// What `require` would return.
function commonJsView(namespace) {
  return 'module.exports' in namespace ? namespace['module.exports'] : namespace;
}

// What an export of a module stands for, as a holder and a key; `undefined` if the module has no such value.
function exported(record, namespace, name) {
  if (name === '*') return [namespace, undefined];
  if (name === '=') return [commonJsView(namespace), undefined];
  if (name in namespace) return [namespace, name];
  // A CommonJS module may have more than can be told from its text.
  const value = record.format === 'commonjs' ? namespace.default : undefined;
  const holds = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return holds && name in value ? [value, name] : undefined;
}

// What is imported by the name of a global of the environment is held under another one, which chunks say from then on.
// If there was nothing to import, that one means the global.
function standIn(local) {
  if (!StringPrototypeEndsWith(local, SHADOW) || ReflectGetOwnPropertyDescriptor(globalThis, local) !== undefined) return;
  const name = StringPrototypeSlice(local, 0, local.length - SHADOW.length);
  ObjectDefineProperty(globalThis, local, {
    __proto__: null,
    ...{ get() { return globalThis[name]; }, set(value) { globalThis[name] = value; } },
    enumerable: false, configurable: true,
  });
}

const hasTypes = (url) => require('modules/explain').hasTypes(url);

// Whether a module may declare a type of this name. The host has its text as it was written, and for a file of
// JavaScript the declarations beside it.
async function mayBeType(url, name) {
  const isOfTypes = hasTypes(url);
  if (!isOfTypes && !require('modules/explain').hasDeclarations(url)) return false;
  try {
    return await ops.hostCall('module.may_be_type', url, name) === true;
  } catch {
    // A host that does not say.
    return isOfTypes;
  }
}

// The error of an import that names no export.
function noExport(specifier, url, name, usage) {
  const isDeclaration = StringPrototypeEndsWith(url, '.d.ts') || StringPrototypeEndsWith(url, '.d.mts') || StringPrototypeEndsWith(url, '.d.cts');
  const hint = isDeclaration ? ': it declares types only; import the module that it describes, or write import type'
    : usage === 'unused' && name !== 'default' && !hasTypes(url) ? '; if it is a type, write import type' : '';
  return new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'${hint}`);
}

// Whether a run has ended before its imports: it was stopped. It must not go on, nor touch what is the next run's.
const isOver = (run) => run !== 0 && run !== ops.activeRun();
const never = new Promise(() => {});

// The values of a static import of the chunk `script`. `names` have a local name and what it stands for: an export, or
// `*` for all. A third part says how the chunk uses it: as a `value`, as a `type`, of which a module has no value, or
// `unused`, so that it may be one. Two more are the line and the column where it is named. Where they are not
// `declared` by the chunk, they become live bindings on the global object.
async function values(specifier, type, names, declared, from, script, run) {
  const record = await evaluate(await load(specifier, from, type));
  if (isOver(run)) return never;
  const namespace = ops.moduleNamespace(record.id);
  const found = [];
  for (let index = 0; index < names.length; index++) {
    const { 1: name, 2: usage } = names[index];
    found[index] = exported(record, namespace, name);
    if (found[index] !== undefined) continue;
    withdraw(names[index][0], record.url);
    const isType = usage === 'type' || (usage === 'unused' && await mayBeType(record.url, name));
    if (isOver(run)) return never;
    if (isType) continue;
    const error = noExport(specifier, record.url, name, usage);
    if (names[index][3] !== null) ops.locateError(error, script, names[index][3], names[index][4], true);
    throw error;
  }
  if (isOver(run)) return never;
  const values = { __proto__: null };
  for (let index = 0; index < names.length; index++) {
    const local = names[index][0];
    if (found[index] === undefined) {
      standIn(local);
      continue;
    }
    const { 0: holder, 1: key } = found[index];
    if (declared) values[local] = key === undefined ? holder : holder[key];
    else define(local, holder, key, record.url);
  }
  return values;
}

// The first import of the active run's chunk that failed, while others follow.
let failure;

// A static import of a chunk. Names that are `declared` the chunk declares for itself: this comes to a function that
// chooses between the imports and what the chunk has by these names, each of which a function in `has` tells. All
// imports of a chunk are made, and the last throws what failed first. `this` is who imports: a chunk that was a file
// imports from there.
async function bind(specifier, type, names, declared, isFirst, isLast, script) {
  const isFile = typeof this === 'string' && (StringPrototypeStartsWith(this, '/') || StringPrototypeStartsWith(this, 'file:'));
  const run = ops.currentRun();
  if (isOver(run)) return never;
  if (isFirst) failure = undefined;
  let got = { __proto__: null };
  try {
    got = await values(specifier, type, names, declared, isFile ? this : undefined, script, run);
  } catch (error) {
    if (isOver(run)) return never;
    for (let index = 0; index < names.length; index++) standIn(names[index][0]);
    failure ??= { __proto__: null, error };
  }
  if (failure !== undefined && isLast) {
    const { error } = failure;
    failure = undefined;
    throw error;
  }
  return !declared ? undefined : (has) => {
    for (let index = 0; index < names.length; index++) {
      const local = names[index][0];
      if (local in got) continue;
      try {
        got[local] = has[index]();
      } catch {
        // It was declared, and holds nothing.
        got[local] = undefined;
      }
    }
    return got;
  };
}

// Of a module whose evaluation takes an `await`, the one that has it.
function awaiting(record) {
  const seen = new SafeSet();
  for (;;) {
    seen.add(record.id);
    let next;
    for (let edge = 0; edge < record.edges.length && next === undefined; edge++) {
      const { 1: type, 2: url } = record.edges[edge];
      const target = find(url, type ?? null);
      if (target !== undefined && !seen.has(target.id) && ops.moduleIsAsync(target.id)) next = target;
    }
    if (next === undefined) return record;
    record = next;
  }
}

// The namespace of an ES module that CommonJS requires, and what it imports, if all of that can be had without waiting.
exports.requireModule = (item) => {
  let record = registry.get(item.url);
  if (record === undefined) {
    const items = [item];
    const seen = new SafeSet([item.url]);
    for (let index = 0; index < items.length; index++) {
      const edges = items[index].imports ?? [];
      for (let edge = 0; edge < edges.length; edge++) {
        const { 1: type, 2: url } = edges[edge];
        if (seen.has(url) || find(url, type ?? null) !== undefined) continue;
        seen.add(url);
        ArrayPrototypePush(items, ops.hostCallNow('module.require', url, items[index].url, type ? { type } : undefined));
      }
    }
    record = enter(items, item.url, null);
  }
  const status = ops.moduleStatus(record.id);
  if (status === FAILED) throw ops.moduleError(record.id);
  if (ops.moduleIsAsync(record.id) && status !== EVALUATED) {
    const where = awaiting(record);
    const error = new Error(
      `require() cannot be used on an ESM graph with top-level await. Use import() instead. The await is in ${where.filename ?? where.url}`);
    error.code = 'ERR_REQUIRE_ASYNC_MODULE';
    throw error;
  }
  // Without a top-level await all has happened when this returns.
  const promise = ops.moduleEvaluate(record.id);
  ops.markHandled(promise);
  if (ops.moduleStatus(record.id) === FAILED) throw require('modules/explain').evaluation(ops.moduleError(record.id), registry);
  record.done = true;
  return record;
};
