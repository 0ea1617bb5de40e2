// What the errors of modules mean, where V8's words do not say what to write instead.
'use strict';

const { ReferenceError, RegExpPrototypeExec, StringPrototypeStartsWith } = primordials;

// Whether a module may have types that leave no values behind.
const hasTypes = (url) => RegExpPrototypeExec(/^[^?#]*\.[mc]?tsx?(?:[?#]|$)/u, url) !== null;
exports.hasTypes = hasTypes;

// Whether a file of declarations may stand beside a module.
exports.hasDeclarations = (url) => RegExpPrototypeExec(/^file:[^?#]*\.[mc]?jsx?(?:[?#]|$)/u, url) !== null;

// Whether a module may declare a type of this name. The host has its text as it was written.
function mayBeType(url, name) {
  try {
    return ops.hostCallNow('module.may_be_type', url, name) === true;
  } catch {
    // A host that does not say.
    return false;
  }
}

// What a link's error means if the name is one that a CommonJS module does not seem to export, or that of a type.
exports.link = (error, registry, find) => {
  const parts = RegExpPrototypeExec(/^The requested module '(.+)' does not provide an export named '(.+)'$/su, `${error?.message}`);
  if (parts === null) return error;
  const { 1: specifier, 2: name } = parts;
  const all = registry.values();
  for (let step = all.next(); !step.done; step = all.next()) {
    const { edges, url } = step.value;
    for (let edge = 0; edge < edges.length; edge++) {
      if (edges[edge][0] !== specifier) continue;
      const target = find(edges[edge][2], edges[edge][1] ?? null);
      if (target !== undefined && hasTypes(url) && hasTypes(target.url) && mayBeType(target.url, name)) {
        error.message += '; if it is a type, write import type or export type';
        return error;
      }
      if (target?.format !== 'commonjs') continue;
      error.message = `Named export '${name}' not found. The requested module '${specifier}' is a CommonJS module, and its text does not tell that it ` +
        `exports that name. Its default export is all of module.exports:\n\nimport pkg from '${specifier}';\nconst { ${name} } = pkg;\n`;
      return error;
    }
  }
  return error;
};

// What only CommonJS modules have.
const COMMONJS = /^(?:require|module|exports|__filename|__dirname) is not defined$/u;

// A line that begins as a declaration that only ES modules have.
const DECLARATION = /^[ \t]*(?:import[ \t]*["'{*\w$]|export[ \t]*[{*\w])/mu;

// What an ES module that must stay one writes in place of what only CommonJS modules have.
function instead(message) {
  if (StringPrototypeStartsWith(message, 'require')) {
    return "To have require beside its imports: import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)";
  }
  return message[0] === '_' ? '' : 'It exports by declarations: export default \u2026, export const name = \u2026';
}

// Says of an error about what only CommonJS modules have why the module that it is in is none.
exports.evaluation = (error, registry) => {
  try {
    explainEvaluation(error, registry);
  } catch {
    // Its message is a getter that throws, or it is frozen: it stays as the program threw it.
  }
  return error;
};

function explainEvaluation(error, registry) {
  const message = error instanceof ReferenceError ? error.message : undefined;
  if (typeof message !== 'string' || RegExpPrototypeExec(COMMONJS, message) === null) return;
  const record = registry.get(ops.errorScript(error));
  if (record?.format !== 'module') return;
  let text = message + ' in ES module scope';
  if (StringPrototypeStartsWith(message, 'require ')) text += ', you can use import instead';
  if (message[0] === '_') text += `, you can use import.meta.${StringPrototypeStartsWith(message, '__f') ? 'filename' : 'dirname'} instead`;
  const ending = RegExpPrototypeExec(/\.([mc]?)([jt])sx?$/u, record.filename ?? '');
  if (ending !== null) {
    const { 0: whole, 1: kind, 2: letter } = ending;
    let told = null;
    try {
      if (kind === '') told = ops.hostCallNow('module.package', record.url);
    } catch {
      // A host that does not say.
    }
    const isByText = kind === '' && told?.[1] !== 'module';
    const syntax = ' and import or export declarations, or an await at its top level';
    const because = kind !== '' ? '' : isByText ? syntax : ` and '${told[0]}' contains "type": "module"`;
    text += `\nThis file is an ES module because it has ${kind === '' ? 'a' : 'the'} '${whole}' file extension${because}.`;
    const advice = isByText || RegExpPrototypeExec(DECLARATION, record.source) !== null ? instead(message)
      : `Rename it to use the '.c${letter}s' file extension, and it is a CommonJS module.`;
    if (advice !== '') text += ` ${advice}`;
  }
  error.message = text;
}
