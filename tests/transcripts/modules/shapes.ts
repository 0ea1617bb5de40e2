export interface Shape { sides: number }
export const square: Shape = { sides: 4 };
export let count = 0;
export function add(by: number): number { return count += by; }
export default class Circle { sides = 0; }
