import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { PushSubscription } from '@onefold/protocol';

export interface PushedMessage {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Decrypted. */
  readonly text: string;
  /** Claims of the sender's token, whose signature was verified. */
  readonly claims: { readonly aud: string; readonly exp: number; readonly sub: string };
  readonly senderKey: Uint8Array;
  /** The status it was answered with. */
  readonly answer: number;
}

const DAY_SECONDS = 24 * 3_600;
/** What every push service must take, RFC 8291 section 4. */
const MOST_BODY_BYTES = 4_096;

/** What a push service would not take of a message, by the texts that say so. */
function objections(
  { method, headers }: IncomingMessage,
  body: Buffer,
  { claims, head }: ReturnType<typeof verifyVapid>,
  origin: string,
): string[] {
  const nowSeconds = Date.now() / 1_000;
  const rules: Record<string, boolean> = {
    'RFC 8030 5: a POST': method === 'POST',
    'RFC 8030 5.2: a TTL in seconds': /^\d+$/.test(String(headers['ttl'])),
    'RFC 8030 5.3: an urgency': /^(very-low|low|normal|high)$/.test(String(headers['urgency'])),
    'RFC 8030 5.4: a topic': /^[\w-]{1,32}$/.test(String(headers['topic'])),
    'RFC 8291 4: one coding': headers['content-encoding'] === 'aes128gcm',
    'RFC 8291 4: a small body': body.length <= MOST_BODY_BYTES,
    'RFC 8291 4: the key id is a public key': body.readUInt8(20) === 65 && body.readUInt8(21) === 4,
    'RFC 8291 4: one record': body.length - 86 <= body.readUInt32BE(16),
    'RFC 8292 2: ES256': head.typ === 'JWT' && head.alg === 'ES256',
    'RFC 8292 2: for this service': claims.aud === origin,
    'RFC 8292 2: not over, and within a day': claims.exp > nowSeconds && claims.exp <= nowSeconds + DAY_SECONDS,
    'RFC 8292 2.1: a contact': /^(mailto:|https:)/.test(claims.sub),
  };
  return Object.keys(rules).filter((rule) => rules[rule] !== true);
}

/**
 * A push service and a subscriber in one: takes messages over HTTP, verifies the sender (RFC 8292) and decrypts what it gets (RFC 8291, RFC 8188), written from
 * these texts and not from the sender's code.
 */
export async function startPushEndpoint() {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  const auth = randomBytes(16);
  const messages: PushedMessage[] = [];
  const refused: string[] = [];
  let status = 201;
  let answerHeaders: Record<string, string> = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const sender = verifyVapid(request.headers.authorization ?? '');
      const wrong = objections(request, body, sender, url);
      if (wrong.length > 0) {
        refused.push(...wrong);
        response.writeHead(400).end();
        return;
      }
      const { claims, senderKey } = sender;
      const text = decrypt(body);
      messages.push({ path: request.url ?? '', headers: request.headers, text, claims, senderKey, answer: status });
      response.writeHead(status, answerHeaders).end();
    });
  });

  function decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const keyLength = body.readUInt8(20);
    const sender = body.subarray(21, 21 + keyLength);
    const sealed = body.subarray(21 + keyLength);
    const shared = keys.computeSecret(sender);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender, Buffer.of(1)]);
    const secret = hmac(hmac(auth, shared), info);
    const extracted = hmac(salt, secret);
    const key = hmac(extracted, Buffer.from('Content-Encoding: aes128gcm\0\x01')).subarray(0, 16);
    const nonce = hmac(extracted, Buffer.from('Content-Encoding: nonce\0\x01')).subarray(0, 12);
    const opener = createDecipheriv('aes-128-gcm', key, nonce);
    opener.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([opener.update(sealed.subarray(0, -16)), opener.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    messages,
    /** Rules that a message broke, which then was not taken. */
    refused,
    answerWith(next: number, headers: Record<string, string> = {}) {
      status = next;
      answerHeaders = headers;
    },
    subscription: (name: string): PushSubscription => ({
      endpoint: `${url}/${name}`,
      p256dh: new Uint8Array(keys.getPublicKey()),
      auth: new Uint8Array(auth),
    }),
  };
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** Throws where the sender is not who the header says: RFC 8292. */
export function verifyVapid(
  header: string,
): Pick<PushedMessage, 'claims' | 'senderKey'> & { readonly head: { readonly typ?: string; readonly alg?: string } } {
  const [, head = '', claims = '', signature = '', k = ''] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? [];
  const senderKey = Buffer.from(k, 'base64url');
  const [x, y] = [senderKey.subarray(1, 33), senderKey.subarray(33, 65)].map((part) => part.toString('base64url'));
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, format: 'jwk' });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) throw new Error('the sender is not who it says');
  const parsed = <T>(text: string): T => JSON.parse(Buffer.from(text, 'base64url').toString()) as T;
  return { head: parsed(head), claims: parsed(claims), senderKey: new Uint8Array(senderKey) };
}
