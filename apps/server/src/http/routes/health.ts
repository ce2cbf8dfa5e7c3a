import { setTimeout as pass } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ServerContext } from '../../context.ts';
import type { Route } from '../call.ts';

/** /healthz: the process turns. /readyz: it can answer calls, and is not about to stop. /metrics: what it counts, unless told elsewhere. */
export const healthRoute: Route = (app, context) => {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'));
  if (context.config.metrics === 'public')
    app.get('/metrics', async (_request, reply) =>
      reply.type(context.metrics.contentType).send(await context.metrics.text()),
    );
  app.get('/readyz', async (_request, reply) => {
    const isReady = app.server.listening && (await answersInTime(context));
    return reply
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ready\n' : 'not ready\n');
  });
};

/** Who asks waits no longer than a few seconds; a database that hangs is as good as none. */
const ANSWER_MS = 3_000;

async function answersInTime({ metadata }: ServerContext): Promise<boolean> {
  const over = new AbortController();
  const late = pass(ANSWER_MS, false, { signal: over.signal, ref: false }).catch(() => false);
  const asked = sql`select 1`.execute(metadata.read).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]).finally(() => over.abort());
}
