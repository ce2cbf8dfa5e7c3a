import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createControlServer, type ControlHandlers } from '@onefold/control';
import { OnefoldError } from '@onefold/protocol';
import { listenForControl, withDaemon } from './control-socket.ts';
import { controlAddress } from './home.ts';

describe('the control socket', () => {
  let home: string;
  let server: Server | undefined;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'onefold-home-'));
  });

  afterEach(async () => {
    server?.close();
    await rm(home, { recursive: true });
  });

  const handlers = {
    uiUrl: () => ({ url: 'here' }),
    pause: () => {
      throw new OnefoldError('root-missing', 'gone');
    },
  } as unknown as ControlHandlers;

  it('carries calls and errors of the table', async () => {
    const control = createControlServer(handlers);
    server = await listenForControl(home, (carrier) => control.serve(carrier));
    expect(await withDaemon(home, (client) => client.call('uiUrl', {}))).toEqual({ url: 'here' });
    await expect(withDaemon(home, (client) => client.call('pause', {}))).rejects.toMatchObject({
      code: 'root-missing',
    });
  });

  it('is open to this user alone', async () => {
    server = await listenForControl(home, () => undefined);
    expect((await stat(controlAddress(home))).mode & 0o077).toBe(0);
  });

  it('takes the place of the socket of a daemon that died', async () => {
    const first = await listenForControl(home, () => undefined);
    first.close();
    const control = createControlServer(handlers);
    server = await listenForControl(home, (carrier) => control.serve(carrier));
    expect(await withDaemon(home, (client) => client.call('uiUrl', {}))).toEqual({ url: 'here' });
  });

  it('says that no daemon runs when nobody listens', async () => {
    await expect(withDaemon(home, (client) => client.call('status', {}))).rejects.toMatchObject({
      code: 'daemon-not-running',
    });
  });

  it('works for a home whose path is too long for a socket', async () => {
    const deep = join(home, 'a'.repeat(120));
    const control = createControlServer(handlers);
    server = await listenForControl(deep, (carrier) => control.serve(carrier));
    expect(controlAddress(deep).startsWith(deep)).toBe(false);
    expect(await withDaemon(deep, (client) => client.call('uiUrl', {}))).toEqual({ url: 'here' });
  });

  it('cuts off who speaks anything else', async () => {
    const control = createControlServer(handlers);
    server = await listenForControl(home, (carrier) => control.serve(carrier));
    const socket = connect(controlAddress(home));
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve).resume());
    await expect.poll(() => control.connectionCount()).toBe(0);
  });
});
