import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { networkAddresses } from './network-address.ts';
import { openOwnServer } from './own-server.ts';

const OLD = 'http://192.0.2.20:7440';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'onefold-home-'));
  writeFileSync(join(home, 'server.json'), JSON.stringify({ format: 1, port: 7440, reach: 'network', address: OLD }));
});
afterEach(() => rmSync(home, { recursive: true }));

const noted = (): string =>
  (JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as { address: string }).address;

it('notes the address that the devices are told, where it is one of this computer and leads to its server', async ({
  skip,
}) => {
  const [here] = networkAddresses(networkInterfaces());
  if (here === undefined) skip('this computer is in no network');
  // Without the server's program nothing runs; what the devices are told is another matter.
  const server = await openOwnServer(home, null, () => undefined);
  try {
    expect(server.state()).toMatchObject({ address: OLD, isAtAddress: false });
    for (const other of ['http://192.0.2.21:7440', `http://${here}:7441`, 'https://files.example.org']) {
      await server.moved(other);
      expect(noted()).toBe(OLD);
    }
    await server.moved(`http://${here}:7440/`);
    expect(noted()).toBe(`http://${here}:7440`);
    expect(server.state()).toMatchObject({ address: `http://${here}:7440`, isAtAddress: true });
  } finally {
    await server.close();
  }
});
