// A small server of the protocol, for what a real one does not do on request: it breaks connections and sends damage.
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { decodeMessage } from '../dist/esm/decode.js';
import { encodeMessage } from '../dist/esm/encode.js';

/** One kernel whose events are kept. `behave(name, body, peer)` may answer a request itself, and returns true then. */
export class FakeServer extends EventEmitter {
  static async listen(behave = () => false) {
    const server = new FakeServer();
    server.behave = behave;
    server.instance = 'one';
    server.journal = [];
    server.tags = new Map();
    server.runs = 0;
    server.seen = [];
    server.peers = new Set();
    server.folder = mkdtempSync(join(tmpdir(), 'drupe-'));
    server.path = join(server.folder, 's');
    server.net = createServer((socket) => server.#serve(socket));
    await server.resume();
    return server;
  }

  /** Listens (again). */
  async resume() {
    await new Promise((resolve) => this.net.listen(this.path, resolve));
  }

  /** Breaks all connections, and listens no more. */
  async pause() {
    const closed = new Promise((resolve) => this.net.close(resolve));
    this.cut();
    await closed;
  }

  cut() {
    for (const peer of this.peers) peer.socket.destroy();
  }

  async [Symbol.asyncDispose]() {
    if (this.net.listening) await this.pause();
    rmSync(this.folder, { recursive: true });
  }

  /** Records an event of the kernel `k`, and sends it to those who are attached. */
  event(type, fields = {}) {
    const event = { kernel: 'k', seq: this.journal.length + 1, type, ...fields };
    this.journal.push(event);
    for (const peer of this.peers) if (peer.attached) peer.send('event', event);
  }

  /** Resolves when a message of this name arrives. */
  async received(name) {
    for (;;) {
      const found = this.seen.find((message) => message[0] === name && !message.taken);
      if (found) {
        found.taken = true;
        return found[1];
      }
      await new Promise((resolve) => this.once('message', resolve));
    }
  }

  #serve(socket) {
    const peer = {
      socket,
      attached: false,
      send: (name, body) => socket.write(encodeMessage(name, body)),
      reply: ({ id }, fields = {}) => peer.send('reply', { id, ...fields }),
    };
    this.peers.add(peer);
    let held = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => this.peers.delete(peer));
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes]);
      while (held.length >= 4 && held.length >= 4 + held.readUInt32LE()) {
        const end = 4 + held.readUInt32LE();
        const [name, fields, kernel] = decodeMessage(held, 4, end);
        const message = [name, kernel === undefined ? fields : { kernel, ...fields }];
        held = held.subarray(end);
        this.seen.push(message);
        if (!this.behave(...message, peer)) this.#answer(...message, peer);
        this.emit('message', message[0]);
      }
    });
  }

  #answer(name, body, peer) {
    switch (name) {
      case 'hello':
        return peer.send('welcome', { version: 1, server: 'fake', instance: this.instance });
      case 'open':
        peer.attached = true;
        return peer.reply(body, { kernel: 'k', generation: 1 });
      case 'attach':
        peer.attached = true;
        peer.reply(body, { generation: 1, seq: this.journal.length, runs: [], first: 1 });
        if (body.after !== undefined) for (const event of this.journal.slice(body.after)) peer.send('event', event);
        return;
      case 'run': {
        const again = this.tags.has(body.tag),
          run = again ? this.tags.get(body.tag) : ++this.runs;
        if (body.tag !== undefined) this.tags.set(body.tag, run);
        peer.reply(body, { run, again });
        if (!again) this.execute(run, body);
        return;
      }
      case 'answer':
      case 'fail':
      case 'stream':
      case 'item':
      case 'end':
        return;
      default:
        return peer.reply(body, { items: [], stopped: true, generation: 2 });
    }
  }

  /** The source text is the value of the run; `wait` never ends. */
  execute(run, { code }) {
    this.event('started', { run, generation: 1 });
    if (code === 'wait') return;
    this.event('console', { run, method: 'log', level: 'log', text: code, time: 1 });
    this.event('outcome', { run, outcome: 'value', value: code, text: code, state: 'kept' });
  }
}
