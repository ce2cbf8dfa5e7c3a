import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { signSession } from '@onefold/vault';
import type { Home, HomeAccount } from './home.ts';
import { clientOf } from './set-up-home.ts';

/**
 * Whether the server at an address lets this device in: the account is kept there. What it then shows is verified against what this device has seen, as
 * anything a server shows. Throws `not-found` where it is not, `device-revoked`, or what the network says.
 */
async function requireOwnAccountAt(home: Home, address: string): Promise<void> {
  const secrets = await home.readSecrets();
  const client = await clientOf(home, address);
  try {
    await client.openSession(secrets.device, (challenge) => signSession(secrets, challenge));
  } catch (thrown) {
    const { code } = toOnefoldError(thrown);
    // What a server says to a device that it has never heard of.
    if (code !== 'signature-invalid') throw thrown;
    throw new OnefoldError('not-found', 'the server at this address does not keep your account', { cause: thrown });
  } finally {
    await client.close();
  }
}

/**
 * The account's server is to be found at another address from now on. Nothing is changed where it is not there.
 * @returns what was noted before
 */
export async function noteServerAddress(home: Home, address: string): Promise<HomeAccount> {
  const account = await home.readAccount();
  if (account === null) throw new OnefoldError('not-logged-in', 'this home has no account yet');
  await requireOwnAccountAt(home, address);
  await home.writeAccount({ ...account, server: new URL(address).origin });
  return account;
}
