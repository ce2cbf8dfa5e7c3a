import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeStore } from '../../testing/contracts/store.ts';
import { openStore } from './store.ts';

describeStore('sqlite', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'store-'));
  return {
    open: () => openStore(path.join(folder, 'state.sqlite')),
    close: async () => rmSync(folder, { recursive: true }),
  };
});
