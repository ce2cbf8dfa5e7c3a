import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { OnefoldError } from '@onefold/protocol';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** Reads certificate chain and key, and sees that they belong together. Throws `invalid-argument`. */
export function readTls({ certFile, keyFile }: TlsFiles): TlsMaterial {
  try {
    const material: TlsMaterial = { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' };
    createSecureContext(material);
    return material;
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    throw new OnefoldError(
      'invalid-argument',
      `tls: ${certFile} and ${keyFile} are no certificate and its key (${code})`,
      {
        cause,
      },
    );
  }
}

const LOOK_EVERY_MS = 60_000;

/**
 * Takes up a renewed certificate without a restart: on SIGHUP, and when the files have changed. Files that do not fit together (yet) are left for the next
 * look, and the old ones go on. Answers with its end.
 */
export function followTls(
  server: Server,
  files: TlsFiles,
  { log, metrics }: { readonly log: Log; readonly metrics: Pick<Metrics, 'certificateExpires'> },
  lookEveryMs = LOOK_EVERY_MS,
): () => void {
  let seen = stamp(files);
  const load = (): void => {
    const now = stamp(files);
    try {
      const material = readTls(files);
      server.setSecureContext(material);
      metrics.certificateExpires(expiryOf(material.cert));
      seen = now;
      log.info('certificate loaded');
    } catch (thrown) {
      log.error({ err: thrown }, 'the certificate cannot be used; the old one goes on');
    }
  };
  const timer = setInterval(() => {
    if (stamp(files) !== seen) load();
  }, lookEveryMs);
  process.on('SIGHUP', load);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', load);
  };
}

/** When the first certificate of a chain that is to expire does. Milliseconds since 1970. */
export function expiryOf(chain: Buffer): number {
  const certificates = chain.toString().match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  return Math.min(...certificates.map((pem) => Date.parse(new X509Certificate(pem).validTo)));
}

function stamp({ certFile, keyFile }: TlsFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      const { mtimeMs, size, ino } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0, ino: 0 };
      return `${mtimeMs}/${size}/${ino}`;
    })
    .join();
}
