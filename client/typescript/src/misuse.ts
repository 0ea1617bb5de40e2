/** Mistakes that plain JavaScript would let pass without a word. @module */

/** Has properties throw that only what a promise resolves to has. They would be `undefined`. @internal */
export function tellToAwait<T extends object>(later: T, names: Iterable<string>, advice: string): T {
  for (const name of names) {
    if (name in later) continue;
    const get = () => { throw new TypeError(`no "${name}" here: ${advice}`); };
    Object.defineProperty(later, name, { get, configurable: true }); // Not enumerable: what lists it does not read it.
  }
  return later;
}

/** The names of what objects of a class have. @internal */
export function namesOf(Class: Function): string[] {
  return Object.getOwnPropertyNames(Class.prototype).filter((name) => name !== 'constructor');
}
