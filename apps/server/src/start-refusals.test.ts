import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from './server.ts';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('a port that is taken, and no address of this machine, are refused in words', async () => {
  const { url, data } = await startTestServer();
  const start = (listen: string): Promise<unknown> =>
    startServer({ listen, logLevel: 'silent', data: join(data, 'second') });
  await expect(start(new URL(url).host)).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining('another program listens there') as string,
  });
  await expect(start('192.0.2.1:9')).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('a data folder whose place a file has is refused in words', async () => {
  const { data } = await startTestServer();
  const file = join(data, 'a file');
  writeFileSync(file, 'mine');
  for (const folder of [file, join(file, 'inside')]) {
    await expect(startServer({ listen: '127.0.0.1:0', logLevel: 'silent', data: folder })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('a file is in its place') as string,
    });
  }
});

// Places that are there and take nothing, whoever asks.
test.skipIf(process.platform !== 'linux').each([
  ['cannot be made', '/proc/onefold/data', 'cannot make the data folder /proc/onefold/data'],
  ['cannot be written to', '/proc', 'cannot write into the folder /proc'],
])('a data folder that %s is refused, and not tried for ever', async (_, data, words) => {
  await expect(startServer({ listen: '127.0.0.1:0', logLevel: 'silent', data })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringContaining(words) as string,
  });
});

test.skipIf(process.platform !== 'linux')(
  'a disk that is full keeps no server from starting again: what is there can be read',
  async () => {
    const data = temporaryFolder();
    const before = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
    await before.close();
    symlinkSync('/dev/full', join(data, 'server.pid.new'));
    const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
    onTestFinished(() => server.close());
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(existsSync(join(data, 'server.pid'))).toBe(false);
  },
);

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!canMount)(
  'without one byte of room a server that starts says that the disk is full, and starts once there is some',
  async () => {
    const disk = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    onTestFinished(() => void execFileSync('umount', ['-l', disk]));
    const data = join(disk, 'data');
    await (await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' })).close();
    const filler = join(disk, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024))).toThrow(/ENOSPC/);
    const start = () => startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
    await expect(start()).rejects.toMatchObject({ code: 'server-full' });
    rmSync(filler);
    await (await start()).close();
  },
);
