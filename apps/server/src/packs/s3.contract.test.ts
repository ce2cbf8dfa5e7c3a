import { randomBytes } from 'node:crypto';
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { NamespaceId, PackId } from '@onefold/protocol';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import { randomId } from '../testing/test-account.ts';
import { startFaultyStore } from '../testing/faulty-store.ts';
import { useCeph } from '../testing/test-ceph.ts';
import { describePackStore } from './packs.contract.ts';
import type { PackStore } from './pack-store.ts';
import { openS3PackStore, type S3PackStoreOptions } from './s3.ts';

const MIB = 1024 * 1024;
const ceph = useCeph([]);
let client: S3Client;
let count = 0;

beforeAll(() => {
  const { endpoint, region, ...credentials } = ceph().access;
  client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
});
afterAll(() => client.destroy());

async function optionsOf(changed: Partial<S3PackStoreOptions> = {}): Promise<S3PackStoreOptions> {
  const bucket = `packs${++count}`;
  await makeBucket(ceph().access, bucket);
  return {
    ...ceph().access,
    bucket,
    prefix: 'onefold/',
    deadlineMs: 10_000,
    partBytes: 5 * MIB,
    nowMs: Date.now,
    ...changed,
  };
}

function packOf(length: number): { namespace: NamespaceId; packId: PackId; bytes: Uint8Array } {
  return { namespace: randomId(32), packId: randomId(16), bytes: new Uint8Array(randomBytes(length)) };
}

describe('packs in an S3 store', () => {
  describePackStore(async () => {
    const options = await optionsOf();
    return { store: await openS3PackStore(options), reopen: () => openS3PackStore(options) };
  });

  test('a pack above the size of a part goes in parts, and nothing is left of them', async () => {
    const options = await optionsOf();
    const store = await openS3PackStore(options);
    const pack = packOf(11 * MIB + 3);
    const { objectKey } = await store.put(pack);
    const reader = await store.open(objectKey);
    const bytes = await reader?.read(0, pack.bytes.length);
    expect(Buffer.compare(bytes ?? new Uint8Array(), pack.bytes)).toBe(0);
    // So S3 names what came in parts, and in how many.
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: options.bucket, Key: `onefold/${objectKey}` }));
    expect(ETag).toMatch(/-3"?$/);
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }));
    expect(Uploads ?? []).toEqual([]);
  });

  test('packs that were begun and given up are let go once old; younger ones, and what others have begun, stay', async () => {
    const options = await optionsOf();
    const store = await openS3PackStore(options);
    const { objectKey } = await store.put(packOf(8));
    const left = async (): Promise<(string | undefined)[]> => {
      const list = new ListMultipartUploadsCommand({ Bucket: options.bucket });
      return ((await client.send(list)).Uploads ?? []).map(({ Key }) => Key);
    };
    const others = ['onefold/holiday.jpg', objectKey];
    const ours = [1, 2, 3].map((at) => `onefold/${objectKey.replace(/\.\w+\.pack$/, `.${at}.pack`)}`);
    for (const Key of [...others, ...ours])
      await client.send(new CreateMultipartUploadCommand({ Bucket: options.bucket, Key }));
    expect(await store.removeUnfinished(Date.now() - 60_000)).toBe(0);
    expect(await left()).toHaveLength(5);
    expect(await store.removeUnfinished(Date.now() + 60_000)).toBe(3);
    expect((await left()).sort()).toEqual([...others].sort());
    expect((await (await store.open(objectKey))?.read(0, 8))?.length).toBe(8);
  });

  test('more objects than one page of a listing are all listed, with their times', async () => {
    const store = await openS3PackStore(await optionsOf());
    for (let round = 0; round < 21; round++) await Promise.all(Array.from({ length: 50 }, () => store.put(packOf(8))));
    const found: number[] = [];
    for await (const { storedAtMs } of store.list()) found.push(storedAtMs ?? 0);
    expect(found).toHaveLength(1_050);
    expect(Math.min(...found)).toBeGreaterThan(Date.now() - 600_000);
  });

  test('what is not a pack in the same bucket is not seen, and so never swept', async () => {
    const options = await optionsOf({ prefix: '' });
    const store = await openS3PackStore(options);
    const { objectKey } = await store.put(packOf(8));
    for (const Key of ['holiday.jpg', 'backups/2026/all.tar', `${objectKey}.bak`, `old/${objectKey}`])
      await client.send(new PutObjectCommand({ Bucket: options.bucket, Key, Body: 'not ours' }));
    const found: string[] = [];
    for await (const object of store.list()) found.push(object.objectKey);
    expect(found).toEqual([objectKey]);
  });

  test('a bucket that is not there, and a wrong key, are refused at the start', async () => {
    await expect(openS3PackStore({ ...(await optionsOf()), bucket: 'nowhere' })).rejects.toMatchObject({
      code: 'server-error',
    });
    await expect(openS3PackStore(await optionsOf({ secretAccessKey: 'wrong' }))).rejects.toMatchObject({
      code: 'server-error',
    });
  });
});

