import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attention } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { FailureNote, useFailureWords } from '../parts/failure-note.tsx';
import { FileName } from '../parts/file-name.tsx';
import { FolderPathForm } from '../parts/folder-path-form.tsx';
import { LongList } from '../parts/long-list.tsx';
import { Mark } from '../parts/mark.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { Section } from '../parts/section.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { hrefOf } from '../route/route.ts';
import { attentionKey } from '../words/attention-words.ts';

const SHOWN_AT_FIRST = 5;
/** Of a row with a name and one line of words. */
const ROW_HEIGHT_PX = 69;
/** What is said of a folder that a person may find elsewhere. */
const LOST: ReadonlySet<string> = new Set(['root-missing', 'root-replaced']);
/** What waits for a person to say that it was meant. */
const RESTORED = 'server-restored';
/** What leaves nothing to be done here but to sign out, and in anew where there is an account. */
const LEAVING: ReadonlySet<string> = new Set(['device-revoked', 'account-deleted', 'device-cloned', 'login-failed']);

type Question = NonNullable<Attention['question']>;

/** What a person should look at. The questions that can be answered here come first. */
export function AttentionList({ items }: { readonly items: readonly Attention[] }) {
  const { t } = useTranslation();
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  const sorted = [...items].sort((a, b) => Number(b.question !== undefined) - Number(a.question !== undefined));
  if (isWhole)
    return (
      <Section title={t('attention.title')}>
        <LongList
          count={sorted.length}
          rowHeightPx={ROW_HEIGHT_PX}
          isRowMeasured
          keyOf={(index) => sorted[index]?.id ?? index}
          listClass="attention-rows"
        >
          {(index) => {
            const item = sorted[index];
            return item === undefined ? null : <AttentionRow item={item} />;
          }}
        </LongList>
      </Section>
    );
  return (
    <Section title={t('attention.title')}>
      <ul className="rows attention-rows">
        {sorted.slice(0, SHOWN_AT_FIRST).map((item) => (
          <li key={item.id} className="row">
            <AttentionRow item={item} />
          </li>
        ))}
      </ul>
      {items.length > SHOWN_AT_FIRST && (
        <button type="button" className="button-quiet" onClick={() => setWhole(true)}>
          {t('action.showAll', { count: items.length })}
        </button>
      )}
    </Section>
  );
}

/** What stands in a row of the list. */
function AttentionRow({ item }: { readonly item: Attention }) {
  return item.question === undefined ? <NoticeRow item={item} /> : <QuestionRow item={item} question={item.question} />;
}

function NoticeRow({ item }: { readonly item: Attention }) {
  const { t } = useTranslation();
  const key = attentionKey(item.code);
  const [isLocating, setLocating] = useState(false);
  return (
    <>
      <Mark state="attention" sizePx={20} />
      <div className="row-main">
        <AttentionPlace item={item} />
        {/* A code of a newer daemon comes with its own English words, which are better than none. */}
        <p className="row-words">{key === null ? `${item.message} ${t('attention.codesRest')}` : t(key)}</p>
        {isLocating && item.folder !== undefined && (
          <LocateFolder folder={item.folder} onEnd={() => setLocating(false)} />
        )}
      </div>
      <span className="row-end quiet">
        {item.atMs !== undefined && <RelativeTime atMs={item.atMs} />}
        {item.code === 'conflict-copy' && item.folder !== undefined && (
          <a href={hrefOf('conflicts', { folder: item.folder, path: item.path })}>{t('attention.decide')}</a>
        )}
        {item.code === 'content-lost' && item.folder !== undefined && item.path !== '' && (
          <a href={hrefOf('versions', { folder: item.folder, path: item.path })}>{t('files.versions')}</a>
        )}
        {LOST.has(item.code) && item.folder !== undefined && !isLocating && (
          <button type="button" className="button" onClick={() => setLocating(true)}>
            {t('attention.locate')}
          </button>
        )}
        {item.code === RESTORED && <GoOnButton id={item.id} />}
        {LEAVING.has(item.code) && <a href={hrefOf('account', {})}>{t('attention.leave')}</a>}
      </span>
    </>
  );
}

/** A server that was put back from a backup is gone on with once a person has said so; nothing is deleted for it. */
function GoOnButton({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const failureWords = useFailureWords();
  const { ask, isBusy } = useAsking();
  return (
    <button
      type="button"
      className="button"
      disabled={isBusy}
      onClick={() => void ask('confirm', { id }, (failure) => tell(failureWords(failure)))}
    >
      {t('attention.goOn')}
    </button>
  );
}

function LocateFolder({ folder, onEnd }: { readonly folder: string; readonly onEnd: () => void }) {
  const { t } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();

  async function locate(path: string): Promise<void> {
    if ((await ask('locate', { folder, path })) !== null) onEnd();
  }

  return (
    <FolderPathForm
      label={t('attention.locateLabel')}
      action={t('attention.locateHere')}
      isBusy={isBusy}
      failure={failure}
      onDismiss={dismiss}
      onPath={(path) => void locate(path)}
      onEnd={onEnd}
    />
  );
}

function AttentionPlace({ item }: { readonly item: Attention }) {
  const place = item.path === '' ? item.folder : item.path;
  if (place === undefined || place === '') return null;
  const { name, parent } = splitPath(place);
  return (
    <div className="row-title">
      <FileName name={name} />
      {parent !== '' && <bdi className="quiet cut">{parent}</bdi>}
    </div>
  );
}

function QuestionRow({ item, question }: { readonly item: Attention; readonly question: Question }) {
  const { t } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const [isSure, setSure] = useState(false);
  const place = item.folder === undefined ? '' : [item.folder, item.path].filter((part) => part !== '').join('/');
  const isDestructive = question.deletes > 0;
  const confirmWord = t(
    question.deletes === 0
      ? 'attention.confirmRewrites'
      : question.rewrites === 0
        ? 'attention.confirmDeletes'
        : 'attention.confirmBoth',
  );
  return (
    <>
      <Mark state="attention" sizePx={20} />
      <div className="row-main row-question">
        <div className="row-title">{useQuestionWords(question)}</div>
        <p className="row-words">
          {t(question.direction === 'up' ? 'attention.massHeldUp' : 'attention.massHeldDown')}
          {place !== '' && <bdi className="quiet cut">{place}</bdi>}
        </p>
        <div className="row-answers">
          <button
            type="button"
            className="button button-primary"
            disabled={isBusy}
            onClick={() => void ask('reject', { id: item.id })}
          >
            {t('attention.reject')}
          </button>
          <button
            type="button"
            className={isDestructive ? 'button button-danger' : 'button'}
            disabled={isBusy}
            onBlur={() => setSure(false)}
            onClick={() => {
              if (isDestructive && !isSure) setSure(true);
              else void ask('confirm', { id: item.id });
            }}
          >
            {isSure ? t('attention.confirmSure') : confirmWord}
          </button>
        </div>
        <FailureNote failure={failure} onDismiss={dismiss} />
      </div>
    </>
  );
}

function useQuestionWords({ deletes, rewrites, direction }: Question): string {
  const { t } = useTranslation();
  const where = t(direction === 'up' ? 'attention.massHere' : 'attention.massElsewhere');
  if (rewrites === 0) return t('attention.massDeletes', { count: deletes, where });
  if (deletes === 0) return t('attention.massRewrites', { count: rewrites, where });
  return t('attention.massBoth', { deletes, rewrites, where });
}
