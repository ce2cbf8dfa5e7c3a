import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { animatePngs, chunksOf } from './animated-png.ts';

/** A PNG of one colour, 8 bits each of red, green and blue; its checksums are left 0, since nothing here reads them. */
function plainPng(width: number, height: number, colour: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, colour)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('frames become one picture: the first whole, later ones laid over it where they belong, each as long as it says', () => {
  const first = plainPng(4, 2, 10);
  const made = animatePngs([
    { png: first, x: 0, y: 0, delayMs: 500 },
    { png: plainPng(1, 2, 200), x: 3, y: 0, delayMs: 250 },
  ]);
  const chunks = chunksOf(made);
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT', 'fcTL', 'fdAT', 'IEND']);
  expect(chunks[1]?.data.readUInt32BE(0)).toBe(2);
  const control = chunks[4]?.data ?? Buffer.alloc(26);
  const [sequence, width, height, x, y] = [0, 4, 8, 12, 16].map((at) => control.readUInt32BE(at));
  expect({ sequence, width, height, x, y }).toEqual({ sequence: 1, width: 1, height: 2, x: 3, y: 0 });
  expect([control.readUInt16BE(20), control.readUInt16BE(22)]).toEqual([250, 1000]);
  // The number of the frame's data goes on where that of its control ended.
  expect(chunks[5]?.data.readUInt32BE(0)).toBe(2);
  expect(chunks[5]?.data.subarray(4)).toEqual(chunksOf(plainPng(1, 2, 200))[1]?.data);
});

test('what is no PNG, and frames of different kinds, are refused', () => {
  expect(() => animatePngs([])).toThrow('at least one');
  expect(() => animatePngs([{ png: Buffer.from('GIF89a..'), x: 0, y: 0, delayMs: 1 }])).toThrow('not a PNG');
  const grey = plainPng(1, 1, 0);
  grey[25] = 0;
  const frame = { x: 0, y: 0, delayMs: 1 };
  expect(() =>
    animatePngs([
      { ...frame, png: plainPng(1, 1, 0) },
      { ...frame, png: grey },
    ]),
  ).toThrow('same kind');
});
