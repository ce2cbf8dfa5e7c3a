import type { z } from 'zod';
import {
  announceUploadRequest,
  announceUploadResponse,
  commitRequest,
  commitResponse,
  encodeWire,
  freeLarge,
  entriesResponse,
  LIMITS,
  lostBlocksResponse,
  OnefoldError,
  purgedRequest,
  purgedResponse,
  purgeResponse,
  putPackResponse,
  readBlocksRequest,
  retentionResponse,
  setRetentionRequest,
  skippedResponse,
  snapshotResponse,
  timesResponse,
  uploadResponse,
  usageResponse,
  versionsResponse,
  type CtHash,
  type NamespaceId,
  type NodeId,
  type TimesResponse,
  type VersionsResponse,
} from '@onefold/protocol';
import type { Remote } from '../../ports.ts';
import { createDirect, type DirectOffer } from './direct.ts';
import { readAnswer } from './http-calls.ts';
import type { Session } from './session.ts';

const CALL_DEADLINE_MS = 60_000;
/** Versions of one file that are asked for; older ones stay in the journal. */
const MOST_VERSIONS = 1_000;
const NODES_PER_CALL = 1_000;
/** So that they fit into an address. */
const TIMES_PER_CALL = 200;
/** A pack of 8 MiB at 64 kB/s. */
const TRANSFER_DEADLINE_MS = 150_000;

/** The Remote port over a session. */
export function createRemote(session: Session, namespaceId: NamespaceId): Remote {
  let interruption = new AbortController();
  const offer: DirectOffer = { untilMs: 0 };
  return createLane(false);

  function interrupt(): void {
    interruption.abort(new OnefoldError('paused', 'the call was given up'));
    interruption = new AbortController();
  }

  /** Large files go straight to the object store and come from there, where the server offers that. */
  function pastServer(calls: RemoteCalls, send: Session['send']): RemoteCalls {
    const sendTo: Session['sendTo'] = (call) => session.sendTo({ ...call, isBulk: true, signal: interruption.signal });
    const base = `/v1/namespaces/${namespaceId}`;
    const direct = createDirect({ base, send, sendTo, serverUrl: session.url, offer });
    return {
      ...calls,
      putPack: async (uploadId, packId, pack) =>
        (await direct.putPack(uploadId, packId, pack)) ?? calls.putPack(uploadId, packId, pack),
      readBlocks: async (blocks) =>
        blocks.length > LIMITS.blocksPerRead
          ? calls.readBlocks(blocks)
          : ((await direct.readBlocks(blocks)) ?? calls.readBlocks(blocks)),
    };
  }

  function createLane(isBulk: boolean): Remote {
    const send: Session['send'] = (call) => session.send({ ...call, isBulk, signal: interruption.signal });
    const calls = createCalls(session, send, namespaceId);
    return { ...(isBulk ? pastServer(calls, send) : calls), interrupt, inBulk: () => createLane(true) };
  }
}

type RemoteCalls = Omit<Remote, 'interrupt' | 'inBulk'>;

