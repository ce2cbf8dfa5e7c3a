import { OnefoldError, pictureTypeOf } from '@onefold/protocol';
import type { Session } from '../remote/session.ts';

export interface ProfileText {
  readonly name: string | null;
  /** A data URL. */
  readonly picture: string | null;
}

const DATA_URL = /^data:image\/(?:png|jpeg|webp);base64,([A-Za-z0-9+/]+=*)$/;

/** What the server knows of the person. What is no picture by its bytes counts as none: the server may send anything. */
export async function readProfile(session: Session): Promise<ProfileText> {
  const { name, picture } = await session.profile();
  const type = picture === null ? null : pictureTypeOf(picture);
  if (picture === null || type === null) return { name, picture: null };
  return { name, picture: `data:${type};base64,${Buffer.from(picture).toString('base64')}` };
}

/** Replaces it whole. Throws `invalid-argument`. */
export async function writeProfile(session: Session, { name, picture }: ProfileText): Promise<void> {
  if (picture === null) return session.setProfile({ name, picture: null });
  const bytes = Buffer.from(DATA_URL.exec(picture)?.[1] ?? '', 'base64');
  if (pictureTypeOf(bytes) === null) throw new OnefoldError('invalid-argument', 'a picture is PNG, JPEG or WebP');
  return session.setProfile({ name, picture: new Uint8Array(bytes) });
}
