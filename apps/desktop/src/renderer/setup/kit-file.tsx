import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { findKit } from './kit-text.ts';
import type { TypedKit } from './kit-text.ts';

/** Fills in what would have to be typed off the paper, from the kit's file. */
export function KitFile({ onKit }: { readonly onKit: (kit: TypedKit) => void }) {
  const { t } = useTranslation();
  const fileId = useId();
  return (
    <p className="kit-file">
      <label className="button" htmlFor={fileId}>
        {t('setup.kitFile')}
      </label>
      <input
        id={fileId}
        className="visually-hidden"
        type="file"
        accept="text/plain,.txt"
        onChange={(event) => {
          const file = event.target.files?.[0];
          void file?.text().then((text) => onKit(findKit(text)));
        }}
      />
    </p>
  );
}
