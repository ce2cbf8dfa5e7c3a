import type { Activity, DeviceStatus, SetupState, Status, Throughput, Uploading } from '@onefold/control';

/*
 * What the page knows, as one value that changes only here.
 *
 *   connecting --opened--> open --ended--> lost --opened--> open
 *
 * While lost, the last known facts stay (they are marked as old by `line`), but nothing that claims to be of this moment does.
 */
export interface Model {
  readonly line: 'connecting' | 'open' | 'lost';
  /** Whether this device has an account yet; null until it was told. */
  readonly setup: SetupState | null;
  readonly status: Status | null;
  readonly devices: readonly DeviceStatus[];
  /** Newest first. */
  readonly activity: readonly Activity[];
  /** null until the first page has come. */
  readonly hasEarlierActivity: boolean | null;
  /** Oldest first, the last two minutes. */
  readonly throughput: readonly Throughput[];
  /** How far the page's clock is ahead of the daemon's, as far as the samples tell; the two may be on different machines. */
  readonly skewMs: number;
  /** How often it was told that the list of conflicts is another one. */
  readonly conflictsTold: number;
  /** By device id: who is sending something right now. */
  readonly uploading: Readonly<Record<string, { readonly path: string | null; readonly atMs: number }>>;
}

export const CHART_SPAN_MS = 120_000;
/** An announced upload nobody heard the end of is forgotten after this. */
const UPLOADING_LASTS_MS = 60_000;
/** A feed that only grows by what happens is cut to this; whoever asks for what is earlier gets all of it. */
const ACTIVITY_KEPT = 20_000;

export const EMPTY_MODEL: Model = {
  line: 'connecting',
  setup: null,
  status: null,
  devices: [],
  activity: [],
  hasEarlierActivity: null,
  throughput: [],
  skewMs: 0,
  conflictsTold: 0,
  uploading: {},
};

export type Change =
  | { readonly kind: 'line-opened' }
  | { readonly kind: 'line-ended' }
  | { readonly kind: 'setup'; readonly setup: SetupState }
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'devices'; readonly devices: readonly DeviceStatus[]; readonly nowMs: number }
  /** The newest page of the feed, newest first: it takes the place of what was known, which may lack what came between. */
  | { readonly kind: 'activity-newest'; readonly items: readonly Activity[]; readonly isLast: boolean }
  /** The page before the oldest item known. */
  | { readonly kind: 'activity-earlier'; readonly items: readonly Activity[]; readonly isLast: boolean }
  /** New items, oldest first. */
  | { readonly kind: 'activity-new'; readonly items: readonly Activity[] }
  | { readonly kind: 'throughput'; readonly sample: Throughput; readonly nowMs: number }
  | { readonly kind: 'conflicts' }
  | { readonly kind: 'uploading'; readonly uploading: Uploading; readonly nowMs: number };

export function change(model: Model, by: Change): Model {
  switch (by.kind) {
    case 'line-opened':
      return { ...model, line: 'open' };
    case 'line-ended':
      return { ...model, line: 'lost', throughput: [], uploading: {} };
    case 'setup':
      // What was known was of an account that is not here any more.
      return by.setup.kind === 'done'
        ? { ...model, setup: by.setup }
        : { ...EMPTY_MODEL, line: model.line, setup: by.setup };
    case 'status':
      return { ...model, status: by.status };
    case 'devices':
      return { ...model, devices: by.devices, uploading: stillUploading(model.uploading, by.nowMs) };
    case 'activity-newest':
      return { ...model, activity: by.items, hasEarlierActivity: !by.isLast };
    case 'activity-earlier':
      return { ...model, activity: mergeActivity(model.activity, by.items), hasEarlierActivity: !by.isLast };
    case 'activity-new':
      return withNewActivity(model, by.items);
    case 'throughput':
      return {
        ...model,
        // The quickest sample is the one that was least on its way.
        skewMs:
          model.throughput.length === 0 ? by.nowMs - by.sample.atMs : Math.min(model.skewMs, by.nowMs - by.sample.atMs),
        throughput: [...model.throughput, by.sample].filter(({ atMs }) => atMs > by.sample.atMs - CHART_SPAN_MS - 2000),
      };
    case 'conflicts':
      return { ...model, conflictsTold: model.conflictsTold + 1 };
    case 'uploading':
      return { ...model, uploading: withUploading(stillUploading(model.uploading, by.nowMs), by.uploading, by.nowMs) };
  }
}

/** Appends what `first` does not have yet. */
function mergeActivity(first: readonly Activity[], then: readonly Activity[]): readonly Activity[] {
  const known = new Set(first.map(({ id }) => id));
  return [...first, ...then.filter(({ id }) => !known.has(id))];
}

function withNewActivity(model: Model, items: readonly Activity[]): Model {
  const all = mergeActivity([...items].reverse(), model.activity);
  const activity = all.slice(0, Math.max(ACTIVITY_KEPT, model.activity.length));
  return {
    ...model,
    activity,
    hasEarlierActivity: activity.length < all.length ? true : model.hasEarlierActivity,
  };
}

function stillUploading(uploading: Model['uploading'], nowMs: number): Model['uploading'] {
  return Object.fromEntries(Object.entries(uploading).filter(([, { atMs }]) => nowMs - atMs < UPLOADING_LASTS_MS));
}

function withUploading(uploading: Model['uploading'], told: Uploading, nowMs: number): Model['uploading'] {
  const others = Object.entries(uploading).filter(([deviceId]) => deviceId !== told.device.id);
  if (told.phase === 'uploaded') return Object.fromEntries(others);
  return Object.fromEntries([...others, [told.device.id, { path: told.path ?? null, atMs: nowMs }]]);
}
