import { createHash } from 'node:crypto';
import { sha256, type MemoryJournal } from '@onefold/journal';
import {
  directPackRequest,
  directPackResponse,
  putPackResponse,
  type Change,
  type CommitRequest,
  type Hash,
  type UploadId,
} from '@onefold/protocol';
import { followJournal, goOn, signCheckpoint } from '../follow-journal.ts';
import { bytes } from '../test-account.ts';
import { packOf, randomBlock, valueOf, type Answer, type TestBlock } from '../test-client.ts';
import { announce } from '../test-uploads.ts';
import { CALL_MS, PASSING, type Hot, type ImpatientClient } from './clients.ts';
import type { Operation, Outcome } from './operation.ts';
import { registerOf } from './registers.ts';

const ATTEMPTS = 12;
const CHECKPOINT_TRIES = 5;
const MOST_BLOCK_BYTES = 8_000;

/** How the blocks of a new version travel. */
export type Way = 'inline' | 'upload' | 'direct';

export interface WriteOptions {
  readonly random: () => number;
  /** The node for the next call. */
  readonly urlOf: () => string;
  readonly note: (operation: Operation) => void;
  readonly onSending: (url: string, change: 1 | -1) => void;
  readonly onStored: (block: TestBlock, way: Way) => void;
  /** Devices can reach the object store by themselves. */
  readonly isDirect: boolean;
}

export interface Writes {
  /** One commit of one register. Answers whether it stands. */
  readonly writeOnce: (client: ImpatientClient, target: Hot) => Promise<boolean>;
  /** States what stands, where nobody else writes meanwhile. Answers the position it speaks of. */
  readonly checkpoint: (client: ImpatientClient) => Promise<number | undefined>;
}

