import { OnefoldError, timesResponse, type DeviceId } from '@onefold/protocol';
import { idBytes, idOf } from '../../id-bytes.ts';
import { accessOf, queryCount, sendWire, type Route } from '../call.ts';

const MOST_SEQS = 1_000;

export const listTimesRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/times', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const at = queryCount(request, 'at', { fallback: -1 });
    const wanted = context.metadata.read
      .selectFrom('entry')
      .select(['seq', 'device', 'accepted_at_ms'])
      .where('namespace', '=', idBytes(head.namespaceId))
      .where('seq', '<=', head.seq)
      .orderBy('seq', 'desc');
    const rows =
      at === -1
        ? await wanted.where('seq', 'in', querySeqs(request.query)).execute()
        : await wanted.where('accepted_at_ms', '<=', at).limit(1).execute();
    const times = rows.map((row) => ({
      seq: row.seq,
      device: idOf<DeviceId>(row.device),
      acceptedAtMs: row.accepted_at_ms,
    }));
    return sendWire(reply, timesResponse, { times });
  });
};

/** Throws `invalid-argument`. */
function querySeqs(query: unknown): number[] {
  const { seqs } = (query ?? {}) as { readonly seqs?: unknown };
  if (typeof seqs !== 'string' || !/^\d{1,15}(,\d{1,15})*$/.test(seqs))
    throw new OnefoldError('invalid-argument', 'bad seqs');
  const numbers = seqs.split(',').map(Number);
  if (numbers.length > MOST_SEQS) throw new OnefoldError('invalid-argument', 'too many seqs');
  return numbers;
}
