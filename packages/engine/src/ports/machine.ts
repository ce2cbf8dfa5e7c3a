export interface Clock {
  /** Milliseconds since 1970; may jump. For names and records only, never for waiting. */
  nowMs(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when aborted (never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). For jitter. */
  fraction(): number;
}

export interface Log {
  write(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Sleep and resume of the machine. */
export interface Power {
  onResume(listener: () => void): () => void;
}
