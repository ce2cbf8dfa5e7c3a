import { useTranslation } from 'react-i18next';
import type { CallResult } from '@onefold/control';
import { formatBytes, formatPercent } from '../words/format.ts';

/** From here on the room on the server needs a look. */
const NEARLY_FULL = 0.9;

/** What the map does not show: the room that is left, and what is kept of what was deleted. */
export function StorageFacts({ answer }: { readonly answer: CallResult<'storage'> }) {
  const { t, i18n } = useTranslation();
  const size = (bytes: number): string => formatBytes(i18n.language, bytes);
  const { trash, deleted, freeBytes, server } = answer;
  return (
    <dl className="facts">
      {server !== null && <ServerFact {...server} />}
      {freeBytes !== null && <Fact name={t('storage.free')} value={size(freeBytes)} />}
      <Fact
        name={t('storage.trash')}
        value={size(trash.sizeBytes)}
        words={t('storage.entries', { count: trash.count })}
      />
      <Fact
        name={t('storage.deleted')}
        value={size(deleted.sizeBytes)}
        words={t('storage.entries', { count: deleted.count })}
      />
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly words?: string;
}

function Fact({ name, value, words }: FactProps) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd className="figures">{value}</dd>
      {words !== undefined && <dd className="quiet figures">{words}</dd>}
    </div>
  );
}

function ServerFact({ usedBytes, quotaBytes }: NonNullable<CallResult<'storage'>['server']>) {
  const { t, i18n } = useTranslation();
  const size = (bytes: number): string => formatBytes(i18n.language, bytes);
  const ratio = quotaBytes === null || quotaBytes === 0 ? null : usedBytes / quotaBytes;
  const isNearlyFull = ratio !== null && ratio >= NEARLY_FULL;
  return (
    <div className="fact">
      <dt>{t('storage.used')}</dt>
      <dd className={isNearlyFull ? 'figures amber' : 'figures'}>{size(usedBytes)}</dd>
      <dd className="quiet figures">
        {quotaBytes === null || ratio === null
          ? t('storage.noQuota')
          : t('storage.ofQuota', { percent: formatPercent(i18n.language, ratio), quota: size(quotaBytes) })}
      </dd>
    </div>
  );
}
