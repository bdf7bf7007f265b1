// A pixel, a visible window around it, and what four classifiers say: the table comes from Python once for each pixel,
// the slider only reads it.

import { bytes } from "./bytes.js";
import { draw } from "./grid_board.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What window_probe.py sends.
 * @typedef {{
 *   photo: string,
 *   size: number[],
 *   pin: number[],
 *   sides: number[],
 *   windows: number[],
 *   table: string,
 *   truth: number,
 *   places: number[][],
 *   names: string[],
 *   networks: string[],
 *   text: Record<"axes" | "hint" | "stage" | "window" | "said" | "waiting" | "plot" | "play" | "stop" | "next" | "ask" |
 *     "right" | "wrong", string>,
 * }} Data
 */

const HUES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];
const [PLOT_W, PLOT_H, PLOT_X] = [260, 120, 34];

class Probe {
  static asks = ["pin"];
  /** @type {number[]} */ pin;
  /** @type {boolean} */ waiting;
  /** @type {number} */ timer;
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Uint8Array} */ table;
  /** @type {number[]} */ shown;
  /** @type {(side: any) => number} */ x;
  /** @type {any[]} */ marks;
  /** @type {boolean} */ answered;
  /** @type {Data} */ data;
  /** @type {HTMLImageElement | undefined} */ image;
  /** @type {string | undefined} whose photo that is */ drawn;

  constructor(parent) {
    this.root = parent.querySelector(".probe");
    this.$ = (selector) => this.root.querySelector(selector);
    this.at = 4;
    this.game = false;
    this.told = new Told();
    const stage = this.$(".stage");
    stage.addEventListener("click", (event) => {
      if (this.game) return;
      const [x, y] = placeOf(event, stage), [width, height] = this.data.size;
      this.move(Math.floor(x * width), Math.floor(y * height));
    });
    stage.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step || this.game) return;
      event.preventDefault();
      const unit = event.shiftKey ? 1 : 8;
      this.move(this.pin[0] + step[0] * unit, this.pin[1] + step[1] * unit);
    });
    this.$("input").addEventListener("input", () => {
      this.at = Number(this.$("input").value);
      this.render();
    });
    this.$(".play").addEventListener("click", () => this.toggle());
    this.$(".next").addEventListener("click", () => this.another());
    this.$(".options").addEventListener("click", (event) => {
      const id = event.target.closest("button")?.dataset.id;
      if (id !== undefined) this.judge(Number(id));
    });
  }

  move(x, y) {
    const [width, height] = this.data.size;
    this.pin = [clamp(x, 0, width - 1), clamp(y, 0, height - 1)];
    this.waiting = true;
    this.render();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), 250); // held arrow keys ask once
  }

  settle() {
    this.told.tell(this.pin);
    this.send("pin", this.pin);
  }

  gone() {
    clearTimeout(this.timer);
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    this.send = send;
    const before = this.data;
    this.data = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    this.$(".stage").setAttribute("aria-label", data.text.stage);
    this.$("input").max = data.sides.length - 1;
    this.table = bytes(data.table);
    if (this.told.news(data.pin)) {
      clearTimeout(this.timer);
      this.pin = [...data.pin];
    }
    this.waiting = this.pin.join() !== data.pin.join(); // the table is another pixel's until Python has heard of this one
    const wanted = turn(this);
    if (this.drawn !== data.photo) {
      const image = Object.assign(new Image(), { src: data.photo });
      await image.decode();
      if (!wanted()) return;
      Object.assign(this, { image, drawn: data.photo });
    }
    if (this.game && !this.waiting && before?.pin.join() !== data.pin.join()) this.ask();
    this.$(".play").textContent = this.game ? data.text.stop : data.text.play;
    this.$(".next").hidden = !this.game;
    this.build();
    this.render();
  }

  // Probability, 0 to 1, that network n gives class c when window w shows.
  p(n, w, c) {
    return this.table[(n * this.data.sides.length + w) * 21 + c] / 255;
  }

  best(n, w) {
    let top = 0;
    for (let c = 1; c < 21; c++) if (this.p(n, w, c) > this.p(n, w, top)) top = c;
    return top;
  }

  build() {
    const { sides, names, networks, windows, text } = this.data;
    const peak = (c) => Math.max(...networks.flatMap((_, n) => sides.map((_, w) => this.p(n, w, c))));
    this.shown = [...Array(21).keys()].sort((a, b) => peak(b) - peak(a)).slice(0, HUES.length);
    this.$(".legend").replaceChildren(
      ...this.shown.map((c, i) => {
        const item = Object.assign(document.createElement("span"), { textContent: names[c] });
        item.style.setProperty("--colour", HUES[i]);
        return item;
      }),
    );
    this.x = (side) => PLOT_X + (Math.log(side / sides[0]) / Math.log(sides[sides.length - 1] / sides[0])) * (PLOT_W - PLOT_X - 8);
    const y = (share) => 8 + (1 - share) * (PLOT_H - 8);
    this.marks = [];
    this.$(".plots").replaceChildren(
      ...networks.map((title, n) => {
        const figure = document.createElement("figure");
        figure.append(Object.assign(document.createElement("figcaption"), { textContent: title }));
        const svg = draw("svg", { viewBox: `0 0 ${PLOT_W} ${PLOT_H + 22}`, role: "img", "aria-label": fill(text.plot, { title }) }, figure);
        for (const share of [0, 0.5, 1]) {
          draw("line", { class: "axis", x1: PLOT_X, x2: PLOT_W, y1: y(share), y2: y(share) }, svg);
          draw("text", { x: PLOT_X - 4, y: y(share) + 4, "text-anchor": "end" }, svg, `${100 * share}%`);
        }
        const labelled = [sides[0], windows[n], sides.at(-1)].filter((side, i, all) => i !== 2 || this.x(side) - this.x(all[1]) > 28);
        for (const side of labelled) draw("text", { x: this.x(side), y: PLOT_H + 15, "text-anchor": "middle" }, svg, side);
        draw("line", { class: "limit", x1: this.x(windows[n]), x2: this.x(windows[n]), y1: 8, y2: PLOT_H }, svg);
        this.shown.forEach((c, i) => {
          const points = sides.map((side, w) => `${this.x(side)},${y(this.p(n, w, c))}`).join(" ");
          draw("polyline", { class: "curve", points, stroke: HUES[i], "stroke-dasharray": ["", "7 3", "2 3", "9 3 2 3", "4 4"][i] }, svg);
        });
        this.marks.push(draw("line", { class: "now", y1: 8, y2: PLOT_H }, svg));
        return figure;
      }),
    );
  }

  render() {
    const { size, sides, networks, text } = this.data, [width, height] = size, [x, y] = this.pin;
    const side = sides[this.at], half = Math.floor(side / 2), canvas = this.$("canvas");
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.drawImage(this.image, 0, 0, width, height);
    context.fillStyle = this.game && !this.answered ? "rgb(127,127,127)" : "rgba(127,127,127,0.8)"; // 0.8: the rest can still be found
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(x - half, y - half, side, side);
    context.fill("evenodd");
    Object.assign(this.$(".dot").style, { left: `${(100 * (x + 0.5)) / width}%`, top: `${(100 * (y + 0.5)) / height}%` });
    this.$(".side").textContent = `${side} px`;
    const slider = this.$("input");
    slider.value = this.at;
    slider.setAttribute("aria-valuetext", `${side} px`);
    this.root.dataset.pin = this.waiting ? "" : this.pin.join();
    this.root.classList.toggle("waiting", this.waiting); // the curves are still those of the pixel before
    this.root.classList.toggle("hiding", this.game && !this.answered);
    for (const mark of this.marks) {
      mark.setAttribute("x1", this.x(side));
      mark.setAttribute("x2", this.x(side));
    }
    this.$(".said").textContent = this.waiting
      ? text.waiting
      : fill(text.said, { x, y, side }) + " " + networks.map((title, n) => this.says(title, n)).join("; ") + ".";
  }

  says(title, n) {
    const c = this.best(n, this.at);
    return `${title}: ${this.data.names[c]} ${Math.round(100 * this.p(n, this.at, c))}%`;
  }

  toggle() {
    this.game = !this.game;
    this.answered = false;
    this.$(".verdict").textContent = "";
    this.$(".options").replaceChildren();
    this.$(".play").textContent = this.game ? this.data.text.stop : this.data.text.play;
    this.$(".next").hidden = !this.game;
    if (this.game) this.another();
    else this.render();
  }

  // Another pixel: drawn in Python's list of places, half of them on an object.
  another() {
    const { places } = this.data, [x, y] = places[Math.floor(Math.random() * places.length)];
    this.answered = false;
    this.at = 2;
    this.$(".verdict").textContent = this.data.text.waiting;
    this.$(".options").replaceChildren();
    if (x === this.pin[0] && y === this.pin[1]) this.ask();
    this.move(x, y);
  }

  ask() {
    const { names, truth } = this.data, said = this.data.networks.flatMap((_, n) => [this.best(n, this.data.sides.length - 1), this.best(n, 0)]);
    const options = [...new Set([truth, 0, ...said, 8, 12, 15, 18, 7])].slice(0, 5).sort((a, b) => a - b);
    this.$(".verdict").textContent = this.data.text.ask;
    this.$(".options").replaceChildren(
      ...options.map((id) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: names[id] });
        button.dataset.id = String(id);
        return button;
      }),
    );
  }

  judge(id) {
    if (this.waiting) return;
    const { names, truth, text, sides } = this.data;
    this.answered = true;
    for (const button of this.$(".options").children) button.setAttribute("aria-pressed", Number(button.dataset.id) === id);
    this.$(".verdict").textContent = fill(id === truth ? text.right : text.wrong, { side: sides[this.at], answer: names[truth], guess: names[id] });
    this.render();
  }
}

export default mounted(Probe);
