import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What PostgreSQL itself says it was asked, transaction by transaction. The server has to be started with LOGGING among its settings.
 */

/** The session of each line, and every statement. */
export const LOGGING = ['log_statement=all', 'log_line_prefix=%c|'];

export interface LoggedStatement {
  readonly text: string;
  /** As PostgreSQL prints them; bytes are `\x` and hexadecimal digits. */
  readonly parameters: readonly string[];
}

/** The statements of every transaction that its author opened, in their order; without those that hold nothing until the end. */
export function loggedTransactions(engineFolder: string): LoggedStatement[][] {
  const lines = readFileSync(join(engineFolder, 'postgres', 'postgres.log'), 'utf8')
    .replaceAll('\n\t', ' ')
    .split('\n');
  const open = new Map<string, { text: string; parameters: string[] }[]>();
  const transactions: LoggedStatement[][] = [];
  for (const line of lines) {
    const [, session = '', kind = '', rest = ''] = /^([0-9a-f.]+)\|(LOG|DETAIL): {2}(.*)$/.exec(line) ?? [];
    const parameters = /^[Pp]arameters: (.*)$/.exec(rest)?.[1];
    if (kind === 'DETAIL' && parameters !== undefined) {
      const last = open.get(session)?.at(-1);
      if (last !== undefined)
        last.parameters = [...parameters.matchAll(/\$\d+ = '?([^',]*)/g)].map((found) => found[1] ?? '');
      continue;
    }
    const text = /^(?:statement|execute [^:]+): (.*)$/.exec(rest)?.[1];
    if (text === undefined) continue;
    if (/^begin/i.test(text)) open.set(session, []);
    else if (/^(commit|rollback)/i.test(text)) {
      const own = open.get(session);
      if (own !== undefined) transactions.push(own);
      open.delete(session);
    } else open.get(session)?.push({ text, parameters: [] });
  }
  return transactions;
}
