import { OnefoldError, type SignedLink } from '@onefold/protocol';
import { createAccount, deriveLogin, formatKit, loginDevice, parseKit, type DeviceSecrets } from '@onefold/vault';
import { parseEntry } from '@onefold/journal';
import { createServerClient, type ServerClient } from '../remote/server-client.ts';
import { openHome, type Home } from './home.ts';

export interface NewAccountInput {
  /** URL. */
  readonly server: string;
  readonly email: string;
  readonly password: string;
  readonly deviceName: string;
  readonly home: string;
}

/**
 * Makes an account with this device as its first, and sets up the home. `saveKit` gets the Emergency Kit as text and the recovery phrase,
 * which exist nowhere else, and is awaited before the server hears of the account: one whose kit was never written would be lost. Throws
 * `invalid-argument` for a home that is set up already, `account-exists`, or what the server says.
 */
export async function createAccountOnServer(
  input: NewAccountInput & { readonly saveKit: (kit: string, recoveryPhrase: string) => Promise<void> },
): Promise<void> {
  const home = await requireFreshHome(input.home);
  const { email, password, deviceName } = input;
  return withClient(input.server, async (client) => {
    // A server that cannot be reached at all is met before there is a kit to clean up after.
    await client.loginParameters(email);
    const made = await createAccount({ email, password, deviceName, serverUrl: client.http.url });
    const genesis = parseEntry(made.namespace.genesis);
    if (genesis.type !== 'genesis') throw new OnefoldError('internal', 'a namespace begins with a genesis');
    // All but the last file first: an account whose keys could not be written must never come to be.
    await home.writeNamespace({ secrets: made.namespace.secrets, splitter: genesis.header.splitter });
    await writeDevice(home, made.secrets, made.request.links);
    await input.saveKit(formatKit(made.kit), made.recoveryPhrase);
    await client.createAccount(made.request);
    await finishHome(home, client, email, made.secrets);
  });
}

/**
 * Adds this device to an account with its password and Emergency Kit, and sets up the home. Throws `invalid-argument`, `login-failed`,
 * `kdf-refused`, `chain-invalid`, or what the server says.
 */
export async function loginOnServer(input: NewAccountInput & { readonly kit: string }): Promise<void> {
  const home = await requireFreshHome(input.home);
  const kit = parseKit(input.kit);
  const { email, password, deviceName } = input;
  return withClient(input.server, async (client) => {
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

async function withClient<T>(url: string, work: (client: ServerClient) => Promise<T>): Promise<T> {
  const client = createServerClient(url);
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
