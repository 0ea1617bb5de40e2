// Modules by their formats: what V8 is given for each item that the host sends, and what of a module is kept.
'use strict';

const {
  ArrayPrototypeIncludes, ArrayPrototypePush, JSONStringify, ObjectKeys, ObjectPrototypeHasOwnProperty, SafeMap, SafeSet,
  SyntaxError, TypeError, Uint32Array,
} = primordials;
// Not in the snapshot; the loader is there before any module's code is.
const { WebAssembly } = globalThis;

// By id.
exports.byId = [];
// The URLs of CommonJS modules by the names of their files, which are the names of their scripts.
exports.urls = new SafeMap();

// What a module is registered under: with `type` it is another one.
exports.keyOf = (url, type) => type === null || type === undefined ? url : url + '\n' + type;

const types = { __proto__: null, json: 'json', text: 'text', bytes: 'bytes' };

// The attribute that modules of this format are imported with.
exports.typeOf = (format) => types[format] ?? null;

// Segments as they come: a `Uint32Array`, or an array of arrays.
function flatten(map) {
  if (map === undefined || map === null || map instanceof Uint32Array) return map ?? undefined;
  const flat = new Uint32Array(map.length * 4);
  for (let index = 0; index < map.length; index++) {
    for (let part = 0; part < 4; part++) flat[index * 4 + part] = map[index][part];
  }
  return flat;
}
exports.flatten = flatten;

// What a file of JSON holds. `script` is the name by which its text is known, `name` what messages call it.
exports.parseJson = (source, name, script) => {
  try {
    return ops.parseJson(source, script);
  } catch (error) {
    if (error !== null && typeof error === 'object') error.message = `${name}: ${error.message}`;
    throw error;
  }
};

// An export that throws when it is read is undefined, as in Node: what throws it are warnings of getters that nobody
// asked for.
function valueOf(object, name) {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

const makers = {
  __proto__: null,

  module(record, item) {
    return ops.moduleText(record.url, item.source, flatten(item.source_map));
  },

  commonjs(record, item) {
    const names = ['default', 'module.exports'];
    const seen = new SafeSet(names);
    for (let index = 0; index < (item.exports?.length ?? 0); index++) {
      const name = item.exports[index];
      if (seen.has(name)) continue;
      seen.add(name);
      ArrayPrototypePush(names, name);
    }
    record.execute = () => require('modules/commonjs').loadItem(item, undefined);
    return ops.moduleSynthetic(record.url, names, (id) => {
      const value = record.execute();
      const holds = (typeof value === 'object' && value !== null) || typeof value === 'function';
      for (let index = 0; index < names.length; index++) {
        const name = names[index];
        if (name === 'default' || name === 'module.exports') continue;
        ops.moduleSetExport(id, name, holds && ObjectPrototypeHasOwnProperty(value, name) ? valueOf(value, name) : undefined);
      }
      ops.moduleSetExport(id, 'default', value);
      ops.moduleSetExport(id, 'module.exports', value);
    });
  },

  builtin(record) {
    const value = require('node/builtins').load(record.url);
    const names = ObjectKeys(value);
    if (!ArrayPrototypeIncludes(names, 'default')) ArrayPrototypePush(names, 'default');
    return ops.moduleSynthetic(record.url, names, (id) => {
      for (let index = 0; index < names.length; index++) {
        if (names[index] !== 'default') ops.moduleSetExport(id, names[index], value[names[index]]);
      }
      ops.moduleSetExport(id, 'default', value);
    });
  },

  json: (record, item) => constant(record, () => exports.parseJson(item.source, record.filename ?? record.url, record.url)),
  text: (record, item) => constant(record, () => item.source),
  bytes: (record, item) => constant(record, () => item.source),

  // A module of text that imports what the binary does, so that V8 orders their evaluation.
  wasm(record, item) {
    if (WebAssembly === undefined) {
      throw new TypeError(`${record.url} is a WebAssembly module, and there is no WebAssembly at the sandbox level hardened`);
    }
    const compiled = new WebAssembly.Module(item.source);
    const wanted = WebAssembly.Module.imports(compiled);
    const given = WebAssembly.Module.exports(compiled);
    const names = new SafeSet();
    let text = '';
    let list = '';
    for (let index = 0; index < wanted.length; index++) {
      const from = wanted[index].module;
      if (names.has(from)) continue;
      names.add(from);
      text += `import * as i${index} from ${JSONStringify(from)};`;
      list += `[${JSONStringify(from)}, i${index}],`;
    }
    text += `const e = import.meta.instantiate([${list}]);`;
    for (let index = 0; index < given.length; index++) {
      const name = JSONStringify(given[index].name);
      text += `const e${index} = e[${name}]; export { e${index} as ${name} };`;
    }
    record.instantiate = (modules) => {
      const imports = { __proto__: null };
      for (let index = 0; index < modules.length; index++) imports[modules[index][0]] = modules[index][1];
      return new WebAssembly.Instance(compiled, imports).exports;
    };
    return ops.moduleText(record.url, text, undefined);
  },
};

function constant(record, make) {
  const value = make();
  return ops.moduleSynthetic(record.url, ['default'], (id) => ops.moduleSetExport(id, 'default', value));
}

// A module as the host sent it, made known to V8 but not linked. Throws what is wrong with its text.
exports.make = (item) => {
  const { url, format, filename, dirname, imports } = item;
  const record = {
    __proto__: null, id: 0, url, format, filename, dirname, edges: imports ?? [], main: false, source: item.source,
    instantiate: undefined, execute: undefined, done: false,
  };
  const make = makers[format];
  if (make === undefined) throw new SyntaxError(`${url}: drupe does not know modules of the format '${format}'`);
  if (format === 'commonjs' && filename !== undefined) exports.urls.set(filename, url);
  if (format === 'module') ops.setOriginals(url, item.originals);
  record.id = make(record, item);
  exports.byId[record.id] = record;
  return record;
};
