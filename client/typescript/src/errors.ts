import type { Death, ExceptionInfo, NumberedEvent } from './events.js';
import { printed, printedBy, type PrintedEvent } from './printed.js';
import type { Report } from './report.js';
import { describeEnd, exited, lentInstead } from './words.js';

/** The base of all errors of this package. `code` is a word of protocol/SERVE.md, or one of this package. */
export class DrupeError extends Error {
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A value cannot be sent: it is no data, nests too deep or is too large. */
export class DataError extends DrupeError {
  constructor(message: string) { super('encode', message); }
}

/**
 * The server cannot be reached. `code` is `launch` (it did not start), `lost`, `closed` (by this side), `protocol`
 * (it sent damage), `instance` (another server listens there now), or why it refused: `version`, `token`, `limit`.
 */
export class ConnectionError extends DrupeError {}

/** The server does not take this client. Of a token, it says where that comes from. @internal */
export function refused(code: string, message: string, token: string | undefined): ConnectionError {
  const which = token === undefined ? 'this client has given none' : 'it refuses the one that this client has given';
  const source = 'what `drupe serve --listen` printed after "token:", or what is in its --token-file';
  return new ConnectionError(code, code === 'token' ? `${message}: ${which}; the option token must be ${source}` : message);
}

/** Why a kernel is gone, in words. `method` is the one by which this program has closed it, if it has. @internal */
export function closedBy(reason: string, method?: string): string {
  const closed = method === undefined ? 'another client has closed it' : `this program has closed it, by ${method}`;
  const words: Record<string, string> = { closed, shutdown: 'its server was shut down' };
  return `the kernel is gone: ${words[reason] ?? reason}`;
}

/** What the server says, and of a kernel that was terminated what to do. */
function advised(code: string, message: string): string {
  return code === 'terminated' ? `${message}: it runs nothing more, so close it and open another` : message;
}

/** The server answered a request by an error. `field` is the field of the request that is wrong, if one is. */
export class RequestError extends DrupeError {
  constructor(code: string, message: string, readonly field?: string) {
    super(code, field === undefined ? advised(code, message) : `${field}: ${message}`);
  }
}

/** A kernel died, or a run could not be executed. `code` says why: `exited`, `signal`, `out_of_memory`, … */
export class KernelError extends DrupeError {
  #events: readonly NumberedEvent[];

  /** @param events those of the run until its end */
  constructor(
    code: string, message: string, { status, signal, started, stderr }: Death = {},
    events: readonly NumberedEvent[] = [],
  ) {
    super(code, advised(code, message));
    Object.assign(this, { status, signal, started, stderr });
    this.#events = events;
  }

  /** What the run printed before, as `Report.console` and `Report.output` have it. */
  get console(): PrintedEvent[] { return printedBy(this.#events); }
  get output(): string { return this.console.map(printed).join(''); }
}
export interface KernelError extends Readonly<Death> {}

/** No engine has seen code that does not parse: the error is made of its words. */
const errorOf = ({ message, text }: ExceptionInfo) => Object.assign(new SyntaxError(message), { stack: text });

/** A run failed: it neither gave a value nor exited with status 0. `Report.throwForError` throws one of the classes below. */
export class RunError extends DrupeError {
  constructor(readonly report: Report, message?: string) {
    const { outcome, exception } = report;
    super(outcome, message ?? exception?.text ?? describeEnd(report) ?? '',
      exception && { cause: outcome === 'syntax_error' ? exception.value ?? errorOf(exception) : exception.value });
  }
}

/** The code threw. `thrown` is the value, if it is data; it is the `cause`, too. */
export class ThrewError extends RunError {
  readonly thrown = this.cause;
  constructor(report: Report, message = report.exception?.message ?? 'the code threw') {
    const lent = lentInstead(report), said = lent === undefined ? message : `${message}; ${lent}`;
    super(report, report.preload === undefined ? said : `${said}\n${report.told}`);
  }
}

/** The code cannot be compiled, and was not run. */
export class CompileError extends ThrewError {
  constructor(report: Report) { super(report, report.exception?.text ?? 'the code cannot be compiled'); }
}
/** The run was interrupted. */
export class InterruptedError extends RunError {}
/** The run took longer than it may. */
export class TimeoutError extends RunError {}
/** The run needed more memory than it may. */
export class MemoryLimitError extends RunError {}
/** The code called `process.exit` with a status other than 0. `report.exitCode` is the status. */
export class ExitedError extends RunError {
  constructor(report: Report) { super(report, exited(report)); }
}
/** The code waits for something that can never come. */
export class UnsettledError extends RunError {}
/** The run ended in a way that this version does not know. */
export class UnknownOutcomeError extends RunError {}
