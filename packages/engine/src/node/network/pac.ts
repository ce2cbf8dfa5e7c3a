import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { OnefoldError } from '@onefold/protocol';
import { Agent, request } from './undici.ts';

const FETCH_MS = 10_000;
const ANSWER_MS = 5_000;
const MOST_SCRIPT_BYTES = 1024 * 1024;

/** What browsers do where the script cannot be had: a machine that left the network of its script has no use for it. */
const WITHOUT_SCRIPT = 'DIRECT';

/** A proxy auto-configuration script, fetched once. */
export interface PacScript {
  /**
   * What it says for an address: `PROXY host:port; DIRECT` and the like. DIRECT while it cannot be had, which is tried again with every call.
   * Rejects with `server-unreachable` where it gives no answer.
   */
  find(url: string): Promise<string>;
}

/**
 * The script is somebody else's program: it runs in QuickJS compiled to WebAssembly, in a thread that ends with its answer, without
 * environment, files or network, in bounded memory and time. Looking up names is all it can ask for.
 */
export function createPacScript(address: string): PacScript {
  let script: Promise<string> | null = null;

  return {
    async find(url) {
      script ??= fetchScript(address);
      const text = await script.catch(() => null);
      if (text === null) {
        script = null;
        return WITHOUT_SCRIPT;
      }
      try {
        return await evaluate(text, url);
      } catch (cause) {
        script = null;
        throw new OnefoldError('server-unreachable', `the proxy script ${address} gave no answer`, { cause });
      }
    },
  };
}

async function fetchScript(address: string): Promise<string> {
  if (address.startsWith('file:')) return readFile(new URL(address), 'utf8');
  const dispatcher = new Agent();
  try {
    const answer = await request(address, { method: 'GET', dispatcher, signal: AbortSignal.timeout(FETCH_MS) });
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MOST_SCRIPT_BYTES) throw new Error('the script is too large');
      parts.push(part);
    }
    if (answer.statusCode !== 200) throw new Error(`the script’s server answered ${answer.statusCode}`);
    return Buffer.concat(parts).toString('utf8');
  } finally {
    await dispatcher.destroy();
  }
}

function evaluate(script: string, url: string): Promise<string> {
  const worker = new Worker(new URL('./pac-worker.ts', import.meta.url), {
    workerData: { script, url },
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
  });
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the script took too long')), ANSWER_MS);
    worker.on('message', (answer: { readonly found?: string; readonly error?: string }) => {
      if (answer.found === undefined) reject(new Error(answer.error));
      else resolve(answer.found);
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the script ended without an answer')));
    worker.on('exit', () => clearTimeout(timer));
  }).finally(() => void worker.terminate());
}
