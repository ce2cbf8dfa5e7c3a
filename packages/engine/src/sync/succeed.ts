import type { NodeRow } from '../core/tree.ts';
import type { Session } from './session.ts';

/** The nodes went through, or nothing is to be done about them any more. */
export async function succeed(session: Session, rows: readonly Pick<NodeRow, 'node'>[]): Promise<void> {
  const nodes = rows.map(({ node }) => node);
  await session.patience.done(nodes);
  await session.attention.clear(nodes.map((node) => `node:${node}`));
}
