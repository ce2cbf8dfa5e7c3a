import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
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
  let status = 201;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { claims, senderKey } = verifyVapid(request.headers.authorization ?? '');
      const text = decrypt(Buffer.concat(chunks));
      messages.push({ path: request.url ?? '', headers: request.headers, text, claims, senderKey });
      response.writeHead(status).end();
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
    answerWith(next: number) {
      status = next;
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

function verifyVapid(header: string): Pick<PushedMessage, 'claims' | 'senderKey'> {
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
  const parsed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as PushedMessage['claims'];
  return { claims: parsed, senderKey: new Uint8Array(senderKey) };
}
