import { OnefoldError, timesResponse, type DeviceId } from '@onefold/protocol';
import { idBytes, idOf } from '../../id-bytes.ts';
import { accessOf, queryCount, sendWire, type Route } from '../call.ts';

const MOST_SEQS = 1_000;

export const listTimesRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/times', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const at = queryCount(request, 'at', { fallback: -1 });
    const seqs = at === -1 ? querySeqs(request.query) : [];
    const ask = (table: 'entry' | 'entry_stub') => {
      const wanted = context.metadata.read
        .selectFrom(table)
        .select(['seq', 'device', 'accepted_at_ms'])
        .where('namespace', '=', idBytes(head.namespaceId))
        .where('seq', '<=', head.seq)
        .orderBy('seq', 'desc');
      return at === -1 ? wanted.where('seq', 'in', seqs) : wanted.where('accepted_at_ms', '<=', at).limit(1);
    };
    // In this order: an entry becomes a stub, never the other way round, so none is missed between the two.
    const found = [...(await ask('entry').execute()), ...(await ask('entry_stub').execute())];
    const bySeq = new Map(found.map((row) => [row.seq, row]));
    const last = [...bySeq.values()].sort((a, b) => b.seq - a.seq);
    const rows = at === -1 ? last : last.slice(0, 1);
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
