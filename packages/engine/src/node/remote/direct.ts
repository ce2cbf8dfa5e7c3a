import { hash as digestOf } from 'node:crypto';
import {
  directPackRequest,
  directPackResponse,
  encodeWire,
  LIMITS,
  locateBlocksResponse,
  OnefoldError,
  putPackResponse,
  readBlocksRequest,
  toOnefoldError,
  type CtHash,
  type Hash,
  type LocateBlocksResponse,
  type PackId,
  type PutPackResponse,
  type UploadId,
} from '@onefold/protocol';
import { readAnswer, type DirectCall } from './http-calls.ts';
import type { Session } from './session.ts';

/*
 * Large files straight to and from the object store, where the server offers that and the way is open; else through the server.
 *
 *   unknown -> offered                  \                     a transfer that failed -> not used for a while
 *           -> not offered (`not-found`) > asked again after a while
 *
 * The server says where, and never learns less than it would: it reads back what was sent before it counts, and every block that comes is checked by its
 * reader as always.
 */

const CALL_DEADLINE_MS = 60_000;
const TRANSFER_DEADLINE_MS = 150_000;
const NOT_OFFERED_MS = 10 * 60_000;
const FAILED_MS = 60_000;
/** Neighbours in a pack are fetched at once up to this many bytes. */
const RUN_BYTES = 8 * 1024 * 1024;
const AT_ONCE = 3;

export interface Direct {
  /** Null: send it through the server. Rejects only when the call was given up. */
  putPack(uploadId: UploadId, packId: PackId, pack: Uint8Array): Promise<PutPackResponse | null>;
  /** Null: read them through the server. */
  readBlocks(blocks: readonly CtHash[]): Promise<(Uint8Array | null)[] | null>;
}

/** Shared by all lanes of one server: what is not offered to one is offered to none. */
export interface DirectOffer {
  untilMs: number;
}

export function createDirect(options: {
  readonly base: string;
  readonly send: Session['send'];
  readonly sendTo: (call: DirectCall) => Promise<Uint8Array>;
  readonly serverUrl: string;
  readonly offer: DirectOffer;
}): Direct {
  const { base, send, sendTo, serverUrl, offer } = options;
  const isTls = serverUrl.startsWith('https:');

  /** Null when it failed in a way that the server need not fail in. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    if (performance.now() < offer.untilMs) return null;
    try {
      return await work();
    } catch (thrown) {
      const { code } = toOnefoldError(thrown);
      if (code === 'paused' || code === 'quota-exceeded' || code === 'upload-expired') throw thrown;
      offer.untilMs = performance.now() + (code === 'not-found' ? NOT_OFFERED_MS : FAILED_MS);
      return null;
    }
  }

  async function post(path: string, body: Uint8Array | undefined, deadlineMs: number): Promise<Uint8Array> {
    return send({ method: 'POST', path: `${base}${path}`, body: body ?? new Uint8Array(0), deadlineMs });
  }

  /** What goes over TLS to the server does not go without to its store. */
  function mayGo(url: string): void {
    const { protocol } = new URL(url);
    if (protocol !== 'https:' && (isTls || protocol !== 'http:'))
      throw new OnefoldError('server-answer-invalid', 'the server names an address that is not safe');
  }

  async function fetchRun(url: string, offset: number, length: number): Promise<Uint8Array> {
    const range = `bytes=${offset}-${offset + length - 1}`;
    const bytes = await sendTo({ method: 'GET', url, headers: { range }, deadlineMs: TRANSFER_DEADLINE_MS });
    if (bytes.length !== length)
      throw new OnefoldError('server-answer-invalid', 'the store answered with another range');
    return bytes;
  }

  return {
    putPack: (uploadId, packId, pack) =>
      attempt(async () => {
        const sha256 = digestOf('sha256', pack, 'hex') as Hash;
        const wanted = encodeWire(directPackRequest, { sizeBytes: pack.length, sha256 });
        const asked = await post(`/packs/${packId}/direct?upload=${uploadId}`, wanted, CALL_DEADLINE_MS);
        const { url, headers } = readAnswer(directPackResponse, { bytes: asked, skewMs: null });
        mayGo(url);
        const deadlineMs = TRANSFER_DEADLINE_MS;
        await sendTo({ method: 'PUT', url, headers: Object.fromEntries(headers), body: pack, deadlineMs });
        const bytes = await post(`/packs/${packId}/stored?upload=${uploadId}`, undefined, TRANSFER_DEADLINE_MS);
        return readAnswer(putPackResponse, { bytes, skewMs: null });
      }),
    readBlocks: (blocks) =>
      attempt(async () => {
        const body = encodeWire(readBlocksRequest, { blocks: [...blocks] });
        const asked = await post('/blocks/locate', body, CALL_DEADLINE_MS);
        const located = readAnswer(locateBlocksResponse, { bytes: asked, skewMs: null });
        if (located.places.length !== blocks.length)
          throw new OnefoldError('server-answer-invalid', 'not what was asked');
        located.urls.forEach(mayGo);
        const found: (Uint8Array | null)[] = blocks.map(() => null);
        const runs = runsOf(located);
        for (let at = 0; at < runs.length; at += AT_ONCE)
          await Promise.all(
            runs.slice(at, at + AT_ONCE).map(async ({ url, offset, length, pieces }) => {
              const bytes = await fetchRun(url, offset, length);
              for (const piece of pieces) found[piece.index] = bytes.slice(piece.offset, piece.offset + piece.length);
            }),
          );
        return found;
      }),
  };
}

interface Run {
  readonly url: string;
  readonly offset: number;
  length: number;
  readonly pieces: { readonly index: number; readonly offset: number; readonly length: number }[];
}

/** Blocks that lie one behind the other in one object are one request. */
function runsOf({ urls, places }: LocateBlocksResponse): Run[] {
  const runs: Run[] = [];
  for (const [index, place] of places.entries()) {
    if (place === null) continue;
    const url = urls[place.url];
    if (url === undefined || place.length > LIMITS.sealedBlockBytes || place.length < 1)
      throw new OnefoldError('server-answer-invalid', 'a block lies nowhere');
    const last = runs[runs.length - 1];
    const isNext = last?.url === url && last.offset + last.length === place.offset;
    if (last !== undefined && isNext && last.length + place.length <= RUN_BYTES) {
      last.pieces.push({ index, offset: last.length, length: place.length });
      last.length += place.length;
    } else
      runs.push({
        url,
        offset: place.offset,
        length: place.length,
        pieces: [{ index, offset: 0, length: place.length }],
      });
  }
  return runs;
}
