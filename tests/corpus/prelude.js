// What variants may use. A variant that breaks these only fails itself.

// Whether `value` belongs to another realm: its chain ends in no prototype of this one, or its constructor was made elsewhere.
globalThis.foreign = (() => {
  const { getPrototypeOf } = Object;
  const O = Object.prototype, F = Function;
  return value => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
    let last = value;
    for (let depth = 0; depth < 1000; depth++) {
      const next = getPrototypeOf(last);
      if (next === null) break;
      last = next;
    }
    if (last !== O && last !== value) return true;
    const constructor = value.constructor;
    return typeof constructor === 'function' && typeof constructor.constructor === 'function' && constructor.constructor !== F;
  };
})();

// What code made by the maker of `value` sees that no session may have: another global object, or the kernel's own names.
globalThis.powers = (here => value => {
  const code = 'return [globalThis, ["ops", "primordials", "Drupe"].filter(name => name in globalThis).join()]';
  try {
    const [there, names] = value.constructor.constructor(code)();
    return there === here ? names : 'another realm';
  } catch (error) {
    return foreign(error) ? 'a foreign error' : '';
  }
})(globalThis);

globalThis.powerless = value => !foreign(value) && powers(value) === '';
globalThis.verdict = contained => contained ? 'contained' : 'ESCAPED';
