import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCarrierPair, createControlClient, createControlServer } from '@onefold/control';
import type { ControlHandlers, ControlServer } from '@onefold/control';
import { listenForControl } from '@onefold/host';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { attachToDaemon } from './attach-to-daemon.ts';

/** How long what should come is waited for. */
const PATIENCE_MS = 15_000;

let home: string;
let daemon: ControlServer;
let socket: Server;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'onefold-attach-'));
  daemon = createControlServer({ devices: () => ({ devices: [] }) } as unknown as ControlHandlers);
  socket = await listenForControl(home, (carrier) => daemon.serve(carrier));
});

afterEach(async () => {
  daemon.close();
  socket.close();
  await rm(home, { recursive: true, force: true });
});

test('a page speaks to the daemon that already runs, and hears its events', async () => {
  const engine = await attachToDaemon(home);
  const [page, inside] = createCarrierPair();
  engine.serve(inside);
  const client = createControlClient(page);
  await expect(client.call('devices', {})).resolves.toEqual({ devices: [] });
  const heard = vi.fn();
  client.on('throughput', heard);
  daemon.publish('throughput', { atMs: 1, upBytesPerSecond: 2, downBytesPerSecond: 3 });
  await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce(), PATIENCE_MS);
  await engine.close();
  await vi.waitFor(() => expect(daemon.connectionCount()).toBe(1), PATIENCE_MS);
  client.close();
  await vi.waitFor(() => expect(daemon.connectionCount()).toBe(0), PATIENCE_MS);
});

test('the end of the daemon ends the pages’ lines, and is told', async () => {
  const engine = await attachToDaemon(home);
  const [page, inside] = createCarrierPair();
  engine.serve(inside);
  const client = createControlClient(page);
  await client.call('devices', {});
  const ended = vi.fn();
  client.onClose(ended);
  daemon.close();
  socket.close();
  await engine.gone;
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE_MS);
});

test('no daemon there: it says so, and a page that comes after its end is hung up', async () => {
  const engine = await attachToDaemon(home);
  daemon.close();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  await expect(attachToDaemon(home)).rejects.toMatchObject({ code: 'daemon-not-running' });
  const [page, inside] = createCarrierPair();
  const ended = vi.fn();
  page.onClose(ended);
  engine.serve(inside);
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE_MS);
});
