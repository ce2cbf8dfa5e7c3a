import { expect, test } from 'vitest';
import { pictureType } from './profile.ts';

test('a picture is told by its bytes, and what is none is refused', () => {
  expect(pictureType(Buffer.from('89504e470d0a1a0a00', 'hex'))).toBe('png');
  expect(pictureType(Buffer.from('ffd8ffe0', 'hex'))).toBe('jpeg');
  expect(pictureType(Buffer.from('RIFF0000WEBPVP8 ', 'latin1'))).toBe('webp');
  for (const other of ['', 'GIF89a', 'RIFF0000WAVE', '<svg xmlns="http://www.w3.org/2000/svg"/>'])
    expect(pictureType(Buffer.from(other, 'latin1'))).toBeNull();
});
