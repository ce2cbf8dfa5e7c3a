import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  deleteAccountRequest,
  emptyResponse,
  ROOT_NODE,
  type Change,
  type CtHash,
  type NameTag,
  type NodeId,
} from '@onefold/protocol';
import { fsck } from './admin/fsck.ts';
import { collect } from './collect/collect.ts';
import type { StoreContext } from './context.ts';
import { BLOCK_STORED } from './metadata/tables.ts';
import { createRetention } from './retention/run-retention.ts';
import { startServer } from './server.ts';
import { aboutTo, openFolder, packFiles, recordDeaths, rowsOf, type Death } from './testing/deaths.ts';
import { followJournal, signCheckpoint } from './testing/follow-journal.ts';
import { bytes, randomId } from './testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './testing/test-client.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { announce, putPack } from './testing/test-uploads.ts';

// The real functions, which tell beforehand that they are called.
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const telling =
    <A extends unknown[], R>(name: string, work: (...given: A) => R) =>
    (...given: A): R => {
      aboutTo.step(name);
      return work(...given);
    };
  return { ...real, rename: telling('rename', real.rename), unlink: telling('unlink', real.unlink) };
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A lease whose holder has died is anyone's after it. */
const LEASE_MS = 61_000;
const NEVER = new AbortController().signal;
const BEGUN_AT_MS = Date.UTC(2026, 0, 5, 12);
const CONFIG = {
  uploadExpiryMs: HOUR_MS,
  retention: { isThinned: false, versionDays: 2, trashDays: 10, journalDays: 90, settleMs: 0 },
  collection: { graceMs: 2 * HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
};
/** Noted once, however often the work was begun. */
const ONCE = ['journal-truncated', 'namespace-removed'];
const SMALL_FILES = 16;
const CHANGES = 110;

const filled = mkdtempSync(join(tmpdir(), 'onefold-filled-'));
/** What the current versions are made of. */
const kept: CtHash[] = [];

const edit = (node: NodeId, base: number, added: readonly TestBlock[], dropped: readonly TestBlock[]): Change => ({
  op: 'content',
  node,
  base,
  added: added.map(({ ctHash, sealed }) => [ctHash, sealed.length]),
  dropped: dropped.map(({ ctHash }) => ctHash),
  sealed: bytes(256),
});

async function save(client: TestClient, changes: Change[], blocks: readonly TestBlock[] = []): Promise<void> {
  const sent = blocks.length === 0 ? {} : { pack: packOf(blocks) };
  expect(valueOf(await client.commit(changes, sent)).outcome).toBe('committed');
}

/** Old versions, a folder in the trash, many small packs, one that will be mostly dead, what nobody used, and a checkpoint above all of it. */
async function fill(client: TestClient): Promise<void> {
  const [file, folder] = [randomId<NodeId>(16), randomId<NodeId>(16)];
  const [stays, first, second, third] = [randomBlock(), randomBlock(300_000), randomBlock(), randomBlock()];
  await save(client, [createFile([stays, first], { node: file })], [stays, first]);
  await save(client, [edit(file, 1, [second], [first])], [second]);
  await save(client, [edit(file, 2, [third], [second])], [third]);
  kept.push(stays.ctHash, third.ctHash);
  const binned = randomBlock();
  await save(client, [createFolder({ node: folder }), createFile([binned], { parent: folder })], [binned]);
  await save(client, [
    {
      op: 'place',
      node: folder,
      base: 1,
      parent: ROOT_NODE,
      nameTag: randomId<NameTag>(32),
      hidden: true,
      sealed: bytes(256),
    },
  ]);
  for (let i = 0; i < SMALL_FILES; i++) {
    const block = randomBlock();
    await save(client, [createFile([block])], [block]);
    kept.push(block.ctHash);
  }
  const unused = randomBlock();
  await putPack(client, await announce(client, [unused]), [unused]);
  for (let base = 1; base <= CHANGES; base++)
    await save(client, [{ op: 'attributes', node: file, base, sealed: bytes(64) }]);
  valueOf(await client.send({ entry: signCheckpoint(client, await followJournal(client)) }));
}

beforeAll(async () => {
  const options = { ...CONFIG, data: filled, listen: '127.0.0.1:0', logLevel: 'silent' } as const;
  const server = await startServer(options, () => BEGUN_AT_MS);
  const [client, leaving] = [await createClient(server.url), await createClient(server.url)];
  // An older checkpoint, which goes with what lies below the newer one.
  const folder = randomId<NodeId>(16);
  await save(client, [createFolder({ node: folder })]);
  valueOf(await client.send({ entry: signCheckpoint(client, await followJournal(client)) }));
  await save(client, [{ op: 'attributes', node: folder, base: 1, sealed: bytes(64) }]);
  await fill(client);
  const gone = randomBlock();
  await save(leaving, [createFolder(), createFile([gone])], [gone]);
  const proof = { schema: deleteAccountRequest, value: { authKey: leaving.account.authKey } };
  valueOf(await leaving.call('POST', '/v1/account/delete', emptyResponse, proof));
  await server.close();
});

afterAll(() => rmSync(filled, { recursive: true, force: true }));

type Work = (context: StoreContext, later: (ms: number) => void) => Promise<void>;

const retain: Work = (context) => createRetention(context)(NEVER);

/** As often as it takes: what is condemned is deleted later, its objects after that, and strays after their grace. */
const collectAll: Work = async (context, later) => {
  for (let round = 0; round < 4; round++) {
    await collect(context, 'thinned-packs');
    later(3 * HOUR_MS);
  }
};

/** Runs the work on a folder, which is sound afterwards; answers what it left. */
async function run(
  data: string,
  startsAtMs: number,
  work: Work,
  onStep: (step: string, nowMs: number) => void = () => undefined,
): Promise<unknown> {
  const clock = { nowMs: startsAtMs };
  const { context, close } = await openFolder(
    data,
    CONFIG,
    () => clock.nowMs,
    (step) => onStep(step, clock.nowMs),
  );
  try {
    await work(context, (ms) => void (clock.nowMs += ms));
    expect((await fsck(context.metadata, context.packs)).damage).toEqual([]);
  } finally {
    await close();
  }
  mustHaveKept(data);
  return outcomeOf(data);
}

/** What was acknowledged stands: every block of a current version is there (fsck has read its bytes). */
function mustHaveKept(data: string): void {
  const { block: blocks = [] } = rowsOf(data);
  const stored = blocks.filter(({ state }) => state === BLOCK_STORED).map((row) => row['ct_hash']);
  expect(stored).toEqual(expect.arrayContaining(kept));
}

/** What must come out alike however often the work died: all but times, the keys of packs, and who looked when. */
function outcomeOf(data: string): unknown {
  const { audit = [], setting: _settings, ...tables } = rowsOf(data);
  const vague = /(_at_ms|^pack|^object_key|^offset_bytes|^index_hash)$/;
  const told = Object.entries(tables).map(([name, rows]): [string, string[]] => {
    const texts = rows.map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !vague.test(column))));
    return [name, texts.sort()];
  });
  const packs = (tables['pack'] ?? []).map((row) => row['object_key']);
  const dead = (tables['dead_object'] ?? []).map((row) => row['object_key']);
  const files = packFiles(data);
  const notes = audit.map(({ action }) => String(action)).filter((action) => ONCE.includes(action));
  return {
    ...Object.fromEntries(told),
    notes: notes.sort(),
    unnamedFiles: files.filter((file) => !packs.includes(file) && !dead.includes(file)),
    missingFiles: [...packs, ...dead].filter((key) => !files.includes(String(key))),
  };
}

