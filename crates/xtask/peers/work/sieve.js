// Typed-array loads and stores.
function workSieve() {
  const size = 4_000_000;
  const composite = new Uint8Array(size);
  let primes = 0;
  for (let i = 2; i < size; i++) {
    if (composite[i]) continue;
    primes++;
    for (let j = i * i; j < size; j += i) composite[j] = 1;
  }
  return primes;
}
