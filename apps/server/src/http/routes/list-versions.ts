import { LIMITS, versionsResponse, type DeviceId, type NodeId } from '@onefold/protocol';
import { sql } from 'kysely';
import { idBytes, idOf } from '../../id-bytes.ts';
import { accessOf, pathId, queryCount, sendWire, type Route } from '../call.ts';

/** Versions of one page at most. */
const MAX_VERSIONS = 1_000;

export const listVersionsRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/nodes/:node/versions', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const node = pathId<NodeId>(request, 'node', 16);
    const before = queryCount(request, 'before', { min: 1, fallback: Number.MAX_SAFE_INTEGER });
    const ofNode = context.metadata.read
      .selectFrom('file_version')
      .where('namespace', '=', idBytes(head.namespaceId))
      .where('node', '=', idBytes(node))
      .where('version', '<', before)
      // The head is what the database has proved: what stands above it may be a commit of a deposed primary that no standby has.
      .where('seq', '<=', head.seq)
      .orderBy('version', 'desc');
    const sizes = await ofNode
      .select(['version', sql<number>`length("sealed")`.as('size_bytes')])
      .limit(MAX_VERSIONS + 1)
      .execute();
    const { oldest, hasOlder } = pageOf(sizes);
    const rows = await ofNode
      .select(['version', 'seq', 'epoch', 'device', 'accepted_at_ms', 'sealed'])
      .where('version', '>=', oldest)
      .execute();
    const versions = rows.reverse().map((row) => ({
      version: row.version,
      seq: row.seq,
      epoch: row.epoch,
      device: idOf<DeviceId>(row.device),
      acceptedAtMs: row.accepted_at_ms,
      sealed: row.sealed,
    }));
    return sendWire(reply, versionsResponse, { versions, hasOlder });
  });
};

/** How far down the newest versions fit into one page; at least one does. */
function pageOf(sizes: readonly { readonly version: number; readonly size_bytes: number }[]): {
  readonly oldest: number;
  readonly hasOlder: boolean;
} {
  let sizeBytes = 0;
  let oldest = Number.MAX_SAFE_INTEGER;
  for (const [at, { version, size_bytes }] of sizes.entries()) {
    sizeBytes += size_bytes;
    if (at === MAX_VERSIONS || (at > 0 && sizeBytes > LIMITS.pageBytes)) return { oldest, hasOlder: true };
    oldest = version;
  }
  return { oldest, hasOlder: false };
}
