import { inspect } from 'node:util';

/** Throws a TypeError or RangeError that names an option, unless its value is one that it may have. @internal */
export type Check = (name: string, value: any) => void;
/** The checks of all options of a type: the compiler tells of one that is missing. @internal */
export type Checks<Options> = Record<keyof Options, Check>;

function wrong(name: string, expected: string, value: unknown, Class: ErrorConstructor = TypeError): Error {
  const shown = inspect(value, { depth: 0, maxStringLength: 60, maxArrayLength: 5, breakLength: Infinity });
  return new Class(`${name} must be ${expected}, not ${shown}`);
}

/** A check by a condition: of the type, and perhaps of the values of that type. */
function check(expected: string, isKind: (value: any) => boolean, isInRange = (_: any): boolean => true): Check {
  return (name, value) => {
    if (!isKind(value)) throw wrong(name, expected, value);
    if (!isInRange(value)) throw wrong(name, expected, value, RangeError);
  };
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
/** An object of properties: a Map would be taken for one without any. */
const isRecord = (value: any): boolean => typeof value === 'object' && value !== null && !(Symbol.iterator in value);

export const text = check('a string', isText);
export const flag = check('true or false', (value) => typeof value === 'boolean');
export const work = check('a function', (value) => typeof value === 'function');
export const texts = check('an array of strings', (value) => Array.isArray(value) && value.every(isText));
export const anything = (): void => {};
export const record = check('an object', isRecord);
/** Bytes, or the number of an event. */
export const size = sizeFrom(0);
/** A heap, and a journal: the server takes no smaller ones. */
export const heap = sizeFrom(8388608), journal = sizeFrom(4096);
export const port = check(
  'a port from 1 to 65535', isNumber, (value) => Number.isInteger(value) && value > 0 && value < 2 ** 16,
);
/** By what it does: there are other classes of this name. */
export const signal = check(
  'an AbortSignal', (value) => typeof value?.addEventListener === 'function' && 'aborted' in value,
);
export const tls = check('a boolean or options of node:tls', (value) => typeof value === 'boolean' || isRecord(value));

function sizeFrom(least: number): Check {
  const expected = 'a whole number, such as 256 * 2 ** 20 for 256 MiB' + (least > 0 ? `, from ${least} on` : '');
  return check(expected, isNumber, (value) => Number.isSafeInteger(value) && value >= least);
}

/** Words that name no variable. */
const RESERVED = new Set((
  'await break case catch class const continue debugger default delete do else enum export extends false finally for '
  + 'function if import in instanceof let new null return super switch this throw true try typeof var void while with '
  + 'yield undefined NaN Infinity'
).split(' '));
const VARIABLE = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const variable = check('the name of a variable', isText, (name) => VARIABLE.test(name) && !RESERVED.has(name));

/** Values by the names of variables. */
export const inputs: Check = (name, value) => {
  record(name, value);
  for (const key of Object.keys(value)) variable(`a key of ${name}`, key);
};

/** A time that is at least so long. */
export function milliseconds(least: number, whole = false): Check {
  const expected = `${whole ? 'whole ' : ''}milliseconds from ${least} on, such as 1500`;
  return check(expected, isNumber, (value) => value >= least && value < 1e15 && (!whole || Number.isInteger(value)));
}

export function words(...known: string[]): Check {
  return check(`one of ${known.map((word) => `'${word}'`).join(', ')}`, isText, (value) => known.includes(value));
}

/** An object whose properties another check takes. */
export function recordOf(each: Check, ...known: string[]): Check {
  return (name, value) => {
    record(name, value);
    for (const [key, item] of Object.entries(value)) {
      if (known.length > 0) words(...known)(`a key of ${name}`, key);
      if (item !== undefined) each(`${name}.${key}`, item);
    }
  };
}

export const permissions = recordOf(
  check("true, false or an array of strings, such as ['/data']", (value) => {
    return typeof value === 'boolean' || (Array.isArray(value) && value.every(isText));
  }), 'read', 'write', 'net', 'env', 'run', 'import',
);

/** What a function may answer to a question. `alert` has no answer. */
export const ANSWERS: Record<string, Check> = {
  permission: words('once', 'session', 'deny'), alert: anything, confirm: flag,
  prompt: check('a string or null', (value) => value === null || isText(value)),
};
export const answers = recordOf(work, ...Object.keys(ANSWERS));

/** Throws a TypeError for an option that there is not: it would have no effect. Checks the values of the others. */
export function checkOptions(where: string, options: object, known: Record<string, Check>): void {
  record(`the options of ${where}`, options);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(`${where} has no option ${JSON.stringify(name)}; it has ${Object.keys(known).join(', ')}`);
    }
    if (value !== undefined) known[name]!(name, value);
  }
}
