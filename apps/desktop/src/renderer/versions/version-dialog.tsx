import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileVersion } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { CompareView, PreviewView } from '../parts/preview-view.tsx';
import { Segments } from '../parts/segments.tsx';
import { usePreview } from '../parts/use-preview.ts';
import { formatBytes, formatMoment } from '../words/format.ts';
import { VersionActions } from './version-actions.tsx';

type Show = 'as-it-was' | 'against-before' | 'against-now';

interface VersionDialogProps {
  readonly folder: string;
  readonly path: string;
  readonly version: FileVersion;
  readonly before: FileVersion | null;
  /** Null when nothing stands under the name any more. */
  readonly current: FileVersion | null;
  readonly onClose: () => void;
  readonly onRestored: () => void;
}

/** A look at one version: as it was, what it changed, and what restoring it would change. */
export function VersionDialog({ folder, path, version, before, current, onClose, onRestored }: VersionDialogProps) {
  const { t, i18n } = useTranslation();
  const [show, setShow] = useState<Show>('as-it-was');
  const moment = (at: FileVersion): string => formatMoment(i18n.language, at.atMs);
  const place = { folder, path };
  const other =
    show === 'against-before' && before !== null
      ? { ...place, version: before.version }
      : show === 'against-now'
        ? place
        : null;
  const wanted = usePreview({ ...place, version: version.version });
  const against = usePreview(other);
  const failure = wanted.failure ?? against.failure;
  const again = (): void => {
    wanted.again();
    against.again();
  };
  const thisWord = t('versions.this', { moment: moment(version) });
  const words = t(version.kind === 'restored' ? 'versions.restoredBy' : `versions.${version.kind}`, {
    device: version.device.name,
  });
  return (
    <Dialog
      size="wide"
      title={t('versions.lookTitle', { name: splitPath(path).name, moment: moment(version) })}
      onClose={onClose}
      {...(version.isCurrent
        ? {}
        : {
            actions: <VersionActions {...place} version={version} kind="plain" onRestored={onRestored} />,
          })}
    >
      <div className="look-head">
        <p className="quiet">
          {words} · {formatBytes(i18n.language, version.sizeBytes)}
        </p>
        <Segments<Show>
          label={t('versions.show')}
          value={show}
          onChange={setShow}
          options={[
            { value: 'as-it-was', word: t('versions.asItWas') },
            ...(before === null ? [] : [{ value: 'against-before' as const, word: t('versions.againstBefore') }]),
            ...(version.isCurrent || current === null
              ? []
              : [{ value: 'against-now' as const, word: t('versions.againstNow') }]),
          ]}
        />
      </div>
      <FailureNote failure={failure} onDismiss={again} />
      <div className="look" aria-live="polite">
        {wanted.preview === null || (other !== null && against.preview === null) ? (
          failure === null && <p className="quiet">{t('look.loading')}</p>
        ) : other === null || against.preview === null ? (
          <PreviewView preview={wanted.preview} label={thisWord} />
        ) : show === 'against-now' ? (
          <CompareView
            before={wanted.preview}
            after={against.preview}
            beforeWord={thisWord}
            afterWord={t('versions.now')}
          />
        ) : (
          <CompareView
            before={against.preview}
            after={wanted.preview}
            beforeWord={before === null ? '' : t('versions.before', { moment: moment(before) })}
            afterWord={thisWord}
          />
        )}
      </div>
    </Dialog>
  );
}
