import { OnefoldError } from '@onefold/protocol';

/*
 * The proof that a database server is the primary and replicates: this node's own row, written to it. The write is acknowledged only when the synchronous
 * standby has it and, with it, everything before it.
 *
 *   proven (instance, until)  -> the same instance answers within the time    -> confirmed
 *   proven                    -> a commit was not confirmed by the standby    -> revoked: what it wrote may be seen, and is not safe
 *   anything else             -> a new proof is written first                 -> proven, or `server-error`
 *
 * A restarted server shows commits that its standby may not have; being another instance, it has to prove itself anew before anybody sees them.
 */
export interface PrimaryLease {
  confirm(instance: number | undefined): Promise<void>;
  /**
   * Before a write: one that nobody would confirm is not begun. Each would leave a backend of the database that waits for its standby, and holds what it locked,
   * for as long as that is away.
   */
  ready(): Promise<void>;
  /** Whether there is a proof at this moment. */
  isReady(): boolean;
  /** What was proven, and what is being proven at this moment, counts no more: the next proof has to be written from now on. */
  revoke(): void;
  close(): Promise<void>;
}

export interface PrimaryLeaseOptions {
  /** Promoting a standby must begin at least this long after its old primary was fenced. */
  readonly leaseMs: number;
  /** Writes this node's row, durably and replicated, and answers which run of the server took it. */
  readonly write: () => Promise<number>;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
}

export function createPrimaryLease({ leaseMs, write, nowMs }: PrimaryLeaseOptions): PrimaryLease {
  let proof: { readonly instance: number; readonly untilMs: number } | undefined;
  let renewing: Promise<void> | undefined;
  let revocations = 0;

  async function renew(): Promise<void> {
    const beganMs = nowMs();
    const revokedBefore = revocations;
    const instance = await write();
    if (revocations === revokedBefore) proof = { instance, untilMs: beganMs + leaseMs };
  }
  /** Joins a renewal only for its result: what it proves holds from its end on, and a reader's own read lies before that. */
  function renewed(): Promise<void> {
    renewing ??= renew().finally(() => (renewing = undefined));
    return renewing;
  }
  const isReady = (): boolean => proof !== undefined && nowMs() < proof.untilMs;
  const isProven = (instance: number): boolean => isReady() && proof?.instance === instance;

  const timer = setInterval(() => {
    renewed().catch(() => undefined);
  }, leaseMs / 3);
  timer.unref();

  return {
    async confirm(instance) {
      if (instance === undefined || isProven(instance)) return;
      // One that began before this call may prove another instance.
      await renewing?.catch(() => undefined);
      if (isProven(instance)) return;
      await renewed();
      if (!isProven(instance))
        throw new OnefoldError('server-error', 'database: what answered has not proved to be the primary');
    },
    async ready() {
      if (!isReady()) await renewed();
    },
    isReady,
    revoke() {
      revocations++;
      proof = undefined;
    },
    async close() {
      clearInterval(timer);
      await renewing?.catch(() => undefined);
    },
  };
}
