// `console`: the global one, which has the class of the others.
'use strict';

const { ObjectHasOwn } = primordials;
const { console } = globalThis;

// A program may have put another console in its place.
if (!ObjectHasOwn(console, 'Console')) ops.defineLazily(console, 'node/internal/console_class', ['Console'], true);
module.exports = console;
