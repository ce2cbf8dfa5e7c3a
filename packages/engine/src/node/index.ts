export { createDaemonCore, type CoreEvents, type DaemonCore } from './daemon/daemon-core.ts';
export { openHomeEngine, type HomeEngine, type HomeKey } from './daemon/home-engine.ts';
export { examineHome } from './daemon/doctor.ts';
export { isHomeSetUp } from './daemon/home.ts';
export { addFolderToHome, locateFolderOfHome, removeFolderFromHome } from './daemon/offline-commands.ts';
export { readOwnServer, writeOwnServer, type OwnServerFile } from './daemon/own-server-file.ts';
export { linkOnServer, type LinkingCheck } from './daemon/link-home.ts';
export { recoverOnServer } from './daemon/recover-home.ts';
export { createAccountOnServer, loginOnServer, type NewAccountInput } from './daemon/set-up-home.ts';
export type {
  ActivityEntry,
  AttentionItem,
  Check,
  CoreStatus,
  Device,
  DeviceStatus,
  FolderStatus,
  InFlightItem,
  ListedPath,
  Progress,
  State,
  SyncOutcome,
  Throughput,
  UploadingNotice,
} from './daemon/shapes.ts';
