import type { ConsoleEvent, NumberedEvent, OutputEvent } from './events.js';

/** How many groups indent a text: a program may open millions. */
const MAX_GROUPS = 32;

/** Events that print: calls of the console, and writes to the standard streams. */
export type PrintedEvent = ConsoleEvent | OutputEvent;

/** Those of a run, in order. */
export function printedBy(events: readonly NumberedEvent[]): PrintedEvent[] {
  return events.filter((event) => event.type === 'console' || event.type === 'output');
}

/** The text that an event prints: whole lines for a call of the console, indented by its groups. */
export function printed(event: PrintedEvent): string {
  if (event.type === 'output') return event.text;
  const { method, args, text, depth } = event;
  const isSilent = method === 'group_end' || method === 'clear' || (method === 'time' && text === '')
    || ((method === 'group' || method === 'group_collapsed') && args.length === 0);
  return isSilent ? '' : `${text.replace(/^/gm, '  '.repeat(Math.min(depth, MAX_GROUPS)))}\n`;
}
