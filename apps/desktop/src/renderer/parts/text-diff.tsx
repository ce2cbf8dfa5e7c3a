import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { diffTexts } from '../model/text-diff.ts';
import type { DiffLine, DiffRow } from '../model/text-diff.ts';
import { Button } from './button.tsx';
import { useLineChanges } from './use-line-changes.ts';

/** More rows at once would keep the page from answering. */
const STEP_ROWS = 200;

interface TextDiffProps {
  readonly before: string;
  readonly after: string;
  /** Names of the two sides. */
  readonly beforeWord: string;
  readonly afterWord: string;
  /** Neither came before the other: nothing counts as struck out. */
  readonly arePeers?: boolean;
  /** Only the beginning of one of them is here. */
  readonly isCut?: boolean;
}

/** Two texts beside each other, line by line. What differs is told by marks and elements too, not by colour alone. */
export function TextDiff({ before, after, beforeWord, afterWord, arePeers = false, isCut = false }: TextDiffProps) {
  const { t } = useTranslation();
  const changes = useLineChanges(before, after);
  const [shown, setShown] = useState(STEP_ROWS);
  const diff = useMemo(
    () => (changes === undefined ? null : diffTexts(before, after, changes)),
    [before, after, changes],
  );
  if (diff === null) return <p className="quiet">{t('look.comparing')}</p>;
  if (diff.kind === 'same') return <p className="quiet">{t(isCut ? 'look.sameSoFar' : 'look.same')}</p>;
  if (diff.kind === 'too-different') return <p className="quiet">{t('look.tooDifferent')}</p>;
  return (
    <>
      <table className="diff">
        <colgroup>
          <col className="diff-numbers" />
          <col />
          <col className="diff-numbers" />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" colSpan={2}>
              {beforeWord}
            </th>
            <th scope="col" colSpan={2}>
              {afterWord}
            </th>
          </tr>
        </thead>
        <tbody>
          {diff.rows.slice(0, shown).map((row, index) => (
            <Row key={index} row={row} arePeers={arePeers} />
          ))}
        </tbody>
      </table>
      {diff.rows.length > shown ? (
        <Button kind="quiet" onClick={() => setShown(shown + STEP_ROWS)}>
          {t('look.more')}
        </Button>
      ) : (
        diff.isCut && <p className="quiet">{t('look.cut')}</p>
      )}
    </>
  );
}

function Row({ row, arePeers }: { readonly row: DiffRow; readonly arePeers: boolean }) {
  const { t } = useTranslation();
  if (row.kind === 'skipped')
    return (
      <tr className="diff-skipped">
        <td colSpan={4}>{t('look.skipped', { count: row.count })}</td>
      </tr>
    );
  return (
    <tr>
      <Side line={row.before} mark={row.kind === 'same' ? null : arePeers ? 'other' : 'gone'} />
      <Side line={row.after} mark={row.kind === 'same' ? null : arePeers ? 'other' : 'new'} />
    </tr>
  );
}

const MARKS = { gone: 'del', new: 'ins', other: 'mark' } as const;

function Side({ line, mark }: { readonly line: DiffLine | null; readonly mark: keyof typeof MARKS | null }) {
  if (line === null)
    return (
      <>
        <td className="diff-number" />
        <td className="diff-none" />
      </>
    );
  const Changed = mark === null ? 'span' : MARKS[mark];
  return (
    <>
      <td className="diff-number figures">{line.number}</td>
      <td className={mark === null ? 'diff-line' : `diff-line diff-${mark}`}>
        {line.pieces.map(({ text, isChanged }, index) =>
          isChanged ? <Changed key={index}>{text}</Changed> : <span key={index}>{text}</span>,
        )}
      </td>
    </>
  );
}
