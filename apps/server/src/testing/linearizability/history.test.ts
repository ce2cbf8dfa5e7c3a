import { expect, test } from 'vitest';
import type { Hash } from '@onefold/protocol';
import { checkHistory } from './history.ts';
import type { JournalEntry, Operation, Outcome, ToldVersion } from './operation.ts';

const hash = (seq: number): Hash => `hash ${seq}` as Hash;
const entry = (seq: number): Hash => `entry ${seq}` as Hash;
const sealed = (seq: number): Hash => `sealed ${seq}` as Hash;
const at = (seq: number, op: string, version?: number, blocks: string[] = [], register = 'n'): JournalEntry => ({
  ...{ op, hash: hash(seq), entry: entry(seq) },
  changes: version === undefined ? [] : [{ register, version, sealed: sealed(seq), blocks }],
});
const journal = [at(0, 'genesis'), at(1, 'create', 1), at(2, 'a', 2, ['block']), at(3, 'b', 3)];

const asked = (startMs: number, endMs: number, outcome: Outcome, op?: string): Operation => ({
  ...(op === undefined ? {} : { op, register: 'n', base: op === 'b' ? 2 : 1 }),
  ...{ startMs, endMs, outcome },
});
const read = (seq: number, page?: Extract<Outcome, { kind: 'read' }>['page']): Outcome => ({
  ...{ kind: 'read', seq, hash: hash(seq) },
  ...(page === undefined ? {} : { page }),
});
const page = (after: number, ...seqs: number[]) => ({
  after,
  entries: seqs.map((seq) => ({ seq, hash: entry(seq) })),
});
const committed = (seq: number): Outcome => ({ kind: 'committed', seq, hash: hash(seq) });
const refused = (seq: number, isFinal = true): Outcome => ({ kind: 'refused', seq, hash: hash(seq), isFinal });
const announced = (seq: number): Outcome => ({ kind: 'announced', seq, hash: hash(seq) });
const version = (number: number): ToldVersion => ({ version: number, seq: number, sealed: sealed(number) });
const versions = (numbers: number[], options: { before?: number; hasOlder?: boolean } = {}): Outcome => ({
  ...{ kind: 'versions', register: 'n', before: Infinity, hasOlder: false, versions: numbers.map(version) },
  ...options,
});
const snapshot = (seq: number, its: ToldVersion | undefined, register = 'n'): Outcome => ({
  ...{ kind: 'snapshot', seq, registers: new Map(its === undefined ? [] : [[register, its]]) },
});
const lacking = (...blocks: string[]): Outcome => ({ kind: 'blocks', lacking: blocks });

const right = [
  asked(0, 1, read(1)),
  asked(1, 4, committed(2), 'a'),
  asked(1, 3, lacking('block')),
  asked(2, 3, read(2)),
  asked(2, 3, versions([1])),
  asked(5, 6, read(2)),
  asked(5, 9, committed(3), 'b'),
  asked(5, 9, { kind: 'silence', after: 2 }),
  asked(-Infinity, 7, announced(3)),
  asked(6, 7, read(3)),
  asked(10, 11, read(3, page(3))),
  asked(10, 12, refused(3), 'c'),
  asked(10, 12, { kind: 'unknown' }, 'd'),
  asked(-Infinity, 12, announced(2)),
  asked(10, 12, read(3, page(0, 1, 2))),
  asked(10, 12, { kind: 'skipped', page: page(1, 2, 3) }),
  asked(10, 12, versions([1, 2, 3])),
  asked(10, 12, versions([2, 3], { hasOlder: true })),
  asked(10, 12, versions([1, 2], { before: 3 })),
  asked(10, 12, snapshot(2, version(2))),
  asked(10, 12, lacking('of nobody')),
];

test('a history that is right has nothing wrong', () => {
  expect(checkHistory(right, journal)).toEqual([]);
});

const late = (outcome: Outcome, op?: string): Operation[] => [asked(20, 21, outcome, op)];

