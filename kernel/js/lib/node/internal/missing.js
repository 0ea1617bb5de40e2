// Names of Node's modules that drupe's do not have: functions and classes that say so when they are used, so that
// modules that import them can be loaded.
'use strict';

const { ObjectDefineProperty } = primordials;
const { unavailable } = require('node/internal/errors');

// `why` stands after a colon.
exports.missing = (target, module, names, why) => {
  const reason = why === undefined ? '' : `: ${why}`;
  for (let index = 0; index < names.length; index++) {
    const name = names[index];
    const value = { [name]: function() { throw unavailable(`drupe's ${module} has no ${name}${reason} (docs/NODE.md)`); } }[name];
    ObjectDefineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }
};
