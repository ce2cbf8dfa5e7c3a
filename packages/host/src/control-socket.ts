import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { createControlClient, type Carrier, type ControlClient } from '@onefold/control';
import { OnefoldError } from '@onefold/protocol';
import { controlAddress } from './home.ts';
import { createLineCarrier } from './line-carrier.ts';

/**
 * Listens for command lines of the same user. The caller holds the home's lock, so a socket that is still there is a dead daemon's.
 * The folder of the socket is readable by this user alone: who can open it may do everything.
 */
export async function listenForControl(home: string, serve: (carrier: Carrier) => void): Promise<Server> {
  const address = controlAddress(home);
  const server = createServer((socket) => serve(createLineCarrier(socket)));
  if (process.platform !== 'win32') {
    await mkdir(dirname(address), { recursive: true, mode: 0o700 });
    await rm(address, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
  if (process.platform !== 'win32') await chmod(address, 0o600);
  return server;
}

/** Connects to the daemon of a home. Rejects with `daemon-not-running`. */
export async function connectToDaemon(home: string): Promise<ControlClient> {
  return createControlClient(await openControlSocket(home));
}

/** A line to the daemon of a home, for whoever passes messages on. Rejects with `daemon-not-running`. */
export async function openControlSocket(home: string): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlAddress(home));
    const onError = (cause: Error): void => {
      reject(
        new OnefoldError(
          'daemon-not-running',
          `no daemon runs for ${home}; start one with: onefold daemon --home ${home}`,
          { cause },
        ),
      );
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      resolve(createLineCarrier(socket));
    });
  });
}

/** Runs `use` with a connection to the daemon and closes it afterwards. */
export async function withDaemon<T>(home: string, use: (client: ControlClient) => Promise<T>): Promise<T> {
  const client = await connectToDaemon(home);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
