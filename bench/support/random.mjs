/** A seeded source of numbers: the same seed gives the same graphs on every machine. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    /** A whole number from `from` to `to`, both included. */
    int: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (p) => next() < p,
    /** Lognormal with median 1. */
    lognormal: (sigma) => Math.exp(sigma * normal()),
    pick: (list) => list[Math.floor(next() * list.length)],
    /** `count` different members of `list`, or all of them. */
    some(list, count) {
      const rest = [...list];
      const picked = [];
      while (picked.length < count && rest.length > 0) picked.push(...rest.splice(Math.floor(next() * rest.length), 1));
      return picked;
    },
  };
}
