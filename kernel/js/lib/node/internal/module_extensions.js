// `require.extensions`: functions of the program's own that load files by their endings.
'use strict';

const { ReflectOwnKeys, StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;

// The table, which the program may change, and the function that stands in it for each ending that the host loads.
let table;
let given;
const GIVEN = ['.js', '.json', '.node'];

exports.make = (extension) => {
  given = extension;
  table = { __proto__: null };
  for (let index = 0; index < GIVEN.length; index++) table[GIVEN[index]] = extension;
  return table;
};

const isGiven = (ending) => ending === '.js' || ending === '.json' || ending === '.node';

// The longest ending of a file name that the table has, or `.js`, as in Node.
function endingOf(filename) {
  const name = StringPrototypeSlice(filename, StringPrototypeLastIndexOf(filename, '/') + 1);
  for (let at = StringPrototypeIndexOf(name, '.'); at >= 0; at = StringPrototypeIndexOf(name, '.', at + 1)) {
    // A name that begins with a dot has no ending there.
    if (at === 0 && name !== '.js') continue;
    const ending = StringPrototypeSlice(name, at);
    if (table[ending] !== undefined) return ending;
  }
  return '.js';
}

// The program's function for a file, if it has set one.
exports.hookFor = (filename) => {
  const hook = table[endingOf(filename)];
  return typeof hook === 'function' && hook !== given ? hook : undefined;
};

// Whether the program has endings of its own.
exports.hasOwn = () => {
  const endings = ReflectOwnKeys(table);
  for (let index = 0; index < endings.length; index++) if (!isGiven(endings[index])) return true;
  return false;
};

// Its function for a file with one of these endings.
exports.ownFor = (filename) => {
  const ending = endingOf(filename);
  const hook = isGiven(ending) ? undefined : table[ending];
  return typeof hook === 'function' ? hook : undefined;
};

// What `resolve` says of a specifier. Behind the endings that the host tries come those of the program.
exports.tried = (specifier, resolve) => {
  try {
    return resolve(specifier);
  } catch (error) {
    const isPath = StringPrototypeStartsWith(specifier, './') || StringPrototypeStartsWith(specifier, '../') || StringPrototypeStartsWith(specifier, '/');
    if (error?.code !== 'MODULE_NOT_FOUND' || !isPath) throw error;
    const endings = ReflectOwnKeys(table);
    for (let index = 0; index < endings.length; index++) {
      if (isGiven(endings[index]) || typeof endings[index] !== 'string' || StringPrototypeEndsWith(specifier, '/')) continue;
      try {
        return resolve(specifier + endings[index]);
      } catch (other) {
        if (other?.code !== 'MODULE_NOT_FOUND') throw other;
      }
    }
    throw error;
  }
};
