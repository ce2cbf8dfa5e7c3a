import { sql } from 'kysely';
import type { Route } from '../call.ts';

/** /healthz: the process turns. /readyz: it can answer calls, and is not about to stop. */
export const healthRoute: Route = (app, context) => {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', async (_request, reply) => {
    try {
      await sql`select 1`.execute(context.metadata.read);
      return await reply.type('text/plain').send('ready\n');
    } catch {
      return reply.status(503).type('text/plain').send('not ready\n');
    }
  });
};
