import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallArgs, Conflict, Preview } from '@onefold/control';
import { mergeParts } from '../model/merge-texts.ts';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote, useFailureWords } from '../parts/failure-note.tsx';
import { CompareView, PreviewView } from '../parts/preview-view.tsx';
import { useAsking, useSession, toFailure } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { useLineChanges } from '../parts/use-line-changes.ts';
import { usePreview } from '../parts/use-preview.ts';
import { MergeView } from './merge-view.tsx';
import { useSideWords } from './side-words.ts';

interface ConflictDialogProps {
  readonly conflict: Conflict;
  readonly onClose: () => void;
  readonly onDecided: () => void;
  readonly onUndone: () => void;
}

type Keep = CallArgs<'resolveConflict'>['keep'];

/** Both sides, always in this order: left what stands under the name, right the copy. */
export function ConflictDialog({ conflict, onClose, onDecided, onUndone }: ConflictDialogProps) {
  const { t } = useTranslation();
  const sideWords = useSideWords();
  const { folder, path, original, copy, other } = conflict;
  const { name } = splitPath(original);
  const left = usePreview(other === null ? null : { folder, path: original }, other?.mtimeMs);
  const right = usePreview({ folder, path }, copy.mtimeMs);
  const { decide, merge, isBusy, failure, dismiss } = useDecision(conflict, onDecided, onUndone);
  const nameOf = (device: Conflict['copy']['device']): string => device?.name ?? t('conflicts.unknown');
  const rightSide = copy.device === null ? conflict.device.name : nameOf(copy.device);
  const leftSide = nameOf(other?.device ?? null);
  const readFailure = left.failure ?? right.failure;
  const [isMerging, setMerging] = useState(false);
  const { leave, setWritten, isWarned } = useWritten();
  const [leftText, rightText] = textsOf(left.preview, right.preview);
  const changes = useLineChanges(leftText, rightText);
  const parts = useMemo(() => (changes == null ? null : mergeParts(changes)), [changes]);
  return (
    <Dialog
      size="wide"
      title={name}
      onClose={() => leave(onClose)}
      {...(other === null || isMerging
        ? {}
        : {
            actions: (
              <>
                {parts !== null && (
                  <Button disabled={isBusy} onClick={() => setMerging(true)}>
                    {t('conflicts.merge')}
                  </Button>
                )}
                <Button kind="primary" disabled={isBusy} onClick={() => void decide('both', '')}>
                  {t('conflicts.both')}
                </Button>
              </>
            ),
          })}
    >
      <div className="sides">
        <section className="side" aria-label={t('conflicts.underName')}>
          <h3>{t('conflicts.underName')}</h3>
          <p className="quiet">{other === null ? t('conflicts.gone') : sideWords(other)}</p>
          {other !== null && !isMerging && (
            <Button
              disabled={isBusy}
              aria-label={t('conflicts.keepOf', { side: leftSide })}
              onClick={() => void decide('original', leftSide)}
            >
              {t('conflicts.keep')}
            </Button>
          )}
        </section>
        <section className="side" aria-label={t('conflicts.asCopy')}>
          <h3>{t('conflicts.asCopy')}</h3>
          <p className="quiet">{sideWords(copy)}</p>
          {!isMerging && (
            <Button
              disabled={isBusy}
              {...(other === null ? {} : { 'aria-label': t('conflicts.keepOf', { side: rightSide }) })}
              onClick={() => void decide('copy', rightSide)}
            >
              {other === null ? t('conflicts.takeName') : t('conflicts.keep')}
            </Button>
          )}
        </section>
      </div>
      <FailureNote failure={failure} onDismiss={dismiss} invalid={t('conflicts.mergeInvalid')} />
      <FailureNote
        failure={readFailure}
        onDismiss={() => {
          left.again();
          right.again();
        }}
      />
      {isMerging && parts !== null && (
        <MergeView
          parts={parts}
          isBusy={isBusy}
          onBack={() =>
            leave(() => {
              setWritten(false);
              setMerging(false);
            })
          }
          onWritten={setWritten}
          onSave={(text) => void merge(text)}
        />
      )}
      <div role="alert">{isWarned && <p className="amber">{t('conflicts.unsaved')}</p>}</div>
      <div className="look" aria-live="polite" hidden={isMerging}>
        {right.preview === null || (other !== null && left.preview === null) ? (
          readFailure === null && <p className="quiet">{t('look.loading')}</p>
        ) : left.preview === null ? (
          <PreviewView preview={right.preview} label={t('conflicts.asCopy')} />
        ) : (
          <CompareView
            before={left.preview}
            after={right.preview}
            beforeWord={t('conflicts.underName')}
            afterWord={t('conflicts.asCopy')}
            arePeers
          />
        )}
      </div>
      {!isMerging && <p className="quiet">{t('conflicts.bothHint')}</p>}
    </Dialog>
  );
}

/** What was written by hand is let go only by whoever says so twice: a click beside the dialog is soon made. */
function useWritten() {
  const [isWritten, setWritten] = useState(false);
  const [isWarned, setWarned] = useState(false);
  return {
    isWarned: isWritten && isWarned,
    setWritten: (next: boolean): void => {
      setWritten(next);
      setWarned(false);
    },
    leave: (how: () => void): void => {
      if (isWritten && !isWarned) setWarned(true);
      else how();
    },
  };
}

/** Nulls where there is no text to be made of the two. */
function textsOf(left: Preview | null, right: Preview | null): readonly [string | null, string | null] {
  if (left?.kind !== 'text' || right?.kind !== 'text' || left.isCut || right.isCut) return [null, null];
  return [left.text, right.text];
}

/** Decides, says what became of it, and takes it back when that is asked for. */
function useDecision({ folder, path, original, copy, other }: Conflict, onDecided: () => void, onUndone: () => void) {
  const { t } = useTranslation();
  const session = useSession();
  const tell = useTell();
  const failureWords = useFailureWords();
  const { ask, isBusy, failure, dismiss } = useAsking();

  function takeBack(undo: string): void {
    session.call('undo', { undo }).then(
      () => {
        tell(t('conflicts.undone'));
        onUndone();
      },
      (thrown: unknown) => tell(failureWords(toFailure(thrown))),
    );
  }

  async function decide(keep: Keep, side: string): Promise<void> {
    const decided = await ask('resolveConflict', { folder, path, keep });
    if (decided === null) return;
    const words =
      keep === 'both'
        ? t('conflicts.keptBoth')
        : other === null
          ? t('conflicts.keptName', { name: splitPath(original).name })
          : t('conflicts.kept', { side });
    settled(words, decided.undo);
  }

  async function merge(text: string): Promise<void> {
    if (other === null) return;
    const was = { originalMtimeMs: other.mtimeMs, copyMtimeMs: copy.mtimeMs };
    const merged = await ask('mergeConflict', { folder, path, text, was });
    if (merged !== null) settled(t('conflicts.merged'), merged.undo);
  }

  function settled(words: string, undo: string): void {
    tell(words, { word: t('conflicts.undo'), onChoose: () => takeBack(undo) });
    onDecided();
  }

  return { decide, merge, isBusy, failure, dismiss };
}
