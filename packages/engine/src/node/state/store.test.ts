import Database from 'better-sqlite3';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT_NODE, type ContentId, type DeviceId, type NameTag, type NodeId } from '@onefold/protocol';
import type { NodeRow } from '../../core/tree.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { OPEN_GATE } from '../../testing/scheduler.ts';
import { MIGRATIONS } from './migrations.ts';
import { openStore } from './store.ts';

/** `npm run properties` tries the property more often. */
const LIMIT_MS = 60_000 * Number(process.env['ONEFOLD_PROPERTY_RUNS'] ?? 1);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'state-'));
  file = path.join(folder, 'state.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('refuses a state that a later version wrote, and leaves it as it is', async () => {
  const later = new Database(file);
  later.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  later.close();
  await expect(openStore(file)).rejects.toMatchObject({ code: 'state-newer' });
  const again = new Database(file);
  expect(again.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length + 1);
  again.close();
});

it('sets a file aside that is no database, and begins anew', async () => {
  const text = 'this was a database once, '.repeat(400);
  writeFileSync(file, text);
  const store = await openStore(file);
  expect(store.isMadeAnew).toBe(true);
  expect(await store.cursor()).toBe(null);
  await store.close();
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
});

it('is open in one process at a time', async () => {
  const store = await openStore(file);
  await expect(openStore(file)).rejects.toMatchObject({ code: 'daemon-running' });
  await store.close();
  await (await openStore(file)).close();
});

const hex = (n: number, bytes: number): string => n.toString(16).padStart(2, '0').repeat(bytes);
const node = fc.integer({ min: 1, max: 12 }).map((n) => hex(n, 16) as NodeId);
const parent = fc.oneof(fc.constant(ROOT_NODE), node);
const kind = fc.constantFrom('file', 'folder', 'link');
const name = fc.constantFrom('a', 'A', 'b \udcff', 'ü');
const content = fc.option(
  fc.oneof(
    fc.record({
      kind: fc.constant('file' as const),
      contentId: fc.integer({ min: 1, max: 3 }).map((n) => hex(n, 32) as ContentId),
      sizeBytes: fc.nat(),
    }),
    fc.record({ kind: fc.constant('link' as const), target: fc.constantFrom('../x', '\udc80/', '') }),
  ),
);
const attributes = fc.option(
  fc.record({
    mtimeNs: fc.option(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n })),
    mode: fc.option(fc.integer({ min: 0, max: 0o777 })),
  }),
);
const versions = { placeVersion: fc.nat(3), contentVersion: fc.nat(3), attributesVersion: fc.nat(3) };
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const row: fc.Arbitrary<NodeRow> = fc.record({
  node,
  local: fc.option(
    fc.record({
      kind,
      parent,
      name,
      stat: fc.record({
        kind,
        sizeBytes: fc.nat(),
        mtimeNs: u64.map((n) => n / 2n),
        ctimeNs: u64.map((n) => n / 2n),
        birthtimeNs: fc.constant(0n),
        inode: u64,
        device: u64,
        linkCount: fc.nat(),
        mode: fc.nat(0o777),
      }),
      content,
    }),
  ),
  remote: fc.option(
    fc.record({
      kind: fc.constantFrom('file', 'folder', 'link', 'mount'),
      parent,
      nameTag: fc.integer({ min: 1, max: 5 }).map((n) => hex(n, 32) as NameTag),
      name: fc.option(name),
      hidden: fc.boolean(),
      hiddenAbove: fc.boolean(),
      unticked: fc.boolean(),
      ...versions,
      lastSeq: fc.nat(20),
      author: fc.constant(hex(7, 16) as DeviceId),
      content,
      attributes,
      quarantined: fc.boolean(),
    }),
  ),
  synced: fc.option(fc.record({ kind, parent, name, content, attributes, shown: attributes, ...versions })),
});

it(
  'answers as the store in memory does, whatever is written and forgotten',
  async () => {
    const sqlite = await openStore(file);
    const nodes = Array.from({ length: 13 }, (_, n) => hex(n, 16) as NodeId);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            rows: fc.uniqueArray(row, { selector: (one) => one.node, maxLength: 6 }),
            forgetLocal: fc.boolean(),
            forgetJournal: fc.boolean(),
          }),
          { maxLength: 6 },
        ),
        async (batches) => {
          const memory = new MemoryStore().attach(OPEN_GATE);
          await sqlite.commit({ rows: nodes.map((one) => ({ node: one, local: null, remote: null, synced: null })) });
          expect(await sqlite.counts()).toEqual(await memory.counts());
          for (const batch of batches) {
            await memory.commit(batch);
            await sqlite.commit(batch);
            expect(await sqlite.counts()).toEqual(await memory.counts());
          }
          expect(await sqlite.unsettled(100, null)).toEqual(await memory.unsettled(100, null));
          expect(await sqlite.rows(nodes)).toEqual(await memory.rows(nodes));
          for (const side of ['local', 'remote', 'synced'] as const) {
            for (const one of [ROOT_NODE, ...nodes]) {
              expect(await sqlite.childrenOf(side, one)).toEqual(await memory.childrenOf(side, one));
            }
          }
          const contents = [1, 2, 3].map((n) => hex(n, 32) as ContentId);
          const byNode = (rows: readonly NodeRow[]): string[] => rows.map((one) => one.node).sort();
          const ours = (await sqlite.byContents(contents)).map(byNode);
          const theirs = (await memory.byContents(contents)).map(byNode);
          expect(ours.map((rows) => rows.length)).toEqual(theirs.map((rows) => rows.length));
          for (const after of [0, 5, 19]) {
            expect([...(await sqlite.remoteChangedAfter(after))].sort()).toEqual(
              [...(await memory.remoteChangedAfter(after))].sort(),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
    await sqlite.close();
  },
  LIMIT_MS,
);
