/** How a run ended, in words for people. @module */
import type { ExceptionInfo } from './events.js';
import type { Report } from './report.js';

/** Says with which status the code ended the run. */
export const exited = ({ exitCode }: Report): string => `the code called process.exit(${exitCode ?? 0})`;

/** What JavaScript says of a function that nobody has lent. */
const NOT_LENT = /^host(\.[\w$]+)+ is not a function$|^host is not defined$/;

/** What this program lends, if the code called a function that nobody has lent. */
export function lentInstead({ exception, lent }: Report): string | undefined {
  if (!NOT_LENT.test(exception?.message ?? '')) return undefined;
  return `this program lends ${lent.join(', ') || 'no functions'}`;
}

/** How many errors nobody caught, and the first of them, if there are any. */
export function notCaught(errors: readonly ExceptionInfo[]): string | undefined {
  const [first] = errors;
  if (first === undefined) return undefined;
  const said = [first.name, first.message].filter(Boolean).join(': ') || (first.text ?? '');
  if (errors.length === 1) return `1 error of a timer or promise was not caught: ${said}`;
  return `${errors.length} errors of timers or promises were not caught, the first: ${said}`;
}

/** How a run ended, if not by a value alone, by what the server says of that, and of what is lost. */
export function describeEnd(report: Report): string | undefined {
  const { outcome, exception, told } = report;
  if (outcome === 'value') return told;
  const how = exception ? exception.text ?? exception.message ?? 'the code threw'
    : outcome === 'exited' ? exited(report) : told ?? `the run ended: ${outcome}`;
  const lines = new Set([how, told, lentInstead(report)]);
  return [...lines].filter((line) => line !== undefined).join('\n');
}
