import { OnefoldError, userChainResponse, type UserId } from '@onefold/protocol';
import { readLinks } from '../../accounts/chain-cache.ts';
import { idBytes } from '../../id-bytes.ts';
import { callerOf, pathId, sendWire, type Route } from '../call.ts';

export const readUserChainRoute: Route = (app, context) => {
  app.get('/v1/users/:user/chain', async (request, reply) => {
    const caller = await callerOf(context, request);
    const user = pathId<UserId>(request, 'user', 16);
    const { read } = context.metadata;
    // Also of those who have left: what they signed while they were in is still to be checked.
    const shared = await read
      .selectFrom('member as mine')
      .innerJoin('member as theirs', 'theirs.namespace', 'mine.namespace')
      .select('mine.namespace')
      .where('mine.user', '=', idBytes(caller.user))
      .where('mine.role', '!=', 'removed')
      .where('theirs.user', '=', idBytes(user))
      .limit(1)
      .executeTakeFirst();
    if (shared === undefined && user !== caller.user) throw new OnefoldError('not-found', 'no such user');
    return sendWire(reply, userChainResponse, { links: await readLinks(read, user, 0) });
  });
};
