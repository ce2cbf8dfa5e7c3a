import type { SelectedFolder } from '../../sync/selection.ts';
import type { RuleEffect } from '../../sync/preview-rules.ts';
import type { RulesArgs } from './core-ignore.ts';
import type { SelectionArgs } from './core-selective.ts';
import type { Reason } from '../../sync/explain.ts';
import type { FolderMode } from '../../core/one-way.ts';
import type { Difference } from '../../sync/one-way.ts';
import type { Settings, SettingsChanges } from './settings.ts';
import type { RetentionPolicy, RetentionResponse } from '@onefold/protocol';
import type { PushSubscriptionText } from './core-push.ts';
import type { ShownKit } from './home-setup.ts';
import type { ProfileText } from './core-profile.ts';
import type { RetentionArgs } from './core-retention.ts';
import type { LinkingState } from './core-linking.ts';
import type { ConflictCopy, MergeArgs, ResolveArgs } from './core-conflicts.ts';
import type { goBackAt, lookBackAt, PastArgs } from './core-past.ts';
import type { FoundPath, SearchArgs } from './core-search.ts';
import type { StorageArgs, StorageMap } from './core-storage.ts';
import type { EmptyTrashArgs, FolderArgs, RestoreTrashArgs, TrashArgs, TrashedInFolder } from './core-trash.ts';
import type { listVersionsOf, MoveArgs, PreviewArgs } from './core-versions.ts';
import type { Preview } from './preview.ts';
import type {
  ActivityArgs,
  ActivityEntry,
  Check,
  DeviceStatus,
  ListArgs,
  ListedPath,
  PathArgs,
  RestoreArgs,
} from './shapes.ts';

/**
 * Calls of the control surface that the core answers as they are: names, arguments and results are those of packages/control, which this
 * package does not know. packages/host hands them on whole, and its types hold them to the table.
 */
export interface CoreCalls {
  account(): Promise<{ account: { email: string; server: string; account: string } }>;
  profile(): Promise<{ profile: ProfileText }>;
  setProfile(args: ProfileText): Promise<Record<string, never>>;
  changePassword(args: { readonly password: string }): Promise<{ kit: ShownKit }>;
  keepNewKit(): Promise<Record<string, never>>;
  dropNewKit(): Promise<Record<string, never>>;
  ls(args: ListArgs): Promise<{ entries: ListedPath[]; next?: string }>;
  search(args: SearchArgs): Promise<{ found: FoundPath[] }>;
  versions(args: PathArgs): ReturnType<typeof listVersionsOf>;
  preview(args: PreviewArgs): Promise<Preview>;
  move(args: MoveArgs): Promise<Record<string, never>>;
  restore(args: RestoreArgs): Promise<{ path: string }>;
  conflicts(): Promise<{ conflicts: ConflictCopy[] }>;
  resolveConflict(args: ResolveArgs): Promise<{ undo: string }>;
  mergeConflict(args: MergeArgs): Promise<{ undo: string }>;
  undo(args: { readonly undo: string }): Promise<Record<string, never>>;
  lookBack(args: PastArgs): ReturnType<typeof lookBackAt>;
  goBack(args: PastArgs): ReturnType<typeof goBackAt>;
  storage(args: StorageArgs): Promise<StorageMap>;
  diagnostics(): Promise<{ fileName: string; text: string }>;
  devices(): Promise<{ devices: DeviceStatus[] }>;
  renameDevice(args: { readonly device: string; readonly name: string }): Promise<Record<string, never>>;
  revokeDevice(args: { readonly device: string }): Promise<Record<string, never>>;
  verifyDevice(args: { readonly device: string }): Promise<Record<string, never>>;
  linking(): Promise<{ linking: LinkingState }>;
  startLinking(): Promise<{ linking: LinkingState }>;
  answerLinking(args: { readonly approve: boolean; readonly checkWords: string }): Promise<Record<string, never>>;
  stopLinking(): Promise<Record<string, never>>;
  doctor(): Promise<{ checks: Check[] }>;
  trash(args: TrashArgs): Promise<{ entries: TrashedInFolder[]; isCut: boolean }>;
  restoreTrash(args: RestoreTrashArgs): Promise<{ path: string }>;
  emptyTrash(args: EmptyTrashArgs): Promise<{ count: number; sizeBytes: number }>;
  retention(args: RetentionArgs): Promise<RetentionResponse>;
  setRetention(args: RetentionArgs & { policy: RetentionPolicy | null }): Promise<RetentionResponse>;
  purgeVersion(args: PathArgs & { version: string }): Promise<{ versions: number }>;
  purgeDeleted(args: { folder: string; id: string }): Promise<{ versions: number }>;
  rules(args: { folder?: string | undefined }): Promise<{ files: { in: string; text: string }[]; builtIn: string[] }>;
  setRules(args: RulesArgs & { was?: string | null | undefined }): Promise<Record<string, never>>;
  previewRules(args: RulesArgs & Pick<ListArgs, 'limit' | 'after'>): Promise<{ effects: RuleEffect[]; next?: string }>;
  checkRule(
    args: PathArgs,
  ): Promise<{ isIgnored: boolean; rule?: { in: string | null; line: number; pattern: string } }>;
  oneWay(
    args: FolderArgs & Pick<ListArgs, 'limit' | 'after'>,
  ): Promise<{ mode: FolderMode; total: number; differences: Difference[]; next?: string }>;
  setOneWay(args: FolderArgs & { mode: FolderMode }): Promise<Record<string, never>>;
  settleOneWay(args: FolderArgs): Promise<{ count: number }>;
  selection(args: ListArgs): Promise<{ entries: SelectedFolder[]; next?: string }>;
  setSelection(args: SelectionArgs): Promise<Record<string, never>>;
  push(): Promise<{ publicKey: string | null; isSubscribed: boolean }>;
  setPush(args: { subscription: PushSubscriptionText | null }): Promise<Record<string, never>>;
  explain(args: PathArgs): Promise<{ reasons: Reason[] }>;
  activity(args: ActivityArgs): Promise<{ items: ActivityEntry[] }>;
  settings(): Promise<{ settings: Settings }>;
  /** Throws `invalid-argument`, and then nothing has changed. */
  setSettings(args: { changes: SettingsChanges }): Promise<{ settings: Settings }>;
}
