// The library: files in `lib/` that are loaded when somebody first uses what is in them.
'use strict';

const { defineProperty, getOwnPropertyDescriptor, prototype: objectPrototype, setPrototypeOf } = Object;
const { primordials } = ops;
const loaded = { __proto__: null };

// What the file `name` exports, as `require` in a CommonJS module would return it. Files may require one another in
// circles.
ops.library = (name) => {
  const known = loaded[name];
  if (known?.whole) return known.exports;
  // **An interrupt in the midst of a file would leave half of it for the session**, so it waits for the end of the
  // file, though not for long.
  const stretch = ops.holdStops();
  if (known?.stretch === stretch) {
    // A circle: it has what is there so far.
    ops.releaseStops();
    return known.exports;
  }
  // A file is loaded again if its first load failed or was ended by a stop.
  const exports = { __proto__: null };
  const module = loaded[name] = { __proto__: null, exports, stretch, whole: false };
  try {
    ops.compileLibrary(name)(exports, module, ops.library, ops, primordials);
    // Only now does it inherit what a program may have spoilt.
    setPrototypeOf(exports, objectPrototype);
    module.whole = true;
    return module.exports;
  } finally {
    if (!module.whole) loaded[name] = undefined;
    ops.releaseStops();
  }
};

// What the file `name` exports, if it is loaded.
ops.loadedLibrary = (name) => {
  const known = loaded[name];
  return known?.whole ? known.exports : undefined;
};

// Defines a property that is what `load` makes of its name, until somebody assigns something else. The accessor is not
// replaced by the value, so that completion can recognize it.
ops.defineLoading = (target, key, load) => {
  defineProperty(target, key, {
    __proto__: null,
    get: { __proto__: null, get() { return load(key); } }.get,
    set: { __proto__: null, set(value) {
      defineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    } }.set,
    enumerable: false,
    configurable: true,
  });
};

// Getters in other files that only load or make something of the environment's own when they are first called. A
// completion may call them, as it calls those of `defineLazily`.
let lazyGetters;
ops.markLazy = (getter) => {
  (lazyGetters ??= new primordials.SafeWeakSet()).add(getter);
  return getter;
};
ops.isLazy = (getter) => lazyGetters !== undefined && lazyGetters.has(getter);

// Defines globals that the file `name` exports, and loads it when one of them is first looked at. A getter that
// somebody has kept returns the same, and changes nothing that was put in its place.
ops.defineLazily = (target, name, keys, enumerable = false) => {
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const settle = (value) => {
      defineProperty(target, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
      return value;
    };
    const { get } = { __proto__: null, get() {
      const value = ops.library(name)[key];
      const now = getOwnPropertyDescriptor(target, key);
      // A program may have put a getter `get` into what descriptors inherit from.
      return now !== undefined && setPrototypeOf(now, null).get === get ? settle(value) : value;
    } };
    defineProperty(target, key, {
      __proto__: null,
      get,
      set: { __proto__: null, set(value) { settle(value); } }.set,
      enumerable,
      configurable: true,
    });
  }
};
