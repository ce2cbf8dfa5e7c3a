import { OnefoldError } from '@onefold/protocol';
import { meaningOf } from '../../sync/meaning.ts';
import type { Reason } from '../../sync/explain.ts';
import { placeOf, runnerOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { PathArgs } from './shapes.ts';

/** Why is this not in step? Throws `not-found`. */
export async function explainPath(runners: readonly FolderRunner[], args: PathArgs): Promise<{ reasons: Reason[] }> {
  const runner = runnerOf(runners, args);
  if (runner.running() === null) {
    const cause = runner.problem()?.code;
    if (cause === undefined) throw new OnefoldError('file-busy', 'the folder is still being opened');
    return { reasons: [{ code: 'folder-stopped', message: meaningOf(cause), cause }] };
  }
  const { running, path } = placeOf(runners, args);
  return { reasons: [...(await running.engine.explain(path))] };
}
