// Concatenation, splitting, a regular expression and a map.
function workString() {
  let text = '';
  for (let i = 0; i < 60_000; i++) text += `word${i % 997} `;
  const counts = new Map();
  for (const word of text.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts.size + text.replace(/word(\d)/g, (_, digit) => digit).length;
}
