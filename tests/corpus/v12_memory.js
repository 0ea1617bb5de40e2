//! threats V12: memory that was somebody else's
//# fresh buffers are zero
let dirty = 0;
for (let round = 0; round < 200; round++) {
  const bytes = new Uint8Array(1 << 14);
  for (const byte of bytes) dirty |= byte;
  bytes.fill(0xaa);
}
verdict(dirty === 0)

//# grown and resized buffers are zero
let dirty = 0;
for (let round = 0; round < 50; round++) {
  const buffer = new ArrayBuffer(16, { maxByteLength: 1 << 16 });
  new Uint8Array(buffer).fill(0xff);
  buffer.resize(0); buffer.resize(1 << 16);
  for (const byte of new Uint8Array(buffer)) dirty |= byte;
  new Uint8Array(buffer).fill(0xff);
  const moved = buffer.transfer(1 << 15).transfer(1 << 16);
  for (const byte of new Uint8Array(moved).subarray(1 << 15)) dirty |= byte;
}
verdict(dirty === 0)

//# slices and copies of other sizes are zero beyond their contents
const source = new Uint8Array(64).fill(1);
const longer = new Uint8Array(1 << 12);
longer.set(source);
let dirty = 0;
for (const byte of longer.subarray(64)) dirty |= byte;
const sliced = source.buffer.slice(0, 32);
verdict(dirty === 0 && sliced.byteLength === 32 && source.buffer.transferToFixedLength(1 << 12).byteLength === 1 << 12)

//# WebAssembly memory is zero, also after it grew
const memory = new WebAssembly.Memory({ initial: 1, maximum: 8 });
new Uint8Array(memory.buffer).fill(7);
memory.grow(4);
let dirty = 0;
for (const byte of new Uint8Array(memory.buffer).subarray(1 << 16)) dirty |= byte;
verdict(dirty === 0)

//# a buffer whose memory is gone gives nothing
const buffer = new ArrayBuffer(64);
const view = new Uint8Array(buffer), data = new DataView(buffer);
buffer.transfer();
const out = [view.length, view[0], buffer.byteLength];
let error;
try { data.getInt8(0) } catch (thrown) { error = thrown }
verdict(out[0] === 0 && out[1] === undefined && out[2] === 0 && error instanceof TypeError)

//# a resizable buffer that shrinks while the kernel looks at it
const buffer = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 });
const view = new Uint8Array(buffer);
const shrink = { get x() { buffer.resize(0); return 1 } };
console.log(view, shrink, view);
setTimeout(() => buffer.resize(0), 1);
console.log({ view });
await new Promise(resolve => setTimeout(resolve, 5));
console.log(view);
verdict(view.length === 0)
