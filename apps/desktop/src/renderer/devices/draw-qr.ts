import { encode } from 'uqr';

/** Squares of quiet around the code, as the standard asks for: in the dark theme nothing else there is light. */
export const QR_BORDER = 4;

/** A QR code (ISO/IEC 18004) as SVG path data, one square a dark module, on a grid of `size` by `size`. */
export function drawQr(text: string): { readonly size: number; readonly path: string } {
  const { size, data } = encode(text, { border: QR_BORDER });
  const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: squares.join('') };
}
