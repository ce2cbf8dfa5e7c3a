import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import { createBridge } from './bridge.ts';
import type { LinePort } from './bridge.ts';

/** How long what should come is waited for. */
const PATIENCE_MS = 15_000;

function createPorts() {
  const { port1, port2 } = new MessageChannel();
  return { page: port1 as unknown as LinePort, engine: port2 };
}

describe('bridge', () => {
  test('carries messages both ways, also those said before the line was there', async () => {
    const ask = vi.fn();
    const bridge = createBridge({ ask });
    const heard: string[] = [];
    const line = bridge.open(
      (text) => heard.push(text),
      () => undefined,
    );
    line.send('early');
    expect(ask).toHaveBeenCalledWith(1);
    const { page, engine } = createPorts();
    const told: unknown[] = [];
    engine.on('message', (message) => told.push(message));
    bridge.given(1, page);
    line.send('late');
    engine.postMessage('answer');
    engine.postMessage({ not: 'text' });
    await vi.waitFor(() => expect(told).toEqual(['early', 'late']), PATIENCE_MS);
    await vi.waitFor(() => expect(heard).toEqual(['answer']), PATIENCE_MS);
    line.close();
  });

  test('tells the end once, whoever causes it', async () => {
    const bridge = createBridge({ ask: () => undefined });
    const ends = [vi.fn(), vi.fn(), vi.fn()];
    const lines = ends.map((ended) => bridge.open(() => undefined, ended));
    const first = createPorts();
    bridge.given(1, first.page);
    first.engine.close();
    await vi.waitFor(() => expect(ends[0]).toHaveBeenCalledOnce(), PATIENCE_MS);
    lines[1]?.close();
    lines[1]?.close();
    bridge.allEnded();
    bridge.allEnded();
    lines[2]?.send('into the void');
    expect(ends.map((ended) => ended.mock.calls.length)).toEqual([1, 1, 1]);
  });

  test('a line that comes too late is hung up', async () => {
    const bridge = createBridge({ ask: () => undefined });
    bridge
      .open(
        () => undefined,
        () => undefined,
      )
      .close();
    const { page, engine } = createPorts();
    const closed = vi.fn();
    engine.on('close', closed);
    bridge.given(1, page);
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce(), PATIENCE_MS);
  });
});
