import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { LIMITS, OnefoldError, putPackResponse, type PackId, type UploadId } from '@onefold/protocol';
import { findUpload, mustWrite } from '../../uploads/uploads.ts';
import { declaredBytes } from '../admit-bodies.ts';
import { accessOf, pathId, queryId, sendWire, type Route } from '../call.ts';

export const putPackRoute: Route = (app, context) => {
  const config = { bodyBytes: LIMITS.packBytes };
  app.put('/v1/namespaces/:namespace/packs/:pack', { config }, async (request, reply) => {
    const access = await accessOf(context, request);
    mustWrite(access);
    const packId = pathId<PackId>(request, 'pack', 16);
    const uploadId = queryId<UploadId>(request, 'upload', 16);
    const { namespaceId } = access.head;
    await findUpload(context.metadata.read, namespaceId, uploadId, access.device);
    const bytes = await receive(request);
    request.bodyShare?.arrived();
    const stored = await context.intake.take(access, uploadId, packId, bytes);
    const { state } = await findUpload(context.metadata.read, namespaceId, uploadId, access.device, 'expired-too');
    return sendWire(reply, putPackResponse, { stored, state: putPackResponse.shape.state.parse(state) });
  });
};

/** The whole body. Throws `body-too-large`, `invalid-argument` for another type of body, and `pack-corrupt` when it ends early. */
async function receive(request: FastifyRequest): Promise<Uint8Array> {
  if (!(request.body instanceof Readable))
    throw new OnefoldError('invalid-argument', 'expected a body of application/octet-stream');
  const declared = declaredBytes(request);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
      sizeBytes += chunk.length;
      if (sizeBytes > LIMITS.packBytes) throw new OnefoldError('body-too-large', 'a pack is larger than packs may be');
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof OnefoldError) throw thrown;
    throw new OnefoldError('pack-corrupt', 'the pack did not arrive whole', { cause: thrown });
  }
  if (declared !== undefined && sizeBytes !== declared)
    throw new OnefoldError('pack-corrupt', 'the pack did not arrive whole');
  return Buffer.concat(chunks, sizeBytes);
}
