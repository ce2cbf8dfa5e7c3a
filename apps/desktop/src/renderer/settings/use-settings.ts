import { useState } from 'react';
import type { Settings, SettingsChanges } from '@onefold/control';
import { useAnswer, useAsking } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';

interface SettingsHere {
  readonly settings: Settings | null;
  readonly failure: Failure | null;
  readonly dismiss: () => void;
  readonly set: (changes: SettingsChanges) => void;
}

/** The engine's settings; what is set holds at once, and what it refuses stays as it was. */
export function useSettings(): SettingsHere {
  const { answer, failure: unread, again } = useAnswer('settings', {});
  const [changed, setChanged] = useState<Settings | null>(null);
  const { ask, failure, dismiss } = useAsking();
  const set = (changes: SettingsChanges) => {
    void ask('setSettings', { changes }).then((done) => {
      if (done !== null) setChanged(done.settings);
    });
  };
  return {
    settings: changed ?? answer?.settings ?? null,
    failure: failure ?? unread,
    dismiss: failure === null ? again : dismiss,
    set,
  };
}
