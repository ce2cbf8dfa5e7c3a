import { Readable } from 'node:stream';
import { readBlocksRequest } from '@onefold/protocol';
import { findBlocks, streamBlocks } from '../../packs/read-blocks.ts';
import { accessOf, bodyOf, BLOCKS_BODY_BYTES, type Route } from '../call.ts';

export const readBlocksRoute: Route = (app, context) => {
  app.post('/v1/namespaces/:namespace/blocks/read', { bodyLimit: BLOCKS_BODY_BYTES }, async (request, reply) => {
    const { head } = await accessOf(context, request);
    const { blocks } = bodyOf(readBlocksRequest, request);
    const places = await findBlocks(context.metadata, head.namespaceId, blocks);
    const held = places.filter((place) => place !== undefined);
    context.metrics.blocksRead(
      held.length,
      held.reduce((sum, { length }) => sum + length, 0),
    );
    const frames = streamBlocks(context.packs, places, (objectKey) => {
      context.log.error({ objectKey }, 'a pack is missing or damaged');
    });
    return reply
      .type('application/octet-stream')
      .send(Readable.from(frames, { objectMode: false, highWaterMark: 1024 * 1024 }));
  });
};
