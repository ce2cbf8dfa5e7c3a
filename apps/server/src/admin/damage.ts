import { OnefoldError, toOnefoldError } from '@onefold/protocol';

/** Something that is not as it must be. Texts name ids only. `database`: what the database itself finds wrong, or cannot answer. */
export interface Damage {
  readonly what: 'chain' | 'journal' | 'state' | 'block' | 'pack' | 'database';
  readonly text: string;
}

export type Note = (what: Damage['what'], text: string) => void;

/**
 * Runs one step of a check, so that what it cannot make sense of is named and the other steps go on. Throws on only what says nothing about the data: an engine
 * that does not answer.
 */
export async function orDamage<T>(note: Note, what: string, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    note('database', `${what}: ${toOnefoldError(thrown).message}`);
    return undefined;
  }
}

/** Whether an error tells of what is stored. Values that are not what their column holds make the code stumble that reads them. */
export function isDamage(thrown: unknown): boolean {
  if (!(thrown instanceof OnefoldError)) return true;
  if (thrown.code !== 'server-error') return thrown.code !== 'server-full' && thrown.code !== 'daemon-running';
  const { sqlite, sqlState } = thrown.details;
  // SQLite: the file is malformed, is no database, or lacks what it must have. PostgreSQL: class XX, damaged data.
  return (
    (typeof sqlite === 'string' &&
      /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CANTOPEN|SCHEMA|FORMAT|IOERR_SHORT)/.test(sqlite)) ||
    (typeof sqlState === 'string' && sqlState.startsWith('XX'))
  );
}
