// What is known of files: Stats, Dirent, StatFs.
'use strict';

const { BigInt, Date, MathFloor, Number, ObjectDefineProperty, Symbol } = primordials;
const { constants } = require('node/internal/fs_arguments');

const NAMES = ['dev', 'mode', 'nlink', 'uid', 'gid', 'rdev', 'blksize', 'ino', 'size', 'blocks'];
const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'];
const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } = constants;

class StatsBase {
  isBlockDevice() { return is(this, S_IFBLK); }
  isCharacterDevice() { return is(this, S_IFCHR); }
  isDirectory() { return is(this, S_IFDIR); }
  isFIFO() { return is(this, S_IFIFO); }
  isFile() { return is(this, S_IFREG); }
  isSocket() { return is(this, S_IFSOCK); }
  isSymbolicLink() { return is(this, S_IFLNK); }
}

const is = (stats, kind) => (Number(stats.mode) & S_IFMT) === kind;

function defineDate(stats, name, millis) {
  stats[name] = new Date(millis);
}

class Stats extends StatsBase {
  constructor(numbers) {
    super();
    if (numbers === undefined) return;
    for (let index = 0; index < NAMES.length; index++) this[NAMES[index]] = Number(numbers[index]);
    const millis = [];
    for (let index = 0; index < TIMES.length; index++) {
      const nanos = numbers[NAMES.length + index];
      // As Node divides: whole milliseconds, and what is left of them.
      millis[index] = Number(nanos / 1000000n) + Number(nanos % 1000000n) / 1e6;
      this[`${TIMES[index]}Ms`] = millis[index];
    }
    for (let index = 0; index < TIMES.length; index++) defineDate(this, TIMES[index], MathFloor(millis[index] + 0.5));
  }
}

class BigIntStats extends StatsBase {
  constructor(numbers) {
    super();
    for (let index = 0; index < NAMES.length; index++) this[NAMES[index]] = numbers[index];
    for (let index = 0; index < TIMES.length; index++) this[`${TIMES[index]}Ms`] = numbers[NAMES.length + index] / 1000000n;
    for (let index = 0; index < TIMES.length; index++) this[`${TIMES[index]}Ns`] = numbers[NAMES.length + index];
    for (let index = 0; index < TIMES.length; index++) {
      defineDate(this, TIMES[index], Number(numbers[NAMES.length + index] / 1000000n));
    }
  }
}

const kTypeOf = Symbol('type');

class Dirent {
  constructor(name, parentPath, type) {
    this.name = name;
    this.parentPath = parentPath;
    ObjectDefineProperty(this, kTypeOf, { __proto__: null, value: type });
  }

  isBlockDevice() { return this[kTypeOf] === 7; }
  isCharacterDevice() { return this[kTypeOf] === 6; }
  isDirectory() { return this[kTypeOf] === 2; }
  isFIFO() { return this[kTypeOf] === 4; }
  isFile() { return this[kTypeOf] === 1; }
  isSocket() { return this[kTypeOf] === 5; }
  isSymbolicLink() { return this[kTypeOf] === 3; }
}

const STATFS = ['type', 'bsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree'];

class StatFs {
  constructor(numbers, bigint) {
    for (let index = 0; index < STATFS.length; index++) {
      this[STATFS[index]] = bigint ? BigInt(numbers[index]) : Number(numbers[index]);
    }
  }
}

const stats = (numbers, bigint) => bigint ? new BigIntStats(numbers) : new Stats(numbers);

module.exports = { __proto__: null, BigIntStats, Dirent, StatFs, Stats, stats };
