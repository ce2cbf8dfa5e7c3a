import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP proxy on loopback whose line can fail in the ways in which lines do. */
export interface CuttingProxy {
  readonly url: string;
  /** Every connection ends, and no new one is taken. */
  cut(): void;
  /** Nothing passes any more, either way, and nobody is told. */
  freeze(): void;
  /** What is said arrives; no answer does. */
  deafen(): void;
  heal(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  /** What passes through these is not whole any more. */
  const torn = new Set<Socket>();
  /** Pieces on their way while nothing passes. */
  const held: (() => void)[] = [];
  let state: 'whole' | 'cut' | 'frozen' | 'deaf' = 'whole';
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const target = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        torn.delete(socket);
        other.destroy();
      });
    }
    const line = (isAnswer: boolean): Transform =>
      new Transform({
        transform(piece, _encoding, done) {
          function pass(): void {
            if (state !== 'deaf' || !isAnswer) return done(null, piece);
            torn.add(client);
            done();
          }
          if (state === 'frozen') held.push(pass);
          else pass();
        },
      });
    client.pipe(line(false)).pipe(target).pipe(line(true)).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  function become(next: 'deaf' | 'whole'): void {
    state = next;
    for (const pass of held.splice(0)) pass();
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      state = 'cut';
      endAll();
    },
    freeze: () => void (state = 'frozen'),
    deafen: () => become('deaf'),
    heal() {
      become('whole');
      for (const socket of [...torn]) socket.destroy();
    },
    async close() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
