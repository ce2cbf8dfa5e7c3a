import { OnefoldError } from '@onefold/protocol';
import { signSession } from '@onefold/vault';
import { openAccountKeys, type AccountKeys } from '../keys/account-keys.ts';
import { createNetwork, type Network } from '../network/network.ts';
import { createServerClient } from '../remote/server-client.ts';
import { createSession, type Session } from '../remote/session.ts';
import type { Home, HomeAccount } from './home.ts';
import { dialAddress } from './own-server-file.ts';
import { readSettings } from './settings.ts';

/** A home that is set up: who it belongs to, its keys, and its standing with the server (which is not asked until something needs it). */
export interface AccountContext {
  readonly home: Home;
  readonly account: HomeAccount;
  readonly keys: AccountKeys;
  readonly session: Session;
  /** What everything goes through that is sent to the server or comes from it. */
  readonly network: Network;
  close(): Promise<void>;
}

/** Throws `not-logged-in`, or `state-corrupt` where the home's own files contradict each other. */
export async function openAccount(home: Home): Promise<AccountContext> {
  const account = await home.readAccount();
  if (account === null) throw new OnefoldError('not-logged-in', 'this home has no account yet');
  const secrets = await home.readSecrets();
  if (secrets.device !== account.device || secrets.user !== account.user) {
    throw new OnefoldError('state-corrupt', 'the keys of this home belong to another account');
  }
  const { network: networkSettings } = await readSettings(home);
  const network = createNetwork(networkSettings);
  const session = createSession({
    client: createServerClient(await dialAddress(home.folder, account.server), network),
    device: secrets.device,
    sign: (challenge) => signSession(secrets, challenge),
  });
  try {
    const keys = await openAccountKeys(home, session);
    return { home, account, keys, session, network, close: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}
