import type { BlockId, ContentId, CtHash, DeviceId, Hash, NameTag, NodeId, OpId } from '@onefold/protocol';
import { ROOT_NODE } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { BlockReference, FileStat, LocalState, NodeRow, RemoteState, SyncedState } from '../../core/tree.ts';
import type { Cursor, Store } from '../../ports.ts';

/** A store's own file (or memory) that outlives the store. */
export interface StoreUnderTest {
  open(): Promise<Store>;
  close(): Promise<void>;
}

const hex = (byte: string, bytes: number) => byte.repeat(bytes);
const node = (byte: string) => hex(byte, 16) as NodeId;
const contentId = (byte: string) => hex(byte, 32) as ContentId;
const blockId = (byte: string) => hex(byte, 32) as BlockId;
const hash = (byte: string) => hex(byte, 32) as Hash;
const tag = (byte: string) => hex(byte, 32) as NameTag;
const DEVICE = hex('dd', 16) as DeviceId;
/** Beyond what a double and a signed 64-bit integer hold: inode and device numbers of some file systems. */
const LARGE = 2n ** 63n + 12_345_678_901n;

const reference = (byte: string): BlockReference => ({
  epoch: 0,
  blockId: blockId(byte),
  ctHash: hex(byte, 32) as CtHash,
  ctLength: 300,
  plainLength: 200,
});

const stat = (inode: bigint, kind: FileStat['kind'] = 'file'): FileStat => ({
  kind,
  sizeBytes: 5,
  mtimeNs: 1_767_225_600_123_456_789n,
  ctimeNs: 1_767_225_600_123_456_790n,
  birthtimeNs: 0n,
  inode,
  device: LARGE,
  linkCount: 1,
  mode: 0o644,
});

const content = (byte: string) => ({ kind: 'file', contentId: contentId(byte), sizeBytes: 5 }) as const;

const local = (parent: NodeId, name: string, inode: bigint, byte: string | null): LocalState => ({
  kind: 'file',
  parent,
  name,
  stat: stat(inode),
  content: byte === null ? null : content(byte),
});

const remote = (parent: NodeId, name: string, byte: string, lastSeq: number, hidden = false): RemoteState => ({
  kind: 'file',
  parent,
  nameTag: tag(byte),
  name,
  hidden,
  hiddenAbove: false,
  unticked: false,
  placeVersion: 1,
  contentVersion: 1,
  attributesVersion: 1,
  lastSeq,
  author: DEVICE,
  content: content(byte),
  attributes: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  quarantined: false,
});

const synced = (parent: NodeId, name: string, byte: string): SyncedState => ({
  kind: 'file',
  parent,
  name,
  content: content(byte),
  attributes: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  shown: { mtimeNs: 1_767_225_600_123_456_789n, mode: 0o644 },
  placeVersion: 1,
  contentVersion: 1,
  attributesVersion: 1,
});

const cursor: Cursor = { remoteSeq: 7, remoteHash: hash('07'), recoveryEpoch: 0, epoch: 0, deviceSeq: 3, ownSeq: 5 };

