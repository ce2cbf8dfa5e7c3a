import { useTranslation } from 'react-i18next';
import type { ConflictSide } from '@onefold/control';
import { formatBytes, formatMoment } from '../words/format.ts';

/** Who, when and how large, in one line. */
export function useSideWords(): (side: ConflictSide) => string {
  const { t, i18n } = useTranslation();
  return ({ device, mtimeMs, sizeBytes }) =>
    [
      device?.name ?? t('conflicts.unknown'),
      formatMoment(i18n.language, mtimeMs),
      formatBytes(i18n.language, sizeBytes),
    ].join(', ');
}
