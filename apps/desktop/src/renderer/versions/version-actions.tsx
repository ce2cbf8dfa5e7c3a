import { useTranslation } from 'react-i18next';
import type { FileVersion } from '@onefold/control';
import { besidePath } from '../model/beside-name.ts';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { useFailureWords } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { formatMoment } from '../words/format.ts';

interface VersionActionsProps {
  readonly folder: string;
  readonly path: string;
  readonly version: FileVersion;
  readonly kind: 'quiet' | 'plain';
  readonly onRestored: () => void;
}

/** An old version takes the file's place, which only adds a version, or is put beside it. Neither destroys anything. */
export function VersionActions({ folder, path, version, kind, onRestored }: VersionActionsProps) {
  const { t, i18n } = useTranslation();
  const { ask, isBusy } = useAsking();
  const tell = useTell();
  const failureWords = useFailureWords();
  const moment = formatMoment(i18n.language, version.atMs);

  async function restore(to?: string): Promise<void> {
    const args = { folder, path, version: version.version, ...(to === undefined ? {} : { to }) };
    const restored = await ask('restore', args, (failure) => tell(failureWords(failure)));
    if (restored === null) return;
    const { name } = splitPath(restored.path);
    tell(to === undefined ? t('versions.restored', { name, moment }) : t('versions.putBeside', { name }));
    onRestored();
  }

  return (
    <>
      <Button
        kind={kind}
        disabled={isBusy}
        aria-label={t('versions.besideOf', { moment })}
        onClick={() => void restore(besidePath(path, version.atMs))}
      >
        {t('versions.beside')}
      </Button>
      <Button
        kind={kind === 'quiet' ? 'quiet' : 'primary'}
        icon="restored"
        disabled={isBusy}
        aria-label={t('versions.restoreOf', { moment })}
        onClick={() => void restore()}
      >
        {t('versions.restore')}
      </Button>
    </>
  );
}