/** What every Store promises. `create` makes a fresh, empty one. */
export function describeStore(name: string, create: () => Promise<StoreUnderTest>): void {
  async function withStore(body: (store: Store, reopen: () => Promise<Store>) => Promise<void>): Promise<void> {
    const subject = await create();
    let store = await subject.open();
    try {
      await body(store, async () => {
        await store.close();
        return (store = await subject.open());
      });
    } finally {
      await store.close();
      await subject.close();
    }
  }

  const row = (id: NodeId, parts: Partial<NodeRow>): NodeRow => ({
    node: id,
    local: null,
    remote: null,
    synced: null,
    ...parts,
  });

  describe(`${name}: store`, () => {
    test('an empty store answers nothing of everything', () =>
      withStore(async (store) => {
        expect(await store.cursor()).toBe(null);
        expect(await store.inFlight()).toBe(null);
        expect(await store.members()).toBe(null);
        expect(await store.treeSum()).toBe(null);
        expect(await store.fact('x')).toBe(null);
        expect(await store.hashAt(0)).toBe(undefined);
        expect(await store.rows([node('01')])).toEqual([undefined]);
        expect(await store.unsettled(10, null)).toEqual([]);
        expect(await store.counts()).toEqual({ files: 0, folders: 0, unsettled: 0, notYetSafe: 0, bytesToMove: 0 });
        expect(await store.references([node('01')])).toEqual([null]);
      }));

    test('everything of one batch is there after it, and still there when opened again', () =>
      withStore(async (store, reopen) => {
        const id = node('01');
        const whole = row(id, {
          local: local(ROOT_NODE, 'name \udc80\udcff', LARGE, 'aa'),
          remote: remote(ROOT_NODE, 'name \udc80\udcff', 'aa', 7),
          synced: synced(ROOT_NODE, 'name \udc80\udcff', 'aa'),
        });
        const inFlight = {
          opId: hex('0f', 16) as OpId,
          entry: { header: new Uint8Array([1]), signature: new Uint8Array(64), body: new Uint8Array([2, 3]) },
          uploadId: null,
          nodes: [id],
        };
        const intent = { node: id, direction: 'up', sinceMs: 1, attempts: 2, retryAtMs: 3, code: 'disk-full' } as const;
        const attention = { id: 'a', code: 'disk-full', path: 'p', message: 'm', sinceMs: 1, detail: '{}' } as const;
        await store.commit({
          rows: [whole],
          references: [
            { node: id, value: { references: [reference('b1'), reference('b2')], manifest: [reference('b3')] } },
          ],
          blocks: [reference('b1')],
          cursor,
          hashes: [{ seq: 7, hash: hash('07') }],
          members: '{"m":1}',
          treeSum: { count: 3, lanes: new Uint8Array(2_048).fill(7) },
          inFlight,
          intents: { put: [intent] },
          diskIntents: { put: [{ id: 'd', node: id, detail: '{}' }] },
          attention: { put: [attention] },
          activity: [{ atMs: 5, kind: 'added', path: 'p', previousPath: null, device: DEVICE }],
          facts: { f: '1' },
        });
        for (const isReopened of [false, true]) {
          const opened = isReopened ? await reopen() : store;
          expect(await opened.rows([id, node('02')])).toEqual([whole, undefined]);
          expect(await opened.references([id])).toEqual([
            { references: [reference('b1'), reference('b2')], manifest: [reference('b3')] },
          ]);
          expect(await opened.knownBlocks([blockId('b1'), blockId('b2')])).toEqual([reference('b1'), undefined]);
          expect(await opened.nodesWithBlocks([blockId('b2'), blockId('b9')])).toEqual(new Map([[blockId('b2'), id]]));
          expect(await opened.cursor()).toEqual(cursor);
          expect(await opened.hashAt(7)).toBe(hash('07'));
          expect(await opened.members()).toBe('{"m":1}');
          expect(await opened.treeSum()).toEqual({ count: 3, lanes: new Uint8Array(2_048).fill(7) });
          expect(await opened.inFlight()).toEqual(inFlight);
          expect(await opened.intents(10)).toEqual([intent]);
          expect(await opened.diskIntents()).toEqual([{ id: 'd', node: id, detail: '{}' }]);
          expect(await opened.attention()).toEqual([attention]);
          expect(await opened.activity(10, null)).toMatchObject([
            { atMs: 5, kind: 'added', path: 'p', device: DEVICE },
          ]);
          expect(await opened.fact('f')).toBe('1');
        }
      }));

    test('a folder is told page by page in the order of names, what is only there between what is here', () =>
      withStore(async (store) => {
        const folder = node('f0');
        const alive = (byte: string, name: string) => row(node(byte), { remote: remote(folder, name, byte, 3) });
        await store.commit({
          rows: [
            row(node('01'), { local: local(folder, 'b', 1n, 'aa'), remote: remote(folder, 'was b', '01', 1) }),
            row(node('02'), { local: local(folder, 'd', 2n, 'aa') }),
            alive('03', 'a'),
            alive('04', 'c'),
            alive('05', '가'),
            row(node('06'), { remote: remote(folder, 'c2', '06', 4, true) }),
            row(node('07'), { local: local(ROOT_NODE, 'c3', 3n, 'aa') }),
          ],
        });
        const names = async (after: string | null, limit: number) =>
          (await store.childrenPage(folder, after, limit)).map((one) => one.local?.name ?? one.remote?.name);
        expect(await names(null, 100)).toEqual(['a', 'b', 'c', 'd', '가']);
        expect(await names(null, 2)).toEqual(['a', 'b']);
        expect(await names('b', 2)).toEqual(['c', 'd']);
        expect(await names('d', 2)).toEqual(['가']);
        expect(await names('가', 2)).toEqual([]);
      }));

    test('names are found by their words, the best match first, deleted ones apart, and by the names they have now', () =>
      withStore(async (store, reopen) => {
        const here = (byte: string, name: string) => row(node(byte), { local: local(ROOT_NODE, name, 1n, 'aa') });
        await store.commit({
          rows: [
            here('01', 'Explanation.md'),
            here('02', 'my plan.md'),
            here('03', 'PLAN.md'),
            here('04', '회의록 계획.hwp'),
            row(node('05'), { remote: remote(ROOT_NODE, 'plan b', '05', 4, true) }),
          ],
        });
        const found = async (isDeleted: boolean, ...words: string[]) =>
          (await store.named(words, isDeleted, 10)).map((one) => one.local?.name ?? one.remote?.name);
        expect(await found(false, 'plan')).toEqual(['PLAN.md', 'my plan.md', 'Explanation.md']);
        expect(await found(false, 'plan', 'my')).toEqual(['my plan.md']);
        expect(await found(false, '계획')).toEqual(['회의록 계획.hwp']);
        expect(await found(true, 'plan')).toEqual(['plan b']);
        await store.commit({ rows: [here('03', 'scheme.md'), row(node('02'), {})] });
        store = await reopen();
        expect(await found(false, 'plan')).toEqual(['Explanation.md']);
        expect(await found(false, 'scheme')).toEqual(['scheme.md']);
      }));

    test('namesakes are told the last changed first, hidden ones too, and slices together hold every row once', () =>
      withStore(async (store) => {
        const named = (byte: string, seq: number, hidden: boolean) =>
          row(node(byte), { remote: remote(ROOT_NODE, 'a', byte, seq, hidden) });
        await store.commit({ rows: [named('01', 2, true), named('02', 9, false), named('03', 5, true)] });
        const nodes = (rows: readonly NodeRow[]) => rows.map((one) => one.node);
        expect(nodes(await store.remoteNamesakes(ROOT_NODE, 'a', 2))).toEqual([node('02'), node('03')]);
        const all: NodeRow[] = [];
        for (let after: number | null = null; ;) {
          const { rows, next } = await store.slice(after, 2);
          all.push(...rows);
          if (next === null) break;
          after = next;
        }
        expect(nodes(all).sort()).toEqual([node('01'), node('02'), node('03')]);
      }));

    test('absent fields change nothing, null removes, and a row of three nulls is gone', () =>
      withStore(async (store) => {
        const id = node('01');
        await store.commit({
          rows: [row(id, { local: local(ROOT_NODE, 'a', 1n, 'aa') })],
          references: [{ node: id, value: { references: [reference('b1')], manifest: [] } }],
          cursor,
          facts: { f: '1' },
          intents: { put: [{ node: id, direction: 'down', sinceMs: 1, attempts: 0, retryAtMs: 0, code: null }] },
        });
        await store.commit({});
        expect(await store.cursor()).toEqual(cursor);
        expect(await store.fact('f')).toBe('1');
        await store.commit({
          rows: [row(id, {})],
          references: [{ node: id, value: null }],
          facts: { f: null },
          inFlight: null,
          intents: { remove: [id] },
        });
        expect(await store.rows([id])).toEqual([undefined]);
        expect(await store.references([id])).toEqual([null]);
        expect(await store.fact('f')).toBe(null);
        expect(await store.intents(10)).toEqual([]);
        expect(await store.unsettled(10, null)).toEqual([]);
      }));

    test('children are found by each side’s own parent and exact name, hidden remote ones only by parent', () =>
      withStore(async (store) => {
        const folder = node('f0');
        const one = row(node('01'), { local: local(folder, 'a', 1n, 'aa'), remote: remote(ROOT_NODE, 'b', 'a1', 3) });
        const two = row(node('02'), {
          remote: remote(ROOT_NODE, 'b', 'a2', 4, true),
          synced: synced(folder, 'A', 'aa'),
        });
        await store.commit({ rows: [one, two] });
        expect(await store.childrenOf('local', folder)).toEqual([one]);
        expect(await store.childrenOf('synced', folder)).toEqual([two]);
        expect((await store.childrenOf('remote', ROOT_NODE)).map((child) => child.node).sort()).toEqual([
          one.node,
          two.node,
        ]);
        expect(
          await store.childrenByName('local', [
            { parent: folder, name: 'a' },
            { parent: folder, name: 'A' },
          ]),
        ).toEqual([one, undefined]);
        expect(await store.childrenByName('remote', [{ parent: ROOT_NODE, name: 'b' }])).toEqual([one]);
        const renamed = row(node('03'), {
          local: { ...local(folder, 'A', 2n, 'aa'), diskName: 'A~\udc80' },
          remote: remote(folder, 'A', 'a3', 5),
        });
        await store.commit({ rows: [renamed] });
        expect(await store.childrenOnDisk(['a', 'A', 'A~\udc80'].map((name) => ({ parent: folder, name })))).toEqual([
          one,
          undefined,
          renamed,
        ]);
        expect(await store.childrenByName('local', [{ parent: folder, name: 'A' }])).toEqual([renamed]);
        expect(await store.renamedHere(10)).toEqual([renamed]);
        await store.commit({ rows: [{ ...renamed, local: { ...renamed.local!, diskName: undefined } }] });
        expect(await store.renamedHere(10)).toEqual([]);
        await store.commit({ rows: [{ ...renamed, local: null, remote: null }] });
        const keys = [
          { parent: ROOT_NODE, tag: tag('a1') },
          { parent: ROOT_NODE, tag: tag('a2') },
          { parent: folder, tag: tag('a1') },
        ];
        expect(await store.remoteChildrenByTag(keys)).toEqual([one.node, undefined, undefined]);
        await store.commit({ rows: [{ ...one, local: local(ROOT_NODE, 'c', 1n, 'aa') }] });
        expect(await store.childrenOf('local', folder)).toEqual([]);
      }));

    test('rows are found by inode, by content and by what changed after', () =>
      withStore(async (store) => {
        const one = row(node('01'), {
          local: local(ROOT_NODE, 'a', LARGE, 'aa'),
          remote: remote(ROOT_NODE, 'a', 'ab', 3),
        });
        const two = row(node('02'), { remote: remote(ROOT_NODE, 'b', 'ac', 9, true) });
        await store.commit({ rows: [one, two] });
        expect(
          await store.localByInodes([
            { device: LARGE, inode: LARGE },
            { device: LARGE, inode: 1n },
          ]),
        ).toEqual([[one], []]);
        expect(await store.byContents([contentId('aa'), contentId('ab'), contentId('ac'), contentId('ff')])).toEqual([
          [one],
          [one],
          [two],
          [],
        ]);
        expect(await store.remoteChangedAfter(3)).toEqual([two.node]);
        expect([...(await store.remoteChangedAfter(2))].sort()).toEqual([one.node, two.node]);
      }));

    test('unsettled rows come in order of node, page by page, and counts agree', () =>
      withStore(async (store) => {
        const settled = row(node('05'), {
          local: local(ROOT_NODE, 's', 5n, 'aa'),
          remote: remote(ROOT_NODE, 's', 'aa', 3),
          synced: synced(ROOT_NODE, 's', 'aa'),
        });
        const open = ['03', '01', '04', '02'].map((byte) =>
          row(node(byte), { local: local(ROOT_NODE, byte, 1n, null) }),
        );
        await store.commit({ rows: [settled, ...open] });
        const first = await store.unsettled(3, null);
        expect(first.map((found) => found.node)).toEqual([node('01'), node('02'), node('03')]);
        expect((await store.unsettled(3, node('03'))).map((found) => found.node)).toEqual([node('04')]);
        expect(await store.counts()).toEqual({ files: 5, folders: 0, unsettled: 4, notYetSafe: 4, bytesToMove: 20 });
      }));

    test('forgetting the local half keeps what the journal says, and the rest of the batch comes after', () =>
      withStore(async (store) => {
        const both = row(node('01'), {
          local: local(ROOT_NODE, 'a', 1n, 'aa'),
          remote: remote(ROOT_NODE, 'a', 'aa', 3),
          synced: synced(ROOT_NODE, 'a', 'aa'),
        });
        const only = row(node('02'), { local: local(ROOT_NODE, 'b', 2n, 'aa') });
        const fresh = row(node('03'), { local: local(ROOT_NODE, 'c', 3n, 'aa') });
        await store.commit({ rows: [both, only] });
        await store.commit({ forgetLocal: true, rows: [fresh] });
        const rows = await store.rows([both.node, only.node, fresh.node]);
        expect(rows).toEqual([{ ...both, local: null, synced: null }, undefined, fresh]);
      }));

    test('forgetting the journal keeps what stood on this disk, what was synced, and the hashes of entries', () =>
      withStore(async (store) => {
        const known = row(node('01'), {
          local: local(ROOT_NODE, 'a', 1n, 'aa'),
          remote: remote(ROOT_NODE, 'a', 'aa', 3),
          synced: synced(ROOT_NODE, 'a', 'aa'),
        });
        const there = row(node('02'), { remote: remote(ROOT_NODE, 'b', 'aa', 3) });
        const diskIntent = { id: 'move:1', node: known.node, detail: '{}' };
        await store.commit({
          rows: [known, there],
          cursor,
          members: '{}',
          treeSum: { count: 3, lanes: new Uint8Array(2_048) },
          hashes: [{ seq: 7, hash: hash('07') }],
          diskIntents: { put: [diskIntent] },
          facts: { kept: 'yes' },
        });
        await store.commit({ forgetJournal: true });
        expect(await store.rows([known.node, there.node])).toEqual([{ ...known, remote: null }, undefined]);
        expect([await store.cursor(), await store.members(), await store.hashAt(7)]).toEqual([null, null, hash('07')]);
        expect(await store.treeSum()).toBe(null);
        expect(await store.diskIntents()).toEqual([diskIntent]);
        expect(await store.fact('kept')).toBe('yes');
      }));

    test('activity pages backwards from the newest', () =>
      withStore(async (store) => {
        const item = (path: string) => ({ atMs: 1, kind: 'added', path, previousPath: null, device: null }) as const;
        await store.commit({ activity: ['1', '2', '3'].map(item) });
        const newest = await store.activity(2, null);
        expect(newest.map((found) => found.path)).toEqual(['3', '2']);
        expect((await store.activity(2, newest[1]!.id)).map((found) => found.path)).toEqual(['1']);
      }));
  });
}
