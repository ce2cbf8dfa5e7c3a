import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { startCeph, type CephS3 } from '../../../../tools/engines/ceph.ts';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { startRedis, type Redis } from '../../../../tools/engines/redis.ts';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import type { ServerConfigInput } from '../config.ts';
import { openS3PackStore } from '../packs/s3.ts';
import { packFiles } from './deaths.ts';
import { engineFolder } from './engine-folder.ts';
import { startTestServer, type TestServer } from './started-server.ts';

export interface GroundServer extends TestServer {
  /** Looks into the metadata past the server. */
  rows(statement: string): Promise<Record<string, unknown>[]>;
  /** Keys of the packs that the store holds. */
  objects(): Promise<string[]>;
  /** Another node on the same data; only where `canHaveNodes`. */
  another(config?: Partial<ServerConfigInput>): Promise<TestServer>;
}

export interface Ground {
  readonly name: string;
  readonly canHaveNodes: boolean;
  /** `isDirect`: devices reach the object store themselves, where there is one. */
  start(
    config?: Partial<ServerConfigInput>,
    nowMs?: () => number,
    options?: { readonly isDirect?: boolean },
  ): Promise<GroundServer>;
}

export interface ManyNodes extends Ground {
  start(...options: Parameters<Ground['start']>): Promise<GroundServer & { readonly databaseUrl: string }>;
}

/** Runs the same tests on the two grounds a server may stand on: SQLite and files; PostgreSQL, Ceph's S3 and Redis. */
export function onBothGrounds(name: string, tests: (ground: Ground) => void): void {
  describe(`${name}, on SQLite and files`, () => tests(oneMachine));
  describe(`${name}, on PostgreSQL, S3 and Redis`, () => tests(useManyNodes()));
}

const oneMachine: Ground = {
  name: 'one machine',
  canHaveNodes: false,
  async start(config, nowMs) {
    const server = await startTestServer(config, nowMs);
    const rows = (statement: string): Promise<Record<string, unknown>[]> => {
      const database = new Database(join(server.data, 'metadata.db'), { readonly: true });
      try {
        return Promise.resolve(database.prepare(statement).all() as Record<string, unknown>[]);
      } finally {
        database.close();
      }
    };
    const objects = (): Promise<string[]> => Promise.resolve(packFiles(server.data));
    return { ...server, rows, objects, another: () => Promise.reject(new Error('one machine has one server')) };
  },
};

/** PostgreSQL, Ceph's S3 and Redis, for what can only be there. */
export function useManyNodes(): ManyNodes {
  const folder = engineFolder();
  let engines: { postgres: Postgres; ceph: CephS3; redis: Redis } | undefined;
  let count = 0;
  beforeAll(async () => {
    const [postgres, ceph, redis] = await Promise.all([
      startPostgres({ folder: folder.path }),
      startCeph({ folder: folder.path }),
      startRedis({ folder: folder.path }),
    ]);
    engines = { postgres, ceph, redis };
  });
  afterAll(async () => {
    await Promise.all([engines?.postgres.kill(), engines?.ceph.kill(), engines?.redis.kill()]);
    folder.remove();
  });
  return {
    name: 'many nodes',
    canHaveNodes: true,
    async start(config = {}, nowMs, { isDirect = false } = {}) {
      if (engines === undefined) throw new Error('the engines have not started');
      const { postgres, ceph, redis } = engines;
      const number = ++count;
      const url = await postgres.createDatabase(`ground${number}`);
      await makeBucket(ceph.access, `ground${number}`);
      const ground: Partial<ServerConfigInput> = {
        postgres: { urls: [url] },
        s3: {
          ...ceph.access,
          bucket: `ground${number}`,
          ...(isDirect ? { deviceEndpoint: ceph.access.endpoint } : {}),
        },
        redis: { url: redis.url },
      };
      const server = await startTestServer({ ...ground, ...config }, nowMs);
      return {
        ...server,
        databaseUrl: url,
        async objects() {
          const s3 = {
            region: 'us-east-1',
            prefix: '',
            deadlineMs: 10_000,
            partBytes: 5 * 1024 * 1024,
            nowMs: Date.now,
          };
          const store = await openS3PackStore({ ...s3, ...ceph.access, bucket: `ground${number}` });
          const keys: string[] = [];
          for await (const { objectKey } of store.list()) keys.push(objectKey);
          await store.close();
          return keys;
        },
        another: (changed = {}) => startTestServer({ ...ground, ...config, ...changed }, nowMs),
        async rows(statement) {
          const client = new Client({ connectionString: url });
          await client.connect();
          try {
            return (await client.query<Record<string, unknown>>(statement)).rows;
          } finally {
            await client.end();
          }
        },
      };
    },
  };
}
