import { splitName } from '../model/names.ts';

/** A file's name; when there is no room the middle of its stem goes, never its ending. */
export function FileName({ name }: { readonly name: string }) {
  const { stem, ending } = splitName(name);
  return (
    <bdi className="file-name" title={name}>
      <span className="file-stem">{stem}</span>
      {ending !== '' && <span className="file-ending">{ending}</span>}
    </bdi>
  );
}
