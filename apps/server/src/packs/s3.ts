import { createHash, randomBytes } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { OnefoldError } from '@onefold/protocol';
import type { AwsCredentialIdentity } from '@smithy/types';
import { createPresigner } from './presign.ts';
import { abortUnfinished, putInParts } from './s3-parts.ts';
import {
  isPackKey,
  OWNER_KEY,
  type DirectTransfers,
  type PackObject,
  type PackReader,
  type PackStore,
  type StoredObject,
} from './pack-store.ts';

/*
 * Packs as objects of an S3 store: PREFIX NAMESPACE/HOUR/PACK.GENERATION.pack. The generation is random and new for each put, so no key is ever used twice and
 * an object, once there, never changes.
 *
 *   put    the store checks the bytes against the signed x-amz-content-sha256 and acknowledges them
 *   failed or out of time: the bytes may be there or arrive later; no row names the key, and the sweep of rowless objects takes it
 *
 * Every call has a deadline: a full or stopped store does not fail, it hangs.
 */

const HOUR_MS = 3_600_000;

export interface S3PackStoreOptions {
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** Longest time one call may take, with its repetitions. */
  readonly deadlineMs: number;
  /** The store as devices reach it; without one they do not. */
  readonly deviceEndpoint?: string | undefined;
  /** Packs above this many bytes are sent in parts of this size; S3 takes no less than 5 MiB. */
  readonly partBytes: number;
  readonly nowMs: () => number;
}

/** Connects to a bucket that is there. Throws `server-error` when it cannot be reached or used. */
export async function openS3PackStore(options: S3PackStoreOptions): Promise<PackStore> {
  const store = new S3PackStore(options);
  await store.probe();
  return store;
}

class S3PackStore implements PackStore {
  readonly direct: DirectTransfers | undefined;
  readonly #client: S3Client;
  readonly #options: S3PackStoreOptions;

