// One pixel of a picture, chosen by click or arrow keys: in the photo, in the truth, or in what the network says.

import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf, share } from "./photo.js";
import { fill, make } from "./text.js";
import { Told } from "./told.js";

/**
 * What pixel_picker.py sends: `truth` and `said` are grey PNGs of class ids, `at` is row and column.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   truth: string,
 *   said: string,
 *   side: number,
 *   at: number[],
 *   colours: string[],
 *   text: Record<string, string>,
 * }} Data
 */

class Picker {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".picker");
    this.$ = (selector) => this.root.querySelector(selector);
    this.told = new Told();
    this.at = [0, 0];
    this.tiles = ["photo", "truth", "said"].map((name) => {
      const figure = make("figure", "", this.$(".tiles")), tile = make("div", "tile", figure);
      const face = make(name === "photo" ? "img" : "canvas", "", tile);
      return { name, tile, face, mark: make("b", "", tile), title: make("figcaption", "", figure) };
    });
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.send = send;
    if (this.data?.subject !== data.subject) this.told.forget();
    this.data = data;
    if (this.told.news(data.at)) this.at = data.at;
    const rgb = Uint8Array.from(data.colours.flatMap((colour) => [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2) || "0", 16))));
    this.$(".tiles").setAttribute("aria-label", data.text.stage);
    for (const { name, face, title } of this.tiles) {
      title.textContent = data.text[name];
      if (name === "photo") Object.assign(face, { src: data.photo, alt: "" });
      else drawMask(/** @type {HTMLCanvasElement} */ (face), data[name], rgb).catch(() => {});
    }
    this.draw();
  }

  draw() {
    const { side, text } = this.data, [row, column] = this.at;
    for (const { mark } of this.tiles)
      Object.assign(mark.style, { left: share(column, side), top: share(row, side), width: share(1, side), height: share(1, side) });
    const said = fill(text.at, { row, column });
    if (this.$(".news").textContent !== said) this.$(".news").textContent = said;
  }

  choose(row, column) {
    const last = this.data.side - 1;
    this.at = [clamp(row, 0, last), clamp(column, 0, last)];
    this.draw();
    if (this.told.tell(this.at)) this.send("pixel", this.at);
  }

  listen() {
    for (const { tile } of this.tiles)
      tile.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        const [x, y] = placeOf(event, tile), { side } = this.data;
        this.choose(Math.floor(y * side), Math.floor(x * side));
      });
    this.$(".tiles").addEventListener("keydown", (event) => {
      const step = arrow(event), far = event.shiftKey ? 8 : 1;
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      this.choose(this.at[0] + far * step[1], this.at[1] + far * step[0]);
    });
  }
}

export default mounted(Picker);
