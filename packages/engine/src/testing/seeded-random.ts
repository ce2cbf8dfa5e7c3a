import type { Random } from '../ports.ts';

/** Deterministic chance. Two of the same name give the same values for ever; `fork` gives an independent stream by label. */
export interface SeededRandom extends Random {
  /** Uniform integer in [0, below). */
  int(below: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** One of `items`; throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  fork(label: string): SeededRandom;
}

/** Generator for one seed text: cyrb128 hashing into sfc32 (both public domain, by bryc). */
export function createSeededRandom(seed: string): SeededRandom {
  let [a, b, c, d] = hashText(seed);
  function next(): number {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  }
  for (let i = 0; i < 12; i++) next();
  const fraction = () => next() / 4_294_967_296;
  return {
    fraction,
    int: (below) => Math.floor(fraction() * below),
    chance: (p) => fraction() < p,
    pick(items) {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[Math.floor(fraction() * items.length)]!;
    },
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = next() & 0xff;
      return bytes;
    },
    fork: (label) => createSeededRandom(`${seed}/${label}`),
  };
}

/** Name of the n-th seed from a start: 64-bit numbers in decimal. */
export function seedName(from: bigint, index: number): string {
  return BigInt.asUintN(64, from + BigInt(index)).toString();
}

function hashText(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1 | 0, (h2 ^ h1) | 0, (h3 ^ h1) | 0, (h4 ^ h1) | 0];
}
