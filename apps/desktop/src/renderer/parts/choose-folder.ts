import { createAppClient } from '@onefold/control';

const bridge = window.onefold;

/** Asks by the system's dialog, and tells the path if one was chosen. Null where there is no app around the page. */
export const chooseFolder: ((onPath: (path: string) => void) => Promise<void>) | null =
  bridge === undefined
    ? null
    : async (onPath) => {
        const { path } = await createAppClient((name, args) => bridge.askApp(name, args)).call('chooseFolder', {});
        if (path !== null) onPath(path);
      };
