import { ConnectionError, KernelError, type Kernel, type KernelEvent, type Report, type Run } from 'drupe';

import { split, type Block } from './blocks.js';

/** What stands at the end of a line. Lines count from 0. */
export interface Note {
  line: number;
  kind: 'value' | 'output' | 'error' | 'info';
  /** One line, without control characters. */
  text: string;
  /** All of it, as far as it is kept. */
  detail: string;
}

export interface RunnerOptions {
  /** Opens a kernel. It is called again when that kernel is gone for good. */
  open: () => Promise<Kernel>;
  /** Is called with all notes, at most 20 times a second. */
  show: (notes: Note[]) => void;
  /** CPU time of a block from one wait to the next. */
  vmTimeoutMs?: number;
}

/** A block, and what its latest run gave. */
interface Cell {
  block: Block;
  /** A cell is `stopped` if it is to run after the next change. */
  state: 'waiting' | 'running' | 'done' | 'stopped';
  /** By kind and line; the lines are those of the block. */
  notes: Map<string, Note & { count: number }>;
  stop: AbortController;
  run?: Run;
}

const WIDTH = 120, DETAIL = 10_000, PAUSE_MS = 50;
/** Deaths after which there is no other kernel by itself. */
const FINAL = new Set(['launch', 'crash_loop', 'terminated', 'preload']);

/**
 * Runs a file block by block. When the file changes, it runs the first block that is not as it was, and those after it,
 * and interrupts runs that nobody needs any more. What earlier blocks have done to the session stays.
 */
export class InlineRunner {
  #text = '';
  #cells: Cell[] = [];
  #kernel: Promise<Kernel> | undefined;
  #turn = 0;
  #working: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Blocks that have cost the session. They do not run again until they change. */
  #deadly = new Set<string>();

  constructor(private readonly options: RunnerOptions) {}

