import { useTranslation } from 'react-i18next';
import type { TrashedEntry } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { Checkbox } from '../parts/checkbox.tsx';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime, useNowMs } from '../parts/relative-time.tsx';
import { Row } from '../parts/row.tsx';
import { formatBytes, formatDuration } from '../words/format.ts';

interface TrashRowProps {
  readonly entry: TrashedEntry;
  /** Null where it cannot be had back. */
  readonly selection: { readonly isOn: boolean; readonly onChange: (isOn: boolean) => void } | null;
  readonly isBusy: boolean;
  readonly onRestore: () => void;
}

export function TrashRow({ entry, selection, isBusy, onRestore }: TrashRowProps) {
  const { t, i18n } = useTranslation();
  const { path, folder, kind, where, sizeBytes, trashedAtMs, device } = entry;
  const { name, parent } = splitPath(path);
  const place = [splitPath(folder).name, parent].filter((part) => part !== '').join(' / ');
  const goes = useGoing(entry);
  const facts = [
    device === null ? t('trash.deleted') : t('trash.deletedBy', { device: device.name }),
    ...(selection === null ? [] : [t(`trash.${where}`)]),
    ...(goes === '' ? [] : [goes]),
  ];
  return (
    <>
      {selection !== null && (
        <Checkbox
          label={t('trash.select', { name })}
          state={selection.isOn ? 'on' : 'off'}
          onChange={selection.onChange}
        />
      )}
      <Row
        state={
          <span className="quiet">
            <Icon name={kind} sizePx={16} />
          </span>
        }
        title={
          <>
            <FileName name={name} />
            <bdi className="quiet cut">{place}</bdi>
          </>
        }
        words={facts.join(' · ')}
        end={
          <>
            {trashedAtMs !== null && <RelativeTime atMs={trashedAtMs} />}
            {kind === 'file' && <span className="figures">{formatBytes(i18n.language, sizeBytes)}</span>}
          </>
        }
        {...(selection === null
          ? {}
          : {
              action: (
                <Button
                  kind="quiet"
                  icon="restored"
                  disabled={isBusy}
                  aria-label={t('trash.restoreOf', { name })}
                  onClick={onRestore}
                >
                  {t('trash.restore')}
                </Button>
              ),
            })}
      />
    </>
  );
}

function useGoing({ goesAtMs, where }: TrashedEntry): string {
  const { t, i18n } = useTranslation();
  const nowMs = useNowMs();
  if (goesAtMs === null) return where === 'here' ? t('trash.stays') : '';
  return t('trash.goes', { left: formatDuration(i18n.language, (goesAtMs - nowMs) / 1000) });
}
