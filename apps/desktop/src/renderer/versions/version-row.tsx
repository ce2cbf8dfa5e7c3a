import { useTranslation } from 'react-i18next';
import type { FileVersion } from '@onefold/control';
import { besidePath } from '../model/beside-name.ts';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { useFailureWords } from '../parts/failure-note.tsx';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { formatBytes, formatMoment } from '../words/format.ts';

interface VersionRowProps {
  readonly folder: string;
  readonly path: string;
  readonly version: FileVersion;
  readonly onRestored: () => void;
}

/** One version: when, by which device, how large. It can take the file's place, which only adds a version, or be put beside it. */
export function VersionRow({ folder, path, version, onRestored }: VersionRowProps) {
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
      <span className="row-state quiet">
        <Icon name={version.kind} sizePx={16} />
      </span>
      <div className="row-main">
        <div className="row-title">
          <strong className="figures">{moment}</strong>
          {version.isCurrent && <span className="quiet">{t('versions.current')}</span>}
        </div>
        <div className="row-words quiet cut">{t('versions.by', { device: version.device.name })}</div>
      </div>
      <span className={version.isCurrent ? 'row-end quiet figures' : 'row-end quiet figures row-facts'}>
        <RelativeTime atMs={version.atMs} />
        <span>{formatBytes(i18n.language, version.sizeBytes)}</span>
      </span>
      {!version.isCurrent && (
        <span className="row-action">
          <Button
            kind="quiet"
            disabled={isBusy}
            aria-label={t('versions.besideOf', { moment })}
            onClick={() => void restore(besidePath(path, version.atMs))}
          >
            {t('versions.beside')}
          </Button>
          <Button
            kind="quiet"
            icon="restored"
            disabled={isBusy}
            aria-label={t('versions.restoreOf', { moment })}
            onClick={() => void restore()}
          >
            {t('versions.restore')}
          </Button>
        </span>
      )}
    </>
  );
}
