import { randomUUID } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { BUILT_IN_PATTERNS, decidingRule, IGNORE_FILE, readRuleText } from '../../core/ignore.ts';
import { joinPath } from '../../core/names.ts';
import type { RelPath } from '../../core/tree.ts';
import type { RuleEffect } from '../../sync/preview-rules.ts';
import { writeDurably } from '../disk/durable-write.ts';
import { OWN_FOLDER } from '../disk/rooted-paths.ts';
import { placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import { readIfThere } from './home.ts';
import type { ListArgs, PathArgs } from './shapes.ts';

export interface RulesArgs {
  folder?: string | undefined;
  /** The folder inside it whose file is meant; the top when absent. */
  in?: string | undefined;
  text: string;
}

const PAGE = 1_000;

export function listRules(
  runners: readonly FolderRunner[],
  { folder }: { folder?: string | undefined },
): Promise<{ files: { in: string; text: string }[]; builtIn: string[] }> {
  const { running } = placeOf(runners, { folder });
  const files = [...running.engine.ruleTexts()].map(([at, text]) => ({ in: at, text }));
  return Promise.resolve({
    files: files.sort((a, b) => (a.in < b.in ? -1 : 1)),
    builtIn: [...BUILT_IN_PATTERNS],
  });
}

/**
 * Writes a rules file as its user would, by renaming. Throws `precondition-failed` when it is not what it was thought to be; `not-found`
 * when there is no such folder.
 */
export async function writeRules(
  runners: readonly FolderRunner[],
  { folder, in: inside = '', text, was }: RulesArgs & { was?: string | null | undefined },
): Promise<Record<string, never>> {
  const { runner, running } = placeOf(runners, { folder });
  const at = insideOf(runners, runner, inside);
  const root = await realpath(runner.folder.path);
  const target = path.join(root, at, IGNORE_FILE);
  const real = await realpath(path.dirname(target)).catch(() => null);
  if (real !== path.dirname(target)) throw new OnefoldError('not-found', 'there is no such folder here');
  const standing = was === undefined ? null : await readIfThere(target);
  if (was !== undefined && (standing === null ? null : readRuleText(standing)) !== was)
    throw new OnefoldError('precondition-failed', 'the rules were changed meanwhile');
  if (text === '') await rm(target, { force: true });
  // Written as its user would, for others to read too, and from where nothing is synced.
  else
    await writeDurably(target, text, { mode: 0o666, temporary: path.join(root, OWN_FOLDER, `rules-${randomUUID()}`) });
  running.engine.hint([joinPath(at, IGNORE_FILE)]);
  return {};
}

/** Changes nothing. */
export async function previewRulesOf(
  runners: readonly FolderRunner[],
  { folder, in: inside = '', text, limit = PAGE, after }: RulesArgs & Pick<ListArgs, 'limit' | 'after'>,
): Promise<{ effects: RuleEffect[]; next?: string }> {
  const { runner, running } = placeOf(runners, { folder });
  const texts = new Map(running.engine.ruleTexts());
  texts.set(insideOf(runners, runner, inside), text);
  const { effects, next } = await running.engine.previewRules(texts, limit, after ?? null);
  return next === null ? { effects: [...effects] } : { effects: [...effects], next };
}

export function checkRuleOf(
  runners: readonly FolderRunner[],
  args: PathArgs,
): Promise<{ isIgnored: boolean; rule?: { in: string | null; line: number; pattern: string } }> {
  const { running, path: at } = placeOf(runners, args);
  const found = at === '' ? null : decidingRule(running.engine.ruleTexts(), at, args.path.endsWith('/'));
  if (found === null) return Promise.resolve({ isIgnored: false });
  const { isIgnored, in: where, line, pattern } = found;
  return Promise.resolve({ isIgnored, rule: { in: where, line, pattern } });
}

function insideOf(runners: readonly FolderRunner[], runner: FolderRunner, inside: string): RelPath {
  const { path: at } = placeOf(runners, { folder: runner.folder.path, path: inside });
  if (at.split('/').some((name) => name === '..' || name === OWN_FOLDER))
    throw new OnefoldError('invalid-argument', 'a folder inside the synced one is meant');
  return at;
}
