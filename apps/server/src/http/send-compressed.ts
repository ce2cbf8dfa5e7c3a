import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { encodeWire } from '@onefold/protocol';

const compress = promisify(zstdCompress);
/** Below this a frame costs more than it saves. */
const COMPRESS_ABOVE_BYTES = 1_024;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** Answers a value, compressed where the caller takes that and it is worth it. */
export async function sendCompressed<S extends z.ZodType>(
  request: FastifyRequest,
  reply: FastifyReply,
  schema: S,
  value: z.output<S>,
): Promise<FastifyReply> {
  const bytes = encodeWire(schema, value);
  void reply.type('application/cbor').header('vary', 'accept-encoding');
  const takesZstd = /(^|[\s,])zstd($|[\s,;])/.test(request.headers['accept-encoding'] ?? '');
  if (!takesZstd || bytes.length < COMPRESS_ABOVE_BYTES) return reply.send(Buffer.from(bytes));
  return reply.header('content-encoding', 'zstd').send(await compress(bytes, LEVEL));
}
