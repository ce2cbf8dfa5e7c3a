import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands between a client and an engine on loopback, hands on what the client says, and lets the answers wait. */
export interface SlowProxy {
  readonly port: number;
  /** Answers wait from now on. */
  hold(): void;
  /** Those that wait come now, and others as they are given. */
  letGo(): void;
  /** How often clients have said this word since the last time it was asked. */
  heard(word: string): number;
}

export async function startSlowProxy(port: number): Promise<SlowProxy> {
  let isHeld = false;
  const held: (() => void)[] = [];
  let said = '';
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(port, '127.0.0.1');
    for (const socket of [client, engine]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        (socket === client ? engine : client).destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      engine.write(bytes);
    });
    engine.on('data', (bytes: Buffer) => {
      if (isHeld) held.push(() => client.write(bytes));
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      isHeld = true;
    },
    letGo() {
      isHeld = false;
      for (const answer of held.splice(0)) answer();
    },
    heard(word) {
      const count = said.split(word).length - 1;
      said = '';
      return count;
    },
  };
}