describe('faults of the store', () => {
  async function openShort(): Promise<PackStore> {
    return openS3PackStore(await optionsOf({ deadlineMs: 700 }));
  }

  test('one that hangs is given up in time, and serves again when it goes on', async () => {
    const store = await openShort();
    const kept = await store.put(packOf(1_000));
    ceph().osd().signal('SIGSTOP');
    try {
      await expect(store.put(packOf(1_000))).rejects.toMatchObject({ code: 'server-error' });
      await expect(store.remove(kept.objectKey)).rejects.toMatchObject({ code: 'server-error' });
    } finally {
      ceph().osd().signal('SIGCONT');
    }
    await expect
      .poll(
        () =>
          store.put(packOf(10)).then(
            () => 'stored',
            () => 'failed',
          ),
        { timeout: 20_000 },
      )
      .toBe('stored');
  });

  test.each(['short', 'displaced'] as const)(
    'an answer that is %s is no word about the pack: it is not said to be gone, and is read when that is over',
    async (fault) => {
      const proxy = await startFaultyStore(ceph().access.endpoint);
      onTestFinished(() => proxy.close());
      const store = await openS3PackStore(await optionsOf({ endpoint: proxy.endpoint }));
      const pack = packOf(1_000);
      const { objectKey } = await store.put(pack);
      const read = async (offset: number, length: number): Promise<Uint8Array | undefined> =>
        (await store.open(objectKey))?.read(offset, length);
      proxy.set(fault);
      for (const [offset, length] of [
        [100, 200],
        [500, 500],
      ] as const)
        await expect(read(offset, length)).rejects.toMatchObject({ code: 'server-error' });
      proxy.set('none');
      expect(Buffer.compare((await read(100, 200)) ?? new Uint8Array(), pack.bytes.subarray(100, 300))).toBe(0);
      expect((await read(0, 1_000))?.length).toBe(1_000);
      for (const [offset, length] of [
        [900, 200],
        [1_000, 1],
        [5_000, 1],
      ] as const)
        await expect(read(offset, length)).rejects.toMatchObject({ code: 'not-found' });
    },
  );

  test('a quota of the store that is used up is `server-full`; what is there is read on', async () => {
    const store = await openS3PackStore(await optionsOf());
    const pack = packOf(300_000);
    const { objectKey } = await store.put(pack);
    const quota = ['quota', '--quota-scope=user', '--uid=onefold'];
    const [name = '', ...rest] = quota;
    await ceph().admin(name, 'set', ...rest, '--max-size=1K');
    await ceph().admin(name, 'enable', ...rest);
    try {
      await expect
        .poll(
          () =>
            store.put(packOf(2_000)).then(
              () => 'stored',
              (thrown: unknown) => (thrown as { code?: unknown }).code,
            ),
          {
            timeout: 30_000,
          },
        )
        .toBe('server-full');
      expect((await (await store.open(objectKey))?.read(0, 300_000))?.length).toBe(300_000);
    } finally {
      await ceph().admin(name, 'disable', ...rest);
    }
  });

  test('a gateway that is gone is `server-error`, until it is back', async () => {
    const store = await openShort();
    await ceph().gateway().kill();
    await expect(store.put(packOf(10))).rejects.toMatchObject({ code: 'server-error' });
    await ceph().restartGateway();
    await expect
      .poll(
        () =>
          store.put(packOf(10)).then(
            () => 'stored',
            () => 'failed',
          ),
        { timeout: 20_000 },
      )
      .toBe('stored');
  });
});
