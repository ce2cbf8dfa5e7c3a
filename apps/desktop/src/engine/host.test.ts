import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createControlClient, createControlServer } from '@onefold/control';
import type { Carrier, ControlHandlers } from '@onefold/control';
import type { EnginePort } from '@onefold/host';
import { describe, expect, test, vi } from 'vitest';
import { ENGINE_EXIT, createEngineHost } from './host.ts';
import type { HostParent, HostedEngine } from './host.ts';

/** How long what should come is waited for. */
const PATIENCE_MS = 15_000;

/** Electron's port hands over `{data}`, Node's the data itself; the rest is alike. */
function asEnginePort(port: MessagePort): EnginePort {
  const electronPort = new EventEmitter();
  port.on('close', () => electronPort.emit('close'));
  return Object.assign(electronPort, {
    postMessage: (message: string) => port.postMessage(message),
    close: () => port.close(),
    start: () => port.on('message', (data: unknown) => electronPort.emit('message', { data })),
  });
}

function asCarrier(port: MessagePort): Carrier {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on('message', listener),
    close: () => port.close(),
    onClose: (listener) => void port.on('close', listener),
  };
}

function createParent() {
  const parent = new EventEmitter();
  parent.once('newListener', () =>
    setImmediate(() => parent.emit('message', { data: { kind: 'key', key: null }, ports: [] })),
  );
  return {
    parent: parent as HostParent,
    line() {
      const { port1, port2 } = new MessageChannel();
      parent.emit('message', { data: { kind: 'line' }, ports: [asEnginePort(port1)] });
      return createControlClient(asCarrier(port2));
    },
    say: (data: unknown) => parent.emit('message', { data, ports: [] }),
  };
}

function createEngine(onStopAsked: () => void = () => undefined) {
  const handlers = {
    devices: () => ({ devices: [] }),
    stop: () => {
      onStopAsked();
      return {};
    },
  } as unknown as ControlHandlers;
  const server = createControlServer(handlers);
  const close = vi.fn(async () => server.close());
  let leave: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (leave = resolve));
  const engine: HostedEngine = { serve: (carrier) => server.serve(carrier), gone, close };
  return { engine, close, server, leave };
}

describe('engine host', () => {
  test('serves every line it is given, also one given while the engine opens', async () => {
    const world = createParent();
    const { engine, server } = createEngine();
    const opening = Promise.withResolvers<HostedEngine>();
    const host = createEngineHost(world.parent, () => opening.promise);
    const early = world.line();
    const answer = early.call('devices', {});
    opening.resolve(engine);
    await expect(answer).resolves.toEqual({ devices: [] });
    const late = world.line();
    await expect(late.call('devices', {})).resolves.toEqual({ devices: [] });
    const seen = vi.fn();
    late.on('throughput', seen);
    server.publish('throughput', { atMs: 1, upBytesPerSecond: 2, downBytesPerSecond: 3 });
    await vi.waitFor(() => expect(seen).toHaveBeenCalledOnce(), PATIENCE_MS);
    world.say({ kind: 'stop' });
    await expect(host.ended).resolves.toBe(0);
  });

  test('on stop it ends its lines, closes the engine and only then is done', async () => {
    const world = createParent();
    let engineClosed: () => number = () => 0;
    const host = createEngineHost(world.parent, async (onStopAsked) => {
      const { engine, close } = createEngine(onStopAsked);
      engineClosed = () => close.mock.calls.length;
      return engine;
    });
    const line = world.line();
    await line.call('devices', {});
    const ended = vi.fn();
    line.onClose(ended);
    world.say({ kind: 'nonsense' });
    world.say(null);
    expect(engineClosed()).toBe(0);
    await line.call('stop', {}).catch(() => undefined);
    await expect(host.ended).resolves.toBe(0);
    expect(engineClosed()).toBe(1);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE_MS);
  });

  test('an engine that cannot open ends the process with an error, to be started again', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const host = createEngineHost(createParent().parent, () => Promise.reject(new Error('the state is locked')));
    await expect(host.ended).resolves.toBe(ENGINE_EXIT.cannotStart);
    expect(write).toHaveBeenCalledWith(expect.stringContaining('the state is locked'));
  });

  test('when the daemon it is attached to ends, it ends in a way that has it started again', async () => {
    const { engine, close, leave } = createEngine();
    const host = createEngineHost(createParent().parent, async () => engine);
    leave();
    await expect(host.ended).resolves.toBe(ENGINE_EXIT.daemonGone);
    expect(close).toHaveBeenCalledOnce();
  });
});
