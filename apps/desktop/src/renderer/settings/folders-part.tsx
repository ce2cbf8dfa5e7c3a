import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { distinctName } from '../model/names.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { Field } from '../parts/field.tsx';
import { Select } from '../parts/select.tsx';
import { useFolderPaths } from '../parts/session-context.tsx';
import { IgnorePart } from './ignore-part.tsx';
import { OneWayPart } from './one-way-part.tsx';
import { RemovePart } from './remove-part.tsx';
import { RetentionPart } from './retention-part.tsx';
import { SelectionPart } from './selection-part.tsx';

/** What is set for one folder at a time. */
export function FoldersPart() {
  const { t } = useTranslation();
  const folders = useFolderPaths();
  const [chosen, setChosen] = useState<string | null>(null);
  const folder = folders.find((path) => path === chosen) ?? folders[0];
  if (folder === undefined) return <EmptyState icon="folder" text={t('files.none')} />;
  return (
    <>
      {folders.length > 1 && (
        <Field label={t('settings.folder')}>
          {(ties) => (
            <Select
              value={folder}
              options={folders.map((path) => ({ value: path, word: distinctName(path, folders) }))}
              onChange={setChosen}
              {...ties}
            />
          )}
        </Field>
      )}
      <SelectionPart key={`selection ${folder}`} folder={folder} />
      <IgnorePart key={`ignore ${folder}`} folder={folder} />
      <OneWayPart key={`one-way ${folder}`} folder={folder} />
      <RetentionPart key={`retention ${folder}`} folder={folder} />
      <RemovePart key={`remove ${folder}`} folder={folder} />
    </>
  );
}