function createCalls(session: Session, send: Session['send'], namespaceId: NamespaceId): RemoteCalls {
  const base = `/v1/namespaces/${namespaceId}`;

  async function get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    const bytes = await send({ method: 'GET', path: `${base}${path}`, deadlineMs: CALL_DEADLINE_MS });
    return readAnswer(schema, { bytes, skewMs: null });
  }

  async function post<S extends z.ZodType>(path: string, body: Uint8Array, schema: S): Promise<z.output<S>> {
    const deadlineMs = TRANSFER_DEADLINE_MS;
    const bytes = await send({ method: 'POST', path: `${base}${path}`, body, deadlineMs });
    return readAnswer(schema, { bytes, skewMs: null });
  }

  async function readSome(blocks: readonly CtHash[]): Promise<(Uint8Array | null)[]> {
    const body = encodeWire(readBlocksRequest, { blocks: [...blocks] });
    const deadlineMs = TRANSFER_DEADLINE_MS;
    const bytes = await send({ method: 'POST', path: `${base}/blocks/read`, body, deadlineMs });
    const found = splitBlocks(bytes, blocks.length);
    freeLarge(bytes);
    return found;
  }

  return {
    async head() {
      const heads = await session.namespaces();
      const head = heads.find((candidate) => candidate.namespaceId === namespaceId);
      if (head === undefined) throw new OnefoldError('not-found', 'the server knows no such namespace');
      return head;
    },
    entries: (after, minSeq) => get(`/entries?after=${after}&minSeq=${minSeq}`, entriesResponse),
    skipped: (after, to) => get(`/entries/skipped?after=${after}&to=${to}`, skippedResponse),
    snapshot: (seq, after) =>
      get(`/snapshot?checkpoint=${seq}${after === null ? '' : `&after=${after}`}`, snapshotResponse),
    announce: (request) => post('/uploads', encodeWire(announceUploadRequest, request), announceUploadResponse),
    upload: (uploadId) => get(`/uploads/${uploadId}`, uploadResponse),
    async putPack(uploadId, packId, pack) {
      const bytes = await send({
        method: 'PUT',
        path: `${base}/packs/${packId}?upload=${uploadId}`,
        body: pack,
        contentType: 'application/octet-stream',
        deadlineMs: TRANSFER_DEADLINE_MS,
      });
      return readAnswer(putPackResponse, { bytes, skewMs: null });
    },
    commit: (request) => post('/entries', encodeWire(commitRequest, request), commitResponse),
    async readBlocks(blocks) {
      const found: (Uint8Array | null)[] = [];
      for (let at = 0; at < blocks.length; at += LIMITS.blocksPerRead) {
        found.push(...(await readSome(blocks.slice(at, at + LIMITS.blocksPerRead))));
      }
      return found;
    },
    lostBlocks: (after) =>
      get(`/blocks/lost${after === null ? '' : `?after=${after.ctHash}:${after.node}`}`, lostBlocksResponse),
    async versions(node) {
      const told: VersionsResponse['versions'] = [];
      for (let before = ''; told.length < MOST_VERSIONS;) {
        const { versions, hasOlder } = await get(`/nodes/${node}/versions${before}`, versionsResponse);
        told.unshift(...versions);
        const [oldest] = versions;
        if (hasOlder !== true || oldest === undefined) break;
        before = `?before=${oldest.version}`;
      }
      return { versions: told };
    },
    retention: () => get('/retention', retentionResponse),
    async setRetention(policy) {
      const body = encodeWire(setRetentionRequest, { policy });
      const bytes = await send({ method: 'PUT', path: `${base}/retention`, body, deadlineMs: CALL_DEADLINE_MS });
      return readAnswer(retentionResponse, { bytes, skewMs: null });
    },
    async purge(node, version) {
      const path = `${base}/nodes/${node}${version === null ? '' : `/versions/${version}`}`;
      const bytes = await send({ method: 'DELETE', path, deadlineMs: TRANSFER_DEADLINE_MS });
      return readAnswer(purgeResponse, { bytes, skewMs: null }).versions;
    },
    async purgedAmong(nodes) {
      const purged: NodeId[] = [];
      for (let at = 0; at < nodes.length; at += NODES_PER_CALL) {
        const body = encodeWire(purgedRequest, { nodes: nodes.slice(at, at + NODES_PER_CALL) });
        purged.push(...(await post('/purged', body, purgedResponse)).purged);
      }
      return purged;
    },
    usage: () => get('/usage', usageResponse),
    async times(asked) {
      if ('atMs' in asked) return get(`/times?at=${Math.max(0, Math.floor(asked.atMs))}`, timesResponse);
      const told: TimesResponse['times'] = [];
      for (let at = 0; at < asked.seqs.length; at += TIMES_PER_CALL) {
        const seqs = asked.seqs.slice(at, at + TIMES_PER_CALL).join(',');
        told.push(...(await get(`/times?seqs=${seqs}`, timesResponse)).times);
      }
      return { times: told.sort((a, b) => b.seq - a.seq) };
    },
    subscribe: (listener) =>
      session.subscribe((event) => {
        const isOurs =
          (event.event !== 'head' || event.head.namespaceId === namespaceId) &&
          (event.event !== 'uploading' || event.namespaceId === namespaceId);
        if (isOurs) listener(event);
      }),
  };
}

/** Frames of a block read: u32 big endian length and the sealed bytes; length 0 = not held. Each block is a copy of its own. */
function splitBlocks(bytes: Uint8Array, expected: number): (Uint8Array | null)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks: (Uint8Array | null)[] = [];
  let at = 0;
  while (at < bytes.length && blocks.length < expected) {
    if (at + 4 > bytes.length) throw cutShort();
    const length = view.getUint32(at);
    at += 4;
    if (length > LIMITS.sealedBlockBytes || at + length > bytes.length) throw cutShort();
    blocks.push(length === 0 ? null : Uint8Array.prototype.slice.call(bytes, at, at + length));
    at += length;
  }
  if (blocks.length !== expected || at !== bytes.length) throw cutShort();
  return blocks;
}

function cutShort(): OnefoldError {
  return new OnefoldError('server-answer-invalid', 'the blocks came cut short');
}
