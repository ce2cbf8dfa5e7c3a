import { randomBytes } from 'node:crypto';
import { OnefoldError } from '@onefold/protocol';
import { deriveLinkingSecret, joinLinking } from '@onefold/vault';
import { createSession } from '../remote/session.ts';
import { createLinkingExchange } from './linking-exchange.ts';
import { parseLinkingText } from './linking-text.ts';
import { clientOf, finishHome, requireFreshHome, writeDevice } from './set-up-home.ts';

/** What a person compares with the other device before it approves. */
export interface LinkingCheck {
  readonly checkWords: string;
  readonly email: string;
  readonly oldDeviceName: string;
}

/**
 * Adds this device to an account with the words that another one shows, and sets up the home. `onCheck` is called as soon as the check words are
 * known; then this waits for the other device's approval. Throws `invalid-argument` for words that are none, `not-found` for words nobody offers
 * (any more) or that were turned down, `forbidden` for used ones, `seal-corrupt`, `chain-invalid`, `journal-rollback` for a server that meddles, or what it
 * says.
 */
export async function linkOnServer(input: {
  /** URL; may be null when `words` is the text of a QR code. */
  readonly server: string | null;
  readonly words: string;
  readonly deviceName: string;
  readonly home: string;
  readonly onCheck: (check: LinkingCheck) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { deviceName, signal } = input;
  const home = await requireFreshHome(input.home);
  const { words, server } = parseLinkingText(input.words);
  const url = server ?? input.server;
  if (url === null) throw new OnefoldError('invalid-argument', 'the words alone do not say which server it is');
  const client = await clientOf(home, url);
  const { rendezvous } = deriveLinkingSecret(words);
  const claim = new Uint8Array(randomBytes(16));
  let isClaimed = false;
  try {
    const exchange = createLinkingExchange((turn) => client.exchangeAsNew({ rendezvous, claim, ...turn }), 0, signal);
    const joined = joinLinking({ words, offer: await exchange.next(), deviceName });
    isClaimed = true;
    const confirmed = joined.reveal(await exchange.next(joined.request));
    const { email, oldDeviceName, device } = joined;
    input.onCheck({ checkWords: confirmed.checkWords, email, oldDeviceName });
    let decision = confirmed.decide(await exchange.next());
    while (decision.kind === 'sign') decision = confirmed.decide(await exchange.next(decision.signed));
    const session = createSession({ client, device, sign: joined.signChallenge });
    const account = await session.account(-1);
    const { secrets } = await confirmed.finish(account.links, account.boxes);
    await writeDevice(home, secrets, account.links);
    await finishHome(home, client, email, secrets);
  } finally {
    if (isClaimed)
      await client.exchangeAsNew({ rendezvous, claim, seen: 0, wait: false, end: true }).catch(() => undefined);
    await client.close();
  }
}
