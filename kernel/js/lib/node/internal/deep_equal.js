// Whether two values are deeply equal: strictly, as `assert.deepStrictEqual` has it, or loosely.
'use strict';

const {
  ArrayIsArray, ArrayPrototypePush, BigIntPrototypeValueOf, BooleanPrototypeValueOf, DatePrototypeGetTime, NumberPrototypeValueOf,
  ObjectGetOwnPropertySymbols, ObjectGetPrototypeOf, ObjectIs, ObjectKeys, ObjectPrototypeHasOwnProperty,
  ObjectPrototypePropertyIsEnumerable, ObjectPrototypeToString, RegExpPrototypeGetFlags, RegExpPrototypeGetSource, SafeMap,
  StringPrototypeValueOf, SymbolPrototypeValueOf, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag,
  Uint8Array,
} = primordials;
const { IDENTITY, hiddenState } = require('node/internal/hidden_state');
const types = require('node/util_types');
const { isBoxedPrimitive, isDate, isMap, isNativeError, isRegExp, isSet } = types;

const mapGet = primordials.MapPrototypeGet;
const mapHas = primordials.MapPrototypeHas;
const mapSize = primordials.MapPrototypeGetSize;
const setHas = primordials.SetPrototypeHas;
const setSize = primordials.SetPrototypeGetSize;

function boxedEqual(a, b) {
  if (types.isNumberObject(a)) return types.isNumberObject(b) && ObjectIs(NumberPrototypeValueOf(a), NumberPrototypeValueOf(b));
  if (types.isStringObject(a)) return types.isStringObject(b) && StringPrototypeValueOf(a) === StringPrototypeValueOf(b);
  if (types.isBooleanObject(a)) return types.isBooleanObject(b) && BooleanPrototypeValueOf(a) === BooleanPrototypeValueOf(b);
  if (types.isBigIntObject(a)) return types.isBigIntObject(b) && BigIntPrototypeValueOf(a) === BigIntPrototypeValueOf(b);
  return types.isSymbolObject(b) && SymbolPrototypeValueOf(a) === SymbolPrototypeValueOf(b);
}

function viewsEqual(a, b) {
  const length = TypedArrayPrototypeGetLength(a);
  if (length !== TypedArrayPrototypeGetLength(b)) return false;
  for (let index = 0; index < length; index++) if (!ObjectIs(a[index], b[index])) return false;
  return true;
}

function viewsLooselyEqual(a, b) {
  const length = TypedArrayPrototypeGetLength(a);
  if (length !== TypedArrayPrototypeGetLength(b)) return false;
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return false;
  return true;
}

const bytesOf = (buffer) => types.isDataView(buffer)
  ? new Uint8Array(primordials.DataViewPrototypeGetBuffer(buffer), primordials.DataViewPrototypeGetByteOffset(buffer),
    primordials.DataViewPrototypeGetByteLength(buffer))
  : new Uint8Array(buffer);

function enumerableSymbols(object) {
  const symbols = ObjectGetOwnPropertySymbols(object);
  const shown = [];
  for (let index = 0; index < symbols.length; index++) {
    if (ObjectPrototypePropertyIsEnumerable(object, symbols[index])) ArrayPrototypePush(shown, symbols[index]);
  }
  return shown;
}

class Comparison {
  constructor(strict) {
    this.strict = strict;
    // What is being compared with what, on the way to here.
    this.pairs = new SafeMap();
  }

  equal(a, b) {
    if (a === b) return a !== 0 || !this.strict || ObjectIs(a, b);
    if (this.strict) {
      if (typeof a !== 'object') return typeof a === 'number' && a !== a && b !== b;
      if (typeof b !== 'object' || a === null || b === null) return false;
      if (ObjectGetPrototypeOf(a) !== ObjectGetPrototypeOf(b)) return false;
    } else {
      if (a === null || typeof a !== 'object') {
        // eslint-disable-next-line eqeqeq
        return (b === null || typeof b !== 'object') && (a == b || (a !== a && b !== b));
      }
      if (b === null || typeof b !== 'object') return false;
    }
    if (ObjectPrototypeToString(a) !== ObjectPrototypeToString(b)) return false;
    return this.objects(a, b);
  }

  objects(a, b) {
    if (ArrayIsArray(a)) {
      if (!ArrayIsArray(b) || a.length !== b.length) return false;
      return this.contents(a, b, 'array');
    }
    if (isDate(a)) {
      if (!isDate(b) || !ObjectIs(DatePrototypeGetTime(a), DatePrototypeGetTime(b))) return false;
    } else if (isRegExp(a)) {
      if (!isRegExp(b) || RegExpPrototypeGetSource(a) !== RegExpPrototypeGetSource(b)
        || RegExpPrototypeGetFlags(a) !== RegExpPrototypeGetFlags(b) || a.lastIndex !== b.lastIndex) return false;
    } else if (isNativeError(a) || ops.isError(a)) {
      if (!(isNativeError(b) || ops.isError(b)) || a.message !== b.message || a.name !== b.name) return false;
      const hidden = ['cause', 'errors'];
      for (let index = 0; index < hidden.length; index++) {
        const has = ObjectPrototypeHasOwnProperty(a, hidden[index]);
        if (has !== ObjectPrototypeHasOwnProperty(b, hidden[index])) return false;
        if (has && !this.equal(a[hidden[index]], b[hidden[index]])) return false;
      }
    } else if (primordials.ArrayBufferIsView(a)) {
      if (TypedArrayPrototypeGetSymbolToStringTag(a) !== TypedArrayPrototypeGetSymbolToStringTag(b)) return false;
      if (types.isDataView(a)) {
        if (!viewsEqual(bytesOf(a), bytesOf(b))) return false;
      } else if (!(this.strict ? viewsEqual(a, b) : viewsLooselyEqual(a, b))) {
        return false;
      }
      return this.contents(a, b, 'view');
    } else if (isSet(a)) {
      if (!isSet(b) || setSize(a) !== setSize(b)) return false;
      return this.contents(a, b, 'set');
    } else if (isMap(a)) {
      if (!isMap(b) || mapSize(a) !== mapSize(b)) return false;
      return this.contents(a, b, 'map');
    } else if (types.isAnyArrayBuffer(a)) {
      if (!types.isAnyArrayBuffer(b) || !viewsEqual(bytesOf(a), bytesOf(b))) return false;
    } else if (isBoxedPrimitive(a)) {
      if (!boxedEqual(a, b)) return false;
    } else if (ArrayIsArray(b) || primordials.ArrayBufferIsView(b) || isSet(b) || isMap(b) || isDate(b) || isRegExp(b)
      || types.isAnyArrayBuffer(b) || isBoxedPrimitive(b) || isNativeError(b)) {
      return false;
    } else if (!this.hidden(a, b)) {
      return false;
    }
    return this.contents(a, b, 'plain');
  }

