import { expect, test } from 'vitest';
import { PLAYED_KIT } from '../fixtures/setup.ts';
import { drawQr, QR_BORDER } from './draw-qr.ts';

/*
 * What stands in the code is read as a camera's program does it once it has found the squares (ISO/IEC 18004), up to version 15 and in the
 * mode for bytes: a sheet whose code says anything else is an account that cannot be opened any more.
 */

/** By the two bits of the format: error correction M, L, H, Q. For each version from 1 on. */
const CORRECTION_PER_BLOCK = [
  [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24],
  [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22],
  [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24],
  [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30],
];
const BLOCKS = [
  [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10],
  [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6],
  [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18],
  [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12],
];
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

type Squares = (x: number, y: number) => boolean;

const numberOf = (bits: readonly boolean[]): number => bits.reduce((sum, bit) => sum * 2 + Number(bit), 0);

function readCode({ size: outer, path }: ReturnType<typeof drawQr>): string {
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/gu)].map(([, x, y]) => `${x} ${y}`));
  const isDark: Squares = (x, y) => dark.has(`${x + QR_BORDER} ${y + QR_BORDER}`);
  const size = outer - 2 * QR_BORDER;
  const version = (size - 17) / 4;
  const format = numberOf(formatBits(isDark)) ^ 0x5412;
  const level = format >> 13;
  const isMasked = MASKS[(format >> 10) & 7]!;
  const words = codeWords(size, version, (x, y) => isDark(x, y) !== isMasked(x, y));
  const data = inOrder(words, BLOCKS[level]![version - 1]!, CORRECTION_PER_BLOCK[level]![version - 1]!);
  const bits = data.flatMap((word) => Array.from({ length: 8 }, (_, at) => ((word >> (7 - at)) & 1) === 1));
  const take = (count: number): number => numberOf(bits.splice(0, count));
  expect(take(4)).toBe(4);
  const length = take(version < 10 ? 8 : 16);
  return Buffer.from(Array.from({ length }, () => take(8))).toString('utf8');
}

/** The last first. */
function formatBits(isDark: Squares): boolean[] {
  const places = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => [8, y] as const);
  const rest = [7, 5, 4, 3, 2, 1, 0].map((x) => [x, 8] as const);
  return [...places, ...rest].reverse().map(([x, y]) => isDark(x, y));
}

function codeWords(size: number, version: number, isSet: Squares): number[] {
  const bits: boolean[] = [];
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) if (!isPattern(x, y, size, version)) bits.push(isSet(x, y));
    }
  }
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, at) => numberOf(bits.slice(at * 8, at * 8 + 8)));
}

function isPattern(x: number, y: number, size: number, version: number): boolean {
  const isFinder = (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8);
  const isVersion = version >= 7 && ((x >= size - 11 && y < 6) || (y >= size - 11 && x < 6));
  return isFinder || isVersion || x === 6 || y === 6 || isAlignment(x, y, size, version);
}

function isAlignment(x: number, y: number, size: number, version: number): boolean {
  if (version === 1) return false;
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const centers = [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - at * step)];
  const near = (at: number): number | undefined => centers.find((center) => Math.abs(center - at) <= 2);
  const [cx, cy] = [near(x), near(y)];
  if (cx === undefined || cy === undefined) return false;
  const isCorner = (cx === 6 && cy === 6) || (cx === 6 && cy === size - 7) || (cx === size - 7 && cy === 6);
  return !isCorner;
}

function inOrder(words: readonly number[], blocks: number, correction: number): number[] {
  const short = Math.floor(words.length / blocks) - correction;
  const longFrom = blocks - (words.length % blocks);
  const data: number[][] = Array.from({ length: blocks }, () => []);
  let at = 0;
  for (let row = 0; row <= short; row++)
    for (let block = 0; block < blocks; block++) if (row < short || block >= longFrom) data[block]!.push(words[at++]!);
  return data.flat();
}

test.each([
  ['the Emergency Kit', PLAYED_KIT.text],
  ['the recovery phrase', PLAYED_KIT.phrase],
  ['a short text', 'onefold'],
  ['one beyond ASCII', 'Büro 사무실'],
  ['a long server name and address', `Server: https://${'files.'.repeat(20)}example.org\nE-mail: ana@example.org\n`],
])('the code of %s says that and nothing else', (_what, text) => {
  expect(readCode(drawQr(text))).toBe(text);
});
