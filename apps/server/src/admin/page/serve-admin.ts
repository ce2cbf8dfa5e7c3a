import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { z } from 'zod';
import { OnefoldError } from '@onefold/protocol';
import { sourceOf } from '../../address-source.ts';
import { listenAddress, type ServerConfig } from '../../config.ts';
import type { ServerContext } from '../../context.ts';
import { bearerToken } from '../../http/bearer-token.ts';
import { statusOf } from '../../http/error-status.ts';
import { createRateLimit } from '../../http/rate-limit.ts';
import type { Jobs } from '../../jobs.ts';
import { setQuota } from '../accounts-command.ts';
import { readOverview } from './overview.ts';
import { createStorageTotals } from './storage-totals.ts';

const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/admin.js': ['admin.js', 'text/javascript; charset=utf-8'],
  '/admin.css': ['admin.css', 'text/css; charset=utf-8'],
  '/tokens.css': ['tokens.css', 'text/css; charset=utf-8'],
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SHORTEST_TOKEN = 16;
/** Guesses at the token, per address. */
const REFUSALS_PER_MINUTE = 60;

const quotaBody = z.strictObject({ email: z.string().max(1_000), quotaBytes: z.int().min(0).nullable() });
const runBody = z.strictObject({ name: z.string().max(100) });

/**
 * The admin page, its calls and /metrics, on an address of their own. All but the page itself asks for the token, /metrics too. Answers with its end. Throws
 * `invalid-argument`.
 */
export async function serveAdmin(
  context: ServerContext,
  { listen, tokenFile }: NonNullable<ServerConfig['admin']>,
  jobs: Jobs,
): Promise<() => Promise<void>> {
  const token = hashOf(takeToken(tokenFile));
  const refusals = createRateLimit(REFUSALS_PER_MINUTE);
  const app = fastify({ logger: false, bodyLimit: 16 * 1024, forceCloseConnections: true, exposeHeadRoutes: false });

  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    if (FILES[request.url] !== undefined) {
      done();
      return;
    }
    const given = bearerToken(request.headers.authorization);
    if (given !== undefined && timingSafeEqual(hashOf(given), token)) done();
    else if (refusals.take(sourceOf(request.ip), context.nowMs()) > 0)
      void reply.status(429).send({ code: 'too-many-requests' });
    else void reply.status(401).send({ code: 'session-expired' });
  });
  app.setErrorHandler((thrown: unknown, _request, reply) => {
    const error = thrown instanceof z.ZodError ? new OnefoldError('invalid-argument', 'bad request') : thrown;
    const status =
      error instanceof OnefoldError ? statusOf(error.code) : ((error as { statusCode?: number }).statusCode ?? 500);
    if (status >= 500) context.log.error({ err: thrown }, 'admin call failed');
    void reply.status(status).send({ code: error instanceof OnefoldError ? error.code : 'server-error' });
  });

  for (const [path, [file, type]] of Object.entries(FILES)) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    app.get(path, (_request, reply) => reply.type(type).send(text));
  }
  app.get('/metrics', async (_request, reply) =>
    reply.type(context.metrics.contentType).send(await context.metrics.text()),
  );
  const storageTotals = createStorageTotals(context.metadata.read, () => performance.now());
  app.get('/api/overview', () => readOverview(context, jobs, storageTotals));
  app.post('/api/quota', async (request) => {
    const { email, quotaBytes } = quotaBody.parse(request.body);
    await setQuota(context.metadata, email, quotaBytes);
    return {};
  });
  app.post('/api/jobs/run', (request, reply) => {
    const { name } = runBody.parse(request.body);
    return reply.status(jobs.runNow(name) ? 200 : 404).send({});
  });

  const { host, port } = listenAddress(listen);
  await app.listen({ host, port }).catch((cause: unknown) => {
    throw new OnefoldError('invalid-argument', `the admin page cannot listen on ${listen}`, { cause });
  });
  context.log.info({ port: (app.server.address() as AddressInfo).port }, 'admin page is ready');
  return () => app.close();
}

/** The token in the file; a new one where there is no file. */
function takeToken(file: string): string {
  if (!existsSync(file)) {
    const made = randomBytes(24).toString('base64url');
    try {
      writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx', flush: true });
    } catch (cause) {
      throw new OnefoldError('invalid-argument', `cannot write the admin token to ${file}`, { cause });
    }
    return made;
  }
  const token = readFileSync(file, 'utf8').trim();
  if (token.length < SHORTEST_TOKEN || bearerToken(`Bearer ${token}`) === undefined)
    throw new OnefoldError(
      'invalid-argument',
      `${file} holds no token of at least ${SHORTEST_TOKEN} letters and digits`,
    );
  return token;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
