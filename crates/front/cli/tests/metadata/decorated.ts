// Declarations of all kinds with decorators, and what these are told of them. `expected.txt` is what it prints when tsc has compiled it.
import { Iface, Al, Cls, En, Fn } from './other.ts'
import Def from './other.ts'
import * as O from './other.ts'
import type { Cls as TCls } from './other.ts'
import { Ns } from './other.ts'
import './reflect.ts'
declare const Reflect: any
const d: any = (...a: any[]) => {}
const log: string[] = []
const rec = (n: string): any => (...a: any[]) => { log.push(n + ':' + (typeof a[2] === 'number' ? 'p' + a[2] : typeof a[0] === 'function' ? 's' : 'i')) }
interface L { x: number }
interface Callable { (): void }
type S = string; type U = 'a' | 'b'; type NS = string | null; type F = () => void; type AC = A0; type Arr = string[]; type Pr = Promise<string>
enum E1 { A, B } enum E2 { A = 'x', B = 'y' } enum E3 { A = 1, B = 'y' }
class A0 {}
namespace N { export class C {} ; export interface I {} }
abstract class Abs {}
class T<G, H extends string> {
  @d p01!: string
  @d p02!: number | undefined
  @d p03!: readonly string[]
  @d p04!: ReadonlyArray<string>
  @d p05!: T<any, any>
  @d p06!: string | null
  @d p07!: 'a' | 'b'
  @d p08!: 1 | 2
  @d p09!: string | number
  @d p10!: Date
  @d p11!: Map<string, number>
  @d p12!: Promise<void>
  @d p13!: L
  @d p14!: Callable
  @d p15!: S
  @d p16!: U
  @d p17!: NS
  @d p18!: F
  @d p19!: AC
  @d p20!: Arr
  @d p21!: Pr
  @d p22!: E1
  @d p23!: E2
  @d p24!: E3
  @d p25!: A0
  @d p26!: N.C
  @d p27!: N.I
  @d p28!: G
  @d p29!: H
  @d p30!: bigint
  @d p31!: symbol
  @d p32!: any
  @d p33!: unknown
  @d p34!: never
  @d p35!: void
  @d p36!: null
  @d p37!: undefined
  @d p38!: object
  @d p39!: {}
  @d p40!: [string, number]
  @d p41!: () => void
  @d p42!: new () => A0
  @d p43!: true | false
  @d p44!: `a${string}`
  @d p45!: keyof L
  @d p46!: typeof log
  @d p47!: Record<string, number>
  @d p48!: Partial<L>
  @d p49!: A0 & L
  @d p50!: A0 | A0
  @d p51!: A0 | null
  @d p52 = 1
  @d p53!: (string)
  @d p54!: Function
  @d p55!: String
  @d p56!: Abs
  @d p57!: E1.A
  @d p58!: G extends string ? string : string
  @d p59!: this
  @d p61!: -1
  @d p62!: Error
  @d p63!: Uint8Array
  @d p64!: L[]
  @d p65!: string & {}
  @d p66!: never | string
  @d p67!: boolean | null
  @d p68!: Symbol
  @d p69!: Iterable<string>
  @d p70!: null | undefined
  @d i01!: Iface
  @d i03!: Cls
  @d i04!: En
  @d i06!: Def
  @d i07!: O.Cls
  @d i08!: O.Iface
  @d i09!: Ns.In
  @d i10!: Ns.If
  @d i11!: Cls[]
  @d i12!: Promise<Cls>
  @d m01(a: string, b?: number, ...c: string[]): A0 { return new A0 }
  @d async m02(a = 1, { x }: L, [y]: string[]): Promise<string> { return '' }
  @d async m03(...r: Array<Cls>) {}
  @d m04(x: Iface, y: Cls): void {}
  @d m05(this: T<any, any>, x: S): x is 'a' { return true }
  @d m06(x: unknown): asserts x {}
  @d *m07(): Generator<number> {}
  @d m08<K>(k: K, f: F): T<K, any> { return null as any }
  m09(@d x: Cls, y: Iface) {}
  @d static m10(x: number): string { return '' }
  @d get g01(): string { return '' }
  set g01(v: string) {}
  @d set g02(v: number) {}
  get g02(): number { return 1 }
  @d get g03() { return 1 }
  @d set g04(v: Cls) {}
  @d accessor ac1: Cls = new Cls
  @d accessor ac2 = 5
}
@d class W1 { constructor(a: string, private b: Iface, public c: Cls | null, @d e: W1, ...f: number[]) {} }
@d class W2 {}
@d class W3 extends W1 { }
class W4 { constructor(@d readonly a: Def, b: U) {} }
class Ord {
  @rec('s1') static a = 1
  @rec('i1') b = 2
  @rec('s2') static c() {}
  @rec('i2') d(@rec('i2p0') x: any, @rec('i2p1') y: any) {}
  @rec('s3') static accessor e = 1
  @rec('i3') accessor f = 1
}
const n = (x: any): any => Array.isArray(x) ? x.map(n) : x === undefined ? 'undefined' : typeof x === 'function' ? x.name : typeof x === 'object' ? 'OBJ' : x
const out: string[] = []
const keys = Object.getOwnPropertyNames(T.prototype).filter(k => k !== 'constructor')
const all = ['p','i','m','g','ac'].flatMap(p => Array.from({ length: 75 }, (_, i) => p + (p === 'ac' ? i : String(i).padStart(2, '0'))))
for (const k of all) for (const t of [T.prototype, T]) for (const m of Reflect.getMetadataKeys(t, k)) out.push(`${k} ${m} ${JSON.stringify(n(Reflect.getMetadata(m, t, k)))}`)
for (const c of [W1, W2, W3, W4]) for (const m of Reflect.getOwnMetadataKeys(c)) out.push(`${c.name} ${m} ${JSON.stringify(n(Reflect.getOwnMetadata(m, c)))}`)
out.push(log.join(' '))
const o = new T<any, any>(); out.push(String(o.ac2)); o.ac2 = 6; out.push(String(o.ac2), String(Ord.e))
console.log(out.join('\n'))
