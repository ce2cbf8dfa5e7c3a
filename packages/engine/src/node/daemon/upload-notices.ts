import type { ServerEvent } from '@onefold/protocol';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import type { UploadingNotice } from './shapes.ts';

/** Files that one announcement names to people; the rest are only counted by what arrives. */
const MOST_NAMED = 8;

/** What to tell of another device's upload: one notice for each file whose name opens here. */
export function announceUploads(
  context: AccountContext,
  runners: readonly FolderRunner[],
  event: Extract<ServerEvent, { event: 'uploading' }>,
): UploadingNotice[] {
  const isTold = event.state === 'pending' || event.state === 'uploaded';
  const runner = runners.find((candidate) => candidate.folder.namespaceId === event.namespaceId);
  if (!isTold || runner === undefined || event.device === context.account.device) return [];
  const device = { id: event.device, name: nameOfDevice(context, event.device) };
  const common = { folder: runner.folder.path, device, phase: event.state as 'pending' | 'uploaded' };
  const sealing = runner.running()?.sealing;
  const names = event.nodes.slice(0, MOST_NAMED).flatMap(({ node, label }) => {
    const opened = sealing?.openLabel(node, label);
    return opened?.outcome === 'opened' ? [opened.value.name] : [];
  });
  return names.length === 0 ? [common] : names.map((path) => ({ ...common, path }));
}
