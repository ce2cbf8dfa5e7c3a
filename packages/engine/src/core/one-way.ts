import type { Decision } from './decide.ts';

/**
 * How a folder is kept. `send-only`: what changes elsewhere is never applied here; `receive-only`: what changes here is never sent. What then
 * differs stays as it is on both sides until somebody says otherwise.
 */
export type FolderMode = 'two-way' | 'send-only' | 'receive-only';

const DOWN: ReadonlySet<Decision['fate']> = new Set<Decision['fate']>(['create-down', 'delete-down']);
const UP: ReadonlySet<Decision['fate']> = new Set<Decision['fate']>(['create-up', 'delete-up', 'restore-up']);

/** What of a decision is carried out in such a folder: nothing that goes the wrong way, and no conflict, which goes both. */
export function heldBack(mode: FolderMode, decision: Decision): Decision {
  if (mode === 'two-way') return decision;
  const wrong = mode === 'send-only' ? 'down' : 'up';
  if ((wrong === 'down' ? DOWN : UP).has(decision.fate)) return { ...decision, fate: 'one-way' };
  const { fate, place, content, attributes } = decision;
  return {
    fate,
    place: place === wrong ? 'same' : place,
    content: content === wrong || content === 'conflict' ? 'same' : content,
    attributes: attributes === wrong ? 'same' : attributes,
  };
}
