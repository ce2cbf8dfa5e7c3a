import { ROOT_NODE } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { NodeRow } from '../../core/tree.ts';
import {
  LARGE,
  contentId,
  local,
  node,
  onStores,
  remote,
  row,
  synced,
  tag,
  type StoreUnderTest,
} from './store-under-test.ts';

/** What every Store promises of finding rows. */
export function describeFinding(name: string, create: () => Promise<StoreUnderTest>): void {
  const withStore = onStores(create);

  describe(`${name}: finding rows`, () => {
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
  });
}
