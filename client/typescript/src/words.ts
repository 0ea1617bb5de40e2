/** How a run ended, in words for people. @module */
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

/** How a run ended, if not by a value alone. `told` is what the server says of that, and of what is lost. */
export function describeEnd(report: Report, told: string | undefined): string | undefined {
  const { outcome, exception } = report;
  if (outcome === 'value') return told;
  const how = exception ? exception.text ?? exception.message ?? 'the code threw'
    : outcome === 'exited' ? exited(report) : told ?? `the run ended: ${outcome}`;
  const lines = new Set([how, told, lentInstead(report)]);
  return [...lines].filter((line) => line !== undefined).join('\n');
}
