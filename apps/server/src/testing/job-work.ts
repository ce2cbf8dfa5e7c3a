import { expect } from 'vitest';
import {
  deleteAccountRequest,
  emptyResponse,
  ROOT_NODE,
  type Change,
  type CtHash,
  type NameTag,
  type NodeId,
} from '@onefold/protocol';
import { collect } from '../collect/collect.ts';
import type { StoreContext } from '../context.ts';
import { createRetention } from '../retention/run-retention.ts';
import { followJournal, signCheckpoint } from './follow-journal.ts';
import { bytes, randomId } from './test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  editFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './test-client.ts';
import { announce, putPack } from './test-uploads.ts';

/*
 * A server's data with work in it for everything that runs in the background, that work, and what must come out of it however it went: killed in the middle, or
 * done by two nodes at once.
 */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A lease whose holder has died is anyone's after it. */
export const LEASE_MS = 61_000;
export const BEGUN_AT_MS = Date.UTC(2026, 0, 5, 12);
export const JOBS_CONFIG = {
  uploadExpiryMs: HOUR_MS,
  retention: { isThinned: false, versionDays: 2, trashDays: 10, journalDays: 90, auditDays: 30, settleMs: 0 },
  collection: { graceMs: 2 * HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
};
const SMALL_FILES = 16;
const CHANGES = 110;
const NEVER = new AbortController().signal;

async function save(client: TestClient, changes: Change[], blocks: readonly TestBlock[] = []): Promise<void> {
  const sent = blocks.length === 0 ? {} : { pack: packOf(blocks) };
  expect(valueOf(await client.commit(changes, sent)).outcome).toBe('committed');
}

/** Old versions, a folder in the trash, many small packs, one that will be mostly dead, what nobody used, and a checkpoint above all of it. */
async function fill(client: TestClient): Promise<CtHash[]> {
  const [file, folder] = [randomId<NodeId>(16), randomId<NodeId>(16)];
  const [stays, first, second, third] = [randomBlock(), randomBlock(300_000), randomBlock(), randomBlock()];
  await save(client, [createFile([stays, first], { node: file })], [stays, first]);
  await save(client, [editFile(file, 1, [second], [first])], [second]);
  await save(client, [editFile(file, 2, [third], [second])], [third]);
  const kept = [stays.ctHash, third.ctHash];
  const binned = randomBlock();
  await save(client, [createFolder({ node: folder }), createFile([binned], { parent: folder })], [binned]);
  const nameTag = randomId<NameTag>(32);
  const place = { op: 'place', node: folder, base: 1, parent: ROOT_NODE, nameTag, hidden: true } as const;
  await save(client, [{ ...place, sealed: bytes(256) }]);
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
  return kept;
}

/** Gives a server all of that, and an account that is deleted. Answers the blocks of which current versions are made. */
export async function giveWork(url: string): Promise<CtHash[]> {
  const [client, leaving] = [await createClient(url), await createClient(url)];
  // An older checkpoint, which goes with what lies below the newer one.
  const folder = randomId<NodeId>(16);
  await save(client, [createFolder({ node: folder })]);
  valueOf(await client.send({ entry: signCheckpoint(client, await followJournal(client)) }));
  await save(client, [{ op: 'attributes', node: folder, base: 1, sealed: bytes(64) }]);
  const kept = await fill(client);
  const gone = randomBlock();
  await save(leaving, [createFolder(), createFile([gone])], [gone]);
  const proof = { schema: deleteAccountRequest, value: { authKey: leaving.account.authKey } };
  valueOf(await leaving.call('POST', '/v1/account/delete', emptyResponse, proof));
  return kept;
}

export type Work = (context: StoreContext, later: (ms: number) => void) => Promise<void>;

export const retain: Work = (context) => createRetention(context)(NEVER);

/** As often as it takes: what is condemned is deleted later, its objects after that, and strays after their grace. */
export const collectAll: Work = async (context, later) => {
  for (let round = 0; round < 4; round++) {
    await collect(context, 'thinned-packs');
    later(3 * HOUR_MS);
  }
};

export type TableRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** Bytes as text that compares. */
export function readable(row: object): Record<string, unknown> {
  const hex = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hex(value)]));
}

/** What must come out alike however the work went: all but times, the keys of packs, and who looked when. `once`: actions that are noted so often, too. */
export function outcomeOf(rows: TableRows, files: readonly string[], once: readonly string[]): Record<string, unknown> {
  const { audit = [], setting: _settings, ...tables } = rows;
  const vague = /(_at_ms|^pack|^object_key|^offset_bytes|^index_hash)$/;
  const told = Object.entries(tables).map(([name, own]): [string, string[]] => {
    const texts = own.map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !vague.test(column))));
    return [name, texts.sort()];
  });
  const packs = (tables['pack'] ?? []).map((row) => row['object_key']);
  const dead = (tables['dead_object'] ?? []).map((row) => row['object_key']);
  const notes = audit.map(({ action }) => String(action)).filter((action) => once.includes(action));
  return {
    ...Object.fromEntries(told),
    notes: notes.sort(),
    unnamedFiles: files.filter((file) => !packs.includes(file) && !dead.includes(file)),
    missingFiles: [...packs, ...dead].filter((key) => !files.includes(String(key))),
  };
}
