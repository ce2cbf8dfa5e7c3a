import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { z } from 'zod';
import type { Network, Way } from '../network/network.ts';
import { request, type Dispatcher } from '../network/undici.ts';
import { createDeadline, createTurns, type Turns } from './pace.ts';
import {
  compareProtocol,
  decodeWire,
  errorSchema,
  formatProtocolRange,
  fromReport,
  LARGE_BYTES,
  OnefoldError,
  PROTOCOL_HEADER,
} from '@onefold/protocol';

const decompress = promisify(zstdDecompress);

/** No answer is larger: pages are at most 8 MiB, block reads are paged by the caller. Bytes. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

/** RFC 6585. */
const NETWORK_AUTHENTICATION_REQUIRED = 511;

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Uint8Array | undefined;
  readonly contentType?: 'application/cbor' | 'application/octet-stream';
  readonly token?: string | undefined;
  /** From the first byte sent to the last received, without what it waits for its turn under a limit. */
  readonly deadlineMs: number;
  /** Everything else goes first. */
  readonly isBulk?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly bytes: Uint8Array;
  /** The server's clock less ours, from its Date header; null without one. */
  readonly skewMs: number | null;
}

/** To an address that the server named, with nothing of ours in it: no token, no cookie. */
export interface DirectCall {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly deadlineMs: number;
  readonly isBulk?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Connections to one server. */
export interface HttpCalls {
  readonly url: string;
  readonly network: Network;
  /** The body of a 2xx answer. Rejects with the server's own error, or `server-unreachable`, `timed-out`, `server-answer-invalid`. */
  send(call: HttpCall): Promise<HttpAnswer>;
  /** The body of a 2xx answer. Rejects with `server-unreachable` for any other, and as `send`. */
  sendTo(call: DirectCall): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** `url` is the server's address, http or https, without a path. Throws `invalid-argument`. */
export function createHttpCalls(url: string, network: Network): HttpCalls {
  const origin = originOf(url);

  /** One exchange with an origin: `work` is given what it is sent by. A way through which nothing came back is doubted. */
  async function exchange<T>(
    at: string,
    call: Pick<HttpCall, 'deadlineMs' | 'isBulk' | 'signal'>,
    work: (parts: {
      readonly dispatcher: Dispatcher;
      readonly signal: AbortSignal;
      readonly turn: Turns;
    }) => Promise<T>,
    onDeadline: () => void = () => undefined,
  ): Promise<T> {
    const deadline = createDeadline(call.deadlineMs);
    const signal = call.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, call.signal]);
    const turn = createTurns(network.pace, deadline, call.isBulk === true ? 'bulk' : 'urgent', signal);
    let way: Way | null = null;
    try {
      way = await network.way(at);
      return await work({ dispatcher: way.dispatcher, signal, turn });
    } catch (thrown) {
      const error = connectionError(thrown, deadline.signal.aborted, at);
      if (way !== null && isNoWay(error)) network.doubt(at, way);
      if (deadline.signal.aborted) onDeadline();
      throw error;
    } finally {
      deadline.end();
    }
  }

  function send(call: HttpCall): Promise<HttpAnswer> {
    // What did not answer may be a connection that a sleep or another network has cut: the next call makes a new one.
    const onDeadline = (): void => network.refresh();
    return exchange(
      origin,
      call,
      async ({ dispatcher, signal, turn }) => {
        const answer = await request(`${origin}${call.path}`, {
          method: call.method,
          dispatcher,
          body: call.body === undefined ? null : turn.send(call.body),
          headers: headersOf(call),
          signal,
        });
        const bytes = await readBody(answer, turn);
        checkProtocol(answer, origin);
        if (answer.statusCode >= 200 && answer.statusCode < 300 && isOurs(answer))
          return { bytes, skewMs: skewOf(answer) };
        throw errorOf(answer, bytes);
      },
      onDeadline,
    );
  }

  async function sendTo(call: DirectCall): Promise<Uint8Array> {
    const { method, url: address, headers, body } = call;
    return exchange(new URL(address).origin, call, async ({ dispatcher, signal, turn }) => {
      const answer = await request(address, {
        method,
        dispatcher,
        body: body === undefined ? null : turn.send(body),
        headers,
        signal,
      });
      const bytes = await readBody(answer, turn);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return bytes;
      throw new OnefoldError('server-unreachable', `the store answered with ${answer.statusCode}`);
    });
  }

  return { url: origin, network, send, sendTo, close: () => network.close() };
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new OnefoldError('invalid-argument', `not an address of a server: ${url}`);
  }
  return parsed.origin;
}

function headersOf(call: HttpCall): Record<string, string> {
  return {
    accept: 'application/cbor, application/octet-stream',
    'accept-encoding': 'zstd',
    [PROTOCOL_HEADER]: formatProtocolRange(),
    ...(call.body === undefined
      ? {}
      : { 'content-type': call.contentType ?? 'application/cbor', 'content-length': String(call.body.length) }),
    ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
  };
}