  constructor(options: S3PackStoreOptions) {
    this.#options = options;
    const { accessKeyId, secretAccessKey } = options;
    this.#client = new S3Client({
      region: options.region,
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
      ...(accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : { credentials: { accessKeyId, secretAccessKey } }),
      // Stores other than Amazon's refuse or ignore the newer checksums; the signed SHA-256 is understood everywhere.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 3,
      requestHandler: { connectionTimeout: options.deadlineMs, requestTimeout: options.deadlineMs },
    });
    // Over TLS the client would leave the body unsigned.
    this.#client.middlewareStack.add(
      (next) => (call) => {
        const request = call.request as { headers?: Record<string, string>; body?: unknown };
        if (request.headers !== undefined && request.body instanceof Uint8Array)
          request.headers['x-amz-content-sha256'] = createHash('sha256').update(request.body).digest('hex');
        return next(call);
      },
      { step: 'build', name: 'bindBody' },
    );
    this.direct = options.deviceEndpoint === undefined ? undefined : this.#directThrough(options.deviceEndpoint);
  }

  #directThrough(endpoint: string): DirectTransfers {
    const { bucket, region, prefix, nowMs } = this.#options;
    const credentials = (): Promise<AwsCredentialIdentity> => this.#client.config.credentials();
    const presigner = createPresigner({ endpoint, bucket, region, credentials, nowMs });
    return {
      newKey: (pack) => this.#newKey(pack),
      grantPut: (objectKey, sizeBytes, sha256) => presigner.put(prefix + objectKey, sizeBytes, sha256),
      grantGet: (objectKey) => presigner.get(prefix + objectKey),
    };
  }

  async probe(): Promise<void> {
    await this.#call((signal) =>
      this.#client.send(new ListObjectsV2Command({ Bucket: this.#options.bucket, MaxKeys: 1 }), {
        abortSignal: signal,
      }),
    );
  }

  async put(pack: PackObject): Promise<StoredObject> {
    const objectKey = this.#newKey(pack);
    if (pack.bytes.length > this.#options.partBytes) {
      const { partBytes } = this.#options;
      await putInParts(this.#client, this.#call.bind(this), this.#place(objectKey), { bytes: pack.bytes, partBytes });
    } else {
      const input = { ...this.#place(objectKey), Body: pack.bytes, ContentLength: pack.bytes.length };
      await this.#call((abortSignal) => this.#client.send(new PutObjectCommand(input), { abortSignal }));
    }
    return { objectKey, sizeBytes: pack.bytes.length };
  }

  async open(objectKey: string): Promise<PackReader | undefined> {
    let sizeBytes: number;
    try {
      const command = new HeadObjectCommand(this.#place(objectKey));
      const head = await this.#call((abortSignal) => this.#client.send(command, { abortSignal }));
      sizeBytes = head.ContentLength ?? Infinity;
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
    return {
      read: (offset, length) => this.#readRange(objectKey, offset, length, sizeBytes),
      close: () => Promise.resolve(),
    };
  }

  async *list(): AsyncIterable<StoredObject> {
    const { bucket, prefix } = this.#options;
    let after: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: after });
      const page = await this.#call((abortSignal) => this.#client.send(command, { abortSignal }));
      for (const { Key, Size, LastModified } of page.Contents ?? [])
        if (Key !== undefined && isPackKey(Key.slice(prefix.length)))
          yield {
            objectKey: Key.slice(prefix.length),
            sizeBytes: Size ?? 0,
            ...(LastModified === undefined ? {} : { storedAtMs: LastModified.getTime() }),
          };
      after = page.NextContinuationToken;
    } while (after !== undefined);
  }

  async remove(objectKey: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#place(objectKey));
    await this.#call((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  removeUnfinished(beforeMs: number): Promise<number> {
    const { bucket, prefix } = this.#options;
    return abortUnfinished(this.#client, this.#call.bind(this), { Bucket: bucket, prefix }, beforeMs);
  }

  async owner(): Promise<string | undefined> {
    const command = new GetObjectCommand(this.#place(OWNER_KEY));
    try {
      return await this.#call(async (abortSignal) => {
        const { Body } = await this.#client.send(command, { abortSignal });
        return Body?.transformToString();
      });
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
  }

  async claim(owner: string): Promise<void> {
    const command = new PutObjectCommand({ ...this.#place(OWNER_KEY), Body: new TextEncoder().encode(owner) });
    await this.#call((abortSignal) => this.#client.send(command, { abortSignal }));
  }

  close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  #newKey({ namespace, packId }: Pick<PackObject, 'namespace' | 'packId'>): string {
    const generation = randomBytes(8).toString('hex');
    const hour = Math.floor(this.#options.nowMs() / HOUR_MS).toString(36);
    return `${namespace}/${hour}/${packId}.${generation}.pack`;
  }

  #place(objectKey: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: this.#options.prefix + objectKey };
  }

  /** An answer that does not fit what the store says of the object is none: what stands between may cut answers short, or pass over the range. */
  async #readRange(objectKey: string, offset: number, length: number, sizeBytes: number): Promise<Uint8Array> {
    const command = new GetObjectCommand({
      ...this.#place(objectKey),
      Range: `bytes=${offset}-${offset + length - 1}`,
    });
    try {
      const { bytes, range } = await this.#call(async (abortSignal) => {
        const { Body, ContentRange } = await this.#client.send(command, { abortSignal });
        return { bytes: await Body?.transformToByteArray(), range: ContentRange };
      });
      if (bytes?.length === length && (range?.startsWith(`bytes ${offset}-`) ?? length === sizeBytes)) return bytes;
      if (offset + length <= sizeBytes)
        throw new OnefoldError('server-error', 'pack store: the answer is not what was asked for');
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
    }
    throw new OnefoldError('not-found', 'a pack is gone, or shorter than its index');
  }

  /** Runs one call within the deadline, its body included. */
  async #call<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // A call that does not heed its signal is left to itself.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        deadline.abort();
        reject(new OnefoldError('server-error', 'pack store: no answer in time'));
      }, this.#options.deadlineMs);
    });
    const answer = send(deadline.signal);
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } catch (thrown) {
      throw storeError(thrown);
    } finally {
      clearTimeout(timer);
    }
  }
}

const FULL = new Set(['QuotaExceeded', 'InsufficientStorage', 'EntityTooLarge', 'ServiceQuotaExceeded']);
const MISSING = new Set(['NoSuchKey', 'NotFound', 'InvalidRange']);

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'failed';
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof OnefoldError && MISSING.has(nameOf(thrown.cause));
}

function storeError(thrown: unknown): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  const name = nameOf(thrown);
  return new OnefoldError(FULL.has(name) ? 'server-full' : 'server-error', `pack store: ${name}`, { cause: thrown });
}
