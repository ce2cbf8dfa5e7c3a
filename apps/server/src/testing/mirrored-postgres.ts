import { afterAll, beforeAll } from 'vitest';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { engineFolder } from './engine-folder.ts';

/** A primary and its synchronous standby, for the tests of one file. Both are there once the tests run. */
export function useMirroredPostgres(): { readonly primary: Postgres; readonly standby: Postgres } {
  const folder = engineFolder();
  let primary: Postgres;
  let standby: Postgres;
  beforeAll(async () => {
    primary = await startPostgres({ folder: folder.path });
    standby = await primary.addSynchronousStandby('mirror');
  });
  afterAll(async () => {
    await Promise.all([primary.kill(), standby.kill()]);
    folder.remove();
  });
  return {
    get primary() {
      return primary;
    },
    get standby() {
      return standby;
    },
  };
}
