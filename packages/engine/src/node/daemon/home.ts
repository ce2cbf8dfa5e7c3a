import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  bytesSchema,
  decodeWire,
  encodeWire,
  isHexId,
  OnefoldError,
  splitterSchema,
  type DeviceId,
  type NamespaceId,
  type SignedLink,
  type SplitterSpec,
  type UserId,
} from '@onefold/protocol';
import {
  decodeDeviceSecrets,
  decodeNamespaceSecrets,
  encodeDeviceSecrets,
  encodeNamespaceSecrets,
  isHomeSecretSealed,
  openHomeSecret,
  sealHomeSecret,
  type DeviceSecrets,
  type NamespaceSecrets,
} from '@onefold/vault';
import { writeDurably } from '../disk/durable-write.ts';
import { diskError, isMissing } from '../disk/errno.ts';
import { decodeLinks, encodeLinks } from '../keys/stored-links.ts';

/*
 * A device's state folder, readable by its user alone. Every file is replaced as a whole.
 *
 *   account.json          which account at which server; written last: a home without it is not set up
 *   device.key            secrets of this device
 *   key.sealed            what the desktop app's key store gives the home's key for; where it is, device.key and namespaces/ are sealed with that key
 *   chain.cbor            the account's chain, verified anew at every start
 *   namespaces/ID.key     secrets of a namespace, and its splitter
 *   folders.json          which folders are kept
 *   settings.json         what a person set; absent until something is
 *   server.json, server/  the server that this computer runs for its user, where it does
 *   state/FOLDER.sqlite   one engine's trees, queue and cursors
 *   open-page.html        leads the user's browser to the daemon's page, once
 *   logs/  lock  daemon.pid
 */

const accountSchema = z.object({
  format: z.literal(1),
  server: z.url(),
  email: z.string(),
  user: z.custom<UserId>((id) => typeof id === 'string' && isHexId(id, 16)),
  device: z.custom<DeviceId>((id) => typeof id === 'string' && isHexId(id, 16)),
  deviceName: z.string(),
});
export type HomeAccount = Omit<z.infer<typeof accountSchema>, 'format'>;

const namespaceSchema = z.object({ format: z.literal(1), secrets: bytesSchema, splitter: splitterSchema });

export interface StoredNamespace {
  readonly secrets: NamespaceSecrets;
  readonly splitter: SplitterSpec;
}

export interface Home {
  readonly folder: string;
  readonly lockFile: string;
  readonly foldersFile: string;
  readonly settingsFile: string;
  readonly logsFolder: string;
  /** Null as long as the home is not set up. */
  readAccount(): Promise<HomeAccount | null>;
  writeAccount(account: HomeAccount): Promise<void>;
  readSecrets(): Promise<DeviceSecrets>;
  writeSecrets(secrets: DeviceSecrets): Promise<void>;
  readLinks(): Promise<SignedLink[]>;
  writeLinks(links: readonly SignedLink[]): Promise<void>;
  readNamespace(namespaceId: NamespaceId): Promise<StoredNamespace | null>;
  writeNamespace(namespace: StoredNamespace): Promise<void>;
  /** Seals what of the secrets is not sealed yet. Nothing where the home has no key. */
  sealSecrets(): Promise<void>;
  /** Writes every secret as it is, so that whoever may read the files needs no key. */
  unsealSecrets(): Promise<void>;
  stateFile(folderId: string): string;
}

/**
 * Says where things lie and makes the folders. Secrets are written sealed with `key`, where there is one. Reads throw `state-corrupt`, `home-locked` for what
 * is sealed when there is none or another, or what the disk says.
 */
