import type { ErrorCode } from '@onefold/protocol';
import { pathOf } from './browse.ts';
import { meaningOf } from './meaning.ts';
import { NO_ROOM } from './no-room.ts';
import type { Session } from './session.ts';

/** The one word about many, by the code that keeps them waiting. Of what does not fit no file is named by itself. */
const WORDS: readonly (readonly [ErrorCode, string])[] = [
  ['quota-exceeded', NO_ROOM],
  ['change-refused', 'refused'],
  ['nested-too-deep', 'too-deep'],
  ['content-lost', 'lost'],
];

/** One word for all that waits for the same reason and is not named, with how much waits; none when nothing does. */
export async function tellWhatWaits(session: Session): Promise<void> {
  const waiting = session.patience.list();
  for (const [code, id] of WORDS) {
    const its = waiting.filter((intent) => intent.code === code);
    const unnamed = its.filter(({ node }) => session.attention.get(`node:${node}`) === undefined);
    if (unnamed.length === 0) {
      await session.attention.clear([id]);
      continue;
    }
    const [row] = await session.ports.store.rows([unnamed[0]!.node]);
    const path = (row === undefined ? null : await pathOf(session, row)) ?? '';
    await session.attention.raise({ id, code, path, message: `${meaningOf(code)} (${its.length} in all)` });
  }
}
