import { sql } from 'kysely';
import type { Route } from '../call.ts';

/** /healthz: the process turns. /readyz: it can answer calls, and is not about to stop. /metrics: what it counts, unless told elsewhere. */
export const healthRoute: Route = (app, context) => {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  if (context.config.metrics === 'public')
    app.get('/metrics', async (_request, reply) =>
      reply.type(context.metrics.contentType).send(await context.metrics.text()),
    );
  app.get('/readyz', async (_request, reply) => {
    try {
      await sql`select 1`.execute(context.metadata.read);
      return await reply.type('text/plain').send('ready\n');
    } catch {
      return reply.status(503).type('text/plain').send('not ready\n');
    }
  });
};
