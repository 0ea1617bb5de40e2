/** A part of a file that is run at once. Its lines count from 0. */
export interface Block {
  first: number;
  last: number;
  code: string;
  /** Whether it can be run. A block that somebody is typing has no end yet. */
  isComplete: boolean;
}

/** Lines that go on with what stands before them. */
const GOES_ON = /^(?:[\s)\]},.?:&|=*%^>]|[-+](?![-+])|(?:else|catch|finally|instanceof|in)\b)/;
/** Lines that go on with what stands before them, if no semicolon ends that. */
const MAY_GO_ON = /^(?:[(`[]|\/(?![/*]))/;
const COMMENT = /^\s*(?:\/\/.*)?$/;

/** Says of a text what `Server.isComplete` says of it. */
export type Look = (code: string) => Promise<'complete' | 'incomplete' | 'invalid'>;

/** Cuts a file into blocks: the statements that begin in the first column. It looks only where a block may end. */
export async function split(text: string, look: Look): Promise<Block[]> {
  const lines = text.split(/\r?\n/), blocks: Block[] = [];
  for (let first = 0; first < lines.length;) {
    if (COMMENT.test(lines[first]!)) {
      first++;
      continue;
    }
    const block = await blockAt(lines, first, look);
    blocks.push(block);
    first = block.last + 1;
  }
  return blocks;
}

async function blockAt(lines: string[], first: number, look: Look): Promise<Block> {
  const codeTo = (last: number) => lines.slice(first, last + 1).join('\n');
  let end = lines.length - 1, isValid = true;
  for (let last = first; last < lines.length && isValid; last++) {
    if (COMMENT.test(lines[last]!) || !mayEnd(lines, last)) continue;
    const found = await look(codeTo(last));
    if (found === 'complete') return { first, last, code: codeTo(last), isComplete: true };
    isValid = found === 'incomplete';
    if (!isValid) end = last;
  }
  // It has no end, or an error. What follows an empty line may be right, and is looked at by itself.
  const empty = lines.findIndex((line, at) => at > first && line.trim() === ''), last = empty < 0 || empty > end ? end : empty - 1;
  const code = codeTo(last);
  return { first, last, code, isComplete: (await look(code)) !== 'incomplete' };
}

/** Whether the line after this one, empty ones and comments left out, can begin a statement. */
function mayEnd(lines: string[], last: number): boolean {
  const next = lines.find((line, index) => index > last && !COMMENT.test(line));
  if (next === undefined) return true;
  return !GOES_ON.test(next) && !(MAY_GO_ON.test(next) && !lines[last]!.trimEnd().endsWith(';'));
}
