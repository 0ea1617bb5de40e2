// What holds says nothing.
require('assert')(1) === undefined && require('assert').ok(true) === undefined
require('assert').equal(1, '1')
require('assert').deepEqual({ a: '1', b: [1] }, { a: 1, b: ['1'] })
require('assert').deepStrictEqual(new Map([[1, { a: [] }]]), new Map([[1, { a: [] }]]))
require('assert').notDeepStrictEqual({ a: 1 }, { a: '1' })
require('assert').throws(() => { throw new TypeError('bad'); }, TypeError)
require('assert').throws(() => { throw new TypeError('bad'); }, /bad/)
require('assert').throws(() => { throw Object.assign(new Error('bad'), { code: 7 }); }, { message: 'bad', code: 7 })
require('assert').throws(() => { throw new Error('x y'); }, { message: /y/ })
require('assert').throws(() => { throw new Error('bad'); }, (error) => error.message === 'bad')
require('assert').rejects(Promise.reject(new Error('r')), /r/)
require('assert').rejects(async () => { throw new Error('r'); })
require('assert').doesNotThrow(() => {})
require('assert').doesNotReject(async () => {})
require('assert').match('abc', /b/)
require('assert').ifError(null)
require('assert').strict.equal === require('assert').strictEqual && require('assert/strict') === require('assert').strict
// What does not hold.
require('assert').strictEqual(1, 2)
require('assert').strictEqual(1, 2, 'told')
require('assert').strictEqual(1, 2, new TypeError('own'))
require('assert').strictEqual('a'.repeat(10), 'b'.repeat(10))
require('assert').strictEqual({ a: 1 }, { a: 1 })
require('assert').strictEqual([1, 2, 3], [1, 2, 4])
require('assert').deepStrictEqual({ a: 1, b: 2 }, { a: 1, b: 3 })
require('assert').deepStrictEqual([1, 2, 3, 4], [1, 2, 4])
require('assert').deepStrictEqual(new Set([1]), new Set([2]))
require('assert').deepEqual({ a: 1 }, { a: 2 })
require('assert').notStrictEqual(1, 1)
require('assert').notDeepStrictEqual({ a: 1 }, { a: 1 })
require('assert').notDeepEqual([1], [1])
require('assert').equal(1, 2)
require('assert').notEqual(1, '1')
require('assert').equal(NaN, 0)
require('assert').fail()
require('assert').fail('because')
require('assert').fail(new RangeError('own'))
require('assert').ok(0, 'zero')
require('assert').ok()
//! differs: Node reads the source of the call again to quote it
require('assert').ok(0)
require('assert').throws(() => {})
require('assert').throws(() => {}, TypeError)
require('assert').throws(() => {}, 'told')
require('assert').throws(() => { throw new Error('a'); }, /b/)
require('assert').throws(() => { throw new Error('a'); }, { message: 'b' })
require('assert').throws(() => { throw new Error('a'); }, {})
require('assert').throws(() => { throw new Error('a'); }, 'a')
require('assert').throws('x')
require('assert').throws(() => {}, 5)
require('assert').rejects(Promise.resolve(1))
require('assert').rejects(() => 1)
require('assert').rejects(5)
require('assert').doesNotThrow(() => { throw new Error('a'); })
require('assert').doesNotThrow(() => { throw new Error('a'); }, 'told')
require('assert').doesNotReject(Promise.reject(new Error('a')))
require('assert').match('abc', /x/)
require('assert').match(5, /x/)
require('assert').match('x', 'x')
require('assert').doesNotMatch('abc', /b/)
require('assert').ifError(new Error('was'))
require('assert').ifError('text')
require('assert').strictEqual(1)
require('assert').deepEqual()
(() => { try { require('assert').strictEqual(1, 2); } catch (e) { return [e.code, e.actual, e.expected, e.operator, e.generatedMessage, e.name, e instanceof Error, Object.keys(e)]; } })()
(() => { try { require('assert').deepEqual(1, 2, 'm'); } catch (e) { return [e.code, e.operator, e.generatedMessage, e.message, String(e)]; } })()
(() => { try { require('assert').throws(() => {}, TypeError); } catch (e) { return [e.code, e.operator, e.expected === TypeError]; } })()
new (require('assert').AssertionError)({ actual: 1, expected: 2, operator: 'strictEqual' }).message
new (require('assert').AssertionError)({ message: 'own', actual: 1 }).generatedMessage
new (require('assert').AssertionError)()
require('assert').strict.deepEqual({ a: '1' }, { a: 1 })
// Loose and strict.
[[1, '1'], [null, undefined], [[], {}], [0, -0], [NaN, NaN], ['', false], [new Date(1), new Date(1)], [/a/, /a/], [[1, , 2], [1, undefined, 2]], [Object(1), Object(1)], [new Error('a'), new Error('a')], [new Error('a'), new TypeError('a')], [new Set([1, '1']), new Set(['1', 1])], [new Map([[1, 2]]), new Map([['1', 2]])], [new Uint8Array([1]), Buffer.from([1])], [Symbol.iterator, Symbol.iterator], [{ a: undefined }, {}], [new Float32Array([0]), new Float32Array([-0])]].map(([a, b]) => ['deepEqual', 'deepStrictEqual'].map((name) => { try { require('assert')[name](a, b); return true; } catch { return false; } }))
// State that no property shows.
[new URL('http://a/'), new URL('http://b/')].map((u) => [require('util').isDeepStrictEqual(u, new URL('http://a/')), require('util').isDeepStrictEqual([u], [new URL(u)])])
require('assert').deepStrictEqual(new URL('http://a/'), new URL('http://a/'))
require('assert').throws(() => require('assert').deepStrictEqual(new URL('http://a/'), new URL('http://b/')), { code: 'ERR_ASSERTION' })
require('assert').throws(() => require('assert').deepEqual(new URL('http://a/'), new URL('http://b/')), { code: 'ERR_ASSERTION' })
[require('util').isDeepStrictEqual(new Request('http://a/'), new Request('http://a/')), require('util').isDeepStrictEqual(new Request('http://a/'), new Request('http://b/')), require('util').isDeepStrictEqual(new Response('a', { status: 201 }), new Response('a'))]
[require('util').isDeepStrictEqual(new FormData(), new FormData()), ((f) => { f.set('a', 'b'); return require('util').isDeepStrictEqual(f, new FormData()); })(new FormData())]
[require('util').isDeepStrictEqual(new AbortController().signal, new AbortController().signal), require('util').isDeepStrictEqual(new AbortController().signal, AbortSignal.abort())]
[require('util').isDeepStrictEqual(new TextDecoder(), new TextDecoder()), require('util').isDeepStrictEqual(new TextDecoder(), new TextDecoder('latin1')), require('util').isDeepStrictEqual(new TextEncoder(), new TextEncoder())]
[require('util').isDeepStrictEqual(new Event('a'), new Event('b')), require('util').isDeepStrictEqual(new EventTarget(), new EventTarget())]
[require('util').isDeepStrictEqual(new DOMException('a', 'AbortError'), new DOMException('b', 'AbortError')), require('util').isDeepStrictEqual(new DOMException('a', 'AbortError'), new DOMException('a', 'DataError'))]
[require('util').isDeepStrictEqual(new Error('a', { cause: 1 }), new Error('a', { cause: 2 })), require('util').isDeepStrictEqual(new AggregateError([1], 'a'), new AggregateError([2], 'a')), require('util').isDeepStrictEqual(Object(1n), Object(2n)), require('util').isDeepStrictEqual(Object(Symbol.iterator), Object(Symbol.hasInstance)), require('util').isDeepStrictEqual(new Float64Array([0]), new Float64Array([-0])), require('util').isDeepStrictEqual(new ArrayBuffer(1), new SharedArrayBuffer(1))]
[require('util').isDeepStrictEqual(new Proxy({ a: 1 }, {}), { a: 1 }), require('util').isDeepStrictEqual(new Proxy({ a: 1 }, {}), new Proxy({ a: 2 }, {}))]
//! differs: Node 20 does not see what is in them
[[new Headers({ a: 1 }), new Headers({ a: 2 })], [new URLSearchParams('a=1'), new URLSearchParams('a=2')], [new Blob(['a']), new Blob(['b'])], [new File(['a'], 'a'), new File(['a'], 'b')], [new Intl.NumberFormat('en'), new Intl.NumberFormat('de')], [new Intl.Locale('en'), new Intl.Locale('de')], [new WeakRef({}), new WeakRef({})], [new AbortController(), ((c) => (c.abort(), c))(new AbortController())]].map(([a, b]) => require('util').isDeepStrictEqual(a, b))
[[new Headers({ a: 1 }), new Headers({ a: 1 })], [new URLSearchParams('a=1'), new URLSearchParams('a=1')], [new Blob(['a']), new Blob(['a'])], [new Intl.NumberFormat('en'), new Intl.NumberFormat('en')], [new Intl.Locale('en'), new Intl.Locale('en')], ((o) => [new WeakRef(o), new WeakRef(o)])({})].map(([a, b]) => require('util').isDeepStrictEqual(a, b))
//! differs: the engine's objects that tell nothing are equal to themselves alone
[[new WeakMap(), new WeakMap()], [Promise.resolve(1), Promise.resolve(2)], [new Map([[1, 2]]).keys(), new Map([[3, 2]]).keys()], [[1].values(), [2].values()], [new FinalizationRegistry(() => {}), new FinalizationRegistry(() => {})]].map(([a, b]) => require('util').isDeepStrictEqual(a, b))
((p) => require('util').isDeepStrictEqual([p], [p]))(Promise.resolve(1))
