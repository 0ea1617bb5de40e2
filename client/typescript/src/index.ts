/** The client of `drupe serve`: kernels that run JavaScript and TypeScript in a contained process. @module */
export type { Answers, Call, Functions, HostFunction } from './calls.js';
export * from './errors.js';
export type * from './events.js';
export { Kernel, type AttachOptions, type OpenOptions, type Permissions } from './kernel.js';
export { printed, Report, type Outcome } from './report.js';
export { Run, type RunOptions } from './run.js';
export { Server } from './server.js';
export type { AddressOptions, ProgramOptions } from './transport.js';
export { Opaque } from './values.js';
