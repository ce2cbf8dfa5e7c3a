import type { Activity, Status } from '@onefold/control';
import { expect, test } from 'vitest';
import { attentionNotices, conflictNotices } from './notices.ts';
import { keepRecent } from './recent-files.ts';
import { createSay, languageFor } from './words/say.ts';

const en = createSay('en');

function statusWith(attention: Status['attention']): Status {
  return { attention } as Status;
}

function activity(kind: Activity['kind'], path: string, previousPath?: string): Activity {
  const item = { id: path, atMs: 1, kind, path, folder: '/f', device: { id: 'd', name: 'Desk', here: false } };
  return previousPath === undefined ? item : { ...item, previousPath };
}

test('only what newly needs a person interrupts them', () => {
  const full = { id: '1', code: 'disk-full', path: '', message: '' };
  const held = {
    id: '2',
    code: 'mass-change',
    path: '',
    message: '',
    question: { deletes: 700, rewrites: 1, direction: 'up' as const },
  };
  expect(attentionNotices(null, statusWith([full]), en)).toEqual([]);
  expect(attentionNotices(statusWith([full]), statusWith([full]), en)).toEqual([]);
  expect(attentionNotices(statusWith([]), statusWith([full]), en)).toHaveLength(1);
  expect(attentionNotices(statusWith([full]), statusWith([full, held]), en)[0]?.body).toContain('701 files');
});

test('conflicts that come together are told once', () => {
  const items = [activity('added', 'a'), activity('conflict', 'x/Budget.xlsx'), activity('conflict', 'b')];
  expect(conflictNotices(items, en)).toEqual([
    { title: 'Both versions are kept', body: 'Budget.xlsx changed on two devices.' },
  ]);
  expect(conflictNotices([activity('added', 'a')], en)).toEqual([]);
});

test('a renamed file is recent under its new name, a deleted one is not', () => {
  const items = [
    activity('added', 'a'),
    activity('added', 'b'),
    activity('renamed', 'c', 'a'),
    activity('deleted', 'b'),
  ];
  expect(keepRecent([], items)).toEqual([{ folder: '/f', path: 'c' }]);
});

test('speaks the language that was chosen, or the system’s', () => {
  expect([languageFor('system', 'ko-KR'), languageFor('system', 'de'), languageFor('en', 'ko')]).toEqual([
    'ko',
    'en',
    'en',
  ]);
  expect(createSay('ko')('state.syncing.many', { count: 1204 })).toBe('아직 안전하지 않은 파일 1,204개');
});
