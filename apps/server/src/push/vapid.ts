import { createECDH, createPrivateKey, sign } from 'node:crypto';
import type { MetadataDatabase } from '../metadata/database.ts';

/* The server's identity before push services, RFC 8292. One key for all nodes: subscriptions are bound to it. */

const SETTING = 'push-key';
const CURVE = 'prime256v1';
/** RFC 8292 allows a day. */
const TOKEN_MS = 12 * 3_600_000;

export interface VapidKey {
  /** Uncompressed point: what a browser's `applicationServerKey` takes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** The key every node uses; the first one to ask makes it. */
export async function readVapidKey(metadata: MetadataDatabase): Promise<VapidKey> {
  const { read, sql } = metadata;
  const fresh = createECDH(CURVE);
  fresh.generateKeys();
  // An ECDH private key comes without its leading zeros.
  const value = new Uint8Array(32);
  const made = fresh.getPrivateKey();
  value.set(made, 32 - made.length);
  await metadata.write((writer) => sql.insertMany(writer, 'setting', [{ name: SETTING, value }], 'keep'));
  const row = await read.selectFrom('setting').select('value').where('name', '=', SETTING).executeTakeFirstOrThrow();
  const key = createECDH(CURVE);
  key.setPrivateKey(row.value);
  return { publicKey: new Uint8Array(key.getPublicKey()), privateKey: row.value };
}

/** The `authorization` header for a push service: it names its origin, and who to write to when something is wrong. */
export function vapidHeader(key: VapidKey, endpoint: URL, contact: string, nowMs: number): string {
  const head = encode({ typ: 'JWT', alg: 'ES256' });
  const claims = encode({ aud: endpoint.origin, exp: Math.floor((nowMs + TOKEN_MS) / 1_000), sub: contact });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), {
    key: signingKey(key),
    dsaEncoding: 'ieee-p1363',
  });
  const token = `${head}.${claims}.${signature.toString('base64url')}`;
  return `vapid t=${token}, k=${Buffer.from(key.publicKey).toString('base64url')}`;
}

function signingKey({ publicKey, privateKey }: VapidKey) {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const x = text(publicKey.subarray(1, 33));
  const y = text(publicKey.subarray(33, 65));
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: text(privateKey) }, format: 'jwk' });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
