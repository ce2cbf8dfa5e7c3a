import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Section } from '../parts/section.tsx';
import { Select } from '../parts/select.tsx';
import { OwnServerPart } from './own-server-part.tsx';
import { useSettings } from './use-settings.ts';

type Way = 'environment' | 'none' | 'address';

/** The way to the server: straight, through a proxy, or as a script says; and whom to trust on it. */
export function NetworkPart() {
  const { t } = useTranslation();
  const { settings, failure, dismiss, set } = useSettings();
  const [wanted, setWanted] = useState<Way | null>(null);
  if (settings === null) return <FailureNote failure={failure} onDismiss={dismiss} />;
  const { proxy, pacUrl, authoritiesFile } = settings.network;
  const way: Way = wanted ?? (proxy === 'environment' || proxy === 'none' ? proxy : 'address');
  const choose = (next: Way) => {
    setWanted(next);
    if (next !== 'address') set({ network: { proxy: next } });
  };
  return (
    <>
      <FailureNote failure={failure} onDismiss={dismiss} invalid={t('settings.networkInvalid')} />
      <OwnServerPart />
      <Section title={t('settings.proxy')}>
        <Field label={t('settings.proxyWay')} hint={t('settings.proxyHint')}>
          {(ties) => (
            <Select
              value={way}
              options={[
                { value: 'environment', word: t('settings.proxyEnvironment') },
                { value: 'none', word: t('settings.proxyNone') },
                { value: 'address', word: t('settings.proxyAddress') },
              ]}
              onChange={choose}
              {...ties}
            />
          )}
        </Field>
        {way === 'address' && (
          <TakenField
            label={t('settings.proxyAddressLabel')}
            hint={t('settings.proxyAddressHint')}
            value={proxy === 'environment' || proxy === 'none' ? '' : proxy}
            onTake={(address) => {
              if (address !== null) set({ network: { proxy: address } });
            }}
          />
        )}
        <TakenField
          label={t('settings.pac')}
          hint={t('settings.pacHint')}
          value={pacUrl ?? ''}
          onTake={(address) => set({ network: { pacUrl: address } })}
        />
      </Section>
      <Section title={t('settings.trust')}>
        <TakenField
          label={t('settings.authorities')}
          hint={t('settings.authoritiesHint')}
          value={authoritiesFile ?? ''}
          onTake={(file) => set({ network: { authoritiesFile: file } })}
        />
      </Section>
    </>
  );
}

interface TakenFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  /** null: empty. */
  readonly onTake: (text: string | null) => void;
}

/** A text that is taken over when the field is left or Enter is pressed. */
function TakenField({ label, hint, value, onTake }: TakenFieldProps) {
  const [text, setText] = useState<string | null>(null);
  const take = () => {
    if (text === null || text.trim() === value) return;
    onTake(text.trim() === '' ? null : text.trim());
  };
  return (
    <Field label={label} hint={hint}>
      {(ties) => <TextInput value={text ?? value} onValue={setText} onTake={take} {...ties} />}
    </Field>
  );
}