test.each<[string, Operation[], JournalEntry[]]>([
  ['a read from the past, as a stale cache or a joined head read gives', late(read(2)), journal],
  ['a read that goes back', [asked(20, 21, read(3)), asked(22, 23, read(0))], journal],
  ['a read of a head that no longer stands', late({ kind: 'read', seq: 3, hash: hash(9) }), journal],
  ['a read of what nobody had asked for yet', [asked(-2, -1, read(2))], journal],
  ['a commit that is gone', late({ kind: 'committed', seq: 4, hash: hash(4) }, 'e'), journal],
  ['a commit below one that was answered before, as numbers drawn early give', late(committed(2), 'a'), journal],
  ['one operation that stands twice', [], [...journal, at(4, 'b')]],
  ['a refused operation that stands', late(refused(3), 'b'), journal],
  ['a refusal where its base stood', [{ ...asked(20, 21, refused(3), 'f'), base: 3 }], journal],
  ['two entries on one version, as no compare-and-set gives', [], [...journal, at(4, 'h', 3)]],
  ['a register that begins in its middle', [], [...journal, at(4, 'h', 2, [], 'm')]],
  ['an answer no right server gives', late({ kind: 'wrong', code: 'internal' }, 'g'), journal],
  ['a page that leaves an entry out', late(read(3, page(0, 1, 3))), journal],
  ['a page that begins too late', late(read(3, page(0, 2, 3))), journal],
  ['a page with another entry at a place', late(read(3, { after: 1, entries: [{ seq: 2, hash: entry(9) }] })), journal],
  ['a page that goes past its own head', [asked(6, 7, read(2, page(1, 2, 3)))], journal],
  ['a page with nothing in it below the head', late(read(3, page(1))), journal],
  ['hashes of entries passed by that end before the head', late({ kind: 'skipped', page: page(0, 1, 2) }), journal],
  [
    'another hash among them',
    late({ kind: 'skipped', page: { after: 2, entries: [{ seq: 3, hash: entry(9) }] } }),
    journal,
  ],
  [
    'an announcement of what does not stand',
    [asked(-Infinity, 21, { ...announced(3), hash: hash(9) } as Outcome)],
    journal,
  ],
  ['an announcement past the end', [asked(-Infinity, 21, announced(4))], journal],
  ['a read behind what had been announced', [asked(-Infinity, 4.1, announced(3)), asked(4.2, 4.3, read(2))], journal],
  ['an announcement of what nobody had asked for yet', [asked(-Infinity, 0, announced(2))], journal],
  ['a wait that is told of nothing past what had been answered', late({ kind: 'silence', after: 2 }), journal],
  ['a list that misses the newest version that was acknowledged', late(versions([1, 2])), journal],
  ['a list that misses one below where it was asked to begin', late(versions([1], { before: 3 })), journal],
  ['a list with a gap', late(versions([1, 3])), journal],
  ['a list that begins in the middle and says that this is all', late(versions([2, 3])), journal],
  ['a list with what was not asked for', late(versions([1, 2, 3], { before: 3 })), journal],
  ['an empty list', late(versions([])), journal],
  ['a list that says there is something before the first', late(versions([1, 2, 3], { hasOlder: true })), journal],
  [
    'a list with another version',
    late({
      kind: 'versions',
      register: 'n',
      before: 2,
      hasOlder: false,
      versions: [{ ...version(1), sealed: sealed(9) }],
    }),
    journal,
  ],
  ['a snapshot with a later version', late(snapshot(2, version(3))), journal],
  ['a snapshot with an earlier version', late(snapshot(2, version(1))), journal],
  ['a snapshot that leaves a node out', late(snapshot(2, undefined)), journal],
  ['a snapshot with a node that is not there', [...late(snapshot(0, version(1), 'm'))], journal],
  ['a block that is not there after its entry was acknowledged', late(lacking('block')), journal],
])('found: %s', (_, operations, entries) => {
  expect(checkHistory([...right, ...operations], entries)).not.toEqual([]);
});

test('a refusal after an attempt that was given up decides nothing', () => {
  const [first] = right;
  const operations = [first as Operation, asked(1, 9, refused(3, false), 'b'), asked(1, 4, committed(2), 'a')];
  expect(checkHistory(operations, journal)).toEqual([]);
});
