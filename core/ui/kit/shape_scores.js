// Two shapes as masks, and what IoU and the boundary score count of them: the arithmetic of core/maths/shapes.py and
// core/maths/metrics.py. A mask is a Uint8Array of 0 and 1, row by row. Nothing here knows a page.

/**
 * The pixels of a shape, as far as they lie on the grid.
 * @param {string} kind "disc", or anything upright
 * @param {number[]} half pixels on each side of the middle, across and down
 * @param {number[]} middle x and y of its middle pixel
 * @param {number} grow pixels by which it is larger on every side
 * @param {number[]} size width and height of the grid
 */
export function shape(kind, half, middle, grow, size) {
  const [width, height] = size, mask = new Uint8Array(width * height), [across, down] = half.map((side) => side + grow);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const dx = Math.abs(x - middle[0]), dy = Math.abs(y - middle[1]);
      // a disc of radius r + 1/2, in whole numbers
      const inside = kind === "disc" ? across >= 0 && 4 * (dx * dx + dy * dy) <= (2 * across + 1) ** 2 : dx <= across && dy <= down;
      mask[i] = Number(inside);
    }
  return mask;
}

/**
 * The pixels of a mask that touch its outside along an edge; the frame is not an outside.
 * @param {Uint8Array} mask
 * @param {number[]} size
 */
export function outline(mask, size) {
  const [width, height] = size, line = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      line[i] = Number(mask[i] && ((x > 0 && !mask[i - 1]) || (x + 1 < width && !mask[i + 1]) || (y > 0 && !mask[i - width]) || (y + 1 < height && !mask[i + width])));
  return line;
}

/**
 * The pixels within `distance` of a mask, horizontally and vertically.
 * @param {Uint8Array} mask
 * @param {number[]} size
 * @param {number} distance
 */
export function near(mask, size, distance) {
  const [width, height] = size, band = new Uint8Array(mask.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!mask[i]) continue;
      const left = Math.max(0, x - distance), right = Math.min(width, x + distance + 1);
      for (let row = Math.max(0, y - distance); row < Math.min(height, y + distance + 1); row++) band.fill(1, row * width + left, row * width + right);
    }
  return band;
}

const count = (/** @type {Uint8Array} */ mask, /** @type {(i: number) => unknown} */ which) => mask.reduce((sum, value, i) => sum + Number(value && which(i)), 0);

/**
 * Overlap and union in pixels, what only one of both covers, and their IoU.
 * @param {Uint8Array} truth
 * @param {Uint8Array} prediction not empty together with `truth`
 */
export function areas(truth, prediction) {
  const both = count(truth, (i) => prediction[i]), missed = count(truth, (i) => !prediction[i]), extra = count(prediction, (i) => !truth[i]);
  return { both, missed, extra, either: both + missed + extra, iou: both / (both + missed + extra) };
}

/**
 * Both outlines, the band around each, how many pixels of each lie in the other's, and the boundary score (F1).
 * @param {Uint8Array} truth
 * @param {Uint8Array} prediction
 * @param {number[]} size
 * @param {number} distance
 */
export function outlines(truth, prediction, size, distance) {
  const [true_, predicted] = [truth, prediction].map((mask) => outline(mask, size));
  const [trueBand, predictedBand] = [true_, predicted].map((line) => near(line, size, distance));
  const one = (/** @type {Uint8Array} */ line, /** @type {Uint8Array} */ band) => {
    const hits = count(line, (i) => band[i]), all = count(line, () => true);
    return { hits, all, share: all ? hits / all : 0 };
  };
  const precision = one(predicted, trueBand), recall = one(true_, predictedBand), sum = precision.share + recall.share;
  const f1 = !precision.all && !recall.all ? 1 : sum > 0 ? (2 * precision.share * recall.share) / sum : 0;
  return { true: true_, predicted, trueBand, predictedBand, precision, recall, f1 };
}
