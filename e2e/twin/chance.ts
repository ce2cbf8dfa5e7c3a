import { createHash } from 'node:crypto';

/** Numbers that depend on the seed alone. */
export interface Chance {
  readonly seed: string;
  below(limit: number): number;
  of<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

export function createChance(seed: string): Chance {
  let counter = 0;
  const next = (): Buffer => createHash('sha256').update(`${seed}/${counter++}`).digest();
  const below = (limit: number): number => (limit <= 1 ? 0 : Number(next().readBigUInt64BE() % BigInt(limit)));
  return {
    seed,
    below,
    of: (list) => list[below(list.length)]!,
    bytes(length) {
      const parts: Buffer[] = [];
      for (let made = 0; made < length; made += 32) parts.push(next());
      return Buffer.concat(parts).subarray(0, length);
    },
  };
}
