/* Files sorted by what people would call them, from the ending of their names. */

export const FILE_KINDS = ['documents', 'images', 'video', 'audio', 'archives', 'code', 'other'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

const ENDINGS: Readonly<Record<Exclude<FileKind, 'other'>, string>> = {
  documents: 'pdf doc docx odt rtf txt md xls xlsx ods csv ppt pptx odp pages numbers key hwp hwpx epub tex',
  images: 'jpg jpeg png gif webp avif heic heif tif tiff bmp svg raw cr2 cr3 nef arw dng psd ai xcf',
  video: 'mp4 mov mkv avi webm m4v mpg mpeg wmv mts',
  audio: 'mp3 wav flac aac m4a ogg opus aif aiff mid',
  archives: 'zip gz tgz bz2 xz zst 7z rar tar iso dmg deb rpm jar',
  code: 'js ts tsx jsx mjs cjs json py rs go c h cpp hpp java kt swift rb php sh sql html css xml yaml yml toml ipynb',
};

const KIND_OF = new Map<string, FileKind>(
  FILE_KINDS.flatMap((kind) =>
    kind === 'other' ? [] : ENDINGS[kind].split(' ').map((ending): [string, FileKind] => [ending, kind]),
  ),
);

export function fileKind(name: string): FileKind {
  const dot = name.lastIndexOf('.');
  return dot < 1 ? 'other' : (KIND_OF.get(name.slice(dot + 1).toLowerCase()) ?? 'other');
}
