import { OnefoldError, type SignedLink } from '@onefold/protocol';
import {
  createAccount,
  deriveLogin,
  formatKit,
  loginDevice,
  parseKit,
  type DeviceSecrets,
  type EmergencyKit,
} from '@onefold/vault';
import { parseEntry } from '@onefold/journal';
import { createNetwork } from '../network/network.ts';
import { createServerClient, type ServerClient } from '../remote/server-client.ts';
import { openHome, type Home } from './home.ts';
import { readSettings } from './settings.ts';

export interface NewAccountInput {
  /** URL. */
  readonly server: string;
  readonly email: string;
  readonly password: string;
  readonly deviceName: string;
  readonly home: string;
}

/** An account that the server has not heard of: it comes to be with `finish`. */
export interface PreparedAccount {
  readonly kit: EmergencyKit;
  readonly recoveryPhrase: string;
  /**
   * Makes it, and sets up the home. The kit must be safe by now: it exists nowhere else, and an account whose kit was lost would be lost with it. May be
   * called again after an error that says to back off: the server answers the same request alike. Throws `account-exists`, or what the server says.
   */
  finish(): Promise<void>;
  /** To be called in the end, finished or not. */
  close(): Promise<void>;
}

/** Makes the keys of an account with this device as its first. Throws `invalid-argument` for a home that is set up already, or what the server says. */
export async function prepareAccount(input: NewAccountInput): Promise<PreparedAccount> {
  const home = await requireFreshHome(input.home);
  const { email, password, deviceName } = input;
  const client = await clientOf(home, input.server);
  try {
    // A server that cannot be reached at all is met before there is a kit to keep.
    await client.loginParameters(email);
    const made = await createAccount({ email, password, deviceName, serverUrl: client.http.url });
    const genesis = parseEntry(made.namespace.genesis);
    if (genesis.type !== 'genesis') throw new OnefoldError('internal', 'a namespace begins with a genesis');
    const { splitter } = genesis.header;
    return {
      kit: made.kit,
      recoveryPhrase: made.recoveryPhrase,
      async finish() {
        // All but the last file first: an account whose keys could not be written must never come to be.
        await requireFreshHome(home.folder);
        await home.writeNamespace({ secrets: made.namespace.secrets, splitter });
        await writeDevice(home, made.secrets, made.request.links);
        await client.createAccount(made.request);
        await finishHome(home, client, email, made.secrets);
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/**
 * Makes an account with this device as its first, and sets up the home. `saveKit` gets the Emergency Kit as text and the recovery phrase, and is
 * awaited before the server hears of the account. Throws as prepareAccount and its `finish`.
 */
export async function createAccountOnServer(
  input: NewAccountInput & { readonly saveKit: (kit: string, recoveryPhrase: string) => Promise<void> },
): Promise<void> {
  const prepared = await prepareAccount(input);
  try {
    await input.saveKit(formatKit(prepared.kit), prepared.recoveryPhrase);
    await prepared.finish();
  } finally {
    await prepared.close();
  }
}

/**
 * Adds this device to an account with its password and Emergency Kit, and sets up the home. Throws `invalid-argument`, `login-failed`,
 * `kdf-refused`, `chain-invalid`, or what the server says.
 */
export async function loginOnServer(input: NewAccountInput & { readonly kit: string }): Promise<void> {
  const home = await requireFreshHome(input.home);
  const kit = parseKit(input.kit);
  const { email, password, deviceName } = input;
  return withClient(home, input.server, async (client) => {
    // The kit, not the server, says which account this is: the server's own answer would let it choose.
    const { salt, kdf } = await client.loginParameters(email);
    const { user } = kit;
    const keys = await deriveLogin({ password, secretKey: kit.secretKey, user, salt, kdf });
    const login = await client.login(email, keys.authKey);
    const { request, secrets } = await loginDevice({ login, user, loginBox: keys.loginBox, deviceName });
    await writeDevice(home, secrets, [...login.links, request.link]);
    await client.addDevice(request);
    await finishHome(home, client, email, secrets);
  });
}

/** Throws `invalid-argument` for a home that is set up already. */
export async function requireFreshHome(folder: string): Promise<Home> {
  const home = await openHome(folder);
  if ((await home.readAccount()) !== null) throw new OnefoldError('invalid-argument', 'this home is set up already');
  return home;
}

/** A line to a server, by the way that this home's settings name. */
export async function clientOf(home: Home, url: string): Promise<ServerClient> {
  return createServerClient(url, createNetwork((await readSettings(home)).network));
}

async function withClient<T>(home: Home, url: string, work: (client: ServerClient) => Promise<T>): Promise<T> {
  const client = await clientOf(home, url);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export async function writeDevice(home: Home, secrets: DeviceSecrets, links: readonly SignedLink[]): Promise<void> {
  await home.writeSecrets(secrets);
  await home.writeLinks(links);
}

/** Writes the file that makes the home one that is set up. */
export async function finishHome(
  home: Home,
  client: ServerClient,
  email: string,
  secrets: DeviceSecrets,
): Promise<void> {
  const { user, device, deviceName } = secrets;
  await home.writeAccount({ server: client.http.url, email, user, device, deviceName });
}
