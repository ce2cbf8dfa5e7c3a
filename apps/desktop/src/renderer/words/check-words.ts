import { useTranslation } from 'react-i18next';
import type { Check } from '@onefold/control';
import { formatBytes } from './format.ts';

const SERVER_TROUBLES = [
  'captive-portal',
  'certificate-untrusted',
  'protocol-mismatch',
  'device-revoked',
  'account-deleted',
] as const;

/** What a check found, and what to do about it where something is. */
export function useCheckWords(): (check: Check) => string {
  const { t, i18n } = useTranslation();
  return ({ says, ok, facts }) => {
    const text = (name: string): string => String(facts[name] ?? '');
    const number = (name: string): number => Number(facts[name] ?? 0);
    const found = t(`checks.found.${says}`, {
      address: text('address'),
      daemon: text('daemon'),
      folder: text('folder'),
      seconds: number('seconds'),
      files: number('files'),
      folders: number('folders'),
      limit: number('limit'),
      free: formatBytes(i18n.language, number('freeBytes')),
    });
    if (ok) return found;
    const trouble = SERVER_TROUBLES.find((code) => code === facts['code']) ?? 'unreached';
    const advice = says === 'server-unusable' ? t(`checks.server.${trouble}`) : t(`checks.advice.${adviceOf(says)}`);
    return `${found} ${advice}`;
  };
}

const ADVISED = [
  'clock-off',
  'home-read-only',
  'watches-short',
  'folder-missing',
  'folder-read-only',
  'space-low',
  'files-low',
  'keys-sealed',
  'keys-unusable',
] as const;

function adviceOf(says: Check['says']): (typeof ADVISED)[number] | 'other' {
  return ADVISED.find((advised) => advised === says) ?? 'other';
}
