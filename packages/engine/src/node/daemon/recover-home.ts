import { OnefoldError, type SignedLink } from '@onefold/protocol';
import {
  createLogin,
  derivePhraseKeys,
  formatKit,
  parseRecoveryPhrase,
  recoverAccount,
  verifyRecoveredChain,
  type Recovery,
} from '@onefold/vault';
import {
  clientOf,
  finishHome,
  requireFreshHome,
  writeDevice,
  type NewAccountInput,
  type PreparedAccount,
} from './set-up-home.ts';

/** Of two who recover at once one comes later, and begins again behind the other. */
const ATTEMPTS = 5;

/**
 * Prepares to take an account over with its recovery phrase, by a new password and Secret Key, and to set up the home: `finish` does it, once the new kit is
 * safe. Throws `invalid-argument` for a phrase that is none or a home that is set up, `login-failed`, `chain-invalid`, `seal-corrupt` for a server that
 * meddles, or what it says.
 */
export async function prepareRecovery(
  input: NewAccountInput & { readonly phrase: string },
): Promise<Omit<PreparedAccount, 'recoveryPhrase'>> {
  const phrase = derivePhraseKeys(parseRecoveryPhrase(input.phrase));
  const home = await requireFreshHome(input.home);
  const { email, password, deviceName } = input;
  const client = await clientOf(home, input.server);
  const look = async () => {
    const { boxes, links } = await client.recovery(email, phrase.authKey);
    return { boxes, links, chain: verifyRecoveredChain(links, phrase) };
  };
  try {
    const { user } = (await look()).chain;
    const login = await createLogin({ user, password });
    let sent: (Recovery & { readonly links: readonly SignedLink[] }) | null = null;

    async function send(): Promise<Recovery> {
      const { boxes, links, chain } = await look();
      // Taken already: the answer was lost.
      if (sent !== null && chain.devices.has(sent.secrets.device)) return sent;
      const made = await recoverAccount({ phrase, chain, boxes, login, deviceName });
      sent = { ...made, links: [...links, made.request.link] };
      await requireFreshHome(home.folder);
      await writeDevice(home, made.secrets, sent.links);
      await client.recover({ email, authKey: phrase.authKey, ...made.request });
      return made;
    }

    return {
      kit: { server: client.http.url, email, user, secretKey: login.secretKey },
      async finish() {
        for (let attempt = 1; ; attempt++) {
          try {
            const { secrets } = await send();
            return await finishHome(home, client, email, secrets);
          } catch (thrown) {
            const isLostRace = thrown instanceof OnefoldError && thrown.code === 'chain-conflict';
            if (!isLostRace || attempt >= ATTEMPTS) throw thrown;
          }
        }
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** As prepareRecovery and its `finish`; `saveKit` is awaited between. */
export async function recoverOnServer(
  input: NewAccountInput & { readonly phrase: string; readonly saveKit: (kit: string) => Promise<void> },
): Promise<void> {
  const prepared = await prepareRecovery(input);
  try {
    await input.saveKit(formatKit(prepared.kit));
    await prepared.finish();
  } finally {
    await prepared.close();
  }
}
