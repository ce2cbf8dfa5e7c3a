import { createHash, createHmac } from 'node:crypto';
import type { S3Access } from './ceph.ts';

/** Makes a bucket: one PUT, signed as AWS Signature Version 4 says. */
export async function makeBucket(access: S3Access, bucket: string): Promise<void> {
  const at = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = at.slice(0, 8);
  const url = new URL(`/${bucket}`, access.endpoint);
  const bodyHash = createHash('sha256').update('').digest('hex');
  const headers = { host: url.host, 'x-amz-content-sha256': bodyHash, 'x-amz-date': at };
  const names = Object.keys(headers).sort().join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['PUT', url.pathname, '', lines.sort().join(''), names, bodyHash].join('\n');
  const scope = `${day}/${access.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(request).digest('hex')].join('\n');
  const sign = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const key = ['aws4_request', 's3', access.region, day].reduceRight<string | Buffer>(
    (secret, part) => sign(secret, part),
    `AWS4${access.secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${access.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  const { host: _host, ...sent } = headers;
  const answer = await fetch(url, { method: 'PUT', headers: { ...sent, authorization } });
  if (!answer.ok) throw new Error(`the bucket ${bucket} could not be made: ${answer.status} ${await answer.text()}`);
}