/** What clients write. Each call goes to a node of its own. */
export function createWrites({ random, urlOf, note, onSending, onStored, isDirect }: WriteOptions): Writes {
  async function commit(client: ImpatientClient, request: CommitRequest): Promise<Outcome> {
    let hasUnanswered = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const url = (client.url = urlOf());
      onSending(url, 1);
      const answer = await client.send(request).catch(() => undefined);
      onSending(url, -1);
      const isUnanswered = answer === undefined || (!answer.ok && PASSING.has(answer.code));
      const outcome: Outcome = isUnanswered ? { kind: 'unknown' } : outcomeOf(answer, hasUnanswered);
      if (outcome.kind !== 'unknown') return outcome;
      hasUnanswered ||= isUnanswered;
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 150));
    }
    return { kind: 'unknown' };
  }

  /** Sends a block ahead of its entry. Undefined where that failed: then it goes with the entry. */
  async function upload(client: ImpatientClient, block: TestBlock, way: Way): Promise<UploadId | undefined> {
    try {
      client.url = urlOf();
      const uploadId = await announce(client, [block]);
      const pack = packOf([block]);
      client.url = urlOf();
      const path = client.path(`/packs/${pack.packId}`);
      if (way === 'direct') {
        const value = { sizeBytes: pack.bytes.length, sha256: sha256Of(pack.bytes) };
        const asked = { schema: directPackRequest, value };
        const granted = await client.call('POST', `${path}/direct?upload=${uploadId}`, directPackResponse, asked);
        const { url, headers } = valueOf(granted);
        const sent = {
          method: 'PUT',
          headers: Object.fromEntries(headers),
          body: pack.bytes as Uint8Array<ArrayBuffer>,
        };
        const answer = await fetch(url, { ...sent, signal: AbortSignal.timeout(CALL_MS) });
        if (!answer.ok) return undefined;
        client.url = urlOf();
        valueOf(await client.call('POST', `${path}/stored?upload=${uploadId}`, putPackResponse));
      } else valueOf(await client.call('PUT', `${path}?upload=${uploadId}`, putPackResponse, { pack: pack.bytes }));
      return uploadId;
    } catch {
      return undefined;
    }
  }

  /** A block that is new, on its way to where the entry that uses it will find it. */
  async function sendBlock(client: ImpatientClient) {
    const block = randomBlock(100 + Math.floor(random() * MOST_BLOCK_BYTES));
    const chance = random();
    const way: Way = chance < 0.5 ? 'inline' : chance < 0.75 || !isDirect ? 'upload' : 'direct';
    const uploadId = way === 'inline' ? undefined : await upload(client, block, way);
    const extra = uploadId === undefined ? { pack: packOf([block]) } : { uploadId };
    return { block, extra, stored: () => onStored(block, uploadId === undefined ? 'inline' : way) };
  }

  async function writeOnce(client: ImpatientClient, target: Hot): Promise<boolean> {
    const name = random() < 0.4 ? 'attributes' : 'content';
    const sent = name === 'content' ? await sendBlock(client) : undefined;
    // Looked up last: while the block was sent others have written.
    const base = target[name];
    const common = { node: target.node, base, sealed: bytes(256) };
    const change: Change =
      sent === undefined
        ? { op: 'attributes', ...common }
        : { op: 'content', ...common, added: [[sent.block.ctHash, sent.block.sealed.length]], dropped: [] };
    const request: CommitRequest = { entry: client.sign([change]), ...sent?.extra };
    const op = sha256(request.entry.header);
    const startMs = performance.now();
    const outcome = await commit(client, request);
    note({ op, register: registerOf(target.node, name), base, startMs, endMs: performance.now(), outcome });
    if (outcome.kind !== 'committed') return false;
    sent?.stored();
    target[name] = Math.max(target[name], base + 1);
    if (random() < 0.05) await repeat(client, request, op, outcome);
    return true;
  }

  /** A client that never got its answer asks again, elsewhere: it is told the same. */
  async function repeat(client: ImpatientClient, request: CommitRequest, op: string, first: Outcome): Promise<void> {
    client.url = urlOf();
    const startMs = performance.now();
    const answer = await client.send(request).catch(() => undefined);
    if (answer === undefined || (!answer.ok && PASSING.has(answer.code))) return;
    const again = outcomeOf(answer, false);
    const isSame =
      first.kind === 'committed' && again.kind === 'committed' && again.seq === first.seq && again.hash === first.hash;
    const outcome: Outcome = { kind: 'wrong', code: `a repeat of ${op}: ${again.kind}` };
    if (!isSame) note({ startMs, endMs: performance.now(), outcome });
  }

  let journal: MemoryJournal | undefined;
  async function checkpoint(client: ImpatientClient): Promise<number | undefined> {
    for (let tries = 0; tries < CHECKPOINT_TRIES; tries++) {
      client.url = urlOf();
      try {
        if (journal === undefined) journal = await followJournal(client);
        else await goOn(client, journal);
        const { seq } = journal.head();
        const entry = signCheckpoint(client, journal);
        const startMs = performance.now();
        const outcome = await commit(client, { entry });
        note({ op: sha256(entry.header), startMs, endMs: performance.now(), outcome });
        if (outcome.kind === 'committed') return seq;
      } catch {
        // A node that is just down, or an entry that came in between.
      }
    }
    return undefined;
  }

  return { writeOnce, checkpoint };
}

function sha256Of(content: Uint8Array): Hash {
  return createHash('sha256').update(content).digest('hex') as Hash;
}

function outcomeOf(answer: Answer<Parameters<typeof outcomeOfValue>[0]>, hasUnanswered: boolean): Outcome {
  if (!answer.ok) return answer.code === 'behind' ? { kind: 'unknown' } : { kind: 'wrong', code: answer.code };
  return outcomeOfValue(answer.value, hasUnanswered);
}

function outcomeOfValue(
  value: Extract<Awaited<ReturnType<ImpatientClient['send']>>, { ok: true }>['value'],
  hasUnanswered: boolean,
): Outcome {
  if (value.outcome === 'committed') return { kind: 'committed', seq: value.seq, hash: value.hash };
  if (value.outcome === 'blocks-missing') return { kind: 'wrong', code: 'blocks-missing' };
  return { kind: 'refused', seq: value.head.seq, hash: value.head.hash, isFinal: !hasUnanswered };
}
