import { expect, test } from 'vitest';
import type { Hash } from '@onefold/protocol';
import { checkHistory, type JournalEntry, type Operation, type Outcome } from './history.ts';

const hash = (seq: number): Hash => `hash ${seq}` as Hash;
const journal: JournalEntry[] = [
  { op: 'genesis', hash: hash(0) },
  { op: 'a', hash: hash(1), node: 'n', version: 2 },
  { op: 'b', hash: hash(2), node: 'n', version: 3 },
];
const at = (startMs: number, endMs: number, outcome: Outcome, op?: string): Operation => ({
  ...(op === undefined ? {} : { op, node: 'n', base: op === 'b' ? 2 : 1 }),
  startMs,
  endMs,
  outcome,
});
const read = (seq: number): Outcome => ({ kind: 'read', seq, hash: hash(seq) });
const committed = (seq: number): Outcome => ({ kind: 'committed', seq, hash: hash(seq) });
const refused = (seq: number, isFinal = true): Outcome => ({ kind: 'refused', seq, hash: hash(seq), isFinal });

const right = [
  at(0, 1, read(0)),
  at(1, 4, committed(1), 'a'),
  at(2, 3, read(1)),
  at(5, 6, read(1)),
  at(5, 9, committed(2), 'b'),
  at(6, 7, read(2)),
  at(10, 11, read(2)),
  at(10, 12, refused(2), 'c'),
  at(10, 12, { kind: 'unknown' }, 'd'),
];

test('a history that is right has nothing wrong', () => {
  expect(checkHistory(right, journal)).toEqual([]);
});

test.each<[string, Operation[], JournalEntry[]]>([
  ['a read from the past, as a stale cache or a joined head read gives', [at(20, 21, read(1))], journal],
  ['a read that goes back', [at(20, 21, read(2)), at(22, 23, read(0))], journal],
  ['a read of a head that no longer stands', [at(20, 21, { ...read(2), hash: hash(9) } as Outcome)], journal],
  ['a read of what nobody had asked for yet', [at(-2, -1, read(1))], journal],
  ['a commit that is gone', [at(20, 21, { kind: 'committed', seq: 3, hash: hash(3) }, 'e')], journal],
  [
    'a commit below one that was answered before, as numbers drawn early give',
    [at(20, 21, committed(1), 'a')],
    journal,
  ],
  ['one operation that stands twice', [], [...journal, { op: 'b', hash: hash(3), node: 'n' }]],
  ['a refused operation that stands', [at(20, 21, refused(2), 'b')], journal],
  ['a refusal where its base stood', [{ ...at(20, 21, refused(2), 'f'), base: 3 }], journal],
  [
    'two entries on one version, as no compare-and-set gives',
    [],
    [...journal, { op: 'h', hash: hash(3), node: 'n', version: 3 }],
  ],
  ['an answer no right server gives', [at(20, 21, { kind: 'wrong', code: 'internal' }, 'g')], journal],
])('found: %s', (_, operations, entries) => {
  expect(checkHistory([...right, ...operations], entries)).not.toEqual([]);
});

test('a refusal after an attempt that was given up decides nothing', () => {
  const [first] = right;
  const operations = [first as Operation, at(1, 9, refused(2, false), 'b'), at(1, 4, committed(1), 'a')];
  expect(checkHistory(operations, journal)).toEqual([]);
});
