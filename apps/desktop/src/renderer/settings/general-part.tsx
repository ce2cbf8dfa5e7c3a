import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createAppClient } from '@onefold/control';
import type { AppCallResult, AppSettings } from '@onefold/control';
import { ChoiceLine } from '../parts/choice-line.tsx';
import { usePreferences } from '../parts/preferences-context.tsx';
import { Section } from '../parts/section.tsx';
import { useLookChoices } from '../parts/look-choices.ts';
import { Switch } from '../parts/switch.tsx';

/** How the page looks and speaks, and in a desktop window what the app does by itself. */
export function GeneralPart() {
  const { t } = useTranslation();
  const { themes, languages } = useLookChoices();
  const { preferences, onPreferences } = usePreferences();
  return (
    <>
      <Section title={t('settings.look')}>
        <ChoiceLine
          title={t('preferences.theme')}
          value={preferences.theme}
          options={themes}
          onChange={(theme) => onPreferences({ ...preferences, theme })}
        />
        <ChoiceLine
          title={t('preferences.language')}
          value={preferences.language}
          options={languages}
          onChange={(language) => onPreferences({ ...preferences, language })}
        />
      </Section>
      {window.onefold !== undefined && <AppPart askApp={window.onefold.askApp} />}
    </>
  );
}

interface AppPartProps {
  readonly askApp: (name: string, args: unknown) => Promise<unknown>;
}

function AppPart({ askApp }: AppPartProps) {
  const { t } = useTranslation();
  const app = useMemo(() => createAppClient(askApp), [askApp]);
  const [settings, setSettings] = useState<AppSettings | null>(null);
  const [keys, setKeys] = useState<AppCallResult<'keyStore'>['state']>('none');
  useEffect(() => {
    app.call('readSettings', {}).then(setSettings, () => undefined);
    app.call('keyStore', {}).then(
      ({ state }) => setKeys(state),
      () => undefined,
    );
  }, [app]);
  if (settings === null) return null;
  const change = (part: Partial<AppSettings>) => {
    app.call('changeSettings', part).then(setSettings, () => undefined);
  };
  return (
    <Section title={t('settings.app')}>
      <Switch
        label={t('settings.openAtLogin')}
        isOn={settings.openAtLogin}
        onChange={(openAtLogin) => change({ openAtLogin })}
      />
      <Switch
        label={t('settings.notifications')}
        hint={t('settings.notificationsHint')}
        isOn={settings.notifications}
        onChange={(notifications) => change({ notifications })}
      />
      {keys !== 'none' && (
        <Switch
          label={t('settings.sealsKeys')}
          hint={t('settings.sealsKeysHint')}
          isOn={settings.sealsKeys ?? keys === 'sealed'}
          onChange={(sealsKeys) => change({ sealsKeys })}
        />
      )}
      <ChoiceLine
        title={t('settings.whenQuit')}
        value={settings.whenQuit}
        options={[
          { value: 'stop', word: t('settings.quitStop') },
          { value: 'keep-syncing', word: t('settings.quitKeep') },
        ]}
        onChange={(whenQuit) => change({ whenQuit })}
      />
    </Section>
  );
}
