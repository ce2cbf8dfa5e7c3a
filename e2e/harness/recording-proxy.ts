import { createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';

export interface RecordingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** A TCP proxy on loopback that writes every byte of both directions into one file each: what someone on the wire sees. */
export async function startRecordingProxy(
  targetPort: number,
  upFile: string,
  downFile: string,
): Promise<RecordingProxy> {
  const up = createWriteStream(upFile);
  const down = createWriteStream(downFile);
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    client.on('data', (bytes) => up.write(bytes));
    target.on('data', (bytes) => down.write(bytes));
    client.pipe(target).pipe(client);
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      await Promise.all([up, down].map((stream) => new Promise<void>((resolve) => stream.end(resolve))));
    },
  };
}
