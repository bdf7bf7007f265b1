// Many small maps in one grey picture (core/viz/sprites.py): decoded once, coloured and enlarged on canvases here.

import { grey } from "./bytes.js";

/**
 * `SpriteSheet.data()` of Python.
 * @typedef {{ image: string, count: number, columns: number, width: number, height: number, low: number[], high: number[], channels?: number[], signed?: boolean }} SheetData
 */

export class SpriteSheet {
  /** @type {number} */ stride;
  /** @type {Uint8Array} */ bytes;
  /** @type {number} */ count;
  /** @type {number} */ columns;
  /** @type {number} */ width;
  /** @type {number} */ height;
  /** @type {number[]} the values of byte 0 */ low;
  /** @type {number[]} the values of byte 255 */ high;
  /** @type {number[]} */ channels;
  /** @type {boolean | undefined} */ signed;

  /**
   * Await `loaded` before drawing.
   * @param {SheetData} data
   */
  constructor(data) {
    Object.assign(this, data);
    this.extremes = [Math.min(...this.low), Math.max(...this.high)];
    this.loaded = this.decode(data.image);
  }

  // The grey values, one byte each, in `bytes`.
  async decode(address) {
    const { width, values } = await grey(address);
    this.stride = width;
    this.bytes = values;
  }

  // Offset in `bytes` of cell (row, column) of map `index`.
  offset(index, row, column) {
    const top = Math.floor(index / this.columns) * this.height, left = (index % this.columns) * this.width;
    return (top + row) * this.stride + left + column;
  }

  // The value of a cell in the layer's own units.
  value(index, row, column) {
    const byte = this.bytes[this.offset(index, row, column)];
    return this.low[index] + (byte / 255) * (this.high[index] - this.low[index]);
  }

  // Colours of the map's 256 bytes: 256 RGBA words. `palette` is 768 bytes of RGB. `range` is [low, high] of the
  // palette's ends in the layer's units; without it the map fills the palette with its own range.
  lookup(index, palette, range) {
    const words = new Uint8ClampedArray(1024), [low, high] = range ?? [this.low[index], this.high[index]];
    const span = high - low || 1;
    for (let byte = 0; byte < 256; byte++) {
      const value = this.low[index] + (byte / 255) * (this.high[index] - this.low[index]);
      const at = 3 * Math.round(255 * Math.min(1, Math.max(0, (value - low) / span)));
      words.set([palette[at], palette[at + 1], palette[at + 2], 255], 4 * byte);
    }
    return words;
  }

  // Draw map `index` on `canvas`, whose size becomes the map's own: CSS enlarges it (image-rendering: pixelated).
  draw(canvas, index, palette, range) {
    const { width, height } = this, words = this.lookup(index, palette, range);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d"), image = context.createImageData(width, height);
    for (let row = 0, to = 0; row < height; row++) {
      for (let from = this.offset(index, row, 0), end = from + width; from < end; from++, to += 4) {
        const word = 4 * this.bytes[from];
        for (let channel = 0; channel < 4; channel++) image.data[to + channel] = words[word + channel];
      }
    }
    context.putImageData(image, 0, 0);
  }
}
