// Arrays as Python sends them: packed into text, or as a grey picture whose pixels are the bytes.

/** @param {string} text base64 */
export const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** @param {string} text base64 of 16-bit numbers, low byte first */
export const words = (text) => new Uint16Array(bytes(text).buffer);

/**
 * A grey PNG, decoded. It has no colour profile: a byte stays the byte that Python wrote.
 * @param {string} address
 */
export async function grey(address) {
  const image = Object.assign(new Image(), { src: address });
  await image.decode();
  const { width, height } = image, canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(image, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data, values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) values[i] = rgba[4 * i];
  return { width, height, values };
}

/**
 * What draws on a canvas: every browser that runs SegScope has it.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}
