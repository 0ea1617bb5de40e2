import { Buffer } from 'node:buffer';

import { Calls } from './calls.js';
import { decodeMessage, type Message } from './decode.js';
import { encodeMessage } from './encode.js';
import { ConnectionError, refused } from './errors.js';
import { Deferred } from './feed.js';
import { CONNECT_MS, type AddressOptions, type Transport } from './transport.js';

const MAX_FRAME = 134217728;

/** A connection to a server. After its welcome, messages go to `onMessage`. */
export class Connection {
  readonly calls = new Calls(this);
  /** Why there is no connection any more. */
  lost: ConnectionError | undefined;
  #welcomed = false;
  #token: string | undefined;
  #welcome = new Deferred<string>();

  constructor(
    readonly transport: Transport, private readonly onMessage: (message: Message) => void,
    private readonly onLost: (error: ConnectionError) => void,
  ) {
    const read = cutFrames((bytes, start, end) => this.#take(decodeMessage(bytes, start, end)));
    transport.input.on('data', (bytes: Buffer) => {
      if (this.lost) return;
      try {
        read(bytes);
      } catch (error) {
        const known = error instanceof ConnectionError;
        void this.close(known ? error : new ConnectionError('protocol', String(error), { cause: error }));
      }
    });
    void transport.gone.then((error) => this.#end(error));
  }

  /** Says hello, and waits for the welcome. Resolves to the name of the server's process. */
  hello({ connectMs = CONNECT_MS, token }: AddressOptions): Promise<string> {
    this.#token = token;
    const silent = new ConnectionError('protocol', `no welcome within ${connectMs} ms`);
    const timer = setTimeout(() => void this.close(silent), connectMs);
    this.send('hello', { versions: [1], token, client: `drupe-js ${process.version}` });
    return this.#welcome.promise.finally(() => clearTimeout(timer));
  }

  /** Sends a message. What cannot be encoded is a `DataError`. */
  send(name: string, body: object): void { this.write(encodeMessage(name, body)); }

  write(frame: Uint8Array): void {
    if (!this.lost) this.transport.output.write(frame);
  }

  async close(error: ConnectionError): Promise<void> {
    this.#end(error);
    await this.transport.close();
  }

  #take(message: Message): void {
    if (this.#welcomed) return this.onMessage(message);
    const [name, body] = message;
    if (name === 'refused') throw refused(body.code, body.message, this.#token);
    if (name !== 'welcome') throw new ConnectionError('protocol', `the server began with ${name}`);
    this.#welcomed = true;
    this.#welcome.resolve(body.instance);
  }

  #end(error: ConnectionError): void {
    if (this.lost) return;
    this.lost = error;
    this.calls.cancelAll();
    this.#welcome.reject(error);
    this.onLost(error);
  }
}

/** Cuts a stream of bytes into frames. Pieces of a frame are joined once, when it is whole. */
function cutFrames(each: (bytes: Buffer, start: number, end: number) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = [], size = 0, needed = 4;
  return (piece) => {
    pieces.push(piece);
    size += piece.length;
    if (size < needed) return;
    const bytes = pieces.length > 1 ? Buffer.concat(pieces) : piece;
    let at = 0;
    for (needed = 4; size - at >= needed; ) {
      const length = bytes.readUInt32LE(at);
      if (length > MAX_FRAME) throw new ConnectionError('protocol', `the server sent a frame of ${length} bytes`);
      needed = 4 + length;
      if (size - at < needed) break;
      each(bytes, at + 4, (at += needed));
      needed = 4;
    }
    size -= at;
    pieces = size > 0 ? [bytes.subarray(at)] : [];
  };
}
