import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Icon } from '../parts/icons.tsx';
import { useAnswer, useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { drawPicture } from './draw-picture.ts';

/** The name and the picture that a person lets the server know; both may be left away. */
export function ProfilePart() {
  const { t } = useTranslation();
  const tell = useTell();
  const fileId = useId();
  const [turn, setTurn] = useState(0);
  const { answer, failure: unread, again } = useAnswer('profile', {}, turn);
  const [name, setName] = useState<string | null>(null);
  const [isWrongFile, setWrongFile] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  if (answer === null) return <FailureNote failure={unread} onDismiss={again} />;
  const { profile } = answer;
  const shown = name ?? profile.name ?? '';
  const written = shown.trim() === '' ? null : shown.trim();
  const save = async (changed: { readonly picture?: string | null }) => {
    // Another window or device may have made another of it since it was shown here.
    const now = await ask('profile', {});
    if (now === null) return;
    const next = { ...now.profile, ...(name === null ? {} : { name: written }), ...changed };
    if ((await ask('setProfile', next)) === null) return;
    setName(null);
    setTurn((before) => before + 1);
    tell(t('account.profileSaved'));
  };
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    const picture = await drawPicture(file);
    setWrongFile(picture === null);
    if (picture !== null) await save({ picture });
  };
  return (
    <form
      className="profile"
      onSubmit={(event) => {
        event.preventDefault();
        void save({});
      }}
    >
      <span className="profile-picture">
        {profile.picture === null ? <Icon name="account" sizePx={24} /> : <img src={profile.picture} alt="" />}
      </span>
      <div className="profile-fields">
        <Field label={t('account.name')} hint={t('account.nameHint')}>
          {(ties) => <TextInput value={shown} onValue={setName} maxLength={100} autoComplete="name" {...ties} />}
        </Field>
        <p className="section-act">
          <Button type="submit" disabled={isBusy || name === null || written === profile.name}>
            {t('settings.save')}
          </Button>
          <span className="kit-file">
            <label className="button" htmlFor={fileId}>
              {t('account.picture')}
            </label>
            <input
              id={fileId}
              className="visually-hidden"
              type="file"
              accept="image/*"
              onChange={(event) => void choose(event.target.files?.[0])}
            />
          </span>
          {profile.picture !== null && (
            <Button kind="quiet" disabled={isBusy} onClick={() => void save({ picture: null })}>
              {t('account.noPicture')}
            </Button>
          )}
        </p>
        {isWrongFile && (
          <p role="alert" className="field-error">
            {t('account.pictureWrong')}
          </p>
        )}
        <FailureNote failure={failure} onDismiss={dismiss} invalid={t('account.pictureWrong')} />
      </div>
    </form>
  );
}
