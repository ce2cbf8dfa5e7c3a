import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from './limits.ts';

/** Header of every call and every answer: the oldest and the newest version of the wire protocol that its sender speaks, as `1-3`. */
export const PROTOCOL_HEADER = 'onefold-protocol';

export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

const OURS: ProtocolRange = { oldest: MIN_PROTOCOL_VERSION, newest: PROTOCOL_VERSION };

export function formatProtocolRange({ oldest, newest }: ProtocolRange = OURS): string {
  return `${oldest}-${newest}`;
}

/**
 * Whether both sides have a version in common. Who sends no header, or one that cannot be read (a proxy between may take it away), is taken
 * at its word: what it then sends is checked by its own schema.
 */
export function compareProtocol(
  header: string | undefined,
  ours: ProtocolRange = OURS,
): 'common' | 'peer-older' | 'peer-newer' {
  const match = /^(\d{1,6})-(\d{1,6})$/.exec(header ?? '');
  if (match === null) return 'common';
  if (Number(match[2]) < ours.oldest) return 'peer-older';
  return Number(match[1]) > ours.newest ? 'peer-newer' : 'common';
}
