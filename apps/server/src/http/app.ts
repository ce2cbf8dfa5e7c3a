import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  compareProtocol,
  encodeWire,
  errorSchema,
  formatProtocolRange,
  OnefoldError,
  PROTOCOL_HEADER,
  toOnefoldError,
  type ErrorCode,
} from '@onefold/protocol';
import { proxiesBefore } from '../address-source.ts';
import type { ServerContext } from '../context.ts';
import { bearerToken } from './bearer-token.ts';
import { admitBodies } from './admit-bodies.ts';
import { SMALL_BODY_BYTES } from './call.ts';
import { endCalls } from './calls-under-way.ts';
import { holdConnections } from './connection-limit.ts';
import { statusOf } from './error-status.ts';
import { expiryOf, readTls } from './tls.ts';
import type { RequestLimits } from './request-limits.ts';
import { ROUTES } from './routes.ts';

/** Node's own: how long the headers of a request may take, and how often it looks for what takes too long. */
const HEADERS_MS = 60_000;
const LOOK_EVERY_MS = 30_000;

/** The HTTP application, not yet listening. Everything that goes wrong is answered as errorSchema. */
export function createApp(context: ServerContext, limits: RequestLimits): FastifyInstance {
  const { tls, requestTimeoutMs } = context.config;
  const node = {
    // Node takes the longer of the two for the whole request: headers may not take longer than that.
    headersTimeout: Math.min(HEADERS_MS, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, requestTimeoutMs),
  };
  const options = {
    logger: false,
    bodyLimit: SMALL_BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: 120_000,
    keepAliveTimeout: 75_000,
    trustProxy: (_address: string, hop: number) => hop < proxiesBefore(context.config),
    forceCloseConnections: 'idle' as const,
    // Who calls on an open connection has nobody else to ask: it is answered, and told to come no more.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 100, caseSensitive: true },
    // An address that no route is looked for by, such as /%zz.
    frameworkErrors: (thrown: unknown, _request: unknown, reply: FastifyReply) => {
      const { code, message } = fromAnything(thrown);
      sendError(reply, statusOf(code), { code, message });
    },
  };
  const material = tls === undefined ? undefined : readTls(tls);
  if (material !== undefined) context.metrics.certificateExpires(expiryOf(material.cert));
  // Over TLS or not, the calls are the same.
  const app =
    material === undefined
      ? fastify({ ...options, http: node })
      : (fastify({ ...options, https: { ...node, ...material } }) as unknown as FastifyInstance);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/cbor', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Packs: the call reads the stream itself.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.decorateRequest('callerDevice');
  endConnections(app);
  endCalls(app, context.calls);
  holdConnections(app, context, limits.connections, (url) => UNLIMITED.has(url));
  limitRates(app, context, limits);
  agreeOnProtocol(app);
  admitBodies(app, context);
  logRequests(app, context);
  answerErrors(app, context);
  for (const route of ROUTES) route(app, context);
  return app;
}

/** Once the server takes no more connections, each answer is the last one of its own. */
function endConnections(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    if (!app.server.listening) void reply.header('connection', 'close');
    done();
  });
}

/** Calls that tell how the server does are never refused: what watches it must see it when it is busy. */
const UNLIMITED = new Set(['/healthz', '/readyz', '/metrics']);

function limitRates(app: FastifyInstance, context: ServerContext, limits: RequestLimits): void {
  app.addHook('onRequest', (request, reply, done) => {
    const waitMs = UNLIMITED.has(request.url)
      ? 0
      : limits.take(request.ip, bearerToken(request.headers.authorization), context.nowMs());
    if (waitMs === 0) done();
    else {
      void reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
      done(new OnefoldError('too-many-requests', 'too many requests; try again later'));
    }
  });
}

/** Says what this server speaks with every answer, and refuses who speaks nothing of it before anything is read of a call. */
function agreeOnProtocol(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(PROTOCOL_HEADER, formatProtocolRange());
    const header = request.headers[PROTOCOL_HEADER];
    const verdict = compareProtocol(typeof header === 'string' ? header : undefined);
    if (verdict === 'common') done();
    else
      done(
        new OnefoldError(
          'protocol-mismatch',
          verdict === 'peer-older'
            ? 'this device needs a newer version of Onefold'
            : 'this server is too old for this device',
        ),
      );
  });
}

function logRequests(app: FastifyInstance, context: ServerContext): void {
  app.addHook('onResponse', (request, reply, done) => {
    context.metrics.request({
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: reply.elapsedTime,
    });
    const level = reply.statusCode >= 500 ? 'warn' : 'debug';
    context.log[level](
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        device: request.callerDevice,
      },
      'request',
    );
    done();
  });
}

function answerErrors(app: FastifyInstance, context: ServerContext): void {
  app.setErrorHandler((thrown: unknown, request, reply) => {
    const error = fromAnything(thrown);
    const status = statusOf(error.code);
    if (error.code === 'login-throttled') void reply.header('retry-after', '900');
    if (error.code === 'too-many-requests' && !reply.hasHeader('retry-after')) void reply.header('retry-after', '1');
    if (status >= 500)
      context.log.error({ err: thrown, code: error.code, route: request.routeOptions.url ?? 'unknown' }, 'call failed');
    const code = status === 500 ? 'server-error' : error.code;
    const message = status >= 500 ? wordsOfFailure(status) : error.message;
    sendError(reply, status, { code, message });
  });
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, 404, { code: 'not-found', message: 'there is no such call' }),
  );
}

function sendError(reply: FastifyReply, status: number, error: z.output<typeof errorSchema>): void {
  void reply
    .status(status)
    .type('application/cbor')
    .send(Buffer.from(encodeWire(errorSchema, error)));
}

/** What a caller is told of the server's own trouble: the words of a database or a disk name what is none of theirs, and stand in the log. */
function wordsOfFailure(status: number): string {
  if (status === 507) return 'the server has no room left';
  return status === 503 ? 'the server cannot answer this now: try again' : 'the server failed; its log says more';
}

/** Fastify's own refusals, by their codes. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'invalid-argument',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-argument',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-argument',
  FST_ERR_BAD_URL: 'not-found',
};

function fromAnything(thrown: unknown): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined;
  if (known !== undefined)
    return new OnefoldError(known, known === 'body-too-large' ? 'the body is too large' : 'bad request', {
      cause: thrown,
    });
  if (typeof statusCode === 'number' && statusCode < 500)
    return new OnefoldError('invalid-argument', 'bad request', { cause: thrown });
  return toOnefoldError(thrown);
}
