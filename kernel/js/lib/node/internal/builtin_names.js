// The names of the built-in modules on the global object, as in Node's REPL. What has one of these names already keeps
// it, but for `crypto`: the module has all that the web's object has.
'use strict';

const { ObjectPrototypeHasOwnProperty, StringPrototypeIncludes } = primordials;
const { isThere, load, names } = require('node/builtins');

for (let index = 0; index < names.length; index++) {
  const name = names[index];
  const isFree = name === 'crypto' || !ObjectPrototypeHasOwnProperty(globalThis, name);
  if (isFree && !StringPrototypeIncludes(name, '/') && isThere(name)) ops.defineLoading(globalThis, name, load);
}
