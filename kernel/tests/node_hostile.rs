//! Node's built-in modules in the hands of a program that replaced everything it could before it first used them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::common::TestKernel;

/// Replaces the methods of the language's prototypes, its statics and what stands on the global object, so that a use
/// of any throws.
const POLLUTION: &str = r"
{
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const { ownKeys } = Reflect;
  const bad = (what) => function () { throw 'a replaced ' + what + ' was used'; };
  const classes = {
    __proto__: null,
    Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, FinalizationRegistry, Function, Map, Number, Promise, RegExp, Set, String, Symbol,
    TypeError, TypedArray: getPrototypeOf(Uint8Array), Uint8Array, WeakMap, WeakRef, WeakSet, Object, JSON, Math, Reflect,
    ArrayIterator: { prototype: getPrototypeOf([][Symbol.iterator]()) }, MapIterator: { prototype: getPrototypeOf(new Map().keys()) },
  };
  // All that is to be replaced, found before anything is.
  const found = [];
  let count = 0;
  const collect = (name, target) => {
    const keys = ownKeys(target);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (key === 'constructor' || key === 'prototype' || key === 'name' || key === 'length' || key === 'stackTraceLimit') continue;
      // Buffer.from asks objects for their value: that is its contract.
      if (key === 'valueOf') continue;
      const descriptor = getOwnPropertyDescriptor(target, key);
      if (!descriptor.configurable || ('value' in descriptor && typeof descriptor.value !== 'function')) continue;
      const value = bad(name + '.' + String(key));
      const { enumerable } = descriptor;
      found[count++] = {
        target, key, descriptor: 'value' in descriptor ? { __proto__: null, value, writable: true, enumerable, configurable: true }
          : { __proto__: null, get: value, enumerable, configurable: true },
      };
    }
  };
  for (const name in classes) {
    collect(name, classes[name]);
    if (classes[name].prototype) collect(name + '.prototype', classes[name].prototype);
  }
  for (let index = 0; index < count; index++) defineProperty(found[index].target, found[index].key, found[index].descriptor);
  const words = { __proto__: null, get: 1, set: 1, writable: 1, configurable: 1 };
  for (const key in words) {
    defineProperty(classes.Object.prototype, key, { __proto__: null, get: bad('Object.prototype.' + key), configurable: true });
  }
  for (const name in classes) if (name in globalThis) globalThis[name] = bad(name);
  globalThis.setTimeout = globalThis.setImmediate = globalThis.queueMicrotask = bad('timer');
}
'polluted'
";

