// Random UUIDs, of version 4, for both libraries' `randomUUID`.
'use strict';

const { NumberPrototypeToString, StringPrototypePadStart, StringPrototypeSlice, Uint8Array } = primordials;

exports.newUuid = function newUuid() {
  const bytes = new Uint8Array(16);
  ops.randomFill(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let hex = '';
  for (let index = 0; index < 16; index++) hex += StringPrototypePadStart(NumberPrototypeToString(bytes[index], 16), 2, '0');
  const part = (from, to) => StringPrototypeSlice(hex, from, to);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
};
