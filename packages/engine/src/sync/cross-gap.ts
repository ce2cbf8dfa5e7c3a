import { fromHex, toHex, type Hash } from '@onefold/protocol';
import { createBreather } from './breather.ts';
import { HASH_BYTES, skippedPages } from './checkpoint-pages.ts';
import { passBy, replayEntry } from './replay-run.ts';
import type { Replay } from './replay-state.ts';
import { record, type Session } from './session.ts';
import { rewindFact } from './start-over.ts';

/** As far back as the base of an entry may lie, and one more. */
const HASHES_AT_HAND = 1_001;
const HASHES_PER_TRANSACTION = 2_000;

/** A stretch of the journal of which only some entries are kept. */
export interface Gap {
  readonly first: number;
  /** H of each position, 32 bytes one behind the other. */
  readonly hashes: readonly Uint8Array[];
  /** Positions of the entries that are kept. */
  readonly kept: ReadonlySet<number>;
}

/**
 * Leads the run from where it is to position `to`: through what is no changeset, and past everything else by its hash. What comes out at the end is only
 * worth what the checkpoint there says. Throws a security error for entries that are not what their hashes say, or break the rules.
 */
export async function crossGap(run: Replay, to: number): Promise<Gap> {
  const first = (run.cursor?.remoteSeq ?? -1) + 1;
  const pages: Uint8Array[] = [];
  const passed = new Set<number>();
  const breathe = createBreather(run.session.ports.clock);
  for await (const { count, positions } of skippedPages(run.session.ports.remote, first - 1, to)) {
    const page = new Uint8Array(count * HASH_BYTES);
    let at = 0;
    for (const { seq, hash, entry } of positions) {
      // An entry that is not the one of this hash leads to another H than the checkpoint's.
      if (entry === undefined) await passBy(run, hash);
      else {
        await replayEntry(run, entry);
        passed.add(seq);
      }
      page.set(fromHex(run.cursor?.remoteHash ?? ''), at);
      at += HASH_BYTES;
      run.overlay.hashes.delete(seq - HASHES_AT_HAND);
      const breath = breathe();
      if (breath !== null) await breath;
    }
    pages.push(page);
  }
  return { first, hashes: pages, kept: passed };
}

/** Keeps H of every position, as if it had been read: what a checkpoint that stands bears out. */
export async function recordGap(session: Session, { first, hashes }: Gap): Promise<void> {
  let seq = first;
  for (const page of hashes)
    for (let at = 0; at < page.length; at += HASHES_PER_TRANSACTION * HASH_BYTES) {
      const some: { seq: number; hash: Hash }[] = [];
      const end = Math.min(page.length, at + HASHES_PER_TRANSACTION * HASH_BYTES);
      for (let i = at; i < end; i += HASH_BYTES)
        some.push({ seq: seq++, hash: toHex(page.subarray(i, i + HASH_BYTES)) as Hash });
      // How far both histories are the same is told by the hashes of before: it must be known by when they are written over.
      const facts = session.rewind === null ? {} : { facts: rewindFact(session.rewind) };
      await record(session, { hashes: some, ...facts });
    }
}
