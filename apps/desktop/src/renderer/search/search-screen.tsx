import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import { replaceQuery, useRoute } from '../route/use-route.ts';
import { FoundRow } from './found-row.tsx';
import { SEARCH_KEYS, useSearchKeys } from './search-keys.ts';

const ROW_HEIGHT_PX = 52;
/** Typing is not asked about letter by letter. */
const ASK_AFTER_MS = 120;
const LIMIT = 200;

/** Everything whose name holds what is typed, in all kept folders, then what was deleted. The address holds the `text`. */
export function SearchScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const state = useModelPart(({ status }) => status?.state);
  const [text, setText] = useState(query['text'] ?? '');
  const asked = query['text'] ?? '';
  const inputRef = useRef<HTMLInputElement>(null);
  const toField = useCallback(() => inputRef.current?.select(), []);
  useEffect(toField, [toField]);
  useSearchKeys(toField);
  useEffect(() => {
    if (text === asked) return undefined;
    const timer = setTimeout(() => replaceQuery(text === '' ? {} : { text }), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, asked]);
  const isAsked = asked.trim() !== '';
  const args = isAsked ? { text: asked, deleted: true, limit: LIMIT } : null;
  // How entries stand changes while something moves.
  const { answer, failure, again } = useAnswer('search', args, 0, state);
  const found = isAsked ? (answer?.found ?? []) : [];
  const many =
    found.length === LIMIT ? t('search.first', { count: LIMIT }) : t('search.count', { count: found.length });
  return (
    <div className="page">
      <PageHeading title={t('search.title')} detail={t('search.detail', { keys: SEARCH_KEYS })} />
      <div className="tools" role="search">
        <SearchInput label={t('search.label')} value={text} onValue={setText} inputRef={inputRef} />
      </div>
      <FailureNote failure={failure} onDismiss={again} />
      {!isAsked && <EmptyState icon="search" text={t('search.start')} />}
      {isAsked && answer !== null && (
        <p className={found.length === 0 ? 'visually-hidden' : 'quiet figures'} role="status">
          {many}
        </p>
      )}
      {isAsked && answer !== null && found.length === 0 && <EmptyState icon="search" text={t('search.none')} />}
      {found.length > 0 && (
        <LongList
          label={t('search.results')}
          count={found.length}
          rowHeightPx={ROW_HEIGHT_PX}
          rowClass="row-activity row-with-action"
          keyOf={(index) => {
            const entry = found[index];
            return entry === undefined ? index : `${entry.folder}\0${entry.path}\0${entry.isDeleted}`;
          }}
        >
          {(index) => {
            const entry = found[index];
            return entry === undefined ? null : <FoundRow entry={entry} />;
          }}
        </LongList>
      )}
    </div>
  );
}
