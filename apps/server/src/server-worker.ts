import { parentPort, workerData } from 'node:worker_threads';
import { toOnefoldError } from '@onefold/protocol';
import type { ServerConfigInput } from './config.ts';
import { startServer } from './server.ts';

/*
 * The server in a thread of a program that runs it for a person: it gets its configuration as the thread's data, says where it answers or why it cannot, and
 * finishes what was asked when it gets any message.
 */
const port = parentPort;
if (port === null) throw new Error('not inside a worker thread');
try {
  const server = await startServer(workerData as ServerConfigInput);
  port.once('message', () => void server.close().then(() => port.close()));
  port.postMessage({ url: server.url });
} catch (thrown) {
  port.postMessage({ error: toOnefoldError(thrown).toReport() });
  port.close();
}
