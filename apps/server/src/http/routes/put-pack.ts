import type { Readable } from 'node:stream';
import { LIMITS, OnefoldError, putPackResponse, type PackId, type UploadId } from '@onefold/protocol';
import { findUpload, mustWrite } from '../../uploads/uploads.ts';
import { accessOf, pathId, queryId, sendWire, type Route } from '../call.ts';

export const putPackRoute: Route = (app, context) => {
  app.put('/v1/namespaces/:namespace/packs/:pack', async (request, reply) => {
    const access = await accessOf(context, request);
    mustWrite(access);
    const packId = pathId<PackId>(request, 'pack', 16);
    const uploadId = queryId<UploadId>(request, 'upload', 16);
    const { namespaceId } = access.head;
    await findUpload(context.metadata.read, namespaceId, uploadId, access.device);
    const declared =
      request.headers['content-length'] === undefined ? undefined : Number(request.headers['content-length']);
    if (declared !== undefined && declared > LIMITS.packBytes)
      throw new OnefoldError('body-too-large', 'a pack is larger than packs may be');
    // Held back here, the sender waits on its connection.
    const giveBack = await context.intake.reserve(declared ?? LIMITS.packBytes);
    try {
      const bytes = await receive(request.body as Readable, declared);
      const stored = await context.intake.take(access, uploadId, packId, bytes);
      const { state } = await findUpload(context.metadata.read, namespaceId, uploadId, access.device, 'expired-too');
      return await sendWire(reply, putPackResponse, { stored, state: putPackResponse.shape.state.parse(state) });
    } finally {
      giveBack();
    }
  });
};

/** The whole body. Throws `body-too-large`, and `pack-corrupt` when it ends early. */
async function receive(body: Readable, declared: number | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
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
