// Ways to have the engine call a function, most of them with no JavaScript below it: `positions[name](f)`.
(() => {
  const self = Object.prototype.valueOf;
  const later = (f, ...args) => setTimeout(f, 0, ...args);
  const property = (key, f) => Object.defineProperty({}, 'x', { [key]: f });
  const list = (method, of = ['x', 'y']) => (f) => later(Array.prototype[method].bind(of), f);
  const trap = (name, call, target = {}) => (f) => later(call[0], new Proxy(target, { [name]: f }), ...call.slice(1));
  const wasm = (start) => new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 7, 1, 1, 109, 1, 102, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 103, 0, 1,
    ...(start ? [8, 1, 1] : []), 10, 6, 1, 4, 0, 16, 0, 11,
  ]);
  const { EventEmitter } = require('events');
  const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
  const inspected = Symbol.for('nodejs.util.inspect.custom');

  globalThis.positions = {
    __proto__: null,
    'a call': (f) => f('x'),
    'a reaction': (f) => Promise.resolve('x').then(f),
    'a rejection': (f) => Promise.reject('x').catch(f),
    'finally': (f) => Promise.resolve('x').finally(f),
    'a thenable': (f) => Promise.resolve({ then: f }),
    'a getter of then': (f) => Promise.resolve(0).then(self.bind(Object.defineProperty({}, 'then', { get: f }))),
    'an await': async (f) => await { then: f },
    'Promise.try': (f) => later(Promise.try.bind(Promise), f),
    'an executor': (f) => later(Reflect.construct, Promise, [f]),
    'a constructor of promises': (f) => later(Promise.resolve.bind(f), 'x'),
    'a timer': (f) => later(f, 'x', { y: 1 }),
    'an interval': (f) => { const timer = setInterval(f, 1, 'x'); setTimeout(clearInterval, 3, timer); },
    'an immediate': (f) => setImmediate(f, 'x'),
    'a tick': (f) => process.nextTick(f, 'x'),
    'a microtask': (f) => queueMicrotask(f),
    'Array.fromAsync': (f) => Array.fromAsync(['x'], f),
    'Array.fromAsync, later': (f) => later(Array.fromAsync.bind(Array), ['x'], f),
    'next of an async iterator': (f) => later(Array.fromAsync.bind(Array), { [Symbol.asyncIterator]: self, next: f }),
    'an async iterator': (f) => later(Array.fromAsync.bind(Array), { [Symbol.asyncIterator]: f }),
    'return of an async iterator': async (f) => {
      for await (const _ of { [Symbol.asyncIterator]: self, next: () => ({ value: 1, done: false }), return: f }) break;
    },
    'next of an iterator': (f) => later(Array.from.bind(Array), { [Symbol.iterator]: self, next: f }),
    'an iterator': (f) => later(Reflect.construct, Map, [{ [Symbol.iterator]: f }]),
    'an iterator helper': (f) => later(Iterator.prototype.forEach.bind(['x'].values()), f),
    'bind': (f) => later(f.bind(null, 'x')),
    'bind, bound': (f) => Promise.resolve('x').then(f.bind(null).bind(null, 'y')),
    'call': (f) => later(Function.prototype.call.bind(f, null, 'x')),
    'Reflect.apply': (f) => later(Reflect.apply, f, null, ['x']),
    'Reflect.construct': (f) => later(Reflect.construct, f, ['x']),
    'map': list('map'),
    'reduce': list('reduce'),
    'sort': list('sort'),
    'flatMap': list('flatMap'),
    'findLast': list('findLast'),
    'sort of numbers': (f) => later(Uint8Array.prototype.sort.bind(new Uint8Array([2, 1])), f),
    'Array.from': (f) => later(Array.from.bind(Array), ['x'], f),
    'a species': (f) => later(Array.prototype.map.bind(Object.defineProperty(['x'], 'constructor', { value: { [Symbol.species]: f } })), String),
    'groupBy': (f) => later(Object.groupBy, ['x'], f),
    'forEach of a map': (f) => later(Map.prototype.forEach.bind(new Map([[1, 2]])), f),
    'replace': (f) => later(String.prototype.replace.bind('x', /x/), f),
    'Symbol.match': (f) => later(String.prototype.match.bind('x'), { [Symbol.match]: f }),
    'exec': (f) => later(RegExp.prototype.test.bind(Object.assign(/x/, { exec: f })), 'x'),
    'toJSON': (f) => later(JSON.stringify, { toJSON: f }),
    'a replacer': (f) => later(JSON.stringify, { a: 1 }, f),
    'a reviver': (f) => later(JSON.parse, '[1]', f),
    'valueOf': (f) => later(Number, { valueOf: f }),
    'toString': (f) => later(String, { toString: f }),
    'Symbol.toPrimitive': (f) => later(Math.max, { [Symbol.toPrimitive]: f }),
    'a getter': (f) => later(Reflect.get, property('get', f), 'x'),
    'a setter': (f) => later(Reflect.set, property('set', f), 'x', 1),
    'get of a proxy': trap('get', [Reflect.get, 'x']),
    'set of a proxy': trap('set', [Reflect.set, 'x', 1]),
    'has of a proxy': trap('has', [Reflect.has, 'x']),
    'ownKeys of a proxy': trap('ownKeys', [Reflect.ownKeys]),
    'deleteProperty of a proxy': trap('deleteProperty', [Reflect.deleteProperty, 'x']),
    'defineProperty of a proxy': trap('defineProperty', [Reflect.defineProperty, 'x', {}]),
    'a descriptor of a proxy': trap('getOwnPropertyDescriptor', [Reflect.getOwnPropertyDescriptor, 'x']),
    'getPrototypeOf of a proxy': trap('getPrototypeOf', [Reflect.getPrototypeOf]),
    'setPrototypeOf of a proxy': trap('setPrototypeOf', [Reflect.setPrototypeOf, null]),
    'isExtensible of a proxy': trap('isExtensible', [Reflect.isExtensible]),
    'preventExtensions of a proxy': trap('preventExtensions', [Reflect.preventExtensions]),
    'apply of a proxy': (f) => later(new Proxy(self, { apply: f }), 'x'),
    'construct of a proxy': (f) => later(Reflect.construct, new Proxy(Object, { construct: f }), []),
    'a proxy': (f) => later(new Proxy(f, {}), 'x'),
    'a proxy, in a reaction': (f) => Promise.resolve('x').then(new Proxy(f, {})),
    'a finalizer': (f) => {
      const registry = new FinalizationRegistry(f);
      (globalThis.registries ??= []).push(registry);
      (() => { for (let index = 0; index < 3; index++) registry.register({}, index); })();
    },
    'an abort listener': (f) => {
      const controller = new AbortController();
      controller.signal.addEventListener('abort', f);
      controller.signal.onabort = f;
      later(controller.abort.bind(controller));
    },
    'a late abort': (f) => AbortSignal.timeout(1).addEventListener('abort', f),
    'an event': (f) => {
      const target = new EventTarget();
      target.addEventListener('x', f);
      target.addEventListener('x', { handleEvent: f });
      later(target.dispatchEvent.bind(target), new Event('x'));
    },
    'an emitter': (f) => {
      const emitter = new EventEmitter();
      emitter.on('x', f);
      later(emitter.emit.bind(emitter), 'x', 'y');
    },
    'a message': (f) => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = f;
      port1.postMessage('x');
      setTimeout(() => port2.close(), 3);
    },
    'a stream': (f) => new ReadableStream({ start: f, pull: f, cancel: f }).getReader().cancel(),
    'a pull': (f) => { void new ReadableStream({ pull: f }).getReader().read(); },
    'a sink': (f) => new WritableStream({ start: f, write: f, close: f }).getWriter().write('x'),
    'a size': (f) => new WritableStream({}, { size: f }).getWriter().write('x'),
    'an error nobody catches': (f) => {
      process.once('uncaughtException', f);
      later(Symbol.prototype.toString);
      setTimeout(() => process.removeAllListeners('uncaughtException'), 3);
    },
    'a rejection nobody handles': (f) => {
      process.once('unhandledRejection', f);
      Promise.reject(new Error('x'));
      setTimeout(() => process.removeAllListeners('unhandledRejection'), 3);
    },
    'prepareStackTrace': (f) => {
      later(Reflect.get, new Error('x'), 'stack');
      Error.prepareStackTrace = f;
      setTimeout(() => { delete Error.prepareStackTrace; }, 3);
    },
    'an inspected object': (f) => later(console.log, { [inspected]: f }),
    'a wait': (f) => Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1).value.then(f),
    'an import of WebAssembly': (f) => later(new WebAssembly.Instance(new WebAssembly.Module(wasm(false)), { m: { f } }).exports.g),
    'the start of WebAssembly': (f) => later(Reflect.construct, WebAssembly.Instance, [new WebAssembly.Module(wasm(true)), { m: { f } }]),
    'a compilation': (f) => WebAssembly.compile(wasm(false)).then(f),
    'an import': (f) => import('data:text/javascript,').then(f, f),
    'an answer of the host': (f) => host.f().then(f, f),
    'a stream of the host': async (f) => await Array.fromAsync(await host.stream(), f),
    'a store': (f) => new AsyncLocalStorage().run(1, () => later(AsyncResource.bind(f), 'x')),
    'a stack of disposables': (f) => {
      const stack = new DisposableStack();
      stack.defer(f);
      stack.adopt('x', f);
      later(stack.dispose.bind(stack));
    },
    'an asynchronous stack of disposables': (f) => {
      const stack = new AsyncDisposableStack();
      stack.defer(f);
      later(stack.disposeAsync.bind(stack));
    },
    'a resource': async (f) => { await using _ = { [Symbol.asyncDispose]: f }; },
  };

  const isNative = (value) => typeof value === 'function' && /\{ \[native code\] \}$/.test(Function.prototype.toString.call(value));
  globalThis.isNative = isNative;
  // What is reachable from `root`, by properties and prototypes, that is native.
  globalThis.nativesOf = (root) => {
    const seen = new Set();
    const natives = [];
    const waiting = [root];
    const look = (value) => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
      seen.add(value);
      waiting.push(value);
      if (isNative(value)) natives.push(value);
    };
    while (waiting.length > 0) {
      const object = waiting.pop();
      look(Object.getPrototypeOf(object));
      for (const key of Reflect.ownKeys(object)) {
        const descriptor = Object.getOwnPropertyDescriptor(object, key);
        look(descriptor.get);
        look(descriptor.set);
        look(descriptor.value);
      }
    }
    return natives;
  };

  globalThis.calls = 0;
  // Has `f` called from each of these positions, and waits for what comes of it.
  globalThis.callFrom = async (names, f) => {
    for (const name of names) {
      calls++;
      try {
        Promise.resolve(positions[name](f)).catch(() => {});
      } catch {
        // Whatever it thinks of its arguments.
      }
    }
    if (names.includes('a finalizer')) collect();
    for (let turn = 0; turn < 3; turn++) await new Promise((done) => setTimeout(done, 2));
  };
})();
Object.keys(positions).length
