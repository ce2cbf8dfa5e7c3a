import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ServerReach } from '@onefold/control';
import { Segments } from '../parts/segments.tsx';
import { TextField } from './setup-form.tsx';

/** Where the first account is made: at a server that there is, or at one that this computer begins to run. */
export interface ChosenServer {
  readonly where: 'there' | 'here';
  readonly address: string;
  readonly reach: ServerReach;
}

interface ServerChoiceProps {
  readonly value: ChosenServer;
  readonly onChange: (value: ChosenServer) => void;
  /** Whether a server can be started here at all. */
  readonly canStart: boolean;
}

export function ServerChoice({ value, onChange, canStart }: ServerChoiceProps) {
  const { t } = useTranslation();
  const whereId = useId();
  const reachId = useId();
  return (
    <>
      {canStart && (
        <div className="field">
          <span className="field-name" id={whereId}>
            {t('setup.serverWhere')}
          </span>
          <Segments
            labelledBy={whereId}
            value={value.where}
            options={[
              { value: 'there', word: t('setup.serverThere') },
              { value: 'here', word: t('setup.serverHere') },
            ]}
            onChange={(where) => onChange({ ...value, where })}
          />
        </div>
      )}
      {value.where === 'there' ? (
        <TextField
          label={t('setup.server')}
          hint={t('setup.serverHint')}
          value={value.address}
          onValue={(address) => onChange({ ...value, address })}
          isFirst
        />
      ) : (
        <div className="field">
          <span className="field-name" id={reachId}>
            {t('setup.reach')}
          </span>
          <Segments
            labelledBy={reachId}
            value={value.reach}
            options={[
              { value: 'network', word: t('setup.reachNetwork') },
              { value: 'here', word: t('setup.reachHere') },
            ]}
            onChange={(reach) => onChange({ ...value, reach })}
          />
          <p className="field-hint">{t('setup.serverHereWhat')}</p>
        </div>
      )}
    </>
  );
}
