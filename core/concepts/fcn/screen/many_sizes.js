// One photo at several sizes, each under its own grid of cells. A cell lies where its window has its middle.

import { bytes, context } from "./bytes.js";
import { mounted } from "./mount.js";
import { make } from "./text.js";

/**
 * What many_sizes.py sends.
 * @typedef {{
 *   photo: string,
 *   alt: string,
 *   native: number,
 *   stride: number,
 *   palette: string,
 *   sizes: { width: number, height: number, rows: number, columns: number, heat: string, hidden: boolean, title: string,
 *     note: string, peak: string }[],
 *   question: string,
 *   legend: string,
 * }} Data
 */

class ManySizes {
  constructor(parent) {
    this.root = parent.querySelector(".many");
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const lut = bytes(data.palette), row = this.root.querySelector(".row");
    row.replaceChildren();
    for (const size of data.sizes) {
      const one = make("div", "one", row), picture = make("div", "picture", one);
      one.style.setProperty("--share", String(size.width));
      make("img", "", picture, { src: data.photo, alt: data.alt }).style.aspectRatio = `${size.width} / ${size.height}`;
      if (!size.hidden) this.heat(make("canvas", "", picture), size, data, lut);
      make("b", "", one, { textContent: size.title });
      make("span", "cells", one, { textContent: size.hidden ? data.question : size.note });
      make("span", "peak", one, { textContent: size.hidden ? "" : size.peak });
    }
    const scale = this.root.querySelector("figcaption canvas"), line = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) line.data.set([lut[3 * i], lut[3 * i + 1], lut[3 * i + 2], 255], 4 * i);
    scale.getContext("2d").putImageData(line, 0, 0);
    this.root.querySelector("figcaption span").textContent = data.legend;
  }

  /** @param {HTMLCanvasElement} canvas */
  heat(canvas, { width, height, rows, columns, heat }, { native, stride }, lut) {
    const values = bytes(heat), margin = (native - stride) / 2;
    Object.assign(canvas, { width, height, ariaHidden: "true" });
    const pen = context(canvas);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const at = 3 * values[r * columns + c];
        pen.fillStyle = `rgb(${lut[at]}, ${lut[at + 1]}, ${lut[at + 2]})`;
        pen.fillRect(margin + c * stride, margin + r * stride, stride - 1, stride - 1);
      }
  }
}

export default mounted(ManySizes);
