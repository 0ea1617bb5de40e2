// State that no property shows, told so that it can be compared: of the engine's classes, and of the library's own.
'use strict';

const { ObjectPrototypeToString, StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeStartsWith, WeakRefPrototypeDeref } = primordials;
const types = require('node/util_types');
const { IDENTITY, comparedState } = require('web/common');

// Nothing can be told of these.
const OPAQUE = { __proto__: null, FinalizationRegistry: true, 'Async Generator': true, AsyncGenerator: true };

function ask(read) {
  try {
    return read();
  } catch {
    // It says that it is such an object, and is none.
    return undefined;
  }
}

// A value to compare, `IDENTITY` where an object is like no other, or `undefined` where properties are all there is.
function hiddenState(object) {
  const state = comparedState(object);
  if (state !== undefined) return state;
  if (types.isPromise(object) || types.isWeakMap(object) || types.isWeakSet(object)) return IDENTITY;
  if (types.isGeneratorObject(object) || types.isMapIterator(object) || types.isSetIterator(object) || types.isExternal(object)) return IDENTITY;
  const tag = StringPrototypeSlice(ObjectPrototypeToString(object), 8, -1);
  if (tag === 'WeakRef') return ask(() => [WeakRefPrototypeDeref(object)]);
  if (OPAQUE[tag] || StringPrototypeEndsWith(tag, ' Iterator') || StringPrototypeStartsWith(tag, 'WebAssembly.')) return IDENTITY;
  const tell = ops.intrinsics[tag];
  if (tell !== undefined && (StringPrototypeStartsWith(tag, 'Temporal.') || StringPrototypeStartsWith(tag, 'Intl.'))) {
    return ask(() => primordials.ReflectApply(tell, object, []));
  }
  return undefined;
}

exports.IDENTITY = IDENTITY;
exports.hiddenState = hiddenState;
