import { parentPort, workerData } from 'node:worker_threads';
import { createPacResolver } from 'pac-resolver';
import { QuickJS } from 'quickjs-wasi';

const MEMORY_BYTES = 32 * 1024 * 1024;
const { script, url } = workerData as { readonly script: string; readonly url: string };

try {
  const find = createPacResolver(await QuickJS.create({ memoryLimit: MEMORY_BYTES }), script);
  parentPort?.postMessage({ found: await find(url) });
} catch (error) {
  parentPort?.postMessage({ error: String(error) });
}
