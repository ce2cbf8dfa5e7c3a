/** Line drawings on a 20 px grid, in the stroke of the mark. Decoration: the words beside them say the same. */
const DRAWINGS = {
  home: 'M3.5 9.2 10 3.8l6.5 5.4M5.2 8v8h9.6V8M8.3 16v-4.2h3.4V16',
  pause: 'M7.2 5.2v9.6M12.8 5.2v9.6',
  resume: 'M7 4.9v10.2L15 10Z',
  settings:
    'M3.5 6.2h8.2M15.4 6.2h1.1M3.5 13.8h1.1M8.3 13.8h8.2M13.55 4.35a1.85 1.85 0 1 1 0 3.7 1.85 1.85 0 0 1 0-3.7ZM6.45 11.95a1.85 1.85 0 1 1 0 3.7 1.85 1.85 0 0 1 0-3.7Z',
  up: 'M10 15.5v-11M5.8 8.7 10 4.5l4.2 4.2',
  down: 'M10 4.5v11M5.8 11.3l4.2 4.2 4.2-4.2',
  plus: 'M10 4.5v11M4.5 10h11',
  folder: 'M3.2 14.6V5.8c0-.6.4-1 1-1h3.5l1.8 2h6.3c.6 0 1 .4 1 1v6.8c0 .6-.4 1-1 1H4.2c-.6 0-1-.4-1-1Z',
  device: 'M4.5 12.6V5.4c0-.5.4-.9.9-.9h9.2c.5 0 .9.4.9.9v7.2M2.8 15.2h14.4',
  added: 'M10 5.2v9.6M5.2 10h9.6',
  edited: 'm4.4 15.6.7-3L12.6 5l2.4 2.4-7.6 7.5ZM11 6.6 13.4 9',
  renamed: 'M10 4.4v11.2M8.2 4.4h3.6M8.2 15.6h3.6M7.6 7.4H4.2v5.2h3.4M12.4 7.4h3.4v5.2h-3.4',
  moved: 'M3.8 10h11.6M11.4 6l4 4-4 4',
  deleted: 'M4.4 6.2h11.2M8 6V4.4h4V6M5.8 6.4l.6 9.2h7.2l.6-9.2M8.6 9v4M11.4 9v4',
  restored: 'M4.4 8.4h7.8a3.4 3.4 0 1 1 0 6.8H8M7.4 5.2 4.2 8.4l3.2 3.2',
  conflict: 'M5 4.6h5.4v8H5ZM9.6 7.4H15v8H9.6',
  attention: 'M10 5v6M10 14.2v.2',
  system: 'M3.6 4.8h12.8v8.4H3.6ZM7.4 16h5.2',
  light:
    'M10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4ZM10 2.8v1.4M10 15.8v1.4M2.8 10h1.4M15.8 10h1.4M4.9 4.9l1 1M14.1 14.1l1 1M15.1 4.9l-1 1M5.9 14.1l-1 1',
  dark: 'M15.8 11.8A6.3 6.3 0 0 1 8.2 4.2a6.3 6.3 0 1 0 7.6 7.6Z',
  activity: 'M3.4 10h3l2.2-5.2 3 10.4L13.8 10h2.8',
  files: 'M5.8 3.8h4.6l3 3v7H5.8ZM10.3 3.9v3h3M8 16.2h7.6V8.6',
  search: 'M9 4.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2ZM12.4 12.4l3.4 3.4',
  chevronDown: 'm6 8 4 4 4-4',
  chevronRight: 'm8 6 4 4-4 4',
  file: 'M5.4 3.8h5.8l3.4 3.4v9H5.4ZM11 3.9v3.4h3.5',
  link: 'M8.4 11.6l3.2-3.2M9.2 6.6l1.4-1.4a2.9 2.9 0 0 1 4.2 4.2l-1.4 1.4M10.8 13.4l-1.4 1.4a2.9 2.9 0 0 1-4.2-4.2l1.4-1.4',
  clock: 'M10 3.6a6.4 6.4 0 1 1 0 12.8 6.4 6.4 0 0 1 0-12.8ZM10 6.6V10l2.4 1.6',
  storage: 'M3.8 4.2h12.4v11.6H3.8ZM10.4 4.2v11.6M10.4 9.4h5.8',
  account: 'M10 4a2.9 2.9 0 1 1 0 5.8A2.9 2.9 0 0 1 10 4ZM4.6 16a5.4 5.4 0 0 1 10.8 0',
  question:
    'M10 3.6a6.4 6.4 0 1 1 0 12.8 6.4 6.4 0 0 1 0-12.8ZM8.4 8.2a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.9.7-.9 1.3M10 13.2v.1',
  check: 'm4.8 10.4 3.4 3.4 7-7.4',
  more: 'M5 10h.1M10 10h.1M15 10h.1',
  close: 'M5.4 5.4l9.2 9.2M14.6 5.4l-9.2 9.2',
} as const;

export type IconName = keyof typeof DRAWINGS;

/** What stands in a kept folder. */
export const KIND_ICONS = {
  file: 'file',
  folder: 'folder',
  link: 'link',
  special: 'file',
} as const;

export function Icon({ name, sizePx = 20 }: { readonly name: IconName; readonly sizePx?: number }) {
  return (
    <svg
      className="icon"
      width={sizePx}
      height={sizePx}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
