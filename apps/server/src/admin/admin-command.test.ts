import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { createAccountRequest, encodeWire } from '@onefold/protocol';
import { resolveConfig } from '../config.ts';
import { takeFolderOf } from '../open-engines.ts';
import { printedBy } from '../testing/printed-by.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createTestAccount } from '../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, TestClient, valueOf } from '../testing/test-client.ts';
import { startTestServer } from '../testing/started-server.ts';

/** Runs the command in this process; answers its code and what it printed. */
async function admin(...args: string[]): Promise<{ code: number; answer: Record<string, unknown> }> {
  const { code, printed } = await printedBy(['admin', ...args, '--json']);
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
  const { printed } = await printedBy(['admin', 'audit', '--data', data]);
  expect(printed).toMatch(new RegExp(`^\\S+Z  account-created  user ${user}  device ${client.device.id}$`, 'm'));
  expect(printed).toMatch(new RegExp(`^\\S+Z  quota-set  user ${user}  60000$`, 'm'));
});

test('an e-mail address cannot steer the terminal of the operator who lists it', async () => {
  const { url, data } = await startTestServer();
  for (const steering of ['\u001b[', '\u0000a', '\u009b']) {
    const account = createTestAccount('~~@example.org');
    const body = Buffer.from(encodeWire(createAccountRequest, account.request));
    // Who sends it does not go by what the schema says of an address.
    body.write(steering, body.indexOf('~~@'));
    const answer = await new TestClient(url, account).raw('POST', '/v1/accounts', body);
    expect(answer.status).toBe(400);
  }
  await createClient(url, createTestAccount('gro.\u202eelpmaxe@b'));
  // Made before such addresses were refused.
  const database = new Database(join(data, 'metadata.db'));
  database.prepare(`update "user" set email = email || ?`).run('\u001b]0;owned\u0007\n');
  database.close();
  const { printed } = await printedBy(['admin', 'users', '--data', data]);
  expect(printed).toContain('gro.\\u{202e}elpmaxe@b\\u{1b}]0;owned\\u{7}\\u{a}  1 devices');
});

test('nodes that keep nothing themselves are looked after without a data folder', () => {
  const nowhere = join(temporaryFolder(), 'nowhere');
  const engines = { postgres: { urls: ['postgres://localhost/onefold'] }, s3: { bucket: 'packs' } };
  expect(takeFolderOf(resolveConfig({ data: nowhere, ...engines }), 'existing').databaseFile).toBe('');
  expect(existsSync(nowhere)).toBe(false);
  expect(() => takeFolderOf(resolveConfig({ data: nowhere }), 'existing')).toThrow(/there is no data folder/);
});

test.each([
  ['quota', 'a@example.org', 'much'],
  ['quota', 'a@example.org', ''],
  ['quota', 'a@example.org', '-1'],
  ['quota', 'a@example.org', '0x10'],
  ['quota', 'a@example.org', '1e9'],
  ['quota', 'a@example.org', '1.5'],
  ['quota', 'a@example.org', '9007199254740993'],
  ['quota', 'a@example.org'],
  ['quota', '', '5'],
  ['audit', '0'],
  ['audit', ''],
  ['audit', 'all'],
  ['audit', '5', '6'],
  ['users', 'a@example.org'],
  ['users', '--repair'],
  ['devices'],
  ['devices', ''],
  ['end-sessions'],
  ['fsck', 'now'],
  ['gc', 'now'],
  ['gc', '--repair'],
  ['backup'],
  ['backup', ''],
  ['restore'],
  ['restore', ''],
  ['restore', 'a', 'b'],
  ['nonsense'],
  ['users', '--listne', 'x'],
])('what cannot be is refused with exit code 2 before anything is opened: admin %s %s %s', async (...args) => {
  const nowhere = join(temporaryFolder(), 'nowhere');
  const { code, answer } = await admin(...args.filter((arg) => arg !== undefined), '--data', nowhere);
  expect(code).toBe(2);
  expect(answer).toMatchObject({ event: 'error', code: 'usage' });
  expect(existsSync(nowhere)).toBe(false);
});

test('what is not there, or is in use, is exit code 1', async () => {
  const { data } = await startTestServer();
  for (const command of [['devices'], ['end-sessions'], ['quota', '1']]) {
    const [name = '', ...rest] = command;
    expect(await admin(name, 'nobody@example.org', ...rest, '--data', data)).toMatchObject({
      code: 1,
      answer: { code: 'not-found' },
    });
  }
  for (const name of ['gc', 'fsck'])
    expect(await admin(name, '--data', data)).toMatchObject({ code: 1, answer: { code: 'daemon-running' } });
});

test.each([['fsck'], ['gc'], ['users'], ['audit'], ['backup', 'copy']])(
  'a folder that is no server’s is refused, not made into one and found sound: admin %s',
  async (...args) => {
    const [nowhere, other] = [join(temporaryFolder(), 'nowhere'), temporaryFolder()];
    writeFileSync(join(other, 'letter.txt'), 'mine');
    for (const folder of [nowhere, other])
      expect(
        await admin(...args.map((arg) => (arg === 'copy' ? join(temporaryFolder(), arg) : arg)), '--data', folder),
      ).toMatchObject({
        code: 1,
        answer: { code: 'not-found' },
      });
    expect(existsSync(nowhere)).toBe(false);
    expect(readdirSync(other)).toEqual(['letter.txt']);
  },
);
