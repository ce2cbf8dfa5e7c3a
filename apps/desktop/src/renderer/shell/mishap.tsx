import { Component } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useModelPart } from '../parts/session-context.tsx';
import { NotArrived } from './later.tsx';

interface MishapProps {
  /** What is shown. When this changes after a failure, it is drawn anew: one has gone elsewhere. */
  readonly at: string;
  /** Called before the children are drawn anew at someone's wish. */
  readonly onAgain: () => void;
  /** Whether nothing stands around this: then it is all there is on the page. */
  readonly isWhole?: boolean;
  readonly children: ReactNode;
}

interface MishapState {
  readonly trouble: { readonly error: unknown } | null;
}

/** Around what may fail to load or to draw: says so in its place, and what stands around it stays usable. */
export class Mishap extends Component<MishapProps, MishapState> {
  override state: MishapState = { trouble: null };

  static getDerivedStateFromError(error: unknown): MishapState {
    return { trouble: { error } };
  }

  override componentDidUpdate(before: MishapProps): void {
    if (before.at !== this.props.at && this.state.trouble !== null) this.drawAnew();
  }

  drawAnew(): void {
    this.props.onAgain();
    this.setState({ trouble: null });
  }

  override render(): ReactNode {
    const { trouble } = this.state;
    if (trouble === null) return this.props.children;
    const told = <Told error={trouble.error} onAgain={() => this.drawAnew()} isWhole={this.props.isWhole === true} />;
    return this.props.isWhole === true ? <main className="setup">{told}</main> : told;
  }
}

interface ToldProps {
  readonly error: unknown;
  readonly onAgain: () => void;
  readonly isWhole: boolean;
}

function Told({ error, onAgain, isWhole }: ToldProps) {
  const { t } = useTranslation();
  // Without whoever serves the page, loading it anew would leave nothing of it.
  const isServed = useModelPart(({ line }) => line === 'open');
  const what = error instanceof NotArrived ? t('mishap.lost') : t('mishap.torn');
  return (
    <div className="page mishap">
      <PageHeading title={isWhole ? t('mishap.whole') : t('mishap.title')} />
      <div role="alert">
        <p>{what}</p>
        <p>{isWhole ? t('mishap.files') : t('mishap.filesAndScreens')}</p>
      </div>
      <p className="mishap-actions">
        <Button kind="primary" onClick={onAgain}>
          {t('mishap.again')}
        </Button>
        {isServed && <Button onClick={() => location.reload()}>{t('mishap.reload')}</Button>}
      </p>
      <Reason error={error} />
    </div>
  );
}

/** What the program itself says of it, for whoever reports it; folded away, since it is no help to anyone else. */
function Reason({ error }: { readonly error: unknown }) {
  const { t } = useTranslation();
  return (
    <details className="mishap-reason">
      <summary>{t('mishap.reason')}</summary>
      <p className="quiet">{error instanceof Error ? error.message : String(error)}</p>
    </details>
  );
}