async function readBody(answer: Dispatcher.ResponseData, turn: Turns): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_ANSWER_BYTES) throw new OnefoldError('server-answer-invalid', 'the answer is too large');
    parts.push(part);
    await turn.received(part.length);
  }
  // A large one has a buffer of its own: whoever is done with it may give that back.
  const joined = parts.length === 1 && length < LARGE_BYTES ? parts[0]! : Buffer.concat(parts);
  if (length >= LARGE_BYTES) freeParts(parts);
  if (answer.headers['content-encoding'] !== 'zstd') return joined;
  return decompress(joined, { maxOutputLength: MAX_ANSWER_BYTES, chunkSize: 1024 * 1024 });
}

/**
 * What was read from a socket lies in memory of its own, and the collector lets tens of megabytes of it pile up. Small parts may lie in Node's
 * pool, which others use.
 */
function freeParts(parts: readonly Buffer[]): void {
  for (const { buffer, byteLength } of parts) {
    if (byteLength > Buffer.poolSize && buffer instanceof ArrayBuffer) buffer.transfer(0);
  }
}

/**
 * The error the server named. An answer that is not the product's own (a captive portal, a proxy's error page) says nothing about our call:
 * it counts as not having reached the server.
 */
function errorOf(answer: Dispatcher.ResponseData, bytes: Uint8Array): OnefoldError {
  if (!isOurs(answer)) return strangerError(answer);
  try {
    return fromReport(decodeWire(errorSchema, bytes));
  } catch (cause) {
    return new OnefoldError('server-answer-invalid', `the server answered ${answer.statusCode} without a reason`, {
      cause,
    });
  }
}

function isOurs(answer: Dispatcher.ResponseData): boolean {
  return /^application\/(cbor|octet-stream)\b/.test(String(answer.headers['content-type'] ?? ''));
}

/** Throws `protocol-mismatch`, which tells who has to be updated. */
function checkProtocol(answer: Dispatcher.ResponseData, origin: string): void {
  const header = answer.headers[PROTOCOL_HEADER];
  const verdict = compareProtocol(typeof header === 'string' ? header : undefined);
  if (verdict === 'common') return;
  const advice = verdict === 'peer-newer' ? 'update Onefold on this device' : 'the server needs an update';
  throw new OnefoldError('protocol-mismatch', `${origin} and this device have no version in common: ${advice}`);
}

/** A page, or the way to one, is a network that wants a person to sign in; anything else is a proxy's own word. */
function strangerError({ statusCode, headers }: Dispatcher.ResponseData): OnefoldError {
  const isPage = statusCode < 400 || (statusCode < 500 && statusCode !== 407 && isHtml(headers['content-type']));
  if (isPage || statusCode === NETWORK_AUTHENTICATION_REQUIRED)
    return new OnefoldError('captive-portal', 'this network answers in the server’s place: it may want you to sign in');
  if (statusCode === 407) return new OnefoldError('server-unreachable', 'the proxy wants a name and a password');
  return new OnefoldError('server-unreachable', `something else answered with ${statusCode}`);
}

function isHtml(contentType: string | string[] | undefined): boolean {
  return String(contentType).startsWith('text/html');
}

function skewOf(answer: Dispatcher.ResponseData): number | null {
  const date = Date.parse(String(answer.headers['date'] ?? ''));
  return Number.isNaN(date) ? null : date - Date.now();
}

function connectionError(thrown: unknown, isLate: boolean, origin: string): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  if (isLate) return new OnefoldError('timed-out', `${origin} did not answer in time`, { cause: thrown });
  if (isUntrusted(thrown))
    return new OnefoldError(
      'certificate-untrusted',
      `the certificate shown for ${origin} is not one that is trusted here`,
      {
        cause: thrown,
      },
    );
  return new OnefoldError('server-unreachable', `cannot reach ${origin}`, { cause: thrown });
}

/** Nothing came back, or a word of a proxy's own. */
function isNoWay({ code }: OnefoldError): boolean {
  return code === 'server-unreachable' || code === 'timed-out';
}

/** A checked answer. A 2xx that does not decode did not come from the server, or not whole. */
export function readAnswer<S extends z.ZodType>(schema: S, answer: HttpAnswer): z.output<S> {
  try {
    return decodeWire(schema, answer.bytes);
  } catch (cause) {
    throw new OnefoldError('server-answer-invalid', 'the answer of the server cannot be read', { cause });
  }
}

/** Codes of X.509 verification as Node gives them, and of a name that does not match. */
const UNTRUSTED =
  /^(CERT_|ERR_TLS_CERT_ALTNAME_INVALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE))/;

function isUntrusted(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (UNTRUSTED.test((error as NodeJS.ErrnoException).code ?? '')) return true;
  }
  return false;
}
