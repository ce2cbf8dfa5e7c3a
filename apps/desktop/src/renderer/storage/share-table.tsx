import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatPercent } from '../words/format.ts';

export interface Share {
  readonly key: string | number;
  readonly name: ReactNode;
  readonly sizeBytes: number;
  readonly count: number;
}

interface ShareTableProps {
  readonly title: string;
  /** What the first column holds. */
  readonly what: string;
  readonly shares: readonly Share[];
  /** What the bars are parts of. */
  readonly wholeBytes: number;
}

/** Sizes below each other, the largest first, each with its part of the whole. */
export function ShareTable({ title, what, shares, wholeBytes }: ShareTableProps) {
  const { t, i18n } = useTranslation();
  return (
    <table className="shares">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{what}</th>
          <th scope="col" className="shares-bar">
            {t('storage.share')}
          </th>
          <th scope="col" className="figures">
            {t('storage.size')}
          </th>
          <th scope="col" className="figures">
            {t('storage.files')}
          </th>
        </tr>
      </thead>
      <tbody>
        {shares.map(({ key, name, sizeBytes, count }) => {
          const ratio = wholeBytes === 0 ? 0 : sizeBytes / wholeBytes;
          return (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td className="shares-bar">
                <span className="bar" aria-hidden>
                  <span style={{ width: `${Math.max(1, ratio * 100)}%` }} />
                </span>
                <span className="figures">{formatPercent(i18n.language, ratio)}</span>
              </td>
              <td className="figures">{formatBytes(i18n.language, sizeBytes)}</td>
              <td className="figures">{new Intl.NumberFormat(i18n.language).format(count)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
