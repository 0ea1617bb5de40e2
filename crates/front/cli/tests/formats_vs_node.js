// What texts and formats make of all kinds of values, for `formats_vs_node.rs`: by `util.format`, and by the console.
import util from 'node:util';
class A { constructor(){ this.x=1 } } class B extends A { toString(){return 'B!'} } class C { [Symbol.toPrimitive](h){ return h==='number'?7:'prim' } }
class E2 extends Error { constructor(m){super(m); this.name='E2'; this.extra=1} }
const nul = Object.create(null); nul.a=1;
const circ = {}; circ.self = circ;
const noErrStack = new Error('msg'); noErrStack.stack = 'Error: msg\n    at here';
const cause = new Error('outer', {cause: noErrStack}); cause.stack='Error: outer\n    at there';
const values = { one: 1, neg0: -0, str: 'a', numstr: '42', hex:'0x1f', empty:'', float: 1.7, nan: NaN, inf: -Infinity, big: 12n, boxn: Object(5), boxneg0: Object(-0), boxb: Object(1n), boxs: Object('str'), boxbool: Object(true), boxsym: Object(Symbol('q')), sym: Symbol('s'), undef: undefined, nul: null, t: true, obj: {a:1,b:{c:{d:{e:1}}}}, arr: [1,[2,[3,[4]]]], nullproto: nul, proxy: new Proxy({a:1},{}), proxyfn: new Proxy(function f(){},{}), cls: A, clsx: B, inst: new A, instb: new B, instc: new C, fn: function foo(a){return a}, arrow: ()=>1, date: new Date(0), baddate: new Date(NaN), re: /x/g, map: new Map([[1,{a:{b:{}}}]]), set: new Set([1,'a']), err: noErrStack, cause, circ, buf: Buffer.from('hi'), url: new URL('http://a/b'), ws: new WeakSet, prom: Promise.resolve(3), gen: (function*g(){})(), toJSON: {toJSON(){return {j:1}}}, toString: {toString(){return 'own'}}, tag: {[Symbol.toStringTag]:'T'}, custom: {[util.inspect.custom](){return 'CUSTOM'}}, getter: {get a(){return 1}}, long: 'x'.repeat(200), ml: 'a\nb', quote: "it's", args: (function(){return arguments})(1,2), u8: new Uint8Array(3), ab: new ArrayBuffer(2), dv: new DataView(new ArrayBuffer(1)), symkey: {[Symbol('k')]:1}, sparse: [1,,3], extraarr: Object.assign([1],{x:2}), aerr: Object.assign(new AggregateError([1],'agg'),{stack:'AggregateError: agg\n    at x'}), bigneg: -5n, exp: 1e21, small: 1e-7, strnum: ' 12abc', bool2: false };
// Versions of Node differ in what they hide of these.
const HIDES = { __proto__: null, url: true, gen: true };
const attempt = (what, act) => {
  try {
    console.log(what, JSON.stringify(act()));
  } catch (error) {
    console.log(what, `${error.name}: ${error.message}`);
  }
};
for (const [name, value] of Object.entries(values)) {
  for (const format of ['%s', '%d', '%i', '%f', '%j', '%o', '%O', '%c', '%x', '%%']) {
    if (format === '%o' && HIDES[name]) continue;
    attempt(`${name} ${format}`, () => util.format(`${format}|`, value));
    attempt(`${name} ${format} on the console`, () => console.log(`${format}|`, value));
  }
  attempt(`${name} alone`, () => util.format(value));
  attempt(`${name} behind a text`, () => util.format('a', value));
  attempt(`${name} on the console`, () => console.log(value));
}
for (const args of [['%s %s', 1], ['%', 1], ['%s%'], ['%s:%d:%i:%f:%j:%o:%O:%c!', 'a', 1, 2.5, '3.5', { a: 1 }, [1], { b: 2 }, 'css', 'x', 'y'],
  [1, '%s', 2], ['%% %s %%', 5], [], ['%s'], ['%%'], ['%%%s%%', 'h']]) {
  attempt(JSON.stringify(args), () => util.format(...args));
  console.log(...args);
}
attempt('colours', () => util.formatWithOptions({ colors: true }, '%s %O %d', { a: 1 }, { a: 1 }, 1n));
attempt('not compact', () => util.formatWithOptions({ compact: false }, '%O', { a: { b: 1 } }));
// Node 20 styles for an array of styles in any case, which newer versions do not.
attempt('a style', () => util.styleText('red', 'x'));
attempt('a style in any case', () => util.styleText(['red', 'bold'], 'x', { validateStream: false }));
attempt('a style for another stream', () => util.styleText('bold', 'x', { stream: process.stderr }));
attempt('no stream', () => util.styleText('bold', 'x', { stream: 5 }));
// Errors with what they hide.
const fixed = (error, stack) => Object.assign(error, { stack });
const frames = '\n    at a (x.js:1:1)\n    at b (x.js:2:2)\n    at c (x.js:3:3)\n    at d (x.js:4:4)\n    at e (x.js:5:5)';
class Mine extends Error { constructor(message) { super(message); this.name = 'Mine'; } }
const loop = fixed(new Error('loop'), `Error: loop${frames}`);
loop.cause = loop;
const errors = {
  plain: fixed(new Error('m'), `Error: m${frames}`),
  frameless: fixed(new Error('m'), 'Error: m'),
  caused: fixed(new Error('m', { cause: fixed(new TypeError('i'), `TypeError: i${frames}`) }), `Error: m${frames}`),
  said: fixed(new Error('m', { cause: 'why' }), `Error: m${frames}`),
  many: fixed(new AggregateError([fixed(new Error('a'), 'Error: a'), fixed(new RangeError('b'), `RangeError: b${frames}`), 3], 'many'), `AggregateError: many${frames}`),
  more: Object.assign(fixed(new Error('m'), `Error: m${frames}`), { code: 'E', deep: { a: { b: { c: {} } } }, [Symbol('k')]: 1 }),
  mine: fixed(new Mine('m'), `Error: m${frames}`),
  sub: fixed(new (class Sub extends TypeError {})('s'), `TypeError: s${frames}`),
  empty: fixed(new Error(), `Error${frames}`),
  nothing: fixed(new Error('m'), ''),
  odd: fixed(new Error('m'), 5),
  lines: fixed(new Error('a\nb'), `Error: a\nb${frames}`),
  loop,
};
for (const [name, error] of Object.entries(errors)) {
  attempt(`${name} %o`, () => util.format('%o|', error));
  attempt(`${name} %O`, () => util.format('%O|', error));
  attempt(`${name} hidden`, () => util.inspect(error, { showHidden: true }));
  attempt(`${name} hidden inside`, () => util.inspect({ a: [error] }, { showHidden: true, depth: 0 }) + util.inspect(new Map([[error, error]]), { showHidden: true }));
  console.log('%o', error, [error]);
}