/** Runs the work on a copy, and on what it would have left behind at every step, from there to its end; each time the same comes out. */
async function dieEverywhere(
  from: string,
  startsAtMs: number,
  work: Work,
): Promise<{ deaths: Death[]; outcome: unknown }> {
  const [data, copies] = [temporaryFolder(), temporaryFolder()];
  cpSync(from, data, { recursive: true });
  const { deaths, onStep } = recordDeaths(data, copies);
  const outcome = await run(data, startsAtMs, work, onStep);
  for (const { step, folder, nowMs } of deaths) {
    expect({ step, outcome: await run(folder, nowMs + LEASE_MS, work) }).toEqual({ step, outcome });
    rmSync(folder, { recursive: true });
  }
  return { deaths, outcome };
}

const stepsOf = (deaths: readonly Death[]): string[] => deaths.map(({ step }) => step);

test(
  'cutting a journal, purging, and removing a namespace come to the same end wherever they are killed',
  {
    timeout: 120_000,
  },
  async () => {
    const { deaths, outcome } = await dieEverywhere(filled, BEGUN_AT_MS + 100 * DAY_MS, retain);
    expect(stepsOf(deaths)).toEqual(
      expect.arrayContaining([
        'before commit, after namespace, pack, block, dead_object',
        'before commit, after node, audit',
        'before commit, after file_version, version_block, block, audit, retention_pass',
        'before commit, after namespace, entry, entry_stub',
        'before commit, after checkpoint',
        'before commit, after node_row',
      ]),
    );
    expect(outcome).toMatchObject({
      notes: ['journal-truncated', 'namespace-removed'],
      doomed_namespace: [],
      purge_permit: [],
      unnamedFiles: [],
      missingFiles: [],
    });
  },
);

test('so do collection and repacking', { timeout: 120_000 }, async () => {
  const data = temporaryFolder();
  cpSync(filled, data, { recursive: true });
  await run(data, BEGUN_AT_MS + 100 * DAY_MS, retain);
  const { deaths, outcome } = await dieEverywhere(data, BEGUN_AT_MS + 101 * DAY_MS, collectAll);
  expect(stepsOf(deaths)).toEqual(
    expect.arrayContaining([
      'before rename, after files',
      'before commit, after files',
      'before unlink, after dead_object',
      'before commit, after namespace, pack, block, dead_object, thinned_pack',
    ]),
  );
  expect(outcome).toMatchObject({ dead_object: [], thinned_pack: [], unnamedFiles: [], missingFiles: [] });
  // Small ones became one, and the large one small.
  expect(outcome).toHaveProperty('pack.length', 2);
});
