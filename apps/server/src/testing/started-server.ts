import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { ServerConfigInput } from '../config.ts';
import { startServer, type RunningServer } from '../server.ts';

export interface TestServer extends RunningServer {
  readonly data: string;
}

/** A listening server with a folder of its own, for one test. */
export async function startTestServer(
  config: Partial<ServerConfigInput> = {},
  nowMs: () => number = Date.now,
): Promise<TestServer> {
  const data = config.data ?? mkdtempSync(join(tmpdir(), 'onefold-server-'));
  const server = await startServer({ listen: '127.0.0.1:0', logLevel: 'silent', ...config, data }, nowMs);
  onTestFinished(async () => {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  });
  return { ...server, data };
}

/** One listening server for all tests of a file that need nothing special of it. */
export function useTestServer(): { readonly url: string } {
  const data = mkdtempSync(join(tmpdir(), 'onefold-server-'));
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer({ listen: '127.0.0.1:0', logLevel: 'silent', data });
  });
  afterAll(async () => {
    await server?.close();
    rmSync(data, { recursive: true, force: true });
  });
  return {
    get url() {
      return server?.url ?? '';
    },
  };
}
