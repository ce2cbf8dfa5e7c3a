import { expect, it } from 'vitest';
import { createUndoBook } from './core-conflicts.ts';

it('forgets the oldest of very many decisions, and each once it is taken back', () => {
  const book = createUndoBook();
  const ids = Array.from({ length: 201 }, (_, index) => book.add(`folder ${index}`, []));
  expect(() => book.take(ids[0]!)).toThrow();
  expect(book.take(ids[1]!).folder).toBe('folder 1');
  expect(() => book.take(ids[1]!)).toThrow();
  expect(book.take(ids[200]!).folder).toBe('folder 200');
});
