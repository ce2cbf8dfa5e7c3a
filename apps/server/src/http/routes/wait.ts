import { isHexId, OnefoldError, waitResponse, type NamespaceId } from '@onefold/protocol';
import { waitForEvents, type Position } from '../../events/wait.ts';
import { idBytes } from '../../id-bytes.ts';
import { callerOf, queryCount, sendWire, type Route } from '../call.ts';

const MAX_WAIT_MS = 60_000;
const MAX_NAMESPACES = 1_000;

export const waitRoute: Route = (app, context) => {
  app.get('/v1/wait', async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const caller = await callerOf(context, request);
    const timeoutMs = Math.min(MAX_WAIT_MS, queryCount(request, 'timeoutMs', { fallback: 30_000 }));
    const chain = queryCount(request, 'chain', { min: -1, fallback: -1 });
    const after = positions((request.query as { after?: unknown }).after);
    const user = await context.metadata.read
      .selectFrom('user')
      .select('chain_length')
      .where('user', '=', idBytes(caller.user))
      .executeTakeFirstOrThrow();
    if (context.events.count(caller.device) >= context.config.limits.socketsPerDevice)
      throw new OnefoldError('too-many-requests', 'this device waits for events too many times over');
    const wanted = { after, chainLength: chain < 0 ? undefined : chain, timeoutMs, signal: gone.signal };
    return sendWire(reply, waitResponse, { events: await waitForEvents(context, caller, wanted, user.chain_length) });
  });
};

/** Reads `{namespace}:{seq}:{recoveryEpoch},...`, where the last may be absent. */
function positions(text: unknown): Map<NamespaceId, Position> {
  if (text === undefined || text === '') return new Map();
  const parts = typeof text === 'string' ? text.split(',') : [];
  const pairs = parts.map((part): [NamespaceId, Position] => {
    const [namespace = '', seq = '', recoveryEpoch] = part.split(':');
    const isCount = (text: string): boolean => /^\d{1,15}$/.test(text);
    if (!isHexId(namespace, 32) || !isCount(seq) || !isCount(recoveryEpoch ?? '0'))
      throw new OnefoldError('invalid-argument', 'bad after');
    return [
      namespace as NamespaceId,
      { seq: Number(seq), recoveryEpoch: recoveryEpoch === undefined ? undefined : Number(recoveryEpoch) },
    ];
  });
  if (pairs.length === 0 || pairs.length > MAX_NAMESPACES) throw new OnefoldError('invalid-argument', 'bad after');
  return new Map(pairs);
}
