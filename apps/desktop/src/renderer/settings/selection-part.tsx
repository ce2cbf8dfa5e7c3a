import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SelectedFolder } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Checkbox } from '../parts/checkbox.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Section } from '../parts/section.tsx';
import { useAnswer, useAsking, useSession } from '../parts/session-context.tsx';
import { usePages } from '../parts/use-pages.ts';
import { formatBytes } from '../words/format.ts';

/** Few enough to be drawn at once. */
const PAGE_LENGTH = 200;
const STATES = { ticked: 'on', unticked: 'off', partly: 'some' } as const;

/** Which folders of the server's tree are to be on this device. */
export function SelectionPart({ folder }: { readonly folder: string }) {
  const { t } = useTranslation();
  const [turn, setTurn] = useState(0);
  const { ask, failure, dismiss } = useAsking();
  const set = async (path: string, isOn: boolean) => {
    await ask('setSelection', isOn ? { folder, tick: [path] } : { folder, untick: [path] });
    setTurn((before) => before + 1);
  };
  return (
    <Section title={t('settings.selection')}>
      <p className="quiet">{t('settings.selectionWhat')}</p>
      <FailureNote failure={failure} onDismiss={dismiss} />
      <Level folder={folder} path="" turn={turn} onSet={(path, isOn) => void set(path, isOn)} />
    </Section>
  );
}

interface LevelProps {
  readonly folder: string;
  readonly path: string;
  readonly turn: number;
  readonly onSet: (path: string, isOn: boolean) => void;
}

function Level({ folder, path, turn, onSet }: LevelProps) {
  const { t } = useTranslation();
  const session = useSession();
  const { answer, failure, again } = useAnswer('selection', { folder, path, limit: PAGE_LENGTH }, turn);
  const { pages, more } = usePages(
    answer,
    useCallback(
      (after: string) => session.call('selection', { folder, path, limit: PAGE_LENGTH, after }).catch(() => null),
      [session, folder, path],
    ),
  );
  if (answer === null) return <FailureNote failure={failure} onDismiss={again} />;
  if (answer.entries.length === 0) return <p className="quiet">{t('settings.selectionNone')}</p>;
  return (
    <>
      <ul className="selection">
        {pages
          .flatMap(({ entries }) => entries)
          .map((entry) => (
            <SelectionRow key={entry.path} {...{ folder, entry, turn, onSet }} />
          ))}
      </ul>
      {more !== null && (
        <Button kind="quiet" onClick={more}>
          {t('settings.showMore')}
        </Button>
      )}
    </>
  );
}

interface SelectionRowProps extends Omit<LevelProps, 'path'> {
  readonly entry: SelectedFolder;
}

function SelectionRow({ folder, entry, turn, onSet }: SelectionRowProps) {
  const { t, i18n } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { name } = splitPath(entry.path);
  const facts = [t('detail.files', { count: entry.files }), formatBytes(i18n.language, entry.sizeBytes)];
  return (
    <li>
      <div className="selection-row">
        {entry.hasFolders ? (
          <IconButton
            icon={isOpen ? 'chevronDown' : 'chevronRight'}
            label={t(isOpen ? 'settings.closeFolder' : 'settings.openFolder', { name })}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        ) : (
          <span className="selection-gap" />
        )}
        <Checkbox label={name} state={STATES[entry.selection]} onChange={(isOn) => onSet(entry.path, isOn)} />
        <bdi className="selection-name">{name}</bdi>
        <span className="quiet figures">{facts.join(' · ')}</span>
      </div>
      {entry.kept > 0 && <p className="amber selection-kept">{t('settings.selectionKept', { count: entry.kept })}</p>}
      {isOpen && <Level path={entry.path} {...{ folder, turn, onSet }} />}
    </li>
  );
}
