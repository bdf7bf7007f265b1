// The map of valid taps. A rate is drawn from the counts along one axis that Python sent for every rate.

import { bytes } from "./bytes.js";
import { draw } from "./grid_board.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { decimal, fill } from "./text.js";
import { Told } from "./told.js";

/**
 * What tap_map.py sends.
 * @typedef {{
 *   size: number,
 *   rate: number,
 *   marks: number[],
 *   along: string[],
 *   shares: number[][][],
 *   palette: string,
 *   text: Record<"rate" | "map" | "headline" | "field" | "row" | "spot" | "curve", string>,
 * }} Data
 */

const [CURVE_W, CURVE_H, CURVE_X, CURVE_Y] = [320, 96, 34, 8];

class TapMap {
  /** @type {number[]} */ spot; // [row, column]
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Uint8Array} */ palette;
  /** @type {number} */ rate;
  /** @type {(rate: any) => number} */ x;
  /** @type {(share: any) => number} */ y;
  /** @type {(rate: any) => number} */ nine;
  /** @type {any} */ now;
  /** @type {any} */ dot;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".taps");
    this.$ = (selector) => this.root.querySelector(selector);
    this.told = new Told();
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.send = send;
    const first = !this.data || this.data.size !== data.size;
    this.data = data;
    this.palette = bytes(data.palette);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    this.$("input").max = data.size - 1;
    this.$(".stage").setAttribute("aria-label", data.text.map);
    this.$(".curve").setAttribute("aria-label", data.text.curve);
    if (first) this.build();
    if (this.told.news(data.rate)) this.rate = data.rate;
    this.spot ??= [Math.floor(data.size / 2), Math.floor(data.size / 2)];
    this.draw();
  }

  build() {
    const { size, marks, shares } = this.data;
    this.$(".marks").replaceChildren(
      ...marks.map((rate) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: rate });
        button.dataset.rate = String(rate);
        return button;
      }),
    );
    this.$(".stage svg").setAttribute("viewBox", `0 0 ${size} ${size}`);
    const curve = this.$(".curve");
    curve.replaceChildren();
    this.x = (rate) => CURVE_X + ((rate - 1) / (size - 2)) * (CURVE_W - CURVE_X - 6);
    this.y = (share) => CURVE_Y + (1 - share) * (CURVE_H - CURVE_Y);
    draw("line", { class: "axis", x1: CURVE_X, x2: CURVE_W, y1: CURVE_H, y2: CURVE_H }, curve);
    for (const share of [0, 0.5, 1]) draw("text", { x: CURVE_X - 5, y: this.y(share) + 4, "text-anchor": "end" }, curve, `${100 * share}%`);
    for (const rate of [1, 12, 24, 36, size - 1]) draw("text", { x: this.x(rate), y: CURVE_H + 15, "text-anchor": "middle" }, curve, rate);
    const nine = (rate) => shares[rate - 1].find(([taps]) => taps === 9)?.[1] ?? 0;
    this.nine = nine;
    const points = shares.map((_, i) => `${this.x(i + 1)},${this.y(nine(i + 1))}`).join(" ");
    draw("polyline", { class: "line", points }, curve);
    this.now = draw("line", { class: "now", y1: CURVE_Y, y2: CURVE_H }, curve);
    this.dot = draw("circle", { r: 4 }, curve);
  }

  percent(share) {
    return `${decimal(Math.round(share * 1000), 10, 1)}%`;
  }

  draw() {
    const { size, along, shares, text } = this.data, { rate } = this;
    const slider = this.$("input");
    slider.value = rate;
    this.$(".rate").textContent = rate;
    slider.setAttribute("aria-valuetext", rate);
    for (const button of this.root.querySelectorAll(".marks button")) button.setAttribute("aria-pressed", Number(button.dataset.rate) === rate);
    const canvas = this.$("canvas");
    if (canvas.width !== size) Object.assign(canvas, { width: size, height: size });
    const context = canvas.getContext("2d"), image = context.createImageData(size, size), line = along[rate - 1];
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        image.data.set([...this.colour(Number(line[row]) * Number(line[column])), 255], 4 * (row * size + column));
    context.putImageData(image, 0, 0);
    this.$(".headline").textContent = fill(text.headline, { rate, share: this.percent(this.nine(rate)) });
    this.$(".field").textContent = fill(text.field, { span: 2 * rate + 1 });
    this.$(".bars").replaceChildren(
      ...shares[rate - 1].map(([taps, share]) => {
        const item = document.createElement("li");
        const square = document.createElement("i"), name = document.createElement("span"), value = document.createElement("b");
        square.style.background = `rgb(${this.colour(taps).join()})`;
        name.textContent = fill(text.row, { taps });
        const track = Object.assign(document.createElement("span"), { className: "track" });
        const bar = Object.assign(document.createElement("span"), { className: "fill" });
        bar.style.width = `${100 * share}%`;
        track.append(bar);
        value.textContent = this.percent(share);
        item.append(square, name, track, value);
        return item;
      }),
    );
    const [x, y] = [this.x(rate), this.y(this.nine(rate))];
    for (const [key, value] of Object.entries({ x1: x, x2: x })) this.now.setAttribute(key, value);
    this.dot.setAttribute("cx", x);
    this.dot.setAttribute("cy", y);
    this.taps();
  }

  colour(taps) {
    const at = 3 * Math.round(((taps - 1) / 8) * 255);
    return [...this.palette.slice(at, at + 3)];
  }

  taps() {
    const { along, text } = this.data, { rate } = this, [row, column] = this.spot;
    const svg = this.$(".stage svg");
    svg.replaceChildren();
    for (let t = 0; t < 9; t++) {
      const [y, x] = [row + (Math.floor(t / 3) - 1) * rate, column + ((t % 3) - 1) * rate];
      const middle = t === 4 ? { class: "middle" } : {};
      draw("rect", { x: x - 0.25, y: y - 0.25, width: 1.5, height: 1.5, ...middle }, svg);
    }
    const taps = Number(along[rate - 1][row]) * Number(along[rate - 1][column]);
    this.$(".spot").textContent = fill(text.spot, { row: row + 1, column: column + 1, taps });
  }

  choose(rate, done) {
    this.rate = clamp(rate, 1, this.data.size - 1);
    this.draw();
    if (done && this.told.tell(this.rate)) this.send("rate", this.rate);
  }

  listen() {
    const slider = this.$("input"), stage = this.$(".stage");
    slider.addEventListener("input", () => this.choose(Number(slider.value), false));
    slider.addEventListener("change", () => this.choose(Number(slider.value), true));
    this.$(".marks").addEventListener("click", (event) => {
      if (event.target.dataset.rate) this.choose(Number(event.target.dataset.rate), true);
    });
    const follow = (event) => {
      const [x, y] = placeOf(event, stage), { size } = this.data;
      this.spot = [y, x].map((v) => clamp(Math.floor(v * size), 0, size - 1));
      this.taps();
    };
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerdown", follow);
    stage.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      this.spot = this.spot.map((v, i) => clamp(v + step[1 - i], 0, this.data.size - 1));
      this.taps();
    });
  }
}

export default mounted(TapMap);
