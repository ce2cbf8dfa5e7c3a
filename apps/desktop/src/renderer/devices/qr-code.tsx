import { useMemo } from 'react';
import { drawQr } from './draw-qr.ts';

/** A QR code, dark on light in both themes: cameras read it best so. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => drawQr(text), [text]);
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className="qr-ground" width={size} height={size} />
      <path className="qr-squares" d={path} />
    </svg>
  );
}
