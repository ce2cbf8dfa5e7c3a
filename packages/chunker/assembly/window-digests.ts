/*
 * Rolling Toeplitz digests of every 64-byte window of the input, two tables at once in the lanes of one v128.
 *
 *   digest(w) = sum over j = 0..63 of x^(63-j) T[w_j]   in GF(2)[x] / (x^64 + x^4 + x^3 + x + 1), bit i = coefficient of x^i
 *   next window: d' = x d + T[byte entering] + x^64 T[byte leaving],   x^64 = x^4 + x^3 + x + 1
 *
 * Memory is laid out by hand; nothing is allocated. Two halves of the input run interleaved, because one stream alone waits for
 * its own previous digest.
 */

/** Windows evaluated by one call at most. */
export const CAPACITY: i32 = 4096;
/** 256 entries of 16 bytes: T_A[b], T_B[b], written by the host, then `prepare` is called once. */
export const TABLES: i32 = 0;
const LEAVING: i32 = 4096;
/** CAPACITY + 63 bytes. */
export const INPUT: i32 = 8192;
/** CAPACITY slots of 16 bytes: digest A, digest B, little endian; slot k is the window of input bytes k to k + 63. */
export const SLOTS: i32 = 8192 + 4096 + 64;

function timesX(value: v128): v128 {
  // The comparison spreads the top bit over its lane; x64 has no such shift for 64-bit lanes.
  const carry = v128.and(v128.lt<i64>(value, i64x2.splat(0)), i64x2.splat(0x1b));
  return v128.xor(i64x2.shl(value, 1), carry);
}

function entering(at: i32): v128 {
  return v128.load(TABLES + ((<i32>load<u8>(at)) << 4));
}

function leaving(at: i32): v128 {
  return v128.load(LEAVING + ((<i32>load<u8>(at)) << 4));
}

/** Fills the table of x^64 T[b]. */
export function prepare(): void {
  for (let at: i32 = 0; at < 4096; at += 16) {
    const entry = v128.load(TABLES + at);
    const x1 = timesX(entry);
    const x3 = timesX(timesX(x1));
    const x4 = timesX(x3);
    v128.store(LEAVING + at, v128.xor(v128.xor(entry, x1), v128.xor(x3, x4)));
  }
}

/** Writes `count` digests, 0 to CAPACITY, reading `count + 63` bytes of input. */
export function digest(count: i32): void {
  if (count <= 0) return;
  const half = (count + 1) >> 1;
  let a = INPUT;
  let b = INPUT + half;
  let digestA = i64x2.splat(0);
  let digestB = i64x2.splat(0);
  for (let i: i32 = 0; i < 64; i++) {
    digestA = v128.xor(timesX(digestA), entering(a + i));
    digestB = v128.xor(timesX(digestB), entering(b + i));
  }
  let slotA = SLOTS;
  let slotB = SLOTS + (half << 4);
  const end = slotB - 16;
  while (slotA < end) {
    v128.store(slotA, digestA);
    v128.store(slotB, digestB);
    digestA = v128.xor(timesX(digestA), v128.xor(entering(a + 64), leaving(a)));
    digestB = v128.xor(timesX(digestB), v128.xor(entering(b + 64), leaving(b)));
    a++;
    b++;
    slotA += 16;
    slotB += 16;
  }
  v128.store(slotA, digestA);
  if ((count & 1) == 0) v128.store(slotB, digestB);
}
