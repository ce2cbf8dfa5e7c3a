import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OnefoldError } from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import type { ByteShare } from '../packs/byte-budget.ts';
import { accessOf, callerOf, SMALL_BODY_BYTES } from './call.ts';

/** Bodies up to this size take no share of the memory for bodies: their number is bounded by the rate limits. */
const HELD_ABOVE_BYTES = 256 * 1024;

/**
 * Before any byte of a large body is read: its sender is known and may use the namespace in the path, and there is memory for it. A sender beyond the
 * memory is held back on its connection; one that falls asleep while others wait is cut off.
 */
export function admitBodies(app: FastifyInstance, context: ServerContext): void {
  app.decorateRequest('bodyShare');
  app.addHook('onRequest', async (request, reply) => {
    const limitBytes = request.routeOptions.config.bodyBytes ?? request.routeOptions.bodyLimit;
    const sizeBytes = declaredBytes(request) ?? limitBytes;
    if (limitBytes <= SMALL_BODY_BYTES || sizeBytes <= SMALL_BODY_BYTES) return;
    if (sizeBytes > limitBytes) throw new OnefoldError('body-too-large', 'the body is too large');
    const { url = '' } = request.routeOptions;
    if (url.includes(':namespace')) await accessOf(context, request);
    else if (request.routeOptions.config.isOpen !== true) await callerOf(context, request);
    if (sizeBytes > HELD_ABOVE_BYTES) request.bodyShare = await shareFor(context, request, reply, sizeBytes);
  });
  app.addHook('preHandler', (request, _reply, done) => {
    // A body that the call reads as a stream has not arrived yet.
    if (request.body instanceof Uint8Array) request.bodyShare?.arrived();
    done();
  });
}

/** Bytes the sender says it will send; undefined when it does not say. */
export function declaredBytes({ headers }: FastifyRequest): number | undefined {
  if (headers['content-length'] !== undefined) return Number(headers['content-length']);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}

async function shareFor(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  sizeBytes: number,
): Promise<ByteShare> {
  const { socket } = request.raw;
  const cut = (): void => void socket.destroy();
  const leave = (): void => context.bodies.leave(cut);
  socket.once('close', leave);
  const share = await context.bodies.take(sizeBytes, cut);
  socket.off('close', leave);
  if (socket.destroyed) {
    share.giveBack();
    throw new OnefoldError('timed-out', 'the sender has gone');
  }
  // Answered, or cut off before.
  reply.raw.once('close', () => share.giveBack());
  return share;
}

declare module 'fastify' {
  interface FastifyRequest {
    bodyShare?: ByteShare;
  }
  interface FastifyContextConfig {
    /** Largest body of a call that reads it as a stream. */
    bodyBytes?: number;
    /** Anyone may call it, without a session. */
    isOpen?: boolean;
  }
}
