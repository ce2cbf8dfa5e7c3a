import type * as z from 'zod';
import { ACCOUNT_CALLS } from './calls/account.ts';
import { ACTIVITY_CALLS } from './calls/activity.ts';
import { BROWSE_CALLS } from './calls/browse.ts';
import { CONFLICT_CALLS } from './calls/conflicts.ts';
import { DAEMON_CALLS } from './calls/daemon.ts';
import { DEVICE_CALLS } from './calls/devices.ts';
import { DIAGNOSTICS_CALLS } from './calls/diagnostics.ts';
import { EXPLAIN_CALLS } from './calls/explain.ts';
import { FOLDER_CALLS } from './calls/folders.ts';
import { IGNORE_CALLS } from './calls/ignore.ts';
import { ONE_WAY_CALLS } from './calls/one-way.ts';
import { OWN_SERVER_CALLS } from './calls/own-server.ts';
import { SELECTIVE_CALLS } from './calls/selective.ts';
import { PUSH_CALLS } from './calls/push.ts';
import { RETENTION_CALLS } from './calls/retention.ts';
import { LINKING_CALLS } from './calls/linking.ts';
import { PAST_CALLS } from './calls/past.ts';
import { SEARCH_CALLS } from './calls/search.ts';
import { SETTINGS_CALLS } from './calls/settings.ts';
import { SETUP_CALLS } from './calls/setup.ts';
import { STORAGE_CALLS } from './calls/storage.ts';
import { SYNC_CALLS } from './calls/sync.ts';
import { TRASH_CALLS } from './calls/trash.ts';
import { VERSION_CALLS } from './calls/versions.ts';

/**
 * Every call of the control surface: what it takes and what it gives. A call that fails answers with an ErrorReport.
 * Folders are named by their absolute path; a `path` beside no `folder` is absolute, beside a `folder` it is inside of it.
 */
export const CALLS = {
  ...ACCOUNT_CALLS,
  ...ACTIVITY_CALLS,
  ...BROWSE_CALLS,
  ...CONFLICT_CALLS,
  ...DAEMON_CALLS,
  ...DEVICE_CALLS,
  ...DIAGNOSTICS_CALLS,
  ...EXPLAIN_CALLS,
  ...FOLDER_CALLS,
  ...IGNORE_CALLS,
  ...ONE_WAY_CALLS,
  ...OWN_SERVER_CALLS,
  ...SELECTIVE_CALLS,
  ...PUSH_CALLS,
  ...RETENTION_CALLS,
  ...LINKING_CALLS,
  ...PAST_CALLS,
  ...SEARCH_CALLS,
  ...SETTINGS_CALLS,
  ...SETUP_CALLS,
  ...STORAGE_CALLS,
  ...SYNC_CALLS,
  ...TRASH_CALLS,
  ...VERSION_CALLS,
} as const;

export type Calls = typeof CALLS;
export type CallName = keyof Calls;
export type CallArgs<N extends CallName> = z.infer<Calls[N]['args']>;
export type CallResult<N extends CallName> = z.infer<Calls[N]['result']>;
