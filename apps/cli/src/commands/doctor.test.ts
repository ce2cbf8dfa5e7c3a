import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForControl } from '@onefold/host';
import { PRODUCT_VERSION } from '../version.ts';
import { examine } from './doctor.ts';

/* Daemons of other versions: what they say on the line, whatever this version's own server would let through. */

let home: string;
let server: Server;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'onefold-home-'));
});
afterEach(() => {
  server.close();
  rmSync(home, { recursive: true });
});

async function daemonThatSays(answers: Readonly<Record<string, unknown>>): Promise<void> {
  server = await listenForControl(home, (carrier) =>
    carrier.onMessage((message) => {
      const { id, call } = JSON.parse(message) as { id: number; call: string };
      const result = answers[call];
      const refusal = { code: 'invalid-argument', message: `no call ${call}` };
      carrier.send(JSON.stringify(result === undefined ? { id, ok: false, error: refusal } : { id, ok: true, result }));
    }),
  );
}

const statusOf = (version: string) => ({
  state: 'idle',
  pending: 0,
  notYetSafe: 0,
  attention: [],
  folders: [],
  server: { url: 'http://127.0.0.1:1', connected: true },
  device: { id: 'd', name: 'Laptop' },
  account: { email: 'ana@example.org' },
  paused: false,
  version,
  pid: 1,
});
const found = {
  id: 'clock',
  ok: true,
  says: 'clock-close',
  facts: { seconds: 0 },
  message: 'It is right.',
  advice: '',
};

test('a daemon of this version is said to be one', async () => {
  await daemonThatSays({ status: statusOf(PRODUCT_VERSION), doctor: { checks: [found] } });
  expect(await examine(home)).toMatchObject([{ id: 'version', ok: true }, found]);
});

test('one of another version is named, with what it found and what to do', async () => {
  await daemonThatSays({ status: statusOf('0.0.9'), doctor: { checks: [found] } });
  expect(await examine(home)).toMatchObject([
    {
      id: 'version',
      ok: false,
      message: `The daemon is version 0.0.9, this command ${PRODUCT_VERSION}.`,
      advice: 'Stop the daemon and start it again.',
    },
    found,
  ]);
});

test.each([
  ['does not know the call', {}],
  ['tells another status', { status: { version: '9.0.0', mood: 'good' } }],
  [
    'finds what this one has no words for',
    { status: statusOf('9.0.0'), doctor: { checks: [{ ...found, says: 'aura' }] } },
  ],
])('one that %s is found to be another version, too', async (_how, answers) => {
  await daemonThatSays(answers);
  const checks = await examine(home);
  expect(checks).toMatchObject([{ id: 'version', ok: false, advice: 'Stop the daemon and start it again.' }]);
  expect(checks[0]!.message).toContain(PRODUCT_VERSION);
});
