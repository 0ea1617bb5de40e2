export const EPS = 0.5;
export interface Matrix { rows: number[][] }
export default interface Shape { sides: number }
