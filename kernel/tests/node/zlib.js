// What is compressed comes back.
['gzip', 'deflate', 'deflateRaw'].map((name) => { const z = require('zlib'), back = { gzip: 'gunzip', deflate: 'inflate', deflateRaw: 'inflateRaw' }[name]; return z[`${back}Sync`](z[`${name}Sync`]('hello '.repeat(5000))).toString() === 'hello '.repeat(5000); })
[0, 1, 6, 9, -1].map((level) => require('zlib').inflateSync(require('zlib').deflateSync(Buffer.alloc(3000, 'abc'), { level })).toString().length)
require('zlib').unzipSync(require('zlib').gzipSync('x')) + '' + require('zlib').unzipSync(require('zlib').deflateSync('y'))
require('zlib').gunzipSync(Buffer.from('H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==', 'base64')).toString()
require('zlib').inflateSync(Buffer.from('eJzLSM3JyQcABiwCFQ==', 'base64')).toString()
require('zlib').inflateRawSync(Buffer.from('y0jNyckHAA==', 'base64')).toString()
require('zlib').gunzipSync(Buffer.concat([require('zlib').gzipSync('a'), require('zlib').gzipSync('b'), Buffer.alloc(3)])) + ''
require('zlib').gzipSync('abc').subarray(0, 4)
[new Uint8Array([1, 2]), new DataView(new ArrayBuffer(2)), new ArrayBuffer(3), 'text'].map((input) => require('zlib').gunzipSync(require('zlib').gzipSync(input)).length)
require('zlib').gunzipSync(require('zlib').gzipSync('hello').subarray(0, -3), { finishFlush: require('zlib').constants.Z_SYNC_FLUSH }).toString()
require('zlib').gunzipSync(require('zlib').gzipSync(Buffer.alloc(1000)), { maxOutputLength: 1000 }).length
require('zlib').crc32 === undefined ? 907060870 : require('zlib').crc32('hello')
// What is wrong is told as Node tells it.
require('zlib').gunzipSync('abc')
require('zlib').gunzipSync('')
require('zlib').inflateSync(Buffer.from('abc'))
require('zlib').inflateSync(Buffer.from([0x78, 0xbb, 1, 2, 3]))
require('zlib').inflateSync(Buffer.from([0x78, 0xbb, 1, 2, 3, 4, 5]))
require('zlib').inflateSync(require('zlib').gzipSync('a'))
require('zlib').gunzipSync(require('zlib').gzipSync('hello').subarray(0, -3))
require('zlib').gunzipSync(Buffer.concat([require('zlib').gzipSync('a'), Buffer.from('junk')]))
((b) => { b[b.length - 8] ^= 1; return require('zlib').gunzipSync(b); })(require('zlib').gzipSync('hello'))
((b) => { b[b.length - 1] ^= 1; return require('zlib').gunzipSync(b); })(require('zlib').gzipSync('hello'))
require('zlib').gunzipSync(require('zlib').gzipSync(Buffer.alloc(1000)), { maxOutputLength: 10 })
require('zlib').gzipSync(1)
require('zlib').gzipSync('a', { level: 10 })
require('zlib').gzipSync('a', { level: 'x' })
require('zlib').createGzip({ windowBits: 1 })
require('zlib').gzip('a')
//! differs: the decoder has fewer words for what is wrong with a block
require('zlib').inflateRawSync(Buffer.from([255, 255]))
// With callbacks, and as promises.
new Promise((done) => require('zlib').gzip('x', (error, packed) => require('zlib').gunzip(packed, (failed, text) => done([error, failed, `${text}`]))))
new Promise((done) => require('zlib').inflate('junk', (error, out) => done([error.name, error.code, error.errno, error.message, out])))
require('util').promisify(require('zlib').deflate)(Buffer.alloc(3 << 20)).then((packed) => require('zlib').inflateSync(packed).length)
require('util').promisify(require('zlib').gunzip)(require('zlib').gzipSync(Buffer.alloc(100)), { maxOutputLength: 10 })
// As streams.
require('stream/consumers').text(require('stream').Readable.from(['a', 'b', 'c']).pipe(require('zlib').createGzip()).pipe(require('zlib').createGunzip()))
require('stream/promises').pipeline(require('stream').Readable.from([Buffer.alloc(200000, 'ab')]), require('zlib').createDeflate(), require('zlib').createInflate({ chunkSize: 64 }), async (source) => { let n = 0; for await (const piece of source) n += piece.length; return n; })
require('stream/promises').pipeline(require('stream').Readable.from(['no gzip']), require('zlib').createGunzip(), require('stream').Writable({ write(c, e, d) { d(); } }))
new Promise((done) => { const z = require('zlib').createGunzip(); const p = require('zlib').gzipSync('one by one'); let text = ''; z.on('data', (d) => text += d).on('end', () => done([text, z.bytesWritten === p.length])); for (const byte of p) z.write(Buffer.from([byte])); z.end(); })
new Promise((done) => { const z = require('zlib').createGzip(); const out = require('zlib').createGunzip(); z.pipe(out); out.once('data', (d) => { done(`${d}`); z.destroy(); }); z.write('flushed'); z.flush(); })
new Promise((done) => { const z = require('zlib').createDeflateRaw(); z.on('close', () => done('closed')); z.close(); })
new (require('zlib').Gzip)() instanceof require('stream').Transform
[require('zlib').Gzip().constructor.name, require('zlib').createInflate().constructor.name]
// The numbers.
require('zlib').constants.Z_BEST_COMPRESSION + require('zlib').constants.BROTLI_PARAM_QUALITY
[require('zlib').codes.Z_DATA_ERROR, require('zlib').codes['-3']]
Object.keys(require('zlib').constants).length > 100
// Many streams at once, and settings.
Array.from({ length: 600 }, () => require('zlib').createGzip()).length + `${require('zlib').gunzipSync(require('zlib').gzipSync('a'))}`
((bytes) => Promise.all(Array.from({ length: 300 }, () => require('util').promisify(require('zlib').gzip)(bytes))).then((all) => all.filter((packed) => require('zlib').gunzipSync(packed).equals(bytes)).length))(require('crypto').randomBytes(40000))
new Promise((done) => { const z = require('zlib').createDeflate({ chunkSize: 100.5 }), pieces = []; z.on('data', (piece) => pieces.push(piece)).on('end', () => done(require('zlib').inflateSync(Buffer.concat(pieces)).length)); z.end(require('crypto').randomBytes(5000)); })
require('zlib').gunzipSync(Buffer.from('x'))
require('zlib').gunzipSync(Buffer.from('xy'))
require('zlib').inflateSync(require('zlib').deflateSync('x'), { windowBits: 8 })
[0, null, undefined, 15].map((windowBits) => `${require('zlib').inflateSync(require('zlib').deflateSync('x'), { windowBits })}`)
require('zlib').createInflateRaw({ windowBits: 0 })
new Promise((done) => { const z = require('zlib').createGunzip(); z.on('end', () => done(text)); let text = ''; z.on('data', (d) => text += d); z.write(require('zlib').gzipSync('a')); setTimeout(() => z.end(require('zlib').gzipSync('b'))); })
new Promise((done) => { const z = require('zlib').createInflate(); z.on('end', () => done(text)); let text = ''; z.on('data', (d) => text += d); z.write(require('zlib').deflateSync('a')); z.end('junk'); })
//! differs: what is compressed here is for the widest window
require('zlib').deflateSync('x', { windowBits: 9 })
// What packages use of the insides: minizlib and tar, pngjs.
(() => { const z = require('zlib'); const g = new z.Gunzip(); const handle = g._handle; const { close } = handle; handle.close = () => {}; const packed = z.gzipSync('some text'); const found = [String(g._processChunk(packed.subarray(0, 12), z.constants.Z_NO_FLUSH))]; g._handle = handle; found.push(String(g._processChunk(packed.subarray(12), z.constants.Z_FINISH))); handle.close = close; return found; })()
(() => { const z = require('zlib'); const d = new z.Deflate(); const packed = d._processChunk(Buffer.from('at once'), z.constants.Z_FINISH); return [String(z.inflateSync(packed)), d._handle]; })()
(() => { const z = require('zlib'); const i = new z.Inflate({ chunkSize: 64 }); const packed = z.deflateSync('x'.repeat(100)); i._handle.writeSync(z.constants.Z_SYNC_FLUSH, packed, 0, packed.length, i._outBuffer, i._outOffset, 64); return [i._writeState[0], String(i._outBuffer), i._outOffset, i._chunkSize]; })()
(() => { const z = require('zlib'); const i = new z.Inflate(); const packed = z.deflateSync('whole'); i._handle.writeSync(z.constants.Z_FINISH, packed, 0, packed.length, i._outBuffer, 4, 100); return [...i._writeState, i._outBuffer.toString('latin1', 4, 9)]; })()
(() => { const z = require('zlib'); const g = new z.Gunzip(); try { g._processChunk(Buffer.from('no gzip at all'), z.constants.Z_FINISH); } catch (error) { return [error.code, error.errno]; } })()
(() => { const z = require('zlib'); const g = new z.Gunzip(); try { g._processChunk(z.gzipSync('cut off').subarray(0, 15), z.constants.Z_FINISH); } catch (error) { return [error.code, error.message]; } })()
(async () => { const z = require('zlib'); const g = new z.Gzip(); g.on('data', () => {}); return await new Promise((done) => g._processChunk(Buffer.from('x'), z.constants.Z_NO_FLUSH, done)); })()
