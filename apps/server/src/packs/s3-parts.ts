import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isPackKey } from './pack-store.ts';

/*
 * A large pack on its way into an S3 store:
 *
 *   begun     the store keeps its parts apart; they take room, and no listing of objects shows them
 *   completed the object is there, all of it, in one step
 *   aborted   nothing is left
 *   a node that dies in between leaves it begun: the sweep of rowless objects aborts it once it is as old as those
 */

/** Runs one call within the deadline. */
type Call = <T>(send: (abortSignal: AbortSignal) => Promise<T>) => Promise<T>;

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** Parts that are on their way to the store at a time go by themselves: the whole pack is in memory already. */
export async function putInParts(
  client: S3Client,
  call: Call,
  place: Place,
  { bytes, partBytes }: { readonly bytes: Uint8Array; readonly partBytes: number },
): Promise<void> {
  const create = new CreateMultipartUploadCommand(place);
  const { UploadId } = await call((abortSignal) => client.send(create, { abortSignal }));
  const upload = { ...place, UploadId };
  try {
    const count = Math.ceil(bytes.length / partBytes);
    const parts = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const part = bytes.subarray(i * partBytes, (i + 1) * partBytes);
        const input = { ...upload, PartNumber: i + 1, Body: part, ContentLength: part.length };
        const { ETag } = await call((abortSignal) => client.send(new UploadPartCommand(input), { abortSignal }));
        return { ETag, PartNumber: i + 1 };
      }),
    );
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } });
    await call((abortSignal) => client.send(complete, { abortSignal }));
  } catch (thrown) {
    // Parts that were sent take room until they are let go; a store that cannot do it now is asked again by the sweep.
    await call((abortSignal) => client.send(new AbortMultipartUploadCommand(upload), { abortSignal })).catch(
      () => undefined,
    );
    throw thrown;
  }
}

/** Aborts packs that were begun before this moment and never completed. Answers how many. What else is begun in the bucket is nobody's here. */
export async function abortUnfinished(
  client: S3Client,
  call: Call,
  { Bucket, prefix }: { readonly Bucket: string; readonly prefix: string },
  beforeMs: number,
): Promise<number> {
  let count = 0;
  let after: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: prefix, ...after });
    const page = await call((abortSignal) => client.send(list, { abortSignal }));
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || !isPackKey(Key.slice(prefix.length))) continue;
      if (Initiated === undefined || Initiated.getTime() > beforeMs) continue;
      const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await call((abortSignal) => client.send(abort, { abortSignal }));
      count++;
    }
    if (page.IsTruncated !== true) return count;
    after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}
