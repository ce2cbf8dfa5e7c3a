import { createHash } from 'node:crypto';
import { entryHash, nextHash, sha256 } from '@onefold/journal';
import {
  encodeWire,
  readBlocksRequest,
  skippedResponse,
  toHex,
  versionsResponse,
  type CtHash,
  type Hash,
  type PlacedEntry,
} from '@onefold/protocol';
import { readSnapshotOf } from '../follow-journal.ts';
import { splitFrames, valueOf } from '../test-client.ts';
import { outcomeOfFailure, type Hot, type ImpatientClient } from './clients.ts';
import type { Operation, Outcome, ToldEntry } from './operation.ts';
import { changesOf, learn, registerOf, registersOfRows } from './registers.ts';

const HASH_BYTES = 32;
const BLOCKS_PER_READ = 8;
/** A page from far back holds a thousand entries: of a long journal only so many are read, all in all. */
const EARLY_PAGES = 60;
const MOST_EARLY = 0.2;
const FEWEST_EARLY = 0.02;

export interface ReadOptions {
  readonly random: () => number;
  /** The node for the next call. */
  readonly urlOf: () => string;
  readonly note: (operation: Operation) => void;
  readonly hot: readonly Hot[];
  /** Half of the reads come by one session, as from several sockets of one machine. */
  readonly sharedToken: string | undefined;
  /** Blocks of commits that were acknowledged, and positions that acknowledged checkpoints speak of. */
  readonly blocks: readonly CtHash[];
  readonly checkpoints: readonly number[];
}

/** What clients read, noted as it was told. */
export function createReads(options: ReadOptions): { readonly readOnce: (client: ImpatientClient) => Promise<void> } {
  const { random, hot } = options;
  const known = new Map<string, Hash>();
  /** One string for each hash: the same entries are told thousands of times. */
  const one = (hash: Hash): Hash => {
    const its = known.get(hash);
    if (its === undefined) known.set(hash, hash);
    return its ?? hash;
  };
  const told = (entry: PlacedEntry): ToldEntry => ({ seq: entry.seq, hash: one(entryHash(entry)) });
  const below = (count: number): number => Math.floor(random() * count);

  async function readOnward(client: ImpatientClient): Promise<Outcome> {
    const after = client.head.seq;
    const { head, entries } = await client.entries(after);
    for (const entry of entries) {
      client.head = { seq: entry.seq, hash: nextHash(client.head.hash, entry.seq, entryHash(entry)) };
      learn(hot, changesOf(entry));
    }
    return { kind: 'read', seq: head.seq, hash: head.hash, page: { after, entries: entries.map(told) } };
  }

  /** From the beginning, or from a place before the one where the client is, more often a near one. */
  async function readEarlier(client: ImpatientClient): Promise<Outcome> {
    const after = random() < 0.3 ? 0 : Math.floor(client.head.seq * (1 - random() ** 2));
    const { head, entries } = await client.entries(after);
    return { kind: 'read', seq: head.seq, hash: head.hash, page: { after, entries: entries.map(told) } };
  }

  async function readSkipped(client: ImpatientClient): Promise<Outcome> {
    const after = below(client.head.seq);
    const { hashes } = valueOf(
      await client.call('GET', client.path(`/entries/skipped?after=${after}`), skippedResponse),
    );
    const entries = Array.from({ length: hashes.length / HASH_BYTES }, (_, i) => ({
      seq: after + 1 + i,
      hash: one(toHex(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)) as Hash),
    }));
    return { kind: 'skipped', page: { after, entries } };
  }

  async function readVersions(client: ImpatientClient): Promise<Outcome> {
    const its = hot[below(hot.length)] as Hot;
    const before = random() < 0.7 ? undefined : 2 + below(its.content);
    const path = client.path(`/nodes/${its.node}/versions${before === undefined ? '' : `?before=${before}`}`);
    const { versions, hasOlder = false } = valueOf(await client.call('GET', path, versionsResponse));
    return {
      ...{ kind: 'versions', register: registerOf(its.node, 'content'), before: before ?? Infinity, hasOlder },
      versions: versions.map(({ version, seq, sealed }) => ({ version, seq, sealed: one(sha256(sealed)) })),
    };
  }

  async function readSnapshot(client: ImpatientClient): Promise<Outcome> {
    const seq = options.checkpoints[below(options.checkpoints.length)] ?? 0;
    return { kind: 'snapshot', seq, registers: registersOfRows(await readSnapshotOf(client, seq)) };
  }

  /** Half of them of the newest commits. */
  async function readBlocks(client: ImpatientClient): Promise<Outcome> {
    const { blocks } = options;
    const newest = blocks.slice(-BLOCKS_PER_READ / 2);
    const others = newest.map(() => blocks[below(blocks.length)] as CtHash);
    const wanted = [...new Set([...newest, ...others])];
    const body = encodeWire(readBlocksRequest, { blocks: wanted });
    const response = await client.raw('POST', client.path('/blocks/read'), body);
    const received = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) return { kind: 'unknown' };
    const frames = splitFrames(received);
    const isOther = (block: CtHash, i: number): boolean =>
      frames[i] !== undefined && frames[i].length > 0 && digestOf(frames[i]) !== block;
    if (frames.length !== wanted.length || wanted.some(isOther)) return { kind: 'wrong', code: 'other blocks' };
    return { kind: 'blocks', lacking: wanted.filter((_, i) => frames[i]?.length === 0) };
  }

  function choose(client: ImpatientClient): (client: ImpatientClient) => Promise<Outcome> {
    const { seq } = client.head;
    const early = Math.min(MOST_EARLY, Math.max(FEWEST_EARLY, EARLY_PAGES / Math.max(1, seq)));
    const shares = [
      { share: early, read: readEarlier },
      { share: 0.05, read: readVersions },
      { share: seq > 0 ? 0.03 : 0, read: readSkipped },
      { share: options.checkpoints.length > 0 ? 0.05 : 0, read: readSnapshot },
      { share: options.blocks.length > 0 ? 0.1 : 0, read: readBlocks },
    ];
    let chance = random();
    return shares.find(({ share }) => (chance -= share) < 0)?.read ?? readOnward;
  }

  return {
    async readOnce(client) {
      const read = choose(client);
      client.url = options.urlOf();
      const own = client.token;
      if (random() < 0.5) client.token = options.sharedToken;
      const startMs = performance.now();
      const outcome = await read(client).catch((thrown: unknown) => outcomeOfFailure(thrown, read.name));
      options.note({ startMs, endMs: performance.now(), outcome });
      client.token = own;
    },
  };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
