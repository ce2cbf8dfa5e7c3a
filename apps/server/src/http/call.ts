import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  decodeWire,
  encodeWire,
  isHexId,
  LIMITS,
  OnefoldError,
  toOnefoldError,
  type NamespaceId,
} from '@onefold/protocol';
import { readCallerNow, tokenHash, type Caller, type NamespaceAccess } from '../accounts/access.ts';
import type { ServerContext } from '../context.ts';
import { bearerToken } from './bearer-token.ts';

/** Registers one call. */
export type Route = (app: FastifyInstance, context: ServerContext) => void;

export const SMALL_BODY_BYTES = 64 * 1024;
/** A link with as many key boxes as the schemas let through. */
export const CHAIN_BODY_BYTES = 1024 * 1024;
export const LIST_BODY_BYTES = 16 * 1024 * 1024;
/** Asked blocks: a hash each, and what CBOR adds. */
export const BLOCKS_BODY_BYTES = 256 * 1024;
export const COMMIT_BODY_BYTES = LIMITS.entryBytes + LIMITS.inlinePackBytes + 64 * 1024;

/** The checked body of a request. Throws `invalid-argument`. */
export function bodyOf<S extends z.ZodType>(schema: S, request: FastifyRequest): z.output<S> {
  if (!(request.body instanceof Uint8Array))
    throw new OnefoldError('invalid-argument', 'expected a body of application/cbor');
  try {
    return decodeWire(schema, request.body, 'invalid-argument');
  } catch (thrown) {
    throw new OnefoldError('invalid-argument', toOnefoldError(thrown).message);
  }
}

export function sendWire<S extends z.ZodType>(reply: FastifyReply, schema: S, value: z.output<S>): FastifyReply {
  return reply.type('application/cbor').send(Buffer.from(encodeWire(schema, value)));
}

/** An id in the path. Throws `not-found`: no such thing can exist. */
export function pathId<T extends string>(request: FastifyRequest, name: string, byteLength: number): T {
  const text = (request.params as Record<string, string | undefined>)[name] ?? '';
  if (!isHexId(text, byteLength)) throw new OnefoldError('not-found', `no such ${name}`);
  return text as T;
}

const NO_QUERY: Readonly<Record<string, unknown>> = {};

/** A non-negative integer from the query. Throws `invalid-argument`. */
export function queryCount(
  request: FastifyRequest,
  name: string,
  options: { readonly min?: number; readonly fallback: number },
): number {
  const text = ((request.query as Record<string, unknown> | null) ?? NO_QUERY)[name];
  if (text === undefined) return options.fallback;
  const value = typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isInteger(value) || value < (options.min ?? 0)) throw new OnefoldError('invalid-argument', `bad ${name}`);
  return value;
}

/** An id in the query. Throws `invalid-argument`. */
export function queryId<T extends string>(request: FastifyRequest, name: string, byteLength: number): T {
  const text = ((request.query as Record<string, unknown> | null) ?? NO_QUERY)[name];
  if (typeof text !== 'string' || !isHexId(text, byteLength)) throw new OnefoldError('invalid-argument', `bad ${name}`);
  return text as T;
}

/** Who calls, of this moment. Throws `session-expired`, `device-revoked`, `server-error` when no primary is sure, `too-many-requests`. */
export async function callerOf(context: ServerContext, request: FastifyRequest): Promise<Caller> {
  const caller = await readCallerNow(context.metadata, hashOf(request), context.nowMs());
  context.calls.begin(request, caller.device);
  request.callerDevice = caller.device;
  return caller;
}

/** Who calls and the head of the namespace in the path, of this moment: every read starts here. Throws as callerOf, `not-found`, and `server-error` below the
 * position that the caller has seen (`minSeq`). */
export async function accessOf(context: ServerContext, request: FastifyRequest): Promise<NamespaceAccess> {
  const namespace = pathId<NamespaceId>(request, 'namespace', 32);
  const access = await context.heads.read(hashOf(request), namespace, context.nowMs());
  if (queryCount(request, 'minSeq', { fallback: 0 }) > access.head.seq)
    throw new OnefoldError('server-error', 'this server knows less of the journal than the caller has seen');
  context.calls.begin(request, access.device);
  request.callerDevice = access.device;
  return access;
}

function hashOf(request: FastifyRequest): Uint8Array {
  const token = bearerToken(request.headers.authorization);
  if (token === undefined) throw new OnefoldError('session-expired', 'this call needs a session');
  return tokenHash(token);
}

declare module 'fastify' {
  interface FastifyRequest {
    callerDevice?: string;
  }
}
