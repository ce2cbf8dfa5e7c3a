import type { NodeRow } from '../core/tree.ts';
import { isSameObservation } from './ripeness.ts';
import { record, type Session } from './session.ts';
import { removeLocal } from './vacated.ts';

/**
 * The disk contradicted what is known of a node. Where a rule hides the node's place no scan looks at it again, and it would be
 * contradicted for ever: it is looked at here. What is not there was not deleted as far as anybody can say; it is only not known to be here.
 */
export async function lookBehindRule(session: Session, { node }: NodeRow): Promise<void> {
  const { store, files } = session.ports;
  const [row] = await store.rows([node]);
  if (row?.local == null) return;
  const { local } = row;
  const path = await session.paths.of(row);
  if (path === null || !session.rules(path, local.kind === 'folder')) return;
  const [stat] = await files.stat([path]);
  // A root that is away shows nothing of anything.
  if ((await files.checkRoot()).outcome !== 'present') return;
  if (stat === undefined || (stat !== null && 'outcome' in stat)) return;
  if (stat === null || stat.kind !== local.kind || local.kind === 'link')
    return removeLocal(session, [row], undefined, { isUnseen: true });
  if (isSameObservation(local.stat, stat)) return;
  await record(session, {
    rows: [{ ...row, local: { ...local, stat, content: local.kind === 'folder' ? local.content : null } }],
  });
}
