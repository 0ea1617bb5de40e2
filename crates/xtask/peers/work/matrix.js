// Floating-point loops over nested arrays.
function workMatrix() {
  const size = 200;
  const make = (seed) => Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => ((i * seed + j) % 7) / 2));
  const [a, b] = [make(3), make(5)];
  let trace = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i][k] * b[k][j];
      if (i === j) trace += sum;
    }
  }
  return trace;
}
