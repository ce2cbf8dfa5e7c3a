import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createControlClient } from '@onefold/control';
import type { Carrier, ControlHandlers, ControlServer } from '@onefold/control';
import { describe, expect, test, vi } from 'vitest';
import { createEngineHost } from './host.ts';
import type { HostParent, HostedEngine } from './host.ts';
import type { EnginePort } from './port-carrier.ts';

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

function createEngine() {
  const close = vi.fn(async () => undefined);
  const unsubscribe = vi.fn();
  const servers: ControlServer[] = [];
  const handlers = { devices: () => ({ devices: [] }) } as unknown as ControlHandlers;
  const engine: HostedEngine = {
    handlers,
    publishTo(server) {
      servers.push(server);
      return unsubscribe;
    },
    close,
  };
  return { engine, close, unsubscribe, servers };
}

describe('engine host', () => {
  test('serves every line it is given, also one given while the engine opens', async () => {
    const world = createParent();
    const { engine, servers } = createEngine();
    let open: (engine: HostedEngine) => void = () => undefined;
    const host = createEngineHost(world.parent, () => new Promise((resolve) => (open = resolve)));
    const early = world.line();
    const answer = early.call('devices', {});
    open(engine);
    await expect(answer).resolves.toEqual({ devices: [] });
    const late = world.line();
    await expect(late.call('devices', {})).resolves.toEqual({ devices: [] });
    const seen = vi.fn();
    late.on('throughput', seen);
    servers[0]?.publish('throughput', { atMs: 1, upBytesPerSecond: 2, downBytesPerSecond: 3 });
    await vi.waitFor(() => expect(seen).toHaveBeenCalledOnce());
    world.say({ kind: 'stop' });
    await expect(host.ended).resolves.toBe(0);
  });

  test('on stop it ends its lines, closes the engine and only then is done', async () => {
    const world = createParent();
    const { engine, close, unsubscribe } = createEngine();
    const host = createEngineHost(world.parent, async () => engine);
    const line = world.line();
    await line.call('devices', {});
    const ended = vi.fn();
    line.onClose(ended);
    world.say({ kind: 'nonsense' });
    world.say(null);
    expect(close).not.toHaveBeenCalled();
    await line.call('stop', {}).catch(() => undefined);
    await expect(host.ended).resolves.toBe(0);
    expect(close).toHaveBeenCalledOnce();
    expect(unsubscribe).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
  });

  test('an engine that cannot open ends the process with an error, to be started again', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const host = createEngineHost(createParent().parent, () => Promise.reject(new Error('the state is locked')));
    await expect(host.ended).resolves.toBe(1);
    expect(write).toHaveBeenCalledWith(expect.stringContaining('the state is locked'));
  });
});
