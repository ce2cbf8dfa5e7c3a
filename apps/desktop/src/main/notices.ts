import type { Activity, Attention, Status } from '@onefold/control';
import type { Say } from './words/say.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
}

/**
 * What is worth interrupting a person for: something that newly needs them, and a conflict. Everything else is seen when they look. A
 * first status tells nothing: what it holds was there before.
 */
export function attentionNotices(before: Status | null, now: Status, say: Say): Notice[] {
  if (before === null) return [];
  const known = new Set(before.attention.map(({ id }) => id));
  const fresh = now.attention.filter(({ id }) => !known.has(id));
  const question = fresh.find((item) => item.question !== undefined);
  if (question !== undefined) return [{ title: say('notice.attention'), body: questionBody(question, say) }];
  return fresh.length === 0 ? [] : [{ title: say('notice.attention'), body: say('notice.attention.body') }];
}

function questionBody({ question }: Attention, say: Say): string {
  const count = (question?.deletes ?? 0) + (question?.rewrites ?? 0);
  return say(count === 1 ? 'notice.question.body.one' : 'notice.question.body.many', { count });
}

/** One notice however many conflicts came at once: the first by name. */
export function conflictNotices(items: readonly Activity[], say: Say): Notice[] {
  const first = items.find(({ kind }) => kind === 'conflict');
  if (first === undefined) return [];
  const name = first.path.slice(first.path.lastIndexOf('/') + 1);
  return [{ title: say('notice.conflict'), body: say('notice.conflict.body', { name }) }];
}
