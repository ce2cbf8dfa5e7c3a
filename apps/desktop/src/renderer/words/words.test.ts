import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ATTENTION_CODES, CHECK_SENTENCES, ERROR_REACTIONS, EXPLAIN_CODES } from '@onefold/control';
import type { Difference, ListedEntry } from '@onefold/control';
import { describe, expect, test } from 'vitest';
import { attentionKey } from './attention-words.ts';
import { en } from './en.ts';
import { failureKey } from './failure-words.ts';
import { ko } from './ko.ts';
import { chooseLanguage, createWords } from './words.ts';

const RENDERER = fileURLToPath(new URL('..', import.meta.url));

function flatten(words: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value as object, `${prefix}${key}.`)],
    ),
  );
}

const ENGLISH = flatten(en);
const KOREAN = flatten(ko);

/** Codes that only the daemon says. The types hold the page to have words for each. */
const STATES: readonly ListedEntry['state'][] = ['not-yet-safe', 'arriving', 'waiting', 'attention', 'local-only'];
const DIFFERENCES: readonly Difference['difference'][] = ['only-here', 'only-there', 'edited', 'moved', 'attributes'];
const TOLD: readonly string[] = [...EXPLAIN_CODES, ...CHECK_SENTENCES, ...STATES, ...DIFFERENCES];

function sources(): { readonly name: string; readonly text: string }[] {
  return readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/u.test(name) && !/\.(test|spec)\.|fixtures|words[\\/](en|ko)(\.ts$|[\\/])/u.test(name))
    .map((name) => ({ name, text: readFileSync(`${RENDERER}/${name}`, 'utf8') }));
}

describe('words', () => {
  test('both languages have the same keys', () => {
    expect([...KOREAN.keys()]).toEqual([...ENGLISH.keys()]);
  });

  test('both languages fill in the same values, and mark the same words', () => {
    const holes = (text: string) => (text.match(/\{\{\s*\w+/gu) ?? []).map((hole) => hole.replace(/\W/gu, '')).sort();
    for (const [key, text] of ENGLISH) {
      expect([key, holes(KOREAN.get(key) ?? '')]).toEqual([key, holes(text)]);
      expect([key, (KOREAN.get(key) ?? '').match(/<\/?\w+>/gu)]).toEqual([key, text.match(/<\/?\w+>/gu)]);
    }
  });

  test('every plural has both forms', () => {
    for (const key of ENGLISH.keys()) {
      if (key.endsWith('_one')) expect(ENGLISH.has(key.replace(/_one$/u, '_other'))).toBe(true);
      if (key.endsWith('_other')) expect(ENGLISH.has(key.replace(/_other$/u, '_one'))).toBe(true);
    }
  });

  test('Korean is Korean, but for the name', () => {
    const letters = (text: string) => text.replace(/\{\{[^}]*\}\}|<\/?em>/gu, '').replace(/[^\p{L}]/gu, '');
    const foreign = [...KOREAN].filter(([key, text]) => key !== 'app.name' && /^[^가-힣]+$/u.test(letters(text)));
    expect(foreign).toEqual([]);
  });

  test('nothing is said with an exclamation mark or as a success', () => {
    for (const [key, text] of [...ENGLISH, ...KOREAN]) {
      expect([key, /[!！]|success|error occurred|성공적|journal|block|pack\b/iu.test(text)]).toEqual([key, false]);
    }
  });

  test('every key is used, and every used key exists', () => {
    const texts = sources().map(({ text }) => text);
    const all = texts.join('\n');
    const stems = new Set([...ENGLISH.keys()].map((key) => key.replace(/_(one|other)$/u, '')));
    // Keys put together of a fixed part and a code: each code stands in the source by itself.
    const isUsed = (key: string) => {
      if (all.includes(`'${key}'`)) return true;
      const [, prefix = '', last = ''] = /^(.*\.)([^.]+)$/u.exec(key) ?? [];
      return all.includes(`\`${prefix}\${`) && (all.includes(`'${last}'`) || TOLD.includes(last));
    };
    const unused = [...stems].filter((key) => !isUsed(key) && key !== 'attention.codes.security');
    expect(unused).toEqual([]);

    const asked = [...all.matchAll(/\bt\(\s*'([\w.-]+)'/gu)].map(([, key]) => key ?? '');
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((key) => !stems.has(key))).toEqual([]);
  });

  test('no component has words of its own', () => {
    const own = sources()
      .filter(({ name }) => name.endsWith('.tsx'))
      .flatMap(({ name, text }) =>
        [
          ...text.matchAll(/(?<![=<])>\s*([^<>{}]*[A-Za-z]{2}[^<>{}]*?)\s*<\//gu),
          ...text.matchAll(/\b(?:title|aria-label|placeholder|alt)="([^"]+)"/gu),
        ].map((match) => `${name}: ${match[1] ?? ''}`),
      );
    expect(own).toEqual([]);
  });

  test('whatever may ask for a person has words', () => {
    const wordless = ATTENTION_CODES.filter((code) => {
      const key = attentionKey(code);
      return key === null || !ENGLISH.has(key);
    });
    expect(wordless).toEqual([]);
    expect(attentionKey('of-next-year')).toBeNull();
  });

  test('whatever may make a call fail has words, but for what no person can do anything about', () => {
    const wordless = Object.keys(ERROR_REACTIONS).filter((code) => failureKey(code) === null);
    expect(wordless).toEqual([
      'usage',
      'unsupported-version',
      'unsupported-runtime',
      'internal',
      'block-too-large',
      'session-expired',
      'body-too-large',
      'commit-conflict',
      'chain-conflict',
      'upload-expired',
      'behind',
      'paused',
      'too-many-open-files',
      'file-changed',
      'state-newer',
      'daemon-running',
      'not-logged-in',
    ]);
    for (const code of Object.keys(ERROR_REACTIONS)) {
      const key = failureKey(code);
      if (key !== null) expect(ENGLISH.has(key)).toBe(true);
    }
  });

  test('numbers, plurals and languages come out right', () => {
    const english = createWords('en');
    expect(english.t('truth.sending', { count: 1 })).toBe('<em>1 file not yet safe.</em>');
    expect(english.t('truth.sending', { count: 1204 })).toBe('<em>1,204 files not yet safe.</em>');
    const korean = createWords('ko');
    expect(korean.t('truth.offlineWaiting', { count: 1204 })).toContain('1,204건');
    expect(english.t('activity.moved', { where: 'here', previous: 'a<b>&c' })).toContain('a<b>&c');
  });

  test('a name that is written from the right turns nothing of the sentence around it', () => {
    const { t } = createWords('en');
    expect(t('files.whyTitle', { name: 'שלום 2' })).toBe('How \u2068שלום 2\u2069 stands');
    expect(t('files.whyTitle', { name: 'invoice\u202Egpj.exe' })).toBe('How \u2068invoice\u202Egpj.exe\u2069 stands');
    expect(t('files.whyTitle', { name: '계약서 & <b>.txt' })).toBe('How 계약서 & <b>.txt stands');
  });

  test('the system’s language is taken where we speak it', () => {
    expect(chooseLanguage(['ko-KR', 'en'])).toBe('ko');
    expect(chooseLanguage(['fr-FR', 'ko'])).toBe('ko');
    expect(chooseLanguage(['fr-FR', 'de'])).toBe('en');
    expect(chooseLanguage(['kok-IN'])).toBe('en');
    expect(chooseLanguage([])).toBe('en');
  });
});
