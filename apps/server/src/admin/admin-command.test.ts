import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../command-line.ts';
import { resolveConfig } from '../config.ts';
import { takeFolderOf } from '../open-engines.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestClient } from '../testing/test-client.ts';
import { startTestServer } from '../testing/started-server.ts';

/** Runs the command in this process; answers its code and what it printed. */
async function admin(...args: string[]): Promise<{ code: number; answer: Record<string, unknown> }> {
  let printed = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const code = await runCommand(['admin', ...args, '--json']).finally(() => {
    out.mockRestore();
    err.mockRestore();
  });
  return { code, answer: JSON.parse(printed) as Record<string, unknown> };
}

function send(client: TestClient, size: number) {
  const block = randomBlock(size);
  return client.commit([createFile([block])], { pack: packOf([block]) });
}

test('users, their devices, quota, sessions and the audit are looked at and changed beside a running server', async () => {
  const { url, data } = await startTestServer({ quotaBytesPerUser: 1_000_000 });
  const client = await createClient(url);
  const { email, user } = client.account;
  valueOf(await send(client, 50_000));
  expect((await admin('users', '--data', data)).answer).toMatchObject({ users: [{ email, user, devices: 1 }] });
  expect((await admin('devices', email, '--data', data)).answer).toMatchObject({
    devices: [{ device: client.device.id, isRevoked: false }],
  });

  expect((await admin('quota', email.toUpperCase(), '60000', '--data', data)).code).toBe(0);
  expect(await send(client, 50_000)).toMatchObject({ ok: false, status: 413, code: 'quota-exceeded' });
  // What needs no room goes on.
  expect(valueOf(await client.commit([createFile([])])).outcome).toBe('committed');
  expect((await admin('quota', email, 'default', '--data', data)).code).toBe(0);
  valueOf(await send(client, 50_000));
  expect(await send(client, 950_000)).toMatchObject({ code: 'quota-exceeded' });

  expect((await admin('end-sessions', email, '--data', data)).answer).toMatchObject({ ended: 1 });
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(401);
  const { notes } = (await admin('audit', '--data', data)).answer as { notes: { action: string }[] };
  expect(notes.map(({ action }) => action)).toEqual(expect.arrayContaining(['account-created', 'namespace-created']));
});

test('nodes that keep nothing themselves are looked after without a data folder', () => {
  const nowhere = join(temporaryFolder(), 'nowhere');
  const engines = { postgres: { urls: ['postgres://localhost/onefold'] }, s3: { bucket: 'packs' } };
  expect(takeFolderOf(resolveConfig({ data: nowhere, ...engines }), 'existing').databaseFile).toBe('');
  expect(existsSync(nowhere)).toBe(false);
  expect(() => takeFolderOf(resolveConfig({ data: nowhere }), 'existing')).toThrow(/there is no data folder/);
});

test('what cannot be is exit code 2, what is not there 1', async () => {
  const { data } = await startTestServer();
  expect((await admin('quota', 'a@example.org', 'much', '--data', data)).code).toBe(2);
  expect((await admin('nonsense', '--data', data)).code).toBe(2);
  expect((await admin('devices', 'nobody@example.org', '--data', data)).code).toBe(1);
  expect((await admin('gc', '--data', data)).answer).toMatchObject({ code: 'daemon-running' });
});
