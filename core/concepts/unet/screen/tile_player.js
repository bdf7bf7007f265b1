// The overlap-tile strategy, tile by tile: what each reads, what it answers for, and the growing mask.

import { bytes } from "./bytes.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { share } from "./photo.js";
import { fill } from "./text.js";

/**
 * What tile_player.py sends.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   margin: number,
 *   tile: number,
 *   picture: number[],
 *   mask: string,
 *   heat: string,
 *   colours: string,
 *   opacities: string | null,
 *   palette: string,
 *   steps: number[][],
 *   text: Record<"photo" | "back" | "forward" | "scrub" | "said" | "difference" | "equal" | "legend", string>,
 * }} Data
 */

class Tiles {
  /** @type {number} */ at;
  /** @type {Data} */ data;

  constructor(root) {
    this.root = root.querySelector(".tiles");
    this.$ = (selector) => this.root.querySelector(selector);
    this.scrub = this.$('.tools > input[type="range"]');
    this.$(".back").addEventListener("click", () => this.go(this.at - 1));
    this.$(".forward").addEventListener("click", () => this.go(this.at + 1));
    this.scrub.addEventListener("input", () => this.go(Number(this.scrub.value)));
    this.check = this.$('input[type="checkbox"]');
    this.check.addEventListener("change", () => this.go(this.at));
  }

  /**
   * @param {Data} data
   */
  async show(data) {
    const fresh = this.data?.subject !== data.subject;
    this.data = data;
    const { text, margin, picture } = data;
    this.$("img").src = data.photo;
    this.$("img").alt = text.photo;
    this.$(".back").textContent = text.back;
    this.$(".forward").textContent = text.forward;
    this.scrub.setAttribute("aria-label", text.scrub);
    this.scrub.max = data.steps.length;
    this.$("label span").textContent = text.difference;
    for (const part of [".inside", ".answers"]) this.place(part, margin, margin, ...picture);
    if (fresh) this.go(1);
    else this.go(this.at);
    const mask = drawMask(this.$(".mask"), data.mask, bytes(data.colours), data.opacities ? bytes(data.opacities) : 150);
    const heat = drawMask(this.$(".heat"), data.heat, bytes(data.palette));
    if ((await mask) && (await heat)) this.root.dataset.drawn = data.subject;
  }

  // A box of the extended picture, in pixels.
  place(part, left, top, width, height) {
    const { data } = this;
    Object.assign(this.$(part).style, { left: share(left, data.width), top: share(top, data.height), width: share(width, data.width), height: share(height, data.height) });
  }

  go(at) {
    const { steps, margin, tile, text, picture } = this.data;
    this.at = Math.min(steps.length, Math.max(1, at));
    const [top, left, a, b, c, d, fresh, read, answered] = steps[this.at - 1];
    this.place(".input", left + margin, top + margin, tile, tile);
    this.place(".answer", b + margin, a + margin, d - b, c - a);
    // One polygon around all answered squares; the lines between them have no area.
    const [width, height] = picture, corner = (x, y) => `${(100 * x) / width}% ${(100 * y) / height}%`;
    const squares = steps.slice(0, this.at).map(([, , t, l, u, r]) => [[l, t], [r, t], [r, u], [l, u], [l, t], [0, 0]].map((p) => corner(...p)));
    this.$(".answers").style.clipPath = `polygon(0 0, ${squares.flat().join(", ")})`;
    this.$(".heat").hidden = !this.check.checked || !text.legend;
    this.$(".legend").textContent = this.check.checked ? text.legend || text.equal : "";
    this.scrub.value = this.at;
    this.$(".back").disabled = this.at === 1;
    this.$(".forward").disabled = this.at === steps.length;
    const number = (v) => v.toLocaleString("en"), values = { number: this.at, of: steps.length, tile, fresh: number(fresh), read: number(read), answered: number(answered), ratio: (read / answered).toFixed(2) };
    this.$("p").textContent = fill(text.said, values);
  }
}

export default mounted(Tiles);
