import { afterAll, beforeAll } from 'vitest';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { engineFolder } from './engine-folder.ts';

/** One PostgreSQL for all tests of a file. Call the answer inside hooks and tests only: before it is running it throws. */
export function usePostgres(): () => Postgres {
  const folder = engineFolder();
  let engine: Postgres | undefined;
  beforeAll(async () => {
    engine = await startPostgres({ folder: folder.path });
  });
  afterAll(async () => {
    await engine?.kill();
    folder.remove();
  });
  return () => {
    if (engine === undefined) throw new Error('PostgreSQL is not running yet');
    return engine;
  };
}
