import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icons.tsx';
import { Mark } from '../parts/mark.tsx';
import { useModel } from '../parts/session-context.tsx';
import type { Preferences } from '../preferences.ts';
import { PreferencesMenu } from './preferences-menu.tsx';

interface RailProps {
  readonly preferences: Preferences;
  readonly onPreferences: (preferences: Preferences) => void;
}

/** Where one is and can go. Only screens that exist stand here. */
export function Rail({ preferences, onPreferences }: RailProps) {
  const { t } = useTranslation();
  const { status } = useModel();
  return (
    <header className="rail">
      <div className="rail-brand">
        <Mark sizePx={26} />
        <span className="rail-word">{t('app.name')}</span>
      </div>
      <nav aria-label={t('rail.label')}>
        <a className="rail-item" href="#content" aria-current="page" title={t('rail.home')}>
          <Icon name="home" />
          <span className="rail-word">{t('rail.home')}</span>
        </a>
      </nav>
      <div className="rail-foot">
        {status !== null && (
          <div className="rail-who">
            <span className="visually-hidden">{t('rail.here')}: </span>
            <strong>{status.device.name}</strong>
            <span title={status.account.email}>{status.account.email}</span>
          </div>
        )}
        <PreferencesMenu preferences={preferences} onChange={onPreferences} />
      </div>
    </header>
  );
}
