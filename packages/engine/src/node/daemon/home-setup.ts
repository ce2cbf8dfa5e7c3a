import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { formatKit, formatSecretKey, parseKit, type EmergencyKit } from '@onefold/vault';
import { linkOnServer, type LinkingCheck } from './link-home.ts';
import { prepareRecovery } from './recover-home.ts';
import { loginOnServer, prepareAccount, type NewAccountInput } from './set-up-home.ts';

/** An Emergency Kit as people are shown it. */
export interface ShownKit {
  readonly server: string;
  readonly email: string;
  readonly account: string;
  readonly secretKey: string;
  readonly text: string;
  readonly phrase: string | null;
}

/*
 * How a home comes to an account:
 *
 *   none --createAccount, recoverAccount--> kit --keepKit--> (account made or taken over) --> set up
 *   none --signIn--> set up
 *   none --linkHere--> linking --(approved)--> set up
 *   kit, linking --stop--> none       linking --(time up, turned down, a server that meddles)--> failed, which is as none
 *
 * It lives in memory: a process that ends while a kit is shown leaves nothing behind, here or at the server.
 */
export type SetupState =
  | { readonly kind: 'none'; readonly deviceName: string; readonly folder: string }
  | { readonly kind: 'kit'; readonly kit: ShownKit }
  | { readonly kind: 'linking'; readonly check: LinkingCheck | null }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'locked' }
  | { readonly kind: 'done'; readonly folder: string };

export type SetupInput = Omit<NewAccountInput, 'home'>;

export interface HomeSetup {
  state(): SetupState;
  createAccount(input: SetupInput): Promise<void>;
  /** With the recovery phrase in place of any kit: the new kit comes with a new password. */
  recoverAccount(input: SetupInput & { readonly phrase: string }): Promise<void>;
  keepKit(): Promise<void>;
  signIn(input: Pick<SetupInput, 'password' | 'deviceName'> & { readonly kit: string }): Promise<void>;
  linkHere(input: { readonly server: string | null; readonly words: string; readonly deviceName: string }): void;
  stop(): Promise<void>;
}

/** What waits for a person's word that the kit is saved. */
interface Kept {
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** `onSetUp` is awaited once the home has an account, before whoever asked for it is answered. */
export function createHomeSetup(
  home: string,
  { onChange, onSetUp }: { readonly onChange: () => void; readonly onSetUp: () => Promise<void> },
): HomeSetup {
  let state: SetupState = nothingYet();
  let kept: Kept | null = null;
  let linking: AbortController | null = null;
  let isBusy = false;

  function set(next: SetupState): void {
    state = next;
    onChange();
  }

  /** One at a time: two at once would write the same files. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (isBusy) throw new OnefoldError('paused', 'this home is being set up just now');
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  async function drop(): Promise<void> {
    linking?.abort(new OnefoldError('not-found', 'the linking was ended here'));
    linking = null;
    const old = kept;
    kept = null;
    await old?.close();
  }

  async function follow(input: Parameters<HomeSetup['linkHere']>[0], ending: AbortController): Promise<void> {
    try {
      await linkOnServer({
        ...input,
        home,
        signal: ending.signal,
        onCheck(check) {
          if (linking === ending) set({ kind: 'linking', check });
        },
      });
      if (linking === ending) linking = null;
      await onSetUp();
      state = nothingYet();
    } catch (thrown) {
      if (linking !== ending) return;
      linking = null;
      const { code, message } = toOnefoldError(thrown);
      set({ kind: 'failed', code, message });
    }
  }

  return {
    state: () => state,
    createAccount: (input) =>
      alone(async () => {
        await drop();
        const prepared = await prepareAccount({ ...input, home });
        kept = prepared;
        set({ kind: 'kit', kit: showKit(prepared.kit, prepared.recoveryPhrase) });
      }),
    recoverAccount: (input) =>
      alone(async () => {
        await drop();
        const prepared = await prepareRecovery({ ...input, home });
        kept = prepared;
        set({ kind: 'kit', kit: showKit(prepared.kit, null) });
      }),
    keepKit: () =>
      alone(async () => {
        if (kept === null) throw new OnefoldError('not-found', 'no kit waits to be saved');
        await kept.finish();
        await drop();
        await onSetUp();
        state = nothingYet();
      }),
    signIn: ({ kit, password, deviceName }) =>
      alone(async () => {
        await drop();
        const { server, email } = parseKit(kit);
        await loginOnServer({ kit, server, email, password, deviceName, home });
        await onSetUp();
        state = nothingYet();
      }),
    linkHere(input) {
      if (isBusy) throw new OnefoldError('paused', 'this home is being set up just now');
      void drop();
      const ending = new AbortController();
      linking = ending;
      set({ kind: 'linking', check: null });
      void follow(input, ending);
    },
    async stop() {
      await alone(drop);
      set(nothingYet());
    },
  };
}

export function showKit(kit: EmergencyKit, phrase: string | null): ShownKit {
  const { server, email, user } = kit;
  return {
    server,
    email,
    account: user,
    secretKey: formatSecretKey(user, kit.secretKey),
    text: formatKit(kit),
    phrase,
  };
}

/** Where a first folder might stand. */
export function suggestedFolder(): string {
  return path.join(homedir(), 'Onefold');
}

function nothingYet(): SetupState {
  return { kind: 'none', deviceName: hostname(), folder: suggestedFolder() };
}
