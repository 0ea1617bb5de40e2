// Emitting.
((e) => { const seen = []; e.on('a', (...args) => seen.push(args)); return [e.emit('a', 1, 2), e.emit('b'), seen]; })(new (require('events'))())
((e) => { const seen = []; e.on('x', () => seen.push('on')); e.prependListener('x', () => seen.push('first')); e.once('x', () => seen.push('once')); e.prependOnceListener('x', () => seen.push('first once')); e.emit('x'); e.emit('x'); return seen; })(new (require('events'))())
((e) => { const f = () => {}; e.on('x', f).on('x', f).once('y', f); return [e.listenerCount('x'), e.listenerCount('y', f), e.eventNames(), e.listeners('y')[0] === f, e.rawListeners('y')[0].listener === f]; })(new (require('events'))())
((e) => { const f = () => {}; e.on('x', f); e.off('x', f); return [e.listenerCount('x'), e.eventNames()]; })(new (require('events'))())
((e) => { const seen = []; e.on('newListener', (n) => seen.push(['new', n])); e.on('removeListener', (n) => seen.push(['removed', n])); const f = () => {}; e.on('q', f); e.once('r', f); e.emit('r'); e.removeListener('q', f); e.removeAllListeners(); return seen; })(new (require('events'))())
((e) => { const seen = []; const g = () => seen.push('g'); e.on('x', () => { seen.push('f'); e.removeListener('x', g); }); e.on('x', g); e.emit('x'); e.emit('x'); return seen; })(new (require('events'))())
new (require('events'))().emit('error', new RangeError('loud'))
new (require('events'))().emit('error', { not: 'an error' })
new (require('events'))().emit('error', 'text')
new (require('events'))().emit('error')
new (require('events'))().on('x', 5)
new (require('events'))().once('x')
new (require('events'))().removeListener('x', null)
((e) => { const seen = []; e.on(require('events').errorMonitor, (x) => seen.push(x.message)); e.on('error', () => seen.push('handled')); e.emit('error', new Error('m')); return seen; })(new (require('events'))())
((e) => { const s = Symbol('s'); e.on(s, () => {}); return [e.eventNames(), e.emit(s)]; })(new (require('events'))())
((e) => { e.on('x', function () { this.mark = 1; }); e.emit('x'); return e.mark; })(new (require('events'))())
new (require('events'))()
new (class Mine extends require('events') { constructor() { super(); this.own = 1; } })()
(() => { function Old() { require('events').call(this); } require('util').inherits(Old, require('events')); const o = new Old(); let n = 0; o.on('x', () => n++); o.emit('x'); return [n, o instanceof require('events')]; })()
(() => { const o = Object.create(require('events').prototype); let n = 0; o.on('x', () => n++); o.emit('x'); return n; })()
// Limits.
new (require('events'))().getMaxListeners()
new (require('events'))().setMaxListeners(3).getMaxListeners()
new (require('events'))().setMaxListeners(-1)
new (require('events'))().setMaxListeners('x')
new (require('events'))().setMaxListeners(NaN)
require('events').defaultMaxListeners
require('events').defaultMaxListeners = -5
((e) => { require('events').setMaxListeners(4, e); return require('events').getMaxListeners(e); })(new (require('events'))())
require('events').setMaxListeners(4, {})
// Rejections.
new Promise((done) => { const e = new (require('events'))({ captureRejections: true }); e.on('x', async () => { throw new Error('async'); }); e.on('error', (error) => done(error.message)); e.emit('x'); })
new Promise((done) => { const e = new (require('events'))({ captureRejections: true }); e[Symbol.for('nodejs.rejection')] = (error, type, ...args) => done([error.message, type, args]); e.on('x', async () => { throw new Error('r'); }); e.emit('x', 1, 2); })
new (require('events'))({ captureRejections: 5 })
require('events').captureRejections
require('events').captureRejectionSymbol
// Waiting.
((e) => { setTimeout(() => e.emit('x', 1, 2), 1); return require('events').once(e, 'x'); })(new (require('events'))())
((e) => { setTimeout(() => e.emit('error', new Error('failed')), 1); return require('events').once(e, 'x'); })(new (require('events'))())
((e) => { setTimeout(() => e.emit('error', 'value'), 1); return require('events').once(e, 'error'); })(new (require('events'))())
require('events').once({}, 'x')
require('events').once(new (require('events'))(), 'x', { signal: 5 })
(async (e) => { const seen = []; setTimeout(() => { e.emit('x', 1); e.emit('x', 2); e.emit('x', 3); }, 1); for await (const args of require('events').on(e, 'x')) { seen.push(args); if (seen.length === 3) break; } return [seen, e.listenerCount('x')]; })(new (require('events'))())
(async (e) => { const seen = []; setTimeout(() => { e.emit('x', 1); e.emit('error', new Error('end')); }, 1); try { for await (const args of require('events').on(e, 'x')) seen.push(args); } catch (error) { seen.push(error.message); } return seen; })(new (require('events'))())
(async (e) => { const seen = []; setTimeout(() => { e.emit('x', 1); e.emit('close'); }, 1); for await (const args of require('events').on(e, 'x', { close: ['close'] })) seen.push(args); return seen; })(new (require('events'))())
require('events').on({}, 'x')
((e) => { const f = () => {}; e.on('x', f); return require('events').getEventListeners(e, 'x').length; })(new (require('events'))())
require('events').listenerCount(Object.assign(new (require('events'))().on('x', () => {})), 'x')
// The class.
Object.keys(require('events').prototype)
Object.keys(require('events')).sort().filter((key) => key !== 'EventEmitterAsyncResource')
[require('events').EventEmitter === require('events'), require('events').name, require('events').length, require('events').prototype.on === require('events').prototype.addListener]
['on', 'once', 'off', 'emit', 'addListener', 'removeAllListeners', 'eventNames'].map((name) => [require('events').prototype[name].name, require('events').prototype[name].length])
