const SIDE_PX = 192;
const QUALITY = 0.85;

/**
 * The middle of a picture as a small JPEG, a data URL: nothing else of the file goes to the server, neither its place nor its time. null for what no
 * browser can draw.
 */
export async function drawPicture(file: Blob): Promise<string | null> {
  const image = await createImageBitmap(file).catch(() => null);
  if (image === null) return null;
  const canvas = document.createElement('canvas');
  canvas.width = SIDE_PX;
  canvas.height = SIDE_PX;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  const side = Math.min(image.width, image.height);
  context.fillStyle = 'white';
  context.fillRect(0, 0, SIDE_PX, SIDE_PX);
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE_PX, SIDE_PX);
  image.close();
  return canvas.toDataURL('image/jpeg', QUALITY);
}
