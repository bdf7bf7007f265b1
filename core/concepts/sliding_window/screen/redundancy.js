// How often every place is read or computed again. A count is a product of one number per row and one per column, so
// that two short lists are the whole map; pointing at a place outlines the windows that contain it.

import { bytes } from "./bytes.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill } from "./text.js";

/**
 * What redundancy.py sends.
 * @typedef {{
 *   photo: string,
 *   width: number,
 *   height: number,
 *   side: number,
 *   stride: number,
 *   margin: number,
 *   palette: string,
 *   layers: { rows: number[], columns: number[], most: number, title: string, says: string }[],
 *   text: Record<"alt" | "label" | "choice", string>,
 * }} Data
 */

class Redundancy {
  /** @type {any} */ key;
  /** @type {Uint8Array} */ palette;
  /** @type {number} */ x;
  /** @type {number} */ y;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".redundancy");
    this.$ = (selector) => this.root.querySelector(selector);
    this.layer = 0;
    const map = this.$(".map");
    const at = (event) => {
      const [x, y] = placeOf(event, map);
      this.point(x * this.data.width, y * this.data.height);
    };
    map.addEventListener("pointermove", at);
    map.addEventListener("pointerdown", at);
    map.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 1 : 16;
      const move = arrow(event);
      if (event.key === "Home") this.point(0, 0);
      else if (event.key === "End") this.point(this.data.width, this.data.height);
      else if (move) this.point(this.x + step * move[0], this.y + step * move[1]);
      else return;
      event.preventDefault();
    });
    const buttons = [...this.root.querySelectorAll(".choice button")];
    const choose = (layer) => {
      this.layer = layer;
      this.draw();
    };
    buttons.forEach((button, i) => button.addEventListener("click", () => choose(i)));
    this.$(".choice").addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      choose(1 - this.layer);
      buttons[this.layer].focus();
    });
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const key = JSON.stringify(data);
    if (this.key === key) return;
    this.key = key;
    this.data = data;
    this.palette = bytes(data.palette);
    const image = this.$("img");
    image.src = data.photo;
    image.alt = data.text.alt;
    image.style.aspectRatio = `${data.width} / ${data.height}`;
    this.$(".map").style.maxWidth = `min(40rem, ${(30 * data.width) / data.height}rem)`;
    this.$(".map").setAttribute("aria-label", data.text.label);
    this.$(".choice").setAttribute("aria-label", data.text.choice);
    const legend = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) legend.data.set([...this.palette.slice(3 * i, 3 * i + 3), 255], 4 * i);
    this.$(".legend canvas").getContext("2d").putImageData(legend, 0, 0);
    this.x = data.width / 2;
    this.y = data.height / 2;
    this.draw();
  }

  draw() {
    const { data } = this, { rows, columns, most } = data.layers[this.layer];
    this.root.querySelectorAll(".choice button").forEach((button, i) => {
      button.textContent = data.layers[i].title;
      button.setAttribute("aria-checked", String(i === this.layer));
      button.tabIndex = i === this.layer ? 0 : -1;
    });
    const canvas = this.$(".counts");
    Object.assign(canvas, { width: columns.length, height: rows.length });
    const context = canvas.getContext("2d"), image = context.createImageData(columns.length, rows.length);
    rows.forEach((row, y) =>
      columns.forEach((column, x) => {
        const at = 3 * Math.round((255 * row * column) / most);
        image.data.set([this.palette[at], this.palette[at + 1], this.palette[at + 2], 255], 4 * (y * columns.length + x));
      }),
    );
    context.putImageData(image, 0, 0);
    this.$(".high").textContent = most;
    this.point(this.x, this.y);
  }

  point(x, y) {
    const { data } = this, { rows, columns, says } = data.layers[this.layer];
    this.x = clamp(Math.floor(x), 0, data.width - 1);
    this.y = clamp(Math.floor(y), 0, data.height - 1);
    const column = Math.floor((this.x / data.width) * columns.length), row = Math.floor((this.y / data.height) * rows.length);
    const count = rows[row] * columns[column];
    this.$(".spot").textContent = fill(says, { x: column, y: row, count });
    const canvas = this.$(".boxes"), scale = 2;
    Object.assign(canvas, { width: data.width * scale, height: data.height * scale });
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const starts = (length, at) => {
      const found = [];
      for (let s = -data.margin; data.margin ? s < length - data.margin : s + data.side <= length; s += data.stride)
        if (s <= at && at < s + data.side) found.push(s);
      return found;
    };
    const [lefts, tops] = [starts(data.width, this.x), starts(data.height, this.y)];
    for (const [colour, width] of [["rgb(0 0 0 / 0.6)", 2.5], ["#fff", 1.2]]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: width });
      for (const top of tops) for (const left of lefts) pen.strokeRect(left + 1, top + 1, data.side - 2, data.side - 2);
      pen.beginPath();
      pen.arc(this.x + 0.5, this.y + 0.5, 5, 0, 7);
      pen.stroke();
    }
  }
}

export default mounted(Redundancy);
