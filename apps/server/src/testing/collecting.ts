import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import {
  announceUploadRequest,
  announceUploadResponse,
  encodeWire,
  putPackResponse,
  readBlocksRequest,
  type OpId,
} from '@onefold/protocol';
import type { ServerConfigInput } from '../config.ts';
import type { PackStore } from '../packs/pack-store.ts';
import { startTestServer } from './started-server.ts';
import { randomId } from './test-account.ts';
import { createClient, packOf, splitFrames, valueOf, type TestBlock, type TestClient } from './test-client.ts';

export const HOUR_MS = 3_600_000;

/** What background work brings about, however busy the machine. */
export const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

/** A server that collects all the time, by a clock that the test moves. */
export async function collecting(
  collection: { scrubBytesPerSecond?: number } = {},
  config: Partial<ServerConfigInput> = {},
) {
  const clock = { nowMs: Date.now() };
  const server = await startTestServer(
    {
      ...config,
      uploadExpiryMs: HOUR_MS,
      sweepEveryMs: 50,
      collection: {
        everyMs: 50,
        graceMs: 2 * HOUR_MS,
        condemnedMs: HOUR_MS,
        scrubBytesPerSecond: 0,
        scrubEveryMs: 50,
        ...collection,
      },
    },
    () => clock.nowMs,
  );
  const client = await createClient(server.url);
  const later = async (hours: number): Promise<void> => {
    clock.nowMs += hours * HOUR_MS;
    valueOf(await client.openSession());
  };
  return { ...server, client, clock, later };
}

/** What a statement finds in the server's database. */
export function rows(data: string, statement: string): Record<string, unknown>[] {
  const database = new Database(join(data, 'metadata.db'), { readonly: true });
  try {
    return database.prepare(statement).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}

/** Every file of the pack store. */
export function packFiles(data: string): string[] {
  return readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

export const files = (data: string): number => packFiles(data).length;

/** Sends blocks as one pack of an upload of their own. */
export async function upload(client: TestClient, blocks: readonly TestBlock[], pack = packOf(blocks)) {
  const { uploadId } = valueOf(
    await client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
    }),
  );
  const path = client.path(`/packs/${pack.packId}?upload=${uploadId}`);
  valueOf(await client.call('PUT', path, putPackResponse, { pack: pack.bytes }));
  return { uploadId, pack };
}

/** Asks again when something is not held: the clock runs so fast here that a block may be moved, and its old place emptied, within one read. */
export async function read(client: TestClient, blocks: readonly TestBlock[], tries = 3): Promise<boolean> {
  if (blocks.length === 0) return true;
  const body = encodeWire(readBlocksRequest, { blocks: blocks.map(({ ctHash }) => ctHash) });
  const response = await client.raw('POST', client.path('/blocks/read'), body);
  const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
  const isWhole = blocks.every((block, i) => Buffer.compare(frames[i] ?? new Uint8Array(), block.sealed) === 0);
  return isWhole || (tries > 1 && read(client, blocks, tries - 1));
}

/** Of all blocks, in ascending order: 1 stored, 2 condemned, 3 lost. */
export const states = (data: string): unknown[] =>
  rows(data, 'select state from block order by state').map(({ state }) => state);

/** The same store, some of whose calls are answered otherwise. */
export function storeWith(packs: PackStore, changed: Partial<PackStore>): PackStore {
  return {
    direct: packs.direct,
    open: (objectKey) => packs.open(objectKey),
    put: (pack) => packs.put(pack),
    list: () => packs.list(),
    remove: (objectKey) => packs.remove(objectKey),
    removeUnfinished: (beforeMs) => packs.removeUnfinished(beforeMs),
    owner: () => packs.owner(),
    claim: (owner) => packs.claim(owner),
    close: () => packs.close(),
    ...changed,
  };
}
