// Accessors that throw stand where descriptors and options are looked up, and where prototypes have their methods.
{
  const { defineProperty } = Object;
  const words = [
    'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'then', 'next', 'done', 'cause', 'signal', 'highWaterMark', 'objectMode',
    'encoding', 'flag', 'flags', 'mode', 'recursive', 'force', 'type', 'size', 'start', 'end', 'read', 'write', 'destroy', 'construct', 'emitClose',
    'autoDestroy', 'captureRejections', 'once', 'capture', 'passive', 'transfer', 'fatal', 'ignoreBOM', 'stream', 'method', 'body', 'headers',
    'depth', 'colors', 'shell', 'stdio', 'cwd', 'env', 'filter', 'return', 'throw', 'code', 'errno', 'detail',
  ];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    defineProperty(Object.prototype, word, {
      __proto__: null, configurable: true, get() { throw `Object.prototype.${word} was read`; }, set() { throw `Object.prototype.${word} was set`; },
    });
  }
  const places = [Array.prototype, Promise.prototype, Function.prototype, Map.prototype, Set.prototype, String.prototype, RegExp.prototype];
  for (let index = 0; index < places.length; index++) {
    const keys = Reflect.ownKeys(places[index]);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (key === 'constructor' || key === 'name' || key === 'length' || key === 'arguments' || key === 'caller') continue;
      if (!Object.getOwnPropertyDescriptor(places[index], key).configurable) continue;
      defineProperty(places[index], key, { __proto__: null, configurable: true, get() { throw `a replaced ${typeof key === 'symbol' ? 'symbol' : key} was read`; } });
    }
  }
}
'hostile';
