import {
  directPackRequest,
  directPackResponse,
  locateBlocksResponse,
  putPackResponse,
  readBlocksRequest,
  type PackId,
  type UploadId,
} from '@onefold/protocol';
import { grantDirectPack, locateBlocks, takeDirectPack } from '../../packs/direct-packs.ts';
import { findUpload, mustWrite } from '../../uploads/uploads.ts';
import { accessOf, bodyOf, BLOCKS_BODY_BYTES, pathId, queryId, sendWire, type Route } from '../call.ts';

export const directPacksRoute: Route = (app, context) => {
  const base = '/v1/namespaces/:namespace';
  app.post(`${base}/packs/:pack/direct`, async (request, reply) => {
    const access = await accessOf(context, request);
    mustWrite(access);
    const [packId, uploadId] = [pathId<PackId>(request, 'pack', 16), queryId<UploadId>(request, 'upload', 16)];
    await findUpload(context.metadata.read, access.head.namespaceId, uploadId, access.device);
    const wanted = bodyOf(directPackRequest, request);
    return sendWire(reply, directPackResponse, await grantDirectPack(context, access, uploadId, packId, wanted));
  });
  app.post(`${base}/packs/:pack/stored`, async (request, reply) => {
    const access = await accessOf(context, request);
    mustWrite(access);
    const [packId, uploadId] = [pathId<PackId>(request, 'pack', 16), queryId<UploadId>(request, 'upload', 16)];
    const { namespaceId } = access.head;
    await findUpload(context.metadata.read, namespaceId, uploadId, access.device);
    const stored = await takeDirectPack(context, access, uploadId, packId);
    const { state } = await findUpload(context.metadata.read, namespaceId, uploadId, access.device, 'expired-too');
    return sendWire(reply, putPackResponse, { stored, state: putPackResponse.shape.state.parse(state) });
  });
  app.post(`${base}/blocks/locate`, { bodyLimit: BLOCKS_BODY_BYTES }, async (request, reply) => {
    const access = await accessOf(context, request);
    const { blocks } = bodyOf(readBlocksRequest, request);
    return sendWire(reply, locateBlocksResponse, await locateBlocks(context, access, blocks));
  });
};
