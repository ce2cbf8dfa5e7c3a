import type { AccountContext } from './account-context.ts';
import { listActivity } from './core-activity.ts';
import type { CoreCalls } from './core-calls.ts';
import { listPaths, placeOf } from './core-browse.ts';
import { createUndoBook, listConflictCopies, mergeConflictAt, resolveConflictAt, takeBack } from './core-conflicts.ts';
import { makeDiagnostics } from './core-diagnostics.ts';
import { explainPath } from './core-explain.ts';
import { listDevices, nameDevice, revokeDevice, verifyDevice } from './core-devices.ts';
import { goBackAt, lookBackAt } from './core-past.ts';
import { searchAll } from './core-search.ts';
import { checkRuleOf, listRules, previewRulesOf, writeRules } from './core-ignore.ts';
import { listDifferencesOf, setMode, settleMode } from './core-one-way.ts';
import { listSelectionOf, select } from './core-selective.ts';
import { readProfile, writeProfile } from './core-profile.ts';
import { choosePush, readPush } from './core-push.ts';
import { chooseRetention, purgeDeletedOf, purgeVersionAt, readRetention } from './core-retention.ts';
import { storageOf } from './core-storage.ts';
import { emptyTrashOf, listTrashOf, restoreFromTrash } from './core-trash.ts';
import { listVersionsOf, movePath, previewPath, restorePath } from './core-versions.ts';
import { examine } from './doctor.ts';
import { readSettings, type Settings, type SettingsChanges } from './settings.ts';
import type { CoreStatus } from './shapes.ts';
import type { Linking } from './core-linking.ts';
import type { LoginChange } from './core-account.ts';
import type { FolderRunners } from './folder-runners.ts';

/** What the calls need of the core that answers them. */
interface CoreParts {
  readonly status: () => CoreStatus;
  readonly statusChanged: () => void;
  readonly set: (changes: SettingsChanges) => Promise<Settings>;
  readonly linking: Linking;
  readonly login: LoginChange;
}

/** The calls of the table that need nothing but the account, its folders and these parts. */
export function makeCalls(
  context: AccountContext,
  folders: FolderRunners,
  { status, statusChanged, set, linking, login }: CoreParts,
): CoreCalls {
  const { home, session } = context;
  const undoBook = createUndoBook();
  return {
    account: () => {
      const { email, server, user } = context.account;
      return Promise.resolve({ account: { email, server, account: user } });
    },
    profile: async () => ({ profile: await readProfile(session) }),
    setProfile: (args) => writeProfile(session, args).then(() => ({})),
    changePassword: async ({ password }) => ({ kit: await login.change(password) }),
    keepNewKit: () => login.keep().then(() => ({})),
    dropNewKit: () => {
      login.drop();
      return Promise.resolve({});
    },
    ls: async (args) => listPaths(placeOf(folders.all(), args), args),
    search: (args) => searchAll(folders.all(), args),
    versions: (args) => listVersionsOf(context, folders.all(), args),
    preview: (args) => previewPath(folders.all(), args),
    move: (args) => movePath(folders.all(), args),
    restore: (args) => restorePath(context, folders.all(), args),
    conflicts: async () => ({ conflicts: await listConflictCopies(context, folders.all()) }),
    resolveConflict: (args) => resolveConflictAt(folders.all(), undoBook, args),
    mergeConflict: (args) => mergeConflictAt(folders.all(), undoBook, args),
    undo: (args) => takeBack(folders.all(), undoBook, args.undo),
    lookBack: (args) => lookBackAt(folders.all(), args),
    goBack: (args) => goBackAt(folders.all(), args),
    storage: (args) => storageOf(folders.all(), args),
    diagnostics: () => makeDiagnostics(context, folders.all(), status()),
    devices: async () => ({ devices: await listDevices(context, status().state === 'idle') }),
    renameDevice: async ({ device, name }) => {
      await nameDevice(context, device, name);
      statusChanged();
      return {};
    },
    revokeDevice: ({ device }) => revokeDevice(context, folders.all(), device).then(() => ({})),
    verifyDevice: ({ device }) => verifyDevice(context, device).then(() => ({})),
    linking: () => Promise.resolve({ linking: linking.state() }),
    startLinking: async () => ({ linking: await linking.start() }),
    answerLinking: async (args) => {
      linking.answer(args);
      return {};
    },
    stopLinking: async () => {
      linking.stop();
      return {};
    },
    doctor: async () => ({ checks: await examine(context, folders.all()) }),
    trash: (args) => listTrashOf(context, folders.all(), args),
    restoreTrash: (args) => restoreFromTrash(folders.all(), args),
    emptyTrash: (args) => emptyTrashOf(folders.all(), args),
    retention: async (args) => readRetention(folders.all(), args),
    setRetention: async (args) => chooseRetention(folders.all(), args),
    purgeVersion: (args) => purgeVersionAt(folders.all(), args),
    push: () => readPush(session),
    setPush: ({ subscription }) => choosePush(session, subscription).then(() => ({})),
    purgeDeleted: (args) => purgeDeletedOf(folders.all(), args),
    explain: (args) => explainPath(folders.all(), args),
    activity: (args) => listActivity(context, folders.all(), args),
    settings: async () => ({ settings: await readSettings(home) }),
    oneWay: (args) => listDifferencesOf(folders.all(), args),
    setOneWay: (args) => setMode(home, folders, args),
    settleOneWay: (args) => settleMode(folders.all(), args),
    rules: (args) => listRules(folders.all(), args),
    setRules: (args) => writeRules(folders.all(), args),
    previewRules: (args) => previewRulesOf(folders.all(), args),
    checkRule: (args) => checkRuleOf(folders.all(), args),
    selection: (args) => listSelectionOf(folders.all(), args),
    setSelection: (args) => select(folders.all(), args),
    setSettings: async ({ changes }) => ({ settings: await set(changes) }),
  };
}