export async function openHome(folder: string, key: Uint8Array | null = null): Promise<Home> {
  const at = (...names: string[]): string => path.join(folder, ...names);
  try {
    for (const name of ['', 'namespaces', 'state', 'logs']) await mkdir(at(name), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw diskError(error);
  }

  async function readSecret(name: string): Promise<Uint8Array | null> {
    const bytes = await readIfThere(at(name));
    return bytes === null || !isHomeSecretSealed(bytes) ? bytes : openSecret(key, name, bytes);
  }

  const writeSecret = (name: string, plain: Uint8Array): Promise<void> =>
    writeDurably(at(name), key === null ? plain : sealHomeSecret(key, name, plain));

  async function secretNames(): Promise<string[]> {
    const names = (await readdir(at('namespaces'))).filter((name) => name.endsWith('.key'));
    return ['device.key', ...names.map((name) => `namespaces/${name}`)];
  }

  return {
    folder,
    lockFile: at('lock'),
    foldersFile: at('folders.json'),
    settingsFile: at('settings.json'),
    logsFolder: at('logs'),
    async readAccount() {
      const bytes = await readIfThere(at('account.json'));
      if (bytes === null) return null;
      const { format: _, ...account } = parseJson(accountSchema, bytes);
      return account;
    },
    writeAccount: (account) =>
      writeDurably(at('account.json'), `${JSON.stringify({ format: 1, ...account }, null, 2)}\n`),
    readSecrets: async () => decodeDeviceSecrets(orLacking(await readSecret('device.key'), 'device.key')),
    writeSecrets: (secrets) => writeSecret('device.key', encodeDeviceSecrets(secrets)),
    readLinks: async () => decodeLinks(orLacking(await readIfThere(at('chain.cbor')), 'chain.cbor')),
    writeLinks: (links) => writeDurably(at('chain.cbor'), encodeLinks(links)),
    async readNamespace(namespaceId) {
      const bytes = await readSecret(`namespaces/${namespaceId}.key`);
      if (bytes === null) return null;
      const stored = decodeWire(namespaceSchema, bytes, 'state-corrupt');
      return { secrets: decodeNamespaceSecrets(stored.secrets), splitter: stored.splitter };
    },
    writeNamespace: ({ secrets, splitter }) =>
      writeSecret(
        `namespaces/${secrets.namespaceId}.key`,
        encodeWire(namespaceSchema, { format: 1, secrets: encodeNamespaceSecrets(secrets), splitter }),
      ),
    async sealSecrets() {
      if (key === null) return;
      for (const name of await secretNames()) {
        const bytes = await readIfThere(at(name));
        if (bytes !== null && !isHomeSecretSealed(bytes)) await writeSecret(name, bytes);
      }
    },
    async unsealSecrets() {
      for (const name of await secretNames()) {
        const bytes = await readIfThere(at(name));
        if (bytes !== null && isHomeSecretSealed(bytes)) await writeDurably(at(name), openSecret(key, name, bytes));
      }
    },
    stateFile: (folderId) => at('state', `${folderId}.sqlite`),
  };
}

/** Whether a device was put into an account here. Makes nothing. */
export async function isHomeSetUp(folder: string): Promise<boolean> {
  return (await readIfThere(path.join(folder, 'account.json'))) !== null;
}

/** As openHome, for whoever needs an account: throws `not-logged-in`, and makes no folder where there is none. */
export async function openSetUpHome(folder: string): Promise<Home> {
  if (!(await isHomeSetUp(folder))) throw new OnefoldError('not-logged-in', 'this home has no account yet');
  return openHome(folder);
}

/** JSON text through a schema. Throws `state-corrupt`. */
export function parseJson<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new OnefoldError('state-corrupt', 'a file of the state folder cannot be read', { cause });
  }
}

/** Bytes of a file; null when it is not there. */
export async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw diskError(error);
  }
}

function openSecret(key: Uint8Array | null, name: string, sealed: Uint8Array): Uint8Array {
  const message = 'the keys of this home are sealed by the desktop app';
  if (key === null)
    throw new OnefoldError('home-locked', `${message}: open the app, or let it unseal them in its settings`);
  try {
    return openHomeSecret(key, name, sealed);
  } catch (cause) {
    throw new OnefoldError('home-locked', `${message}, with another key than the system gives out now`, { cause });
  }
}

function orLacking(bytes: Uint8Array | null, name: string): Uint8Array {
  if (bytes === null) throw new OnefoldError('state-corrupt', `the state folder lacks ${name}`);
  return bytes;
}
