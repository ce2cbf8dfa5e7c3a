import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrashedEntry } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Checkbox } from '../parts/checkbox.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { Segments } from '../parts/segments.tsx';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { EmptyDialog } from './empty-dialog.tsx';
import { TrashRow } from './trash-row.tsx';
import { useRestore } from './use-restore.ts';

const ROW_HEIGHT_PX = 56;
/** Of each folder and place, and as many more each time that more is asked for. */
const STEP = 1_000;
const MOST = 10_000;

type Which = 'back' | 'gone';

function keyOf({ folder, id }: TrashedEntry): string {
  return `${folder}\n${id}`;
}

/** What was deleted and can be had back, or what has gone for good; the last deleted first. */
export function TrashScreen() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [which, setWhich] = useState<Which>('back');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asksToEmpty, setAsksToEmpty] = useState<'all' | 'chosen' | null>(null);
  // What was deleted or brought back, here or elsewhere.
  const newest = useModelPart(
    ({ activity }) => activity.find(({ kind }) => kind === 'deleted' || kind === 'restored')?.id,
  );
  const [limit, setLimit] = useState(STEP);
  const args = { text: useSettled(text).trim(), limit, ...(which === 'gone' ? { gone: true } : {}) };
  const { answer, failure, again } = useAnswer('trash', args, 0, newest);
  const { progress, restore } = useRestore(again);
  const entries = answer?.entries ?? [];
  const isSelectable = which === 'back';
  const selected = isSelectable ? entries.filter((entry) => chosen.has(keyOf(entry))) : [];
  const selectedHere = selected.filter(({ where }) => where === 'here');
  const choose = (entry: TrashedEntry, isOn: boolean): void =>
    setChosen((before) => {
      const after = new Set(before);
      if (isOn) after.add(keyOf(entry));
      else after.delete(keyOf(entry));
      return after;
    });
  return (
    <div className="page">
      <PageHeading
        title={t('trash.title')}
        detail={t('trash.detail')}
        actions={
          entries.some(({ where }) => where === 'here') && (
            <Button onClick={() => setAsksToEmpty('all')}>{t('trash.empty')}</Button>
          )
        }
      />
      <div className="tools" role="search">
        <SearchInput label={t('trash.search')} value={text} onValue={setText} />
        <Segments<Which>
          label={t('trash.which')}
          value={which}
          onChange={setWhich}
          options={[
            { value: 'back', word: t('trash.back') },
            { value: 'gone', word: t('trash.gone') },
          ]}
        />
      </div>
      <FailureNote failure={failure} onDismiss={again} />
      {answer !== null && entries.length === 0 && (
        <EmptyState
          icon="deleted"
          text={t(args.text !== '' ? 'trash.noneFound' : isSelectable ? 'trash.none' : 'trash.noneGone')}
        />
      )}
      {entries.length > 0 && isSelectable && (
        <div className="selecting">
          <Checkbox
            label={t('trash.selectAll')}
            state={selected.length === 0 ? 'off' : selected.length === entries.length ? 'on' : 'some'}
            onChange={(isOn) => setChosen(new Set(isOn ? entries.map(keyOf) : []))}
          />
          {progress !== null ? (
            <span role="status">{t('trash.restoring', progress)}</span>
          ) : selected.length === 0 ? (
            <span className="quiet">{t('trash.selectAll')}</span>
          ) : (
            <>
              <Button kind="primary" icon="restored" onClick={() => void restore(selected)}>
                {t('trash.restoreMany', { count: selected.length })}
              </Button>
              {selectedHere.length > 0 && (
                <Button onClick={() => setAsksToEmpty('chosen')}>
                  {t('trash.remove', { count: selectedHere.length })}
                </Button>
              )}
            </>
          )}
        </div>
      )}
      {entries.length > 0 && (
        <LongList
          label={t('trash.title')}
          count={entries.length}
          rowHeightPx={ROW_HEIGHT_PX}
          rowClass="row-with-action"
          keyOf={(index) => (entries[index] === undefined ? index : keyOf(entries[index]))}
        >
          {(index) => {
            const entry = entries[index];
            if (entry === undefined) return null;
            const selection = { isOn: chosen.has(keyOf(entry)), onChange: (isOn: boolean) => choose(entry, isOn) };
            return (
              <TrashRow
                entry={entry}
                selection={isSelectable ? selection : null}
                isBusy={progress !== null}
                onRestore={() => void restore([entry])}
              />
            );
          }}
        </LongList>
      )}
      {answer?.isCut === true && (
        <p className="section-act">
          <span className="quiet">{t('trash.cut')}</span>
          {limit < MOST && <Button onClick={() => setLimit(Math.min(MOST, limit + STEP))}>{t('trash.more')}</Button>}
        </p>
      )}
      {asksToEmpty !== null && (
        <EmptyDialog
          chosen={asksToEmpty === 'all' ? null : byFolder(selectedHere)}
          onClose={() => setAsksToEmpty(null)}
          onEmptied={again}
        />
      )}
    </div>
  );
}

function byFolder(entries: readonly TrashedEntry[]): { readonly folder: string; readonly ids: string[] }[] {
  return [...Map.groupBy(entries, ({ folder }) => folder)].map(([folder, its]) => ({
    folder,
    ids: its.map(({ id }) => id),
  }));
}
