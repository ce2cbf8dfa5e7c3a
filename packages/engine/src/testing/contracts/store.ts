import type { OpId } from '@onefold/protocol';
import { ROOT_NODE } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import { describeFinding } from './store-finding.ts';
import {
  DEVICE,
  LARGE,
  blockId,
  cursor,
  hash,
  hex,
  local,
  node,
  onStores,
  reference,
  remote,
  row,
  synced,
  type StoreUnderTest,
} from './store-under-test.ts';

/** What every Store promises. `create` makes a fresh, empty one. */
export function describeStore(name: string, create: () => Promise<StoreUnderTest>): void {
  const withStore = onStores(create);

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

  describeFinding(name, create);
}
