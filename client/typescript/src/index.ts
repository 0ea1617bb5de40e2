/// <reference types="node" preserve="true" />
/** The client of `drupe serve`: kernels that run JavaScript and TypeScript in a contained process. @module */
export type { Answers, Call, Functions, HostFunction, PermissionAnswer, PermissionQuestion } from './calls.js';
export * from './errors.js';
export type * from './events.js';
export { Kernel } from './kernel.js';
export type * from './options.js';
export { Report } from './report.js';
export { Run } from './run.js';
export { Server } from './server.js';
export type { AddressOptions, ProgramOptions } from './transport.js';
export { Opaque } from './values.js';
