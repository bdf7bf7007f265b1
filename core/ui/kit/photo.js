// Places on a photo: where the pointer is, where the arrow keys lead, where a rectangle lies in percent.

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * A part of a whole for CSS.
 * @param {number} value
 * @param {number} of
 */
export const share = (value, of) => `${(100 * value) / of}%`;

/**
 * Where the pointer is on `element`: 0 to 1 along its width and its height, less or more beyond its edges.
 * @param {{ clientX: number, clientY: number }} event
 * @param {Element} element
 * @returns {[number, number]}
 */
export function placeOf(event, element) {
  const box = element.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The step [right, down] of an arrow key; `null` for other keys, and for those that belong to the browser.
 * @param {KeyboardEvent} event
 */
export function arrow(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return STEPS[event.key] ?? null;
}
