import { Buffer } from 'node:buffer';

import { decodeMessage, type Message } from './decode.js';
import { encodeMessage } from './encode.js';
import { ConnectionError } from './errors.js';
import { CONNECT_MS, type AddressOptions, type Transport } from './transport.js';

const MAX_FRAME = 134217728;

/** What the user of a connection is told. */
export interface ConnectionHandler {
  message(connection: Connection, message: Message): void;
  lost(connection: Connection, error: ConnectionError): void;
}

/** A connection to a server that has welcomed this client. */
export class Connection {
  /** The name of the server's process: another process has another. */
  instance = '';
  #lost: ConnectionError | undefined;

  private constructor(readonly transport: Transport, private readonly handler: ConnectionHandler) {}

  get lost(): ConnectionError | undefined { return this.#lost; }

  /** Says hello, and waits for the welcome. */
  static async open(transport: Transport, options: AddressOptions, handler: ConnectionHandler): Promise<Connection> {
    const connection = new Connection(transport, handler);
    await new Promise<void>((resolve, reject) => {
      let welcomed = false;
      const frames = new Frames((bytes, start, end) => {
        const message = decodeMessage(bytes, start, end), [name, body] = message;
        if (welcomed) return handler.message(connection, message);
        if (name === 'refused') throw new ConnectionError(body.code, body.message);
        if (name !== 'welcome') throw new ConnectionError('protocol', `the server began with ${name}`);
        welcomed = true;
        clearTimeout(timer);
        connection.instance = body.instance ?? '';
        resolve();
      });
      const end = (error: ConnectionError) => {
        if (connection.#lost) return;
        clearTimeout(timer);
        connection.#lost = error;
        if (welcomed) handler.lost(connection, error);
        else reject(error);
      };
      const leave = (error: ConnectionError) => { end(error); void transport.close(); };
      const { connectMs = CONNECT_MS, token } = options;
      const silent = () => leave(new ConnectionError('protocol', `no welcome within ${connectMs} ms`));
      const timer = setTimeout(silent, connectMs);
      transport.input.on('data', (bytes: Buffer) => {
        if (connection.#lost) return;
        try {
          frames.push(bytes);
        } catch (error) {
          const known = error instanceof ConnectionError;
          leave(known ? error : new ConnectionError('protocol', String(error), { cause: error }));
        }
      });
      void transport.gone.then(end);
      connection.send('hello', { versions: [1], token, client: `drupe-js ${process.version}` });
    });
    return connection;
  }

  /** Sends a message. What cannot be encoded is a `DataError`; a lost connection is told to the handler. */
  send(name: string, body: object): void {
    this.write(encodeMessage(name, body));
  }

  write(frame: Uint8Array): void {
    if (!this.#lost) this.transport.output.write(frame);
  }

  /** Ends the connection. The handler is not told. */
  async close(error: ConnectionError): Promise<void> {
    this.#lost ??= error;
    await this.transport.close();
  }
}

/** Cuts a stream of bytes into frames. Pieces of a frame are joined once, when it is whole. */
class Frames {
  #held: Buffer[] = [];
  #size = 0;
  #needed = 4;

  constructor(private readonly each: (bytes: Buffer, start: number, end: number) => void) {}

  push(bytes: Buffer): void {
    if (this.#held.length > 0) {
      this.#held.push(bytes);
      if ((this.#size += bytes.length) < this.#needed) return;
      bytes = Buffer.concat(this.#held);
      this.#held = [];
    }
    let at = 0;
    this.#needed = 4;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (length > MAX_FRAME) throw new ConnectionError('protocol', `the server sent a frame of ${length} bytes`);
      this.#needed = 4 + length;
      if (bytes.length - at < this.#needed) break;
      this.each(bytes, at + 4, (at += this.#needed));
      this.#needed = 4;
    }
    if (at === bytes.length) return;
    this.#held = [bytes.subarray(at)];
    this.#size = bytes.length - at;
  }
}
