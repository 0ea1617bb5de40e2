// Formatting.
require('util').format('%s %d %i %f %j %o %O %c %%', 'a', 1.5, 2.7, '3.5', { a: 1 }, [1], { b: { c: {} } }, 'css')
require('util').format('a', 'b', { c: 1 }, [2], null, undefined, 3n, Symbol('s'))
require('util').format('%s', -0) + require('util').format('%d', -0)
require('util').format(1, 2, '3')
require('util').format()
require('util').format('%s')
require('util').format('%%s%s', 'x')
require('util').format('%x', 1)
require('util').format('%s', { toString() { return 'own'; } }.constructor === Object)
require('util').format('%j', (() => { const o = {}; o.o = o; return o; })())
require('util').formatWithOptions({ colors: true }, 'see %O', { a: 42 })
require('util').formatWithOptions({ compact: false }, '%O', { a: 42, b: [1] })
require('util').formatWithOptions('x')
// Inspecting, with options.
require('util').inspect({ a: { b: { c: { d: 1 } } } })
require('util').inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 })
require('util').inspect({ a: { b: { c: { d: 1 } } } }, { depth: null })
require('util').inspect({ a: { b: { c: { d: 1 } } } }, { depth: Infinity })
require('util').inspect({ a: {} }, { depth: -1 })
require('util').inspect([1, [2]], { depth: -1 })
require('util').inspect({ a: 1, b: 'x' }, { compact: false })
require('util').inspect({ a: { b: { c: {} } } }, { compact: 1 })
require('util').inspect({ a: [1, 2, { b: 3 }], c: new Map([[1, { d: 2 }]]) }, { compact: 0 })
require('util').inspect({ b: 1, a: 2, c: [3, 1] }, { sorted: true })
require('util').inspect(new Set([3, 1, 2]), { sorted: true })
require('util').inspect(Object.assign([3, 1], { z: 1, y: 2 }), { sorted: true })
require('util').inspect(new Proxy({ a: 1 }, {}), { showProxy: true })
require('util').inspect(new Proxy({ a: 1 }, { get() {} }))
require('util').inspect(new Proxy(function f() {}, {}), { showProxy: 1 })
//! differs: a proxy that lies too deep is named as such
require('util').inspect({ p: new Proxy([1], {}) }, { showProxy: true, depth: 0 })
require('util').inspect([1, 2, 3, 4, 5], { maxArrayLength: 2 })
require('util').inspect(new Set([1, 2, 3]), { maxArrayLength: 1 })
require('util').inspect([1, 2, 3], { maxArrayLength: null })
require('util').inspect('a'.repeat(30), { maxStringLength: 10 })
require('util').inspect({ s: 'long '.repeat(5) }, { breakLength: 20 })
require('util').inspect([1000000, 123456.789, -1234567n, 0.0001234], { numericSeparator: true })
require('util').inspect({ a: 1, s: 'x', n: null, u: undefined, f() {}, y: Symbol('q'), d: new Date(0), r: /x/g, b: 10n }, { colors: true })
require('util').inspect([true, , 1], { colors: true })
require('util').inspect([1], true)
require('util').inspect({ a: { b: { c: 1 } } }, false, 0)
require('util').inspect({ a: 1 }, false, 2, true)
require('util').inspect({ [require('util').inspect.custom](depth, options) { return `mine ${depth} ${options.breakLength > 0}`; } })
require('util').inspect({ x: { [Symbol.for('nodejs.util.inspect.custom')]() { return { replaced: 1 }; } } })
require('util').inspect({ [require('util').inspect.custom]: 1, a: 2 })
require('util').inspect({ [require('util').inspect.custom]() { return 'no'; } }, { customInspect: false }).includes('inspect.custom')
require('util').inspect({ [require('util').inspect.custom](d, o, inspect) { return inspect({ deep: 1 }, o); } })
require('util').inspect({ [require('util').inspect.custom]() { throw new RangeError('in hook'); } })
require('util').inspect(Object.create(null, { x: { value: 1, enumerable: false } }), { showHidden: true })
require('util').inspect(new (class Foo { a = 1; #b = 2; get c() { return 3; } })())
require('util').inspect(class A extends Map {})
require('util').inspect(new (class Foo extends Array {})(3))
require('util').inspect('a\'b"c`d')
[require('util').inspect('\n\t\u001b'), require('util').inspect("it's")]
require('util').inspect.custom
require('util').inspect.defaultOptions
Object.keys(require('util').inspect.styles)
Object.entries(require('util').inspect.colors).length
require('util').inspect.colors.red
require('util').inspect.colors.grey
//! differs: getters are never run by looking at an object
require('util').inspect({ get a() { return 1; } }, { getters: true })
require('util').inspect(new (class extends Error { name = 'Mine'; })('x')).split('\n')[0]
require('util').inspect(Object.assign(new Error('x'), { code: 'E' })).includes("code: 'E'")
// Types.
Object.keys(require('util').types).sort()
require('util').types.isPromise(Promise.resolve())
[require('util').types.isDate(new Date()), require('util').types.isDate({})]
[require('util').types.isProxy(new Proxy({}, {})), require('util').types.isProxy({})]
[require('util').types.isGeneratorFunction(function* () {}), require('util').types.isAsyncFunction(async () => {}), require('util').types.isAsyncFunction(() => {})]
[require('util').types.isTypedArray(new Uint8Array()), require('util').types.isUint8Array(new Uint8ClampedArray()), require('util').types.isFloat64Array(new Float64Array())]
[require('util').types.isArrayBufferView(new DataView(new ArrayBuffer(1))), require('util').types.isAnyArrayBuffer(new SharedArrayBuffer(1))]
[require('util').types.isBoxedPrimitive(Object(1n)), require('util').types.isBoxedPrimitive(1), require('util').types.isSymbolObject(Object(Symbol()))]
[require('util').types.isNativeError(new TypeError()), require('util').types.isNativeError({ __proto__: Error.prototype })]
[require('util').types.isMapIterator(new Map().keys()), require('util').types.isSetIterator([].values()), require('util').types.isWeakMap(new WeakMap())]
[require('util').types.isRegExp(/x/), require('util').types.isArgumentsObject((function () { return arguments; })()), require('util').types.isGeneratorObject((function* () {})())]
require('util/types') === require('util').types
// promisify, callbackify.
require('util').promisify((a, b, done) => done(null, a + b))(1, 2)
require('util').promisify((done) => done(new TypeError('bad')))()
require('util').promisify((done) => done(null, 1, 2))()
require('util').promisify(Object.assign(() => {}, { [require('util').promisify.custom]: () => 'own' }))()
require('util').promisify.custom
require('util').promisify('x')
require('util').promisify(Object.assign(() => {}, { [require('util').promisify.custom]: 1 }))
((f) => [f.name, f.length, f.tag])(require('util').promisify(Object.assign(function named(a, b) {}, { tag: 7 })))
require('util').promisify(setTimeout)(1, 'late')
require('util').promisify(setImmediate)('soon')
new Promise((done) => require('util').callbackify(async (x) => x * 2)(21, (error, value) => done([error, value])))
new Promise((done) => require('util').callbackify(async () => { throw new Error('no'); })((error, value) => done([error.message, value])))
new Promise((done) => require('util').callbackify(() => Promise.reject(null))((error) => done([error.code, error.reason, error.message])))
require('util').callbackify(async () => {})()
((f) => [f.name, f.length])(require('util').callbackify(async function work(a) {}))
require('util').callbackify(1)
// Equality.
require('util').isDeepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })
require('util').isDeepStrictEqual({ a: 1 }, { a: '1' })
require('util').isDeepStrictEqual(new Set([{ a: 1 }, 2]), new Set([2, { a: 1 }]))
require('util').isDeepStrictEqual(new Map([[{ k: 1 }, 'v']]), new Map([[{ k: 1 }, 'v']]))
require('util').isDeepStrictEqual(NaN, NaN) && !require('util').isDeepStrictEqual(0, -0)
require('util').isDeepStrictEqual([1, , 3], [1, undefined, 3])
require('util').isDeepStrictEqual(new Date(0), new Date(0)) && !require('util').isDeepStrictEqual(/a/g, /a/i)
require('util').isDeepStrictEqual(Object.create(null), {})
((a, b) => { a.self = a; b.self = b; return require('util').isDeepStrictEqual(a, b); })({}, {})
// Arguments.
require('util').parseArgs({ args: ['-f', '--bar', 'b'], options: { foo: { type: 'boolean', short: 'f' }, bar: { type: 'string' } } })
require('util').parseArgs({ args: ['-abc', '--', '-d', 'x'], options: { a: { type: 'boolean', short: 'a' }, b: { type: 'boolean', short: 'b' }, c: { type: 'boolean', short: 'c' } }, allowPositionals: true, tokens: true })
require('util').parseArgs({ args: ['-ofile', '-vvv', '--n=1', '--n', '2'], options: { out: { type: 'string', short: 'o' }, verbose: { type: 'boolean', short: 'v', multiple: true }, n: { type: 'string', multiple: true } }, tokens: true })
require('util').parseArgs({ args: ['--unknown'], options: {} })
require('util').parseArgs({ args: ['-x'], options: {}, allowPositionals: true })
require('util').parseArgs({ args: ['--unknown=5', 'pos'], strict: false })
require('util').parseArgs({ args: ['pos'] })
require('util').parseArgs({ args: ['--s'], options: { s: { type: 'string' } } })
require('util').parseArgs({ args: ['--b=1'], options: { b: { type: 'boolean', short: 'z' } } })
require('util').parseArgs({ args: ['--s', '-x'], options: { s: { type: 'string' } } })
require('util').parseArgs({ args: [], options: { s: { type: 'string', default: 'd' }, m: { type: 'boolean', multiple: true, default: [true] } } })
require('util').parseArgs({ args: [], options: { s: { type: 'number' } } })
require('util').parseArgs({ args: 'x' })
// Texts.
require('util').stripVTControlCharacters('\u001b[31mred\u001b[39m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b[1;32mb\u001b[0m')
require('util').stripVTControlCharacters(5)
require('util').styleText('red', 'x', { validateStream: false }) + require('util').styleText(['bold', 'underline'], 'y', { validateStream: false })
//! differs: a session without standard streams leaves it to who prints whether a text is styled
require('util').styleText('red', 'x')
require('util').styleText('red', 5)
require('util').toUSVString('a\ud800b')
require('util').parseEnv('A=1\nB="two # 2"\n# c\nexport C = three # rest\nD=\'x\ny\'\nE=`q`\n\nF="a\\nb"\nG=')
require('util').getSystemErrorName(-2) + require('util').getSystemErrorName(-13)
require('util').getSystemErrorName('x')
require('util').getSystemErrorName(5)
require('util').getSystemErrorMap().get(-98)
// The rest.
(() => { function A() {} function B() {} B.prototype.hi = () => 'hi'; require('util').inherits(A, B); return [new A().hi(), A.super_ === B, new A() instanceof B]; })()
require('util').inherits(null, Map)
require('util').inherits(function () {}, {})
require('util').inherits(function () {}, null)
((f) => [f(2), f.name, f.length])(require('util').deprecate(function twice(a) { return a * 2; }, 'old'))
require('util').deprecate(() => {}, 'x', 5)
[require('util').isArray([]), require('util').isString('x'), require('util').isFunction(1), require('util').isPrimitive(Symbol())]
require('util')._extend({ a: 1 }, { b: 2 })
require('util').debuglog('nothing').enabled
require('util').debuglog('nothing')('said') === undefined
require('util').aborted(undefined, {})
Object.keys(require('util')).sort().filter((key) => !/^transferable|_exceptionWithHostPort/.test(key))
new (require('util').MIMEType)('text/html; charset=utf-8;q="a b"')
String(new (require('util').MIMEType)('TEXT/Plain;A=1;b="x y"'))
new (require('util').MIMEType)('nope')
[...new (require('util').MIMEType)('a/b;x=1;y=2').params]
require('util').format('%s %s', new URL('http://a/b'), { toString() { return 'own'; } })
require('util').format('%s', new (class Money { constructor(n) { this.n = n; } toString() { return `$${this.n}`; } })(5))
require('util').format('%s|%s', (a) => a, class K {})
require('util').format('%d %i %f', { valueOf() { return 42; } }, { toString() { return '7px'; } }, [1.5])
require('util').format('%j %j', { toJSON() { return 'told'; } }, new Date(0))
require('util').format('%s %d', new Date(0), new Date(5))
(() => { try { return require('util').format('%s', { toString() { throw new RangeError('no'); } }); } catch (e) { return e.name + e.message; } })()
(() => { try { return require('util').format('%j', { toJSON() { throw new RangeError('no'); } }); } catch (e) { return e.name + e.message; } })()
require('util').format('%s', Buffer.from('text')) + require('util').format('%s', Object.create(null))
require('util').format('%s', Object.create({ toString() { return 'inherited'; } })) + require('util').format('%s', new Proxy({ toString() { return 'p'; } }, {}))
require('util').format('%s', { [Symbol.toPrimitive]() { return 'primitive'; } })
require('util').format('%s', { toString() { return 'own'; }, [Symbol.toPrimitive]() { return 'primitive'; } })
// Hooks are told the colours of the call.
((shown) => [require('util').inspect(shown, { colors: true }), require('util').inspect(shown), require('util').inspect([shown], { colors: false }), require('util').formatWithOptions({ colors: true }, '%O %s', shown, shown)])({ [require('util').inspect.custom](depth, options) { return String(options.colors); } })
