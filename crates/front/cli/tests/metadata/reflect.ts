// As much of the package reflect-metadata as `decorated.ts` needs.
type Keys = Map<string, unknown>
const all = new Map<object, Map<unknown, Keys>>()
const of = (target: object, key: unknown): Keys => {
  const keys = all.get(target) ?? new Map<unknown, Keys>()
  all.set(target, keys)
  const found = keys.get(key) ?? new Map<string, unknown>()
  keys.set(key, found)
  return found
}
Object.assign(Reflect, {
  metadata: (name: string, value: unknown) => (target: object, key?: unknown) => void of(target, key).set(name, value),
  getMetadata: (name: string, target: object, key?: unknown) => of(target, key).get(name),
  getOwnMetadata: (name: string, target: object, key?: unknown) => of(target, key).get(name),
  getMetadataKeys: (target: object, key?: unknown) => [...of(target, key).keys()],
  getOwnMetadataKeys: (target: object, key?: unknown) => [...of(target, key).keys()],
})
