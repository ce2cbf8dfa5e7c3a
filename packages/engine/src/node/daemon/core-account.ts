import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { createLogin, deriveLogin, parseKit, rotateUserKeys, type NewLogin } from '@onefold/vault';
import type { AccountContext } from './account-context.ts';
import { untilTaken } from './core-devices.ts';
import { showKit, type ShownKit } from './home-setup.ts';
import { dialAddress } from './own-server-file.ts';
import { clientOf } from './set-up-home.ts';

/*
 * A new password, which is always one with a new Secret Key:
 *
 *   none --change--> kit shown --keep--> (server takes it) --> none
 *                        '--drop--> none
 *
 * The new kit is saved before the server hears of it. So at no moment is a person left without a pair that works: until the server has taken the new
 * one the old one does, afterwards the new one; when its answer was lost, both are on paper and one of them works. This device needs neither.
 */
export interface LoginChange {
  change(password: string): Promise<ShownKit>;
  /** May be called again after an error that says to back off. Throws `not-found` when nothing waits, or what the server says. */
  keep(): Promise<void>;
  drop(): void;
}

export function createLoginChange(context: AccountContext): LoginChange {
  const { account, keys, session } = context;
  let waiting: NewLogin | null = null;

  return {
    async change(password) {
      // A device that was removed is told so before it shows a kit.
      await keys.refresh();
      const made = await createLogin({ user: account.user, password });
      waiting = made;
      const { email, user } = account;
      return showKit({ server: account.server, email, user, secretKey: made.secretKey }, null);
    },
    async keep() {
      const made = waiting;
      if (made === null) throw new OnefoldError('not-found', 'no new kit waits to be saved');
      const { loginBoxKey, login } = made;
      await untilTaken(context, async () => {
        // Taken already: the answer was lost.
        if (Buffer.compare(keys.chain().loginBoxKey, loginBoxKey) === 0) return;
        const rotation = await rotateUserKeys({ secrets: keys.secrets(), chain: keys.chain(), loginBoxKey });
        await session.appendChain({ links: [...rotation.links], boxes: [...rotation.boxes], login });
        await keys.appended(rotation.links, rotation.secrets);
      });
      waiting = null;
    },
    drop() {
      waiting = null;
    },
  };
}

export interface DeletionArgs {
  /** Whatever surrounds its four lines. */
  readonly kit: string;
  readonly password: string;
  /** Typed by a person who means it. */
  readonly email: string;
}

/**
 * Has the server delete the account. The Secret Key stands nowhere but in the kit, so a device that somebody finds open deletes nothing. May be asked again
 * when the answer was lost. Throws `invalid-argument` for another account's address or kit, `login-failed`, `login-throttled`.
 */
export async function deleteAccount(context: AccountContext, { kit, password, email }: DeletionArgs): Promise<void> {
  const { account, home, session } = context;
  const { user, secretKey } = parseKit(kit);
  if (user !== account.user) throw new OnefoldError('invalid-argument', 'this Emergency Kit is of another account');
  if (email.trim().toLowerCase() !== account.email.trim().toLowerCase())
    throw new OnefoldError('invalid-argument', 'this is not the e-mail address of the account');
  const client = await clientOf(home, await dialAddress(home.folder, account.server));
  try {
    const { salt, kdf } = await client.loginParameters(account.email);
    const { authKey } = await deriveLogin({ password, secretKey, user, salt, kdf });
    await session.deleteAccount(authKey);
  } catch (thrown) {
    // Deleted already: the answer to that was lost.
    if (toOnefoldError(thrown).code !== 'account-deleted') throw thrown;
  } finally {
    await client.close();
  }
}
