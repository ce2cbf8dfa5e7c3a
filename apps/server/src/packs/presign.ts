import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, HttpRequest } from '@smithy/types';

/** How long an address serves. */
export const PRESIGNED_MS = 5 * 60_000;

export interface Presigner {
  /** An address that takes exactly these bytes, once or again, and no others: their hash and length are part of what is signed. */
  put(key: string, sizeBytes: number, sha256: string): Promise<{ url: string; headers: Record<string, string> }>;
  /** An address that gives the object, whole or by ranges. */
  get(key: string): Promise<string>;
}

/** `endpoint` is the store as clients reach it. */
export function createPresigner(options: {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly nowMs: () => number;
}): Presigner {
  const { endpoint, bucket, region, credentials } = options;
  const base = new URL(endpoint);
  const signer = new SignatureV4({ service: 's3', region, credentials, sha256: Sha256, uriEscapePath: false });

  async function presign(method: 'GET' | 'PUT', key: string, headers: Record<string, string>): Promise<string> {
    const path = `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`;
    const request: HttpRequest = {
      method,
      protocol: base.protocol,
      hostname: base.hostname,
      ...(base.port === '' ? {} : { port: Number(base.port) }),
      path,
      query: {},
      // What gives has no body to bind; hoisted into the address it says so.
      headers: { host: base.host, ...(method === 'GET' ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : headers) },
    };
    const signed = await signer.presign(request, {
      expiresIn: PRESIGNED_MS / 1_000,
      signingDate: new Date(options.nowMs()),
      // In the address they would bind nothing: the store checks the body against the header.
      unhoistableHeaders: new Set(Object.keys(headers)),
      signableHeaders: new Set(['host', ...Object.keys(headers)]),
    });
    const query = Object.entries(signed.query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    return `${base.origin}${path}?${query.join('&')}`;
  }

  return {
    async put(key, sizeBytes, sha256) {
      const headers = { 'content-length': String(sizeBytes), 'x-amz-content-sha256': sha256 };
      return { url: await presign('PUT', key, headers), headers };
    },
    get: (key) => presign('GET', key, {}),
  };
}

/** SHA-256 and its HMAC, as the signer asks for them. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset(): void {
    throw new Error('used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
