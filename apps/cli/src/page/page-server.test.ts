import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createControlClient, createControlServer, type Carrier, type ControlHandlers } from '@onefold/control';
import { createPageServer, type PageServer } from './page-server.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

describe("the daemon's own page", () => {
  let folder: string;
  let page: PageServer;
  let nowMs = 0;
  let served = 0;

  beforeEach(async () => {
    nowMs = 0;
    served = 0;
    folder = await mkdtemp(join(tmpdir(), 'onefold-page-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
    await writeFile(join(folder, 'secret.key'), 'not a page file');
    const control = createControlServer({ uiUrl: () => ({ url: 'x' }) } as unknown as ControlHandlers);
    page = createPageServer({
      folder,
      serve: (carrier: Carrier) => {
        served++;
        control.serve(carrier);
      },
      monotonicMs: () => nowMs,
    });
  });

  afterEach(async () => {
    await page.close();
    await rm(folder, { recursive: true });
  });

  async function logIn(): Promise<{ origin: string; cookie: string }> {
    const url = await page.url();
    const opened = await get(url);
    expect(opened.status).toBe(200);
    expect(opened.body).toContain('content="0;url=/"');
    const cookie = String(opened.headers['set-cookie']?.[0]);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    return { origin: new URL(url).origin, cookie: cookie.split(';', 1)[0] ?? '' };
  }

  it('is served after the one-time address was opened, with a strict policy', async () => {
    const { origin, cookie } = await logIn();
    const answer = await get(`${origin}/`, { cookie });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<title>page</title>');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('opens each address once, and a look-ahead does not use it up', async () => {
    const url = await page.url();
    expect((await get(url, {}, 'HEAD')).status).toBe(403);
    expect((await get(url)).status).toBe(200);
    expect((await get(url)).status).toBe(403);
  });

  it('refuses an address that is too old', async () => {
    const url = await page.url();
    nowMs = 11 * 60 * 1000;
    expect((await get(url)).status).toBe(403);
  });

  it('answers nothing without the cookie', async () => {
    const { origin } = await logIn();
    expect((await get(`${origin}/`)).status).toBe(403);
    expect((await get(`${origin}/`, { cookie: `onefold-${new URL(origin).port}=guess` })).status).toBe(403);
  });

  it('refuses a request that names another host, as one through a foreign DNS name would', async () => {
    const { origin, cookie } = await logIn();
    expect((await get(`${origin}/`, { cookie, host: 'evil.example' })).status).toBe(421);
    expect((await get(`${origin}/`, { cookie, host: `localhost:${new URL(origin).port}` })).status).toBe(421);
  });

  it('serves no file that is not part of the page, and no path outside', async () => {
    const { origin, cookie } = await logIn();
    for (const path of ['/secret.key', '/../secret.key', '/%2e%2e/secret.key', '//etc/passwd']) {
      expect((await get(`${origin}${path}`, { cookie })).status, path).toBe(404);
    }
    expect((await get(`${origin}/`, { cookie }, 'POST')).status).toBe(405);
  });

  it('lets only its own origin with its own cookie open the control socket', async () => {
    const { origin, cookie } = await logIn();
    const address = `${origin.replace('http', 'ws')}/control`;
    const attempt = (headers: Record<string, string>, url = address): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, { headers });
        socket.on('open', () => {
          socket.terminate();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      });
    expect(await attempt({ cookie, origin: 'http://evil.example' })).toBe(false);
    expect(await attempt({ origin })).toBe(false);
    expect(await attempt({ cookie })).toBe(false);
    expect(await attempt({ cookie, origin }, address.replace('/control', '/other'))).toBe(false);
    expect(served).toBe(0);
    expect(await attempt({ cookie, origin })).toBe(true);
    expect(served).toBe(1);
  });

  it('carries calls of the control table', async () => {
    const { origin, cookie } = await logIn();
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/control`, { headers: { cookie, origin } });
    await new Promise((resolve) => socket.on('open', resolve));
    const client = createControlClient({
      send: (message) => socket.send(message),
      onMessage: (listener) => socket.on('message', (data: Buffer) => listener(data.toString('utf8'))),
      close: () => socket.close(),
      onClose: (listener) => socket.on('close', listener),
    });
    expect(await client.call('uiUrl', {})).toEqual({ url: 'x' });
    client.close();
  });
});