  // What properties do not show.
  hidden(a, b) {
    const state = hiddenState(a);
    const other = hiddenState(b);
    if (state === undefined || other === undefined) return state === other;
    return state !== IDENTITY && other !== IDENTITY && this.equal(state, other);
  }

  contents(a, b, kind) {
    const keys = kind === 'view' || kind === 'array' ? namedKeys(a) : ObjectKeys(a);
    const others = kind === 'view' || kind === 'array' ? namedKeys(b) : ObjectKeys(b);
    if (keys.length !== others.length) return false;
    for (let index = 0; index < keys.length; index++) {
      if (!ObjectPrototypePropertyIsEnumerable(b, keys[index])) return false;
    }
    if (this.strict) {
      const symbols = enumerableSymbols(a);
      if (symbols.length !== enumerableSymbols(b).length) return false;
      for (let index = 0; index < symbols.length; index++) {
        if (!ObjectPrototypePropertyIsEnumerable(b, symbols[index])) return false;
        ArrayPrototypePush(keys, symbols[index]);
      }
    }
    const known = this.pairs.get(a);
    if (known !== undefined) return known === b;
    this.pairs.set(a, b);
    const equal = this.members(a, b, keys, kind);
    this.pairs.delete(a);
    return equal;
  }

  members(a, b, keys, kind) {
    if (kind === 'set' && !this.sets(a, b)) return false;
    if (kind === 'map' && !this.maps(a, b)) return false;
    if (kind === 'array') {
      for (let index = 0; index < a.length; index++) {
        const has = ObjectPrototypeHasOwnProperty(a, index);
        if (has !== ObjectPrototypeHasOwnProperty(b, index)) {
          if (this.strict) return false;
          // Loosely, a hole equals nothing that is there.
          return false;
        }
        if (has && !this.equal(a[index], b[index])) return false;
      }
    }
    for (let index = 0; index < keys.length; index++) if (!this.equal(a[keys[index]], b[keys[index]])) return false;
    return true;
  }

  sets(a, b) {
    const left = [];
    const right = [];
    each(primordials.SetPrototypeValues(a), (value) => { if (!setHas(b, value)) ArrayPrototypePush(left, value); });
    if (left.length === 0) return true;
    each(primordials.SetPrototypeValues(b), (value) => { if (!setHas(a, value)) ArrayPrototypePush(right, value); });
    return this.matched(left, right, (one, other) => this.equal(one, other));
  }

  maps(a, b) {
    const left = [];
    const right = [];
    let same = true;
    each(primordials.MapPrototypeEntries(a), (entry) => {
      if (!same) return;
      if (mapHas(b, entry[0]) && this.equal(entry[1], mapGet(b, entry[0]))) return;
      if (this.strict && !(entry[0] !== null && typeof entry[0] === 'object')) same = false;
      ArrayPrototypePush(left, entry);
    });
    if (!same) return false;
    if (left.length === 0) return true;
    each(primordials.MapPrototypeEntries(b), (entry) => {
      if (!(mapHas(a, entry[0]) && this.equal(mapGet(a, entry[0]), entry[1]))) ArrayPrototypePush(right, entry);
    });
    return this.matched(left, right, (one, other) => this.equal(one[0], other[0]) && this.equal(one[1], other[1]));
  }

  // Whether each of `left` has a partner of its own among `right`.
  matched(left, right, equal) {
    if (left.length !== right.length) return false;
    const taken = [];
    for (let index = 0; index < left.length; index++) {
      let found = false;
      for (let other = 0; other < right.length && !found; other++) {
        if (taken[other] || !equal(left[index], right[other])) continue;
        taken[other] = found = true;
      }
      if (!found) return false;
    }
    return true;
  }
}

const mapNext = primordials.uncurryThis(ops.intrinsics.mapNext);
const setNext = primordials.uncurryThis(ops.intrinsics.setNext);

function each(iterator, visit) {
  const next = types.isMapIterator(iterator) ? mapNext : setNext;
  for (let step = next(iterator); !step.done; step = next(iterator)) visit(step.value);
}

// Own enumerable names that are no indices.
function namedKeys(list) {
  const keys = ObjectKeys(list);
  const named = [];
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index];
    if (`${key >>> 0}` === key && key >>> 0 !== 4294967295) break;
    ArrayPrototypePush(named, key);
  }
  return named;
}

exports.isDeepEqual = (a, b, strict) => new Comparison(strict).equal(a, b);
