import * as z from 'zod';

/*
 * What the page asks of the desktop app itself and not of the engine: only there in a desktop window. The main process checks who asks and
 * validates every argument by this table.
 */

export const appSettingsSchema = z.strictObject({
  openAtLogin: z.boolean(),
  /** What quitting means: the engine ends too, or goes on without window and icon until the app is opened again. */
  whenQuit: z.enum(['stop', 'keep-syncing']),
  notifications: z.boolean(),
  /** Whether the key store of the system seals this device's keys; null: as the home was begun. Holds from the next start on. */
  sealsKeys: z.boolean().nullable(),
  /** Of menus and notifications; the page keeps its own in step with it. */
  language: z.enum(['system', 'en', 'ko']),
  /** When a pause that was set by the tray is over; null when it has no end, or there is none. */
  pausedUntilMs: z.number().nullable(),
});
export type AppSettings = z.infer<typeof appSettingsSchema>;

/** Pages outside that may be opened in the person's own browser. A name, never an address: the page cannot send anyone anywhere else. */
export const APP_LINKS = ['help', 'releases', 'source'] as const;
export type AppLink = (typeof APP_LINKS)[number];

export const updateStateSchema = z.object({
  /** `off`: this build does not update itself. */
  phase: z.enum(['off', 'none', 'looking', 'fetching', 'ready', 'failed']),
  version: z.string().nullable(),
});
export type UpdateState = z.infer<typeof updateStateSchema>;

const nothing = z.strictObject({});
const done = z.object({});

export const APP_CALLS = {
  readSettings: { args: nothing, result: appSettingsSchema },
  changeSettings: { args: appSettingsSchema.partial(), result: appSettingsSchema },
  /** The system's own dialog; null when the person thought better of it. */
  chooseFolder: { args: nothing, result: z.object({ path: z.string().nullable() }) },
  /** Shows an entry of a kept folder in the file manager. `folder` must be one that is kept here; `path` lies inside it. */
  showInFolder: {
    args: z.strictObject({ folder: z.string().min(1).max(32_768), path: z.string().max(32_768) }),
    result: done,
  },
  openLink: { args: z.strictObject({ link: z.enum(APP_LINKS) }), result: done },
  /** How this device's keys are kept: `none`: in a file, for this system has no key store that the app may use. */
  keyStore: { args: nothing, result: z.object({ state: z.enum(['none', 'file', 'sealed']) }) },
  updateState: { args: nothing, result: updateStateSchema },
  /** Ends the app, and starts the new version. Only in phase `ready`. */
  installUpdate: { args: nothing, result: done },
} as const;

export type AppCalls = typeof APP_CALLS;
export type AppCallName = keyof AppCalls;
export type AppCallArgs<N extends AppCallName> = z.infer<AppCalls[N]['args']>;
export type AppCallResult<N extends AppCallName> = z.infer<AppCalls[N]['result']>;

/** One function a call. */
export type AppHandlers = {
  readonly [N in AppCallName]: (args: AppCallArgs<N>) => AppCallResult<N> | Promise<AppCallResult<N>>;
};

/** What crosses between the processes: never an exception, whose text Electron would reword. */
export type AppAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };
