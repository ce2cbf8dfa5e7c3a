import { entriesResponse } from '@onefold/protocol';
import { readEntries } from '../../journal/read-entries.ts';
import { accessOf, queryCount, type Route } from '../call.ts';
import { sendCompressed } from '../send-compressed.ts';

export const readEntriesRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/entries', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const after = queryCount(request, 'after', { min: -1, fallback: -1 });
    const answer = await readEntries(context, head, after);
    if (answer.reset !== undefined) context.metrics.journalReset();
    return sendCompressed(request, reply, entriesResponse, answer);
  });
};
