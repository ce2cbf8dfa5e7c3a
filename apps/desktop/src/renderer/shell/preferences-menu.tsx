import { Popover } from 'radix-ui';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/icons.tsx';
import { useLookChoices } from '../parts/look-choices.ts';
import { Segments } from '../parts/segments.tsx';
import type { Segment } from '../parts/segments.tsx';
import type { Preferences } from '../preferences.ts';

interface PreferencesMenuProps {
  readonly preferences: Preferences;
  readonly onChange: (preferences: Preferences) => void;
}

/** Theme and language behind one button, where there is no way to the settings yet. */
export function PreferencesMenu({ preferences, onChange }: PreferencesMenuProps) {
  const { t } = useTranslation();
  const { themes, languages } = useLookChoices();
  return (
    <Popover.Root>
      <Popover.Trigger className="rail-item" title={t('rail.preferences')}>
        <Icon name="settings" />
        <span className="rail-word">{t('rail.preferences')}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover"
          side="right"
          align="end"
          sideOffset={20}
          collisionPadding={12}
          aria-label={t('rail.preferences')}
        >
          <Choice
            title={t('preferences.theme')}
            value={preferences.theme}
            options={themes}
            onChange={(theme) => onChange({ ...preferences, theme })}
          />
          <Choice
            title={t('preferences.language')}
            value={preferences.language}
            options={languages}
            onChange={(language) => onChange({ ...preferences, language })}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface ChoiceProps<V extends string> {
  readonly title: string;
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
}

function Choice<V extends string>({ title, value, options, onChange }: ChoiceProps<V>) {
  const titleId = useId();
  return (
    <div className="choice">
      <h3 id={titleId}>{title}</h3>
      <Segments labelledBy={titleId} value={value} options={options} onChange={onChange} />
    </div>
  );
}
