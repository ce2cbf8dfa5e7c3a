import { readExact, writeExact } from './disk-intent.ts';
import type { Batch } from '../ports.ts';
import type { Session } from './session.ts';
import type { Left, Vacated } from './vacated.ts';

/*
 * What lost its path to another kind of thing stands nowhere until it is found again: a crash meanwhile must not make a delete of that.
 *
 *   leaves its path --> noted, in one transaction with its row --> found elsewhere, or nowhere --> the note is taken back
 */

const FACT = 'left';
/** As many as are noted: beyond them a crash makes deletes and new files of moves. */
const MOST = 1_000;

export interface LeftNote {
  /** What goes beside rows that lose their paths; undefined where nothing has left and nothing is noted. */
  facts(): Batch['facts'];
  /** Before anything is planned. */
  recall(): Promise<void>;
  /** Takes the note back once everything was found, or is nowhere. */
  tidy(): Promise<void>;
}

export function createLeftNote({ ports: { store } }: Session, vacated: Vacated): LeftNote {
  let isNoted = false;
  return {
    facts() {
      const leaving = vacated.leaving();
      if (leaving.length === 0) return undefined;
      isNoted = true;
      return { [FACT]: JSON.stringify(leaving.slice(0, MOST), writeExact) };
    },
    async recall() {
      const text = await store.fact(FACT);
      if (text === null) return;
      isNoted = true;
      const noted = JSON.parse(text, readExact) as Left[];
      const rows = await store.rows(noted.map(({ node }) => node));
      noted.forEach(({ local, synced }, i) => {
        const row = rows[i];
        if (row !== undefined && row.local === null) vacated.leave({ ...row, local, synced: row.synced ?? synced });
      });
    },
    async tidy() {
      if (!isNoted || vacated.leaving().length > 0) return;
      await store.commit({ facts: { [FACT]: null } });
      isNoted = false;
    },
  };
}
