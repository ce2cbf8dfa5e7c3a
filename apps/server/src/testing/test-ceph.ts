import { afterAll, beforeAll } from 'vitest';
import { startCeph, type CephOptions, type CephS3 } from '../../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import { engineFolder } from './engine-folder.ts';

/** One Ceph for all tests of a file, with these buckets. Call the answer inside hooks and tests only: before it is running it throws. */
export function useCeph(buckets: readonly string[], options: Omit<CephOptions, 'folder'> = {}): () => CephS3 {
  const folder = engineFolder();
  let ceph: CephS3 | undefined;
  beforeAll(async () => {
    ceph = await startCeph({ ...options, folder: folder.path });
    for (const bucket of buckets) await makeBucket(ceph.access, bucket);
  });
  afterAll(async () => {
    await ceph?.kill();
    folder.remove();
  });
  return () => {
    if (ceph === undefined) throw new Error('Ceph is not running yet');
    return ceph;
  };
}
