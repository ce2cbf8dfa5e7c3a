/* What the daemon's core answers: the shapes of packages/control, spelled out, since the engine knows nothing of its control surface. */

export type State = 'idle' | 'syncing' | 'offline' | 'paused' | 'attention';

export interface Device {
  id: string;
  name: string;
}

export interface AttentionItem {
  id: string;
  code: string;
  path: string;
  message: string;
  folder?: string;
  atMs?: number;
  question?: { deletes: number; rewrites: number; direction: 'up' | 'down'; outOf?: number };
}

export interface FolderStatus {
  path: string;
  namespace: string;
  files: number;
  head: number;
  paused: boolean;
  state: State;
  pending: number;
}

export interface InFlightItem {
  path: string;
  folder: string;
  direction: 'up' | 'down';
  bytesDone: number;
  bytesTotal: number;
}

export interface Progress {
  filesDone: number;
  filesTotal: number;
  bytesDone: number;
  bytesTotal: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  inFlight: InFlightItem[];
}

export interface CoreStatus {
  state: State;
  pending: number;
  notYetSafe: number;
  attention: AttentionItem[];
  folders: FolderStatus[];
  server: { url: string; connected: boolean; offlineBecause?: string };
  device: Device;
  account: { email: string };
  progress?: Progress;
  /** Entries that are left out, and why; the first so many. */
  waiting?: { path: string; folder: string; code: string }[];
  paused: boolean;
  heldBy?: 'schedule' | 'metered';
}

export interface ListedPath {
  path: string;
  /** `special`: a pipe, a socket or a device, which is never synced. */
  kind: 'file' | 'folder' | 'link' | 'special';
  sizeBytes: number;
  mtimeMs: number;
  state:
    'safe' | 'not-yet-safe' | 'arriving' | 'waiting' | 'attention' | 'local-only' | 'frozen' | 'unticked' | 'one-way';
}

export interface DeviceStatus extends Device {
  here: boolean;
  online: boolean | null;
  lastInStepAtMs: number | null;
  lastSeenAtMs: number | null;
  verified: boolean;
}

/** What a check found, for whoever words it. */
export type CheckSentence =
  | 'account-none'
  | 'keys-sealed'
  | 'keys-unusable'
  | 'server-answers'
  | 'server-unusable'
  | 'clock-unknown'
  | 'clock-close'
  | 'clock-off'
  | 'home-writable'
  | 'home-read-only'
  | 'watches-unlimited'
  | 'watches-enough'
  | 'watches-short'
  | 'folder-there'
  | 'folder-missing'
  | 'folder-problem'
  | 'folder-writable'
  | 'folder-read-only'
  | 'space-enough'
  | 'space-low'
  | 'files-low'
  | 'space-unknown'
  | 'case-folds'
  | 'network-volume';

export interface Check {
  id: string;
  ok: boolean;
  says: CheckSentence;
  facts: Record<string, string | number>;
  message: string;
  advice: string;
}

export interface ActivityEntry {
  id: string;
  atMs: number;
  kind: 'added' | 'edited' | 'renamed' | 'moved' | 'deleted' | 'restored' | 'conflict' | 'attention';
  path: string;
  previousPath?: string;
  folder: string;
  device: Device & { here: boolean };
}

export interface Throughput {
  atMs: number;
  upBytesPerSecond: number;
  downBytesPerSecond: number;
}

export interface UploadingNotice {
  folder: string;
  device: Device;
  phase: 'pending' | 'uploaded';
  path?: string;
}

export type SyncOutcome = 'idle' | 'attention' | 'offline' | 'paused' | 'timed-out';

/** A path beside a folder is inside it; without one it is absolute. */
export interface PlaceArgs {
  path?: string | undefined;
  folder?: string | undefined;
}

export interface ListArgs extends PlaceArgs {
  limit?: number | undefined;
  after?: string | undefined;
}

export interface PathArgs extends PlaceArgs {
  path: string;
}

export interface RestoreArgs extends PathArgs {
  version?: string | undefined;
  to?: string | undefined;
}

export interface ActivityArgs {
  limit: number;
  before?: string | undefined;
}
