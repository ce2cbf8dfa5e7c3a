import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;

/** What the app needs of Electron's safeStorage. */
export interface KeyStore {
  /** False also where the system's own would be no more than a password that everybody knows. */
  readonly isThere: () => Promise<boolean>;
  readonly seal: (text: string) => Promise<Uint8Array>;
  /** Rejects for what another user, another machine or another key has sealed. `isStale`: the system wants it sealed anew. */
  readonly open: (sealed: Uint8Array) => Promise<{ readonly text: string; readonly isStale: boolean }>;
}

/** What the engine is told before it opens the home: base64, or nothing. */
export interface EngineKey {
  readonly key: string;
  readonly sealed: string;
  readonly isWanted: boolean;
}

/** How the keys of a home are kept now. */
export async function keyStoreState(home: string, store: KeyStore): Promise<'none' | 'file' | 'sealed'> {
  if ((await sealedKeyOf(home)) !== null) return 'sealed';
  return (await store.isThere()) ? 'file' : 'none';
}

/**
 * The key that seals the secrets of a home. A new home gets one where the system has a key store, for then this app is all that opens it; one that a command
 * line has set up does not, so that its daemon starts without us, until a person wants it otherwise. null: no key, or none that the system gives out.
 */
export async function engineKey(home: string, store: KeyStore, wanted: boolean | null): Promise<EngineKey | null> {
  if (!(await store.isThere())) return null;
  const sealed = await sealedKeyOf(home);
  if (sealed !== null) {
    try {
      const { text, isStale } = await store.open(sealed);
      return { key: text, sealed: base64(isStale ? await store.seal(text) : sealed), isWanted: wanted ?? true };
    } catch {
      return null;
    }
  }
  if (!(wanted ?? !(await isThere(join(home, 'account.json'))))) return null;
  const key = randomBytes(KEY_BYTES).toString('base64');
  return { key, sealed: base64(await store.seal(key)), isWanted: true };
}

async function sealedKeyOf(home: string): Promise<Uint8Array | null> {
  return readFile(join(home, 'key.sealed')).catch(() => null);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
