import { connect } from 'node:net';
import { join } from 'node:path';

/** The daemon's own line, as any program would speak it: one JSON text each way. */
export interface ControlLine {
  /** Rejects with what the daemon says it cannot. */
  ask(call: string, args?: unknown): Promise<unknown>;
  close(): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export function openControlLine(home: string): ControlLine {
  const socket = connect(join(home, 'control.sock'));
  const waiting = new Map<number, Waiting>();
  let pending = '';
  let next = 1;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const { id, result, error } = JSON.parse(line) as { id?: number; result?: unknown; error?: unknown };
      const asked = id === undefined ? undefined : waiting.get(id);
      if (id !== undefined) waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(JSON.stringify(error)));
    }
  });
  // A daemon that ends while it is asked: whoever asked has ended it.
  socket.on('error', () => undefined);
  return {
    ask: (call, args = {}) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        socket.write(`${JSON.stringify({ id, call, args })}\n`);
      }),
    close: () => void socket.destroy(),
  };
}
