import { OnefoldError } from '@onefold/protocol';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { CALLS, createCarrierPair, createControlClient, createControlServer } from './index.ts';
import type { CallContext, ControlHandlers, Status } from './index.ts';

/** How long what should come is waited for. */
const PATIENCE_MS = 15_000;

const STATUS: Status = {
  state: 'idle',
  pending: 0,
  notYetSafe: 0,
  attention: [],
  folders: [{ path: '/home/ana/Onefold', namespace: '', files: 3, head: 7, paused: false, state: 'idle', pending: 0 }],
  server: { url: 'http://127.0.0.1:8080', connected: true },
  device: { id: 'd1', name: 'Laptop' },
  account: { email: 'ana@example.org' },
  paused: false,
  version: '0.1.0',
  pid: 42,
};

function handlersWith(some: Partial<ControlHandlers>): ControlHandlers {
  const others = Object.keys(CALLS).map((name) => [
    name,
    () => {
      throw new OnefoldError('internal', `${name} is not part of this test`);
    },
  ]);
  return { ...(Object.fromEntries(others) as unknown as ControlHandlers), ...some };
}

function connect(some: Partial<ControlHandlers>) {
  const server = createControlServer(handlersWith(some));
  const [near, far] = createCarrierPair();
  server.serve(far);
  return { server, client: createControlClient(near), near, far };
}

describe('control surface', () => {
  test('a call reaches its handler with its arguments and its result comes back', async () => {
    const pause = vi.fn((_args: { folder?: string | undefined }) => ({}));
    const { client } = connect({ status: () => STATUS, pause });
    await expect(client.call('status', {})).resolves.toEqual(STATUS);
    await client.call('pause', { folder: '/home/ana/Onefold' });
    expect(pause.mock.calls[0]?.[0]).toEqual({ folder: '/home/ana/Onefold' });
  });

  test('answers find their calls whatever the order they come in', async () => {
    const release: (() => void)[] = [];
    const { client } = connect({
      restore: ({ path }) => new Promise((resolve) => release.push(() => resolve({ path }))),
    });
    const first = client.call('restore', { path: 'first' });
    const second = client.call('restore', { path: 'second' });
    await vi.waitFor(() => expect(release).toHaveLength(2), PATIENCE_MS);
    for (const answer of release.reverse()) answer();
    await expect(second).resolves.toEqual({ path: 'second' });
    await expect(first).resolves.toEqual({ path: 'first' });
  });

  test('an error crosses as its code and message', async () => {
    const { client } = connect({
      add: () => {
        throw new OnefoldError('root-nested', 'lies inside another synced folder');
      },
    });
    const error = await client.call('add', { path: '/a' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OnefoldError);
    expect(error).toMatchObject({ code: 'root-nested', message: 'lies inside another synced folder' });
  });

  test('arguments are checked before they are sent and again when they arrive', async () => {
    const remove = vi.fn(() => ({}));
    const { client, near } = connect({ remove });
    await expect(client.call('remove', { path: '' })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(client.call('remove', { path: '/a', force: true } as { path: string })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const replies: unknown[] = [];
    near.onMessage((message) => replies.push(JSON.parse(message)));
    near.send(JSON.stringify({ id: 9, call: 'remove', args: { path: 7 } }));
    near.send(JSON.stringify({ id: 10, call: 'constructor', args: {} }));
    await vi.waitFor(() => expect(replies).toHaveLength(2), PATIENCE_MS);
    expect(replies).toMatchObject([
      { id: 9, error: { code: 'invalid-argument' } },
      { id: 10, error: { code: 'invalid-argument' } },
    ]);
    expect(remove).not.toHaveBeenCalled();
  });

  test('a result that is not what the table says is refused at both ends', async () => {
    const { client } = connect({ status: () => ({ ...STATUS, pending: -1 }) });
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'internal' });

    const [near, far] = createCarrierPair();
    far.onMessage((message) => {
      const { id } = JSON.parse(message) as { id: number };
      far.send(JSON.stringify({ id, ok: true, result: { state: 'fine' } }));
    });
    await expect(createControlClient(near).call('status', {})).rejects.toMatchObject({ code: 'server-answer-invalid' });
  });

  test('events reach every client, are checked when published, and unknown ones are passed over', async () => {
    const { client, server, far } = connect({});
    const [near2, far2] = createCarrierPair();
    server.serve(far2);
    const other = createControlClient(near2);
    const seen: string[] = [];
    const stop = client.on('status', (status) => seen.push(`one ${status.state}`));
    other.on('status', (status) => seen.push(`two ${status.state}`));
    far.send(JSON.stringify({ event: 'of-next-year', data: 1 }));
    server.publish('status', STATUS);
    await vi.waitFor(() => expect(seen).toEqual(['one idle', 'two idle']), PATIENCE_MS);
    stop();
    server.publish('status', { ...STATUS, state: 'offline' });
    await vi.waitFor(() => expect(seen).toEqual(['one idle', 'two idle', 'two offline']), PATIENCE_MS);
    expect(() => server.publish('throughput', { atMs: 1, upBytesPerSecond: -1, downBytesPerSecond: 0 })).toThrow(
      OnefoldError,
    );
  });

  test('when the line ends, open calls fail, later calls fail, and the handler is told', async () => {
    let context: CallContext | null = null;
    const told = vi.fn();
    const { client, server } = connect({
      syncWait: (_args, given) => {
        context = given;
        given.onClose(told);
        return new Promise(() => undefined);
      },
    });
    const open = client.call('syncWait', {});
    await vi.waitFor(() => expect(context).not.toBeNull(), PATIENCE_MS);
    const closed = vi.fn();
    client.onClose(closed);
    client.close();
    await expect(open).rejects.toMatchObject({ code: 'daemon-not-running' });
    await expect(client.call('status', {})).rejects.toMatchObject({ code: 'daemon-not-running' });
    await vi.waitFor(() => expect(told).toHaveBeenCalledOnce(), PATIENCE_MS);
    expect(closed).toHaveBeenCalledOnce();
    expect(server.connectionCount()).toBe(0);
  });

  test('a closed server ends its lines and takes no new ones', async () => {
    const { client, server } = connect({});
    const closed = vi.fn();
    client.onClose(closed);
    server.close();
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), PATIENCE_MS);
    const [near, far] = createCarrierPair();
    server.serve(far);
    await expect(createControlClient(near).call('status', {})).rejects.toMatchObject({ code: 'daemon-not-running' });
  });

  test('whatever a stranger sends, the server answers with an error or hangs up, and calls no handler', async () => {
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ id: fc.nat(), call: fc.string(), args: fc.jsonValue() }).map((value) => JSON.stringify(value)),
      fc
        .record({ id: fc.nat(), call: fc.constantFrom('remove', 'confirm', 'restore', 'add'), args: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(frame, async (message) => {
        const called = vi.fn(() => ({}) as never);
        const { near } = connect({ remove: called, confirm: called, restore: called, add: called });
        const outcome = new Promise<string>((resolve) => {
          near.onMessage((reply) => resolve(Object.hasOwn(JSON.parse(reply) as object, 'error') ? 'error' : 'answer'));
          near.onClose(() => resolve('closed'));
        });
        near.send(message);
        expect(['error', 'closed']).toContain(await outcome);
        expect(called).not.toHaveBeenCalled();
      }),
      { numRuns: 300 },
    );
  });
});
