import { lookup as lookUp } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { OnefoldError } from '@onefold/protocol';

/** What became of one message. `gone`: the subscription is no more (404, 410). `refused`: it will not be taken another time either. `failed`: for now. */
export type PushOutcome = 'sent' | 'gone' | 'refused' | 'failed';

export interface PushMessage {
  readonly endpoint: string;
  readonly authorization: string;
  readonly body: Uint8Array;
  /** Private addresses and plain HTTP are for tests, and for a push service of one's own. */
  readonly allowsPrivate: boolean;
}

const DEADLINE_MS = 15_000;
const MOST_ANSWER_BYTES = 16 * 1024;
const MOST_RETRY_AFTER_MS = 3_600_000;
/** Seconds a push service keeps the message for a device that is away. */
const TTL_SECONDS = 24 * 3_600;
/** A newer wake-up takes the place of one that was not delivered yet. RFC 8030 section 5.4. */
const TOPIC = 'onefold';

/** Addresses that a server must not be made to call by whoever names an endpoint. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  // With these an IPv4 address is wrapped in one of IPv6: whole, or on the far side of a translator or tunnel.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return PRIVATE.check(mapped, 'ipv4');
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The endpoint as an address that may be called. Throws `invalid-argument`. */
export function endpointOf(text: string, allowsPrivate: boolean): URL {
  const url = URL.parse(text);
  const isAllowed = url?.protocol === 'https:' || (allowsPrivate && url?.protocol === 'http:');
  if (url === null || !isAllowed || url.username !== '' || url.password !== '')
    throw new OnefoldError('invalid-argument', 'a push endpoint is an https address');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (!allowsPrivate && isIP(host) !== 0 && isPrivateAddress(host))
    throw new OnefoldError('invalid-argument', 'a push endpoint is on the public network');
  return url;
}

export interface PushAnswer {
  readonly outcome: PushOutcome;
  /** How long the push service asks to be left alone; 0 where it does not say. */
  readonly retryAfterMs: number;
}

/** Sends one message. Never throws; redirects are not followed, and nothing of an answer is used but its status and `retry-after`. */
export function sendPush(message: PushMessage, isOver?: AbortSignal): Promise<PushAnswer> {
  let url: URL;
  try {
    url = endpointOf(message.endpoint, message.allowsPrivate);
  } catch {
    return Promise.resolve({ outcome: 'gone', retryAfterMs: 0 });
  }
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const send = url.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve) => {
    const sent = send(url, {
      method: 'POST',
      ...(message.allowsPrivate ? {} : { lookup: publicOnly }),
      signal: isOver === undefined ? deadline : AbortSignal.any([deadline, isOver]),
      headers: {
        authorization: message.authorization,
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        'content-length': String(message.body.length),
        ttl: String(TTL_SECONDS),
        topic: TOPIC,
        urgency: 'normal',
      },
    });
    sent.on('response', (answer) => {
      // A short body leaves the connection for the next message; a longer one is not waited for.
      let unusedBytes = 0;
      answer.on('data', (chunk: Buffer) => {
        unusedBytes += chunk.length;
        if (unusedBytes > MOST_ANSWER_BYTES) answer.destroy();
      });
      answer.on('error', () => undefined);
      const retryAfterMs = retryAfterOf(answer.headers['retry-after'], Date.now());
      resolve({ outcome: outcomeOf(answer.statusCode ?? 0), retryAfterMs });
    });
    sent.on('error', () => resolve({ outcome: 'failed', retryAfterMs: 0 }));
    sent.end(message.body);
  });
}

/** Seconds, or a date: RFC 9110 section 10.2.3. What is neither asks for nothing. */
export function retryAfterOf(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MOST_RETRY_AFTER_MS);
}

/** Answers that ask for another try, besides those from 500 on. */
const FOR_NOW = new Set([408, 425, 429]);

function outcomeOf(status: number): PushOutcome {
  if (status >= 200 && status < 300) return 'sent';
  if (status === 404 || status === 410) return 'gone';
  return status >= 500 || FOR_NOW.has(status) ? 'failed' : 'refused';
}

/** Looks at every address a name has, so that a name cannot lead where an address may not. */
const publicOnly: LookupFunction = (host, options, done) => {
  lookUp(host, { ...options, all: true }, (error, found) => {
    if (error !== null) return done(error, '');
    const addresses = found.filter(({ address }) => !isPrivateAddress(address));
    const [first] = addresses;
    if (first === undefined) return done(new Error('no public address'), '');
    if (options.all === true) return done(null, addresses);
    return done(null, first.address, first.family);
  });
};
