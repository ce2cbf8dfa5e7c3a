import { createPrivateKey } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, type PeerCertificate, type SecureVersion } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../log.ts';
import { startServer } from '../server.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { followTls } from './tls.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url));

async function certificateOf(url: string): Promise<string> {
  return String((await peerOf(url)).subject.CN);
}

function peerOf(url: string): Promise<PeerCertificate> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const certificate = socket.getPeerCertificate();
      socket.destroy();
      resolve(certificate);
    });
    socket.on('error', reject);
  });
}

test('the server answers over TLS, and takes up a renewed certificate without a restart', async () => {
  const folder = temporaryFolder();
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const put = (name: string): void => {
    copyFileSync(`${FIXTURES}${name}.cert.pem`, tls.certFile);
    copyFileSync(`${FIXTURES}${name}.key.pem`, tls.keyFile);
  };
  put('first');
  const { url } = await startTestServer({ tls });
  expect(url).toMatch(/^https:/);
  expect(await certificateOf(url)).toBe('first');
  await expect(fetch(`${url.replace('https', 'http')}/healthz`)).rejects.toThrow();

  // Half of a renewal: the old one goes on.
  copyFileSync(`${FIXTURES}second.cert.pem`, tls.certFile);
  process.emit('SIGHUP');
  expect(await certificateOf(url)).toBe('first');
  put('second');
  process.emit('SIGHUP');
  expect(await certificateOf(url)).toBe('second');
});

test('the metrics tell when the certificate in use expires, and nothing of one where there is none', async () => {
  const NAME = 'onefold_tls_certificate_expiry_timestamp_seconds';
  const { tls } = filesOf('first');
  const { url } = await startTestServer({ tls, metrics: 'public' });
  const told = async (): Promise<number> => {
    const text = await textOf(`${url}/metrics`);
    return Number(new RegExp(`^${NAME}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const shown = async (): Promise<number> => Date.parse((await peerOf(url)).valid_to) / 1_000;
  expect(await told()).toBe(await shown());
  const plain = await startTestServer({ metrics: 'public' });
  expect(await (await fetch(`${plain.url}/metrics`)).text()).not.toMatch(new RegExp(`^${NAME}`, 'm'));
});

/** Reads over TLS whatever the certificate is. */
function textOf(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { rejectUnauthorized: false }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

test('a certificate that is none is refused in words before anything listens', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'cert.pem');
  writeFileSync(file, 'no certificate');
  const tls = { certFile: file, keyFile: file };
  const start = startServer({ data: join(folder, 'data'), listen: '127.0.0.1:0', logLevel: 'silent', tls });
  await expect(start).rejects.toMatchObject({ code: 'invalid-argument' });
});

/** The certificate and key of this name, in a folder of their own. */
function filesOf(name: string) {
  const folder = temporaryFolder();
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const put = (next: string): void => {
    copyFileSync(`${FIXTURES}${next}.cert.pem`, tls.certFile);
    copyFileSync(`${FIXTURES}${next}.key.pem`, tls.keyFile);
  };
  put(name);
  return { folder, tls, put };
}

test('versions before 1.2 are refused, 1.2 and 1.3 are spoken', async () => {
  const { url } = await startTestServer({ tls: filesOf('first').tls });
  const { hostname, port } = new URL(url);
  const spoken = (version: SecureVersion): Promise<string | null> =>
    new Promise((resolve) => {
      const options = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on('error', () => resolve(null));
    });
  const versions: SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
  expect(await Promise.all(versions.map(spoken))).toEqual([null, null, 'TLSv1.2', 'TLSv1.3']);
});

test('files that change are taken up by themselves, and what is open stays open', async () => {
  const { tls, put } = filesOf('first');
  const server: Server = createServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const told: number[] = [];
  const stop = followTls(
    server,
    tls,
    { log: createLog({ logLevel: 'silent' }), metrics: { certificateExpires: (atMs) => told.push(atMs) } },
    20,
  );
  onTestFinished(() => {
    stop();
    server.close();
  });
  const open = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await new Promise((resolve) => open.once('secureConnect', resolve));
  writeFileSync(tls.certFile, 'half');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await certificateOf(url)).toBe('first');
  put('second');
  await expect.poll(() => certificateOf(url)).toBe('second');
  expect(open.destroyed).toBe(false);
  expect(told).toEqual([Date.parse((await peerOf(url)).valid_to)]);
  open.destroy();
});

test('a socket of a device outlives the renewal of the certificate', async () => {
  const { tls, put } = filesOf('first');
  const { url } = await startTestServer({ tls, heartbeatMs: 100 });
  const socket = new WebSocket(`${url.replace('https', 'wss')}/v1/events`, { rejectUnauthorized: false });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  put('second');
  process.emit('SIGHUP');
  expect(await certificateOf(url)).toBe('second');
  expect(socket.readyState).toBe(socket.OPEN);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.send(new Uint8Array([0]));
  // It still hears and answers: what was sent is no token.
  await closed;
});

test('a key of another certificate, a key under a password and files that are not there are refused by name', async () => {
  const { folder, tls } = filesOf('first');
  const start = (given: { certFile: string; keyFile: string }): Promise<unknown> =>
    startServer({ data: join(folder, 'data'), listen: '127.0.0.1:0', logLevel: 'silent', tls: given });
  const locked = join(folder, 'locked.pem');
  const key = createPrivateKey(readFileSync(tls.keyFile));
  writeFileSync(locked, key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'word' }));
  for (const keyFile of [`${FIXTURES}second.key.pem`, locked, join(folder, 'nowhere.pem')])
    await expect(start({ ...tls, keyFile })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(keyFile) as string,
    });
});

test('over TLS, too, a connection that is one too many of its address is told so', async () => {
  const { url } = await startTestServer({ tls: filesOf('first').tls, limits: { connectionsPerAddress: 1 } });
  const { hostname, port } = new URL(url);
  const held = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  onTestFinished(() => void held.destroy());
  await new Promise((resolve) => held.once('secureConnect', resolve));
  const ask = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = get(`${url}/v1/namespaces`, { rejectUnauthorized: false, agent: false }, (answer) =>
        resolve(answer.resume().statusCode),
      );
      sent.on('error', reject);
    });
  expect(await ask()).toBe(429);
  held.destroy();
  await expect.poll(ask).toBe(401);
});
