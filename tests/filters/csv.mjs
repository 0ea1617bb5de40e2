#!/usr/bin/env node
// Makes lines of JSON of comma-separated values, whose first line has the names.
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

class Csv extends Transform {
  constructor() {
    super({ readableObjectMode: false, decodeStrings: false });
    this.fields = [];
    this.field = '';
    this.isQuoted = false;
    this.names = undefined;
  }

  _transform(text, encoding, done) {
    let out = '';
    for (let at = 0; at < text.length; at++) {
      const char = text[at];
      if (this.isQuoted) {
        if (char !== '"') this.field += char;
        else if (text[at + 1] === '"') this.field += text[++at];
        else this.isQuoted = false;
      } else if (char === '"') {
        this.isQuoted = true;
      } else if (char === ',') {
        this.fields.push(this.field);
        this.field = '';
      } else if (char === '\n') {
        out += this.row();
      } else if (char !== '\r') {
        this.field += char;
      }
    }
    done(null, out);
  }

  _flush(done) {
    if (this.isQuoted) return done(new Error('a quote is not closed'));
    done(null, this.field === '' && this.fields.length === 0 ? '' : this.row());
  }

  row() {
    const fields = [...this.fields, this.field];
    this.fields = [];
    this.field = '';
    if (this.names === undefined) {
      this.names = fields;
      return '';
    }
    return JSON.stringify(Object.fromEntries(this.names.map((name, index) => [name, fields[index]]))) + '\n';
  }
}

process.stdin.setEncoding('utf8');
try {
  await pipeline(process.stdin, new Csv(), process.stdout);
} catch (error) {
  console.error(`csv: ${error.message}`);
  process.exitCode = 1;
}
