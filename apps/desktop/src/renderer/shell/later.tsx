import { Suspense, use } from 'react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';

/** A screen whose code is fetched when it is first shown. */
export interface Later<P extends object> {
  readonly Screen: ComponentType<P>;
  /** Has the code there before it is asked for. A failure is kept to itself: whoever opens the screen tries again, and is told. */
  readonly ahead: () => Promise<void>;
  /** After a failure: the next showing fetches it anew. */
  readonly again: () => void;
}

/** The code of a screen could not be had: the line is cut, its files are gone, or others by now. */
export class NotArrived extends Error {
  override readonly name = 'NotArrived';
}

/**
 * React's own `lazy` keeps a failure for ever; here it can be tried again.
 * @param load imports the screen; asked again only after a failure or by `ahead`, and a browser runs the same import once
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  let found: ComponentType<P> | null = null;
  let coming: Promise<ComponentType<P>> | null = null;
  async function fetched(): Promise<ComponentType<P>> {
    try {
      return (found = await load());
    } catch (error) {
      throw new NotArrived(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  function Arriving(props: P) {
    // The same promise each time this is drawn, a failed one too: another one would be waited for anew, without end.
    const Found = found ?? use((coming ??= fetched()));
    return <Found {...props} />;
  }
  function Screen(props: P) {
    return (
      <Suspense fallback={<Placeholder />}>
        <Arriving {...props} />
      </Suspense>
    );
  }
  return {
    Screen,
    ahead: () => fetched().then(undefinedOf, undefinedOf),
    again() {
      coming = null;
    },
  };
}

function undefinedOf(): undefined {
  return undefined;
}

/** Nothing at first, so that nothing flickers; its line comes into sight, and is read aloud, when the code takes its time. */
function Placeholder() {
  const { t } = useTranslation();
  return (
    <div className="page later" role="status">
      <h1>{t('mishap.loading')}</h1>
    </div>
  );
}
