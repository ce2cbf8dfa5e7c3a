import { versionsResponse, type DeviceId, type NodeId } from '@onefold/protocol';
import { idBytes, idOf } from '../../id-bytes.ts';
import { accessOf, pathId, sendWire, type Route } from '../call.ts';

/** Newest that are told; older ones are had from the journal. */
const MAX_VERSIONS = 1_000;

export const listVersionsRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/nodes/:node/versions', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const node = pathId<NodeId>(request, 'node', 16);
    const rows = await context.metadata.read
      .selectFrom('file_version')
      .select(['version', 'seq', 'epoch', 'device', 'accepted_at_ms', 'sealed'])
      .where('namespace', '=', idBytes(head.namespaceId))
      .where('node', '=', idBytes(node))
      .orderBy('version', 'desc')
      .limit(MAX_VERSIONS)
      .execute();
    const versions = rows.reverse().map((row) => ({
      version: row.version,
      seq: row.seq,
      epoch: row.epoch,
      device: idOf<DeviceId>(row.device),
      acceptedAtMs: row.accepted_at_ms,
      sealed: row.sealed,
    }));
    return sendWire(reply, versionsResponse, { versions });
  });
};