  /** Takes the text of the file. Resolves when nothing is left to run, or when a later text has come. */
  async update(text: string): Promise<void> {
    const turn = ++this.#turn;
    this.#text = text;
    const { server } = await this.#open();
    const blocks = await split(text, async (code) => (await server.isComplete(code)).status);
    if (turn !== this.#turn) return;
    const isChanged = ({ block, state }: Cell, at: number) => state === 'stopped' || block.code !== blocks[at]?.code;
    const first = this.#cells.findIndex(isChanged), kept = first < 0 ? this.#cells.length : first;
    for (const cell of this.#cells.splice(kept)) cell.stop.abort();
    for (const [at, cell] of this.#cells.entries()) cell.block = blocks[at]!; // It may have moved.
    this.#cells.push(...blocks.slice(kept).map(newCell));
    this.#changed();
    await (this.#working ??= this.#work());
  }

  /** Runs all of it again, in an empty session. */
  async again(): Promise<void> {
    this.#turn++;
    for (const cell of this.#cells.splice(0)) cell.stop.abort();
    this.#deadly.clear();
    await (await this.#open()).reset();
    await this.update(this.#text);
  }

  /** Stops the block that runs. Those after it wait for the next change. */
  async interrupt(): Promise<void> {
    for (const cell of this.#cells) if (cell.state === 'waiting') cell.state = 'stopped';
    await (await this.#kernel)?.interrupt();
  }

  /** Ends the kernel. */
  async close(): Promise<void> {
    this.#turn++;
    this.#cells = [];
    clearTimeout(this.#timer);
    await (await this.#kernel?.catch(() => undefined))?.close();
  }

  #open(): Promise<Kernel> {
    this.#kernel ??= this.options.open().then(
      (kernel) => {
        kernel.onEvent((event) => this.#take(event));
        return kernel;
      },
      (error: unknown) => {
        this.#kernel = undefined;
        throw error;
      },
    );
    return this.#kernel;
  }

  async #work(): Promise<void> {
    await Promise.resolve(); // So that it never ends before `update` has noted that it works.
    for (let cell; (cell = this.#cells.find(({ state }) => state === 'waiting'));) await this.#execute(cell);
    this.#working = undefined;
    this.#show();
  }

  async #execute(cell: Cell): Promise<void> {
    const { block } = cell;
    cell.state = 'done';
    cell.notes.clear();
    if (!block.isComplete) return this.#note(cell, undefined, 'info', 'not complete');
    if (this.#deadly.has(block.code)) return this.#note(cell, undefined, 'error', 'not run again: it has cost the variables');
    cell.state = 'running';
    this.#note(cell, undefined, 'info', '…');
    try {
      const kernel = await this.#open();
      const { vmTimeoutMs } = this.options;
      cell.run = kernel.run(block.code, { signal: cell.stop.signal, valueLimit: 0, ...(vmTimeoutMs && { vmTimeoutMs }) });
      const report = await cell.run;
      this.#end(cell);
      this.#noteEnd(cell, report);
      // The first run after a death says `lost`, too: that costs no other block.
      if (report.state !== 'kept' && !report.newSession) this.#startOver(cell);
      else if (report.outcome === 'value') await this.#noteNames(cell, kernel, report.run);
    } catch (error) {
      if (cell.stop.signal.aborted && error === cell.stop.signal.reason) return; // It had not begun.
      this.#end(cell);
      this.#note(cell, undefined, 'error', (error as Error).message);
      if (error instanceof ConnectionError) this.#giveUp(true);
      else if (error instanceof KernelError && FINAL.has(error.code)) this.#giveUp(false);
      else if (error instanceof KernelError) this.#startOver(cell);
    }
  }

  #end(cell: Cell): void {
    cell.state = 'done';
    cell.notes.delete(keyOf('info', lastOf(cell)));
  }

  /** The session is lost: blocks before this one have to run again. This one does not. */
  #startOver(deadly: Cell): void {
    if (this.#cells.includes(deadly)) this.#deadly.add(deadly.block.code);
    for (const cell of this.#cells) if (cell !== deadly && cell.state === 'done') cell.state = 'waiting';
  }

  /** There is no kernel. The next change looks for one. */
  #giveUp(isGone: boolean): void {
    if (isGone) this.#kernel = undefined;
    for (const cell of this.#cells) cell.state = 'stopped';
  }

  /** Takes an event. It may be one of a run that has ended: timers go on. */
  #take(event: KernelEvent): void {
    if (event.type === 'closed') return this.#giveUp(true);
    const cell = this.#cells.find(({ run }) => run?.number !== undefined && run.number === event.run);
    if (!cell) return;
    if (event.type === 'console' && event.text) this.#note(cell, lineOf(cell, event), 'output', event.text);
    else if (event.type === 'output' && event.text) this.#note(cell, undefined, 'output', event.text);
    else if (event.type === 'exception') this.#note(cell, lineOf(cell, event), 'error', event.text ?? '');
  }

  #noteEnd(cell: Cell, report: Report): void {
    const { outcome, text = '', exception, message = outcome, droppedEvents = 0 } = report;
    if (exception) this.#note(cell, lineOf(cell, exception), 'error', exception.text ?? exception.message ?? outcome);
    else if (outcome !== 'value') this.#note(cell, undefined, report.ok ? 'info' : 'error', message);
    else if (text !== 'undefined') this.#note(cell, undefined, 'value', text);
    if (droppedEvents > 0) this.#note(cell, undefined, 'info', `${droppedEvents} more outputs are left out`);
  }

  /** Notes the values of what the block has declared. */
  async #noteNames(cell: Cell, kernel: Kernel, run: number): Promise<void> {
    const names = (await kernel.globals()).filter((global) => global.run === run && !SILENT.has(global.kind));
    const text = names.map(({ name, preview, typeName }) => `${name} = ${preview ?? typeName ?? '?'}`).join(', ');
    if (text) this.#note(cell, undefined, 'value', text);
  }

  /** Sets the note of a line; without one, of the last. Of several outputs the latest is shown, with their number. */
  #note(cell: Cell, line: number | undefined, kind: Note['kind'], detail: string): void {
    const at = line ?? lastOf(cell), key = keyOf(kind, at), before = cell.notes.get(key);
    const count = kind === 'output' && before ? before.count + 1 : 1;
    const all = count > 1 ? `${before!.detail}\n${detail}` : detail;
    const text = `${count > 1 ? `(${count}×) ` : ''}${oneLine(detail)}`;
    cell.notes.set(key, { line: at, kind, text, detail: all.slice(0, DETAIL), count });
    this.#changed();
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => this.#show(), PAUSE_MS);
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const placed = ({ block, notes }: Cell) => [...notes.values()].map(({ count: _, ...note }) => {
      return { ...note, line: block.first + note.line };
    });
    this.options.show(this.#cells.flatMap(placed));
  }
}

/** Kinds of names whose values say nothing. */
const SILENT = new Set(['function', 'class', 'import', 'namespace']);

const newCell = (block: Block): Cell => ({ block, state: 'waiting', notes: new Map(), stop: new AbortController() });
const keyOf = (kind: Note['kind'], line: number) => `${kind} ${line}`;
const lastOf = ({ block }: Cell) => block.last - block.first;

/** The line that an event names, from 0, if it is one of the cell's own text. */
function lineOf(cell: Cell, { script, line = 0 }: { script?: string; line?: number }): number | undefined {
  const isHere = script === `chunk:${cell.run?.number}` && line > 0 && line - 1 <= lastOf(cell);
  return isHere ? line - 1 : undefined;
}

/** A beginning of a text as one line that neither moves the cursor nor rings a bell. */
function oneLine(text: string): string {
  const line = text.slice(0, 4 * WIDTH).replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '·').trim();
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line;
}
