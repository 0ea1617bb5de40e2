// The JSON built-ins, objects and the garbage collector.
function workJson() {
  const rows = [];
  for (let i = 0; i < 10_000; i++) rows.push({ id: i, name: `row ${i}`, tags: ['a', 'b'], nested: { x: i / 4, ok: true } });
  let length = 0;
  for (let i = 0; i < 3; i++) length += JSON.stringify(JSON.parse(JSON.stringify(rows))).length;
  return length;
}
