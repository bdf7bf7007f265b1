// Masks of class ids on canvases, for every component that lays one over a photo.

import { context, grey } from "./bytes.js";
import { turn } from "./turns.js";

// Two neighbours of a mask, `ids[i]` and `ids[j]`, on a canvas of 32-bit words: where they differ, a line that shows on
// any ground, white on the side of the larger id and dark on the other. Void (255) is nobody's inside.
export function drawEdge(lines, ids, i, j) {
  const a = ids[i] % 255, b = ids[j] % 255;
  if (a === b) return;
  lines[a > b ? i : j] = 0xffffffff;
  lines[a > b ? j : i] ||= 0xcc000000;
}

/**
 * A mask of class ids (grey PNG) as colours on a canvas, outlined where that is asked for; background stays clear.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {string} address
 * @param {Uint8Array} colours RGB of each id
 * @param {number | Uint8Array} alpha one opacity for all ids, or one for each
 * @param {boolean} outlined
 * @returns {Promise<number[] | null>} the ids on it; `null` where a later call for the same canvas has overtaken this
 *   one, which then drew nothing
 */
export async function drawMask(canvas, address, colours, alpha = 255, outlined = false) {
  const wanted = turn(canvas), { width, height, values: ids } = await grey(address);
  if (!wanted()) return null;
  const pixels = new ImageData(width, height), { data } = pixels, seen = new Set();
  ids.forEach((id, i) => {
    data.set([colours[3 * id], colours[3 * id + 1], colours[3 * id + 2], id ? alpha[id] ?? alpha : 0], 4 * i);
    if (id) seen.add(id);
  });
  if (outlined) {
    const lines = new Uint32Array(width * height), words = new Uint32Array(data.buffer);
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (x + 1 < width) drawEdge(lines, ids, i, i + 1);
        if (y + 1 < height) drawEdge(lines, ids, i, i + width);
      }
    lines.forEach((line, i) => line && (words[i] = line));
  }
  Object.assign(canvas, { width, height });
  context(canvas).putImageData(pixels, 0, 0);
  return [...seen].sort((a, b) => a - b);
}
