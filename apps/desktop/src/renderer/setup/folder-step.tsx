import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { chooseFolder } from '../parts/choose-folder.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { SetupFrame } from './setup-frame.tsx';
import type { SetupFrameProps } from './setup-frame.tsx';
import { TextField } from './setup-form.tsx';

interface FolderStepProps extends Pick<SetupFrameProps, 'preferences' | 'onPreferences'> {
  /** Where it might stand. */
  readonly folder: string;
  readonly onEnd: () => void;
}

/** The last step: the account is there, and so far holds nothing of this device. */
export function FolderStep({ folder, onEnd, ...frame }: FolderStepProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState(folder);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const start = async () => {
    if ((await ask('add', { path: path.trim(), make: true })) !== null) onEnd();
  };
  return (
    <SetupFrame title={t('setup.folder')} detail={t('setup.folderDetail')} {...frame}>
      <form
        className="setup-form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <TextField label={t('setup.folderPath')} value={path} onValue={setPath} isFirst />
        {chooseFolder !== null && (
          <p>
            <Button icon="folder" onClick={() => void chooseFolder?.(setPath)}>
              {t('setup.folderChoose')}
            </Button>
          </p>
        )}
        <FailureNote failure={failure} onDismiss={dismiss} />
        <footer className="dialog-actions">
          <Button onClick={onEnd}>{t('setup.folderLater')}</Button>
          <Button kind="primary" type="submit" disabled={isBusy || path.trim() === ''}>
            {t('setup.folderStart')}
          </Button>
        </footer>
      </form>
    </SetupFrame>
  );
}