/// What each module is for, in a line or a few.
const USES: &[&str] = &[
    "require('path').join('/a', '..', 'b') + require('path').win32.resolve('C:\\\\a', 'b') + require('path').parse('/x/y.z').ext",
    "require('path').relative('/a/b/c', '/a/d')",
    "try { require('path').join(1) } catch (error) { error.code + error.message }",
    "{ const e = new (require('events'))(); let n = 0; e.on('x', (a) => { n += a }); e.once('x', (a) => { n += a }); e.emit('x', 2); e.emit('x', 3); n }",
    "{ const e = new (require('events'))(); const f = () => {}; e.on('a', f); e.on('a', f); e.off('a', f); e.listenerCount('a') + e.eventNames().length }",
    "try { new (require('events'))().emit('error', 'x') } catch (error) { error.message }",
    "require('util').inspect({ a: [1, { b: 2 }] }, { depth: 0 }) + require('util').format('%s %d', 'x', 1)",
    "require('util').isDeepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })",
    "require('util').types.isRegExp(/x/)",
    "require('util').parseArgs({ args: ['-v', '--n=1', 'p'], options: { v: { type: 'boolean', short: 'v' }, n: { type: 'string' } }, allowPositionals: true }).values.n",
    "require('util').styleText('red', 'x') + require('util').stripVTControlCharacters('\\u001b[1mb')",
    "`${new (require('util').MIMEType)('text/html;charset=utf-8')}`",
    "require('util').parseEnv('A=1\\nB=\"2\"').B",
    "require('util').getSystemErrorName(-2) + require('util').toUSVString('a\\ud800')",
    "process.noDeprecation = true; require('util').deprecate((a) => a * 2, 'old')(4)",
    "Buffer.from('h\\u00e9llo').toString('hex') + Buffer.from('aGk=', 'base64').toString() + Buffer.alloc(3, 'ab').toString() + Buffer.from([1, 2]).readUInt16BE()",
    "Buffer.concat([Buffer.from('a'), Buffer.from('b')]).indexOf('b')",
    "Buffer.from('abc').slice(1).equals(Buffer.from('bc'))",
    "{ const b = Buffer.alloc(16); b.writeDoubleLE(1.5, 0); b.writeBigInt64BE(-2n, 8); b.readDoubleLE() + ' ' + b.readBigInt64BE(8) }",
    "Buffer.from('abc')",
    "try { require('assert').strictEqual(1, 2) } catch (error) { error.message }",
    "try { require('assert').deepStrictEqual({ a: [1, 2] }, { a: [1, 3] }) } catch (error) { error.message }",
    "require('assert').throws(() => { throw { message: 'x' } }, { message: 'x' })",
    "require('querystring').stringify(require('querystring').parse('a=1&b=%20x&a=2'))",
    "new (require('string_decoder').StringDecoder)('utf8').write(Buffer.from([0xe2, 0x82, 0xac, 0xe2]))",
    "require('punycode').toASCII('ma\\u00f1ana.com') + require('punycode').decode('maana-pta')",
    "require('url').parse('http://u:p@h.com:80/p/a?q=1#h').pathname + require('url').resolve('http://a.com/b/c', '../d')",
    "require('crypto').createHash('sha256').update('abc').digest('hex') + require('crypto').createHmac('md5', 'k').update('x').digest('base64')",
    "require('crypto').randomBytes(4).length + require('crypto').randomInt(1) + require('crypto').randomUUID().length",
    "require('crypto').timingSafeEqual(Buffer.from('a'), Buffer.from('a'))",
    "require('diagnostics_channel').channel('x').name + require('diagnostics_channel').hasSubscribers('y')",
    "require('constants').EACCES",
    "{ const s = new (require('async_hooks').AsyncLocalStorage)(); const t = new (require('async_hooks').AsyncLocalStorage)(); await s.run('a', async () => { t.enterWith('b'); await null; return s.getStore() + t.getStore() + s.exit((x) => x, 'c') }) }",
    "{ const { AsyncResource } = require('async_hooks'); AsyncResource.bind((a) => a)(1) + new AsyncResource('x').runInAsyncScope((a) => a, null, 2) }",
    "{ const tty = require('tty'); tty.isatty(1) + ' ' + tty.WriteStream.prototype.getColorDepth({ TERM: 'screen.x' }) + tty.WriteStream.prototype.hasColors(16, { TEAMCITY_VERSION: '10.1' }) }",
    "require('perf_hooks').createHistogram().count",
    "{ let out = ''; const c = new (require('console').Console)({ write(text) { out += text } }); c.log('a', 1); c.group(); c.log('in\\nside'); out }",
    "typeof require('timers').setTimeout",
    "await require('timers/promises').setTimeout(1, 'late')",
    "await require('util').promisify((done) => done(null, 'called'))()",
];

// threat A4, A7
#[test]
fn replaced_prototypes_and_globals_are_not_used() {
    let mut clean = TestKernel::new();
    let mut wrong = Vec::new();
    for uses in USES {
        let expected = clean.text(uses);
        // Each in a session of its own, so that nothing was loaded before.
        let mut polluted = TestKernel::new();
        let log = polluted.run(POLLUTION);
        assert_eq!(log.text().as_deref(), Some("'polluted'"), "{:?}", log.uncaught());
        let log = polluted.run(uses);
        match log.text() {
            Some(text) if text == expected => {}
            Some(text) => wrong.push(format!("{uses}: {text} instead of {expected}")),
            None => wrong.push(format!("{uses}: {}", log.thrown())),
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), USES.len(), wrong.join("\n"));
}
