import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startServer } from '../server.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url));

function certificateOf(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(subject.CN));
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

test('a certificate that is none is refused in words before anything listens', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'cert.pem');
  writeFileSync(file, 'no certificate');
  const tls = { certFile: file, keyFile: file };
  const start = startServer({ data: join(folder, 'data'), listen: '127.0.0.1:0', logLevel: 'silent', tls });
  await expect(start).rejects.toMatchObject({ code: 'invalid-argument' });
});
