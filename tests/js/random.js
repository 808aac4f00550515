/** Numbers that look random and are the same in every run. */
export function randomFrom(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return (most) => Math.floor(next() * most);
}
