import { expect, test } from 'vitest';
import { FILE_KINDS, fileKind } from './file-kinds.ts';

test.each([
  ['documents', 'a.pdf a.docx a.txt a.odt a.tex'],
  ['images', 'a.jpg a.heic a.xcf'],
  ['video', 'a.mp4 a.mts'],
  ['audio', 'a.mp3 a.mid'],
  ['archives', 'a.zip a.jar'],
  ['code', 'a.js a.c a.ipynb'],
] as const)('%s are told by their endings: %s', (kind, names) => {
  for (const name of names.split(' ')) expect(fileKind(name), name).toBe(kind);
});

test('the last ending counts, in whatever case', () => {
  expect(['photo.JPG', 'a.pdf.zip', 'b.c'].map(fileKind)).toEqual(['images', 'archives', 'code']);
});

test('what has no ending, or one that nobody knows, is something else', () => {
  for (const name of ['', 'pdf', '.pdf', 'a.', 'a.xyz', 'a.other', '.', 'a.pdfx'])
    expect(fileKind(name), name).toBe('other');
  expect(FILE_KINDS).toEqual(['documents', 'images', 'video', 'audio', 'archives', 'code', 'other']);
});
