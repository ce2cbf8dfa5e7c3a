import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyKit } from '@onefold/control';
import { QrCode } from '../devices/qr-code.tsx';
import { Button } from '../parts/button.tsx';
import { saveText } from '../parts/save-text.ts';
import { formatDay } from '../words/format.ts';

type SheetName = 'kit' | 'phrase';

/** Both sheets, as they are printed: each on a page of its own, and only the one that was asked for. */
export function KitSheets({ kit }: { readonly kit: EmergencyKit }) {
  const { t, i18n } = useTranslation();
  const [printed, setPrinted] = useState<SheetName>('kit');
  const [madeOn] = useState(() => new Date());
  const made = t('kit.made', { date: formatDay(i18n.language, madeOn) });
  const print = (sheet: SheetName) => {
    setPrinted(sheet);
    // What is printed is what is shown once this has been drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => globalThis.print()));
  };
  return (
    <div className="sheets">
      <section className={printed === 'kit' ? 'sheet sheet-printed' : 'sheet'} aria-label={t('kit.sheet')}>
        <h2>{t('kit.sheet')}</h2>
        <p>{t('kit.sheetWhat')}</p>
        <div className="sheet-body">
          <dl className="sheet-facts">
            {(['server', 'email', 'account', 'secretKey'] as const).map((name) => (
              <div key={name}>
                <dt>{t(`kit.${name}`)}</dt>
                <dd className={name === 'secretKey' ? 'sheet-key' : undefined}>{kit[name]}</dd>
              </div>
            ))}
          </dl>
          <QrCode text={kit.text} label={t('kit.qr')} />
        </div>
        <p className="quiet">{t('kit.sheetKeep')}</p>
        <p className="quiet">{made}</p>
        <p className="sheet-actions">
          <Button onClick={() => print('kit')} aria-label={t('kit.printKit')}>
            {t('kit.print')}
          </Button>
          <Button onClick={() => saveText('onefold-emergency-kit.txt', kit.text)}>{t('kit.saveKit')}</Button>
        </p>
      </section>
      {kit.phrase !== null && (
        <section className={printed === 'phrase' ? 'sheet sheet-printed' : 'sheet'} aria-label={t('kit.phrase')}>
          <h2>{t('kit.phrase')}</h2>
          <p>{t('kit.phraseWhat')}</p>
          <div className="sheet-body">
            <ol className="phrase" aria-label={t('kit.phraseWords')} lang="en">
              {kit.phrase.split(' ').map((word, index) => (
                <li key={index}>{word}</li>
              ))}
            </ol>
            <QrCode text={kit.phrase} label={t('kit.phraseQr')} />
          </div>
          <p className="quiet">{t('kit.phraseKeep')}</p>
          <p className="quiet">
            {kit.email} · {kit.server} · {made}
          </p>
          <p className="sheet-actions">
            <Button onClick={() => print('phrase')} aria-label={t('kit.printPhrase')}>
              {t('kit.print')}
            </Button>
          </p>
        </section>
      )}
    </div>
  );
}
