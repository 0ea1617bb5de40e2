export interface Iface { a: number }
export type Al = string
export class Cls {}
export enum En { A, B }
export type Fn = () => void
export default class Def {}
export namespace Ns { export class In {} ; export interface If {} }
