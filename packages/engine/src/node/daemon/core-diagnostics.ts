import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AccountContext } from './account-context.ts';
import { examine } from './doctor.ts';
import type { FolderRunner } from './folder-runner.ts';
import { readSettings } from './settings.ts';
import type { CoreStatus } from './shapes.ts';

/*
 * What someone who helps needs to see: versions, the system, settings, how each folder stands, what the checks say, and the end of the log.
 * Nobody's files, folders, devices, addresses or keys are named: folders are numbered, and whatever else would tell is taken out at the end,
 * also where it stands inside another text.
 */

const LOG_BYTES = 256 * 1024;
const HIDDEN = '(left out)';

export async function makeDiagnostics(
  context: AccountContext,
  runners: readonly FolderRunner[],
  status: CoreStatus,
): Promise<{ fileName: string; text: string }> {
  const { home } = context;
  const settings = await readSettings(home);
  const numbered = new Map(runners.map((runner, i) => [runner.folder.path, `folder ${i + 1}`]));
  const parts = {
    madeAt: new Date().toISOString(),
    system: {
      platform: process.platform,
      release: os.release(),
      arch: process.arch,
      node: process.version,
      cores: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      daemonBytes: process.memoryUsage().rss,
      uptimeSeconds: Math.round(process.uptime()),
    },
    status: {
      state: status.state,
      pending: status.pending,
      notYetSafe: status.notYetSafe,
      paused: status.paused,
      heldBy: status.heldBy ?? null,
      server: { connected: status.server.connected, offlineBecause: status.server.offlineBecause ?? null },
      progress:
        status.progress === undefined ? null : { ...status.progress, inFlight: status.progress.inFlight.length },
    },
    folders: runners.map((runner) => ({
      folder: numbered.get(runner.folder.path),
      isPaused: runner.isPaused(),
      problem: runner.problem()?.code ?? null,
      ...status.folders
        .filter(({ path: at }) => at === runner.folder.path)
        .map(({ files, head, state, pending }) => ({ files, head, state, pending }))[0],
    })),
    attention: status.attention.map(({ code, folder, question }) => ({
      code,
      folder: folder === undefined ? null : numbered.get(folder),
      question: question ?? null,
    })),
    waiting: counted((status.waiting ?? []).map(({ code }) => code)),
    settings: {
      ...settings,
      network: {
        proxy: ['environment', 'none'].includes(settings.network.proxy) ? settings.network.proxy : HIDDEN,
        pacUrl: settings.network.pacUrl === null ? null : HIDDEN,
        authoritiesFile: settings.network.authoritiesFile === null ? null : HIDDEN,
      },
    },
    checks: (await examine(context, runners)).map(({ id, ok }) => ({ id: id.split(':')[0], ok })),
  };
  const log = readLogEnd(home.logsFolder);
  const text = `${JSON.stringify(parts, null, 2)}\n\n${log}`;
  const stamp = parts.madeAt.slice(0, 16).replace(/[T:]/g, '-');
  return { fileName: `onefold-diagnostics-${stamp}.txt`, text: leaveOut(text, tellingWords(context, runners)) };
}

/** The log holds no names above debug; what a message of an error may have quoted goes all the same. */
function readLogEnd(folder: string): string {
  if (!existsSync(folder)) return '';
  const files = readdirSync(folder)
    .filter((name) => /^daemon(\.\d+)?\.log$/.test(name))
    .sort()
    .reverse();
  const text = files.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
  return text.slice(-LOG_BYTES).replace(/^[^\n]*\n/, text.length > LOG_BYTES ? '' : '$&');
}

function tellingWords(context: AccountContext, runners: readonly FolderRunner[]): string[] {
  const { account, home, keys } = context;
  const { host, hostname } = new URL(account.server);
  const devices = [...keys.chain().devices.keys()].flatMap((id) => [id, keys.deviceName(id) ?? '']);
  const folders = runners.flatMap(({ folder }) => [folder.path, folder.namespaceName, folder.namespaceId]);
  return [account.server, host, hostname, account.email, account.user, account.deviceName, home.folder, os.homedir()]
    .concat(devices, folders, [os.hostname(), os.userInfo().username])
    .filter((word) => word.length > 2 && word !== 'root')
    .sort((a, b) => b.length - a.length);
}

/** Also absolute paths and addresses, whosever they are, and what has the length of a key or an id. */
export function leaveOut(text: string, words: readonly string[]): string {
  let left = text;
  for (const word of words) {
    left = left.replaceAll(word, HIDDEN).replaceAll(JSON.stringify(word).slice(1, -1), HIDDEN);
  }
  return left
    .replace(/(?<![\w.])(?:[A-Za-z]:\\{1,2}|\/)(?:[^\s"'/\\]+[/\\]+)+[^\s"'/\\]*/g, HIDDEN)
    .replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, HIDDEN)
    .replace(/https?:\/\/[^\s"']+/g, HIDDEN)
    .replace(/\b[0-9a-f]{32,}\b/gi, HIDDEN);
}

function counted(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
