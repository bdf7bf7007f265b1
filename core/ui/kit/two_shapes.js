// A reference that stays and a prediction that is dragged over it. Both scores follow at once; nothing is told to Python.

import { context } from "./bytes.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf, share } from "./photo.js";
import { areas, outlines, shape } from "./shape_scores.js";
import { fill, make } from "./text.js";

/**
 * What two_shapes.py sends.
 * @typedef {{
 *   modes: string[],
 *   size: number[],
 *   middle: number[],
 *   halves: Record<string, number[]>,
 *   least: Record<string, number>,
 *   most: number,
 *   distance: number,
 *   begin: { resets: number },
 *   text: Record<"label" | "iou" | "boundary" | "stage" | "hold" | "offset" | "sum" | "precision" | "recall" | "f1" |
 *     "none" | "both" | "missed" | "extra" | "truth" | "prediction" | "counts" | "lost" | "disc" | "square" | "bar" |
 *     "kinds" | "centre" | "grow" | "pixels" | "hint", string>,
 * }} Data
 */

const SCALE = 4; // canvas pixels for one of the masks
const START = [18, 8]; // where the prediction begins, from the reference's middle
/** A colour as a canvas's 32-bit word, for an opacity from 0 to 255. */
const word = (/** @type {number} */ rgb, /** @type {number} */ alpha) => ((alpha << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
const [TRUTH, PREDICTION, BOTH] = [0x1a84c4, 0xd55e00, 0x8a6bbf].map((rgb) => ({ full: word(rgb, 255), faint: word(rgb, 90), band: word(rgb, 45) }));

const three = (/** @type {number} */ value) => value.toFixed(3);
const whole = (/** @type {number} */ value) => value.toLocaleString("en");
const signed = (/** @type {number} */ value) => (value > 0 ? `+${value}` : String(value).replace("-", "−"));

class TwoShapes {
  /** @type {Data} */ data;
  /** @type {string} */ mode;
  /** @type {string} */ kind;
  /** @type {number} */ grow;
  /** @type {number[]} */ at; // the prediction's middle
  /** @type {number | undefined} */ resets;

  constructor(parent) {
    this.root = parent.querySelector(".shapes");
    this.$ = (selector) => this.root.querySelector(selector);
    this.stage = this.$(".stage");
    this.hold = this.$(".hold");
    this.slider = this.$("input");
    this.listen();
  }

  listen() {
    const pixel = (event) => placeOf(event, this.$("canvas")).map((part, i) => part * this.data.size[i] - 0.5);
    /** @type {number[] | null} */
    let grip = null; // from the prediction's middle to where the pointer holds it
    this.hold.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      grip = pixel(event).map((v, i) => v - this.at[i]);
      this.hold.setPointerCapture(event.pointerId);
    });
    this.hold.addEventListener("pointermove", (event) => {
      const held = grip;
      if (held) this.move(...pixel(event).map((v, i) => Math.round(v - held[i])));
    });
    for (const end of ["pointerup", "pointercancel"]) this.hold.addEventListener(end, () => (grip = null));
    this.hold.addEventListener("keydown", (event) => {
      const step = arrow(event), far = event.shiftKey ? 8 : 1;
      if (step) this.move(...this.at.map((v, i) => v + far * step[i]));
      else if (event.key === "Home") this.move(...this.data.middle);
      else return;
      event.preventDefault();
    });
    this.slider.addEventListener("input", () => {
      this.grow = Number(this.slider.value);
      this.render();
    });
    this.$(".centre").addEventListener("click", () => this.move(...this.data.middle));
  }

  /** @param {Data} data */
  show(data) {
    const anew = this.resets !== data.begin.resets;
    this.data = data;
    this.resets = data.begin.resets;
    if (anew || !data.modes.includes(this.mode)) this.mode = data.modes[0];
    if (anew) {
      this.kind = Object.keys(data.halves)[0];
      this.grow = 0;
      this.at = data.middle.map((v, i) => v + START[i]);
    }
    const { text } = data;
    this.root.setAttribute("aria-label", text.label);
    this.$("canvas").setAttribute("aria-label", text.stage);
    this.hold.setAttribute("aria-label", text.hold);
    this.$(".kinds").setAttribute("aria-label", text.kinds);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    this.choices(".modes", data.modes, "mode");
    this.choices(".kinds", Object.keys(data.halves), "kind");
    this.render();
  }

  // Buttons of which one is pressed, for what is shown as `mode`, or `kind`; where there is no choice, its name alone.
  // They stay while they are the same ones.
  choices(place, names, field) {
    const holder = this.$(place), buttons = [...holder.children];
    if (buttons.map((button) => button.dataset.name).join() !== names.join())
      holder.replaceChildren(
        ...names.map((name) => {
          const button = names.length > 1 ? make("button", "", null, { type: "button" }) : make("div");
          button.dataset.name = name;
          make("span", "", button);
          if (field === "mode") make("b", "", button);
          button.addEventListener("click", () => {
            this[field] = name;
            this.render();
          });
          return button;
        }),
      );
    for (const button of holder.children) button.firstChild.textContent = this.data.text[button.dataset.name];
  }

  // The prediction's middle goes to pixel (x, y), and never leaves the grid.
  move(x, y) {
    const [width, height] = this.data.size;
    this.at = [clamp(x, 0, width - 1), clamp(y, 0, height - 1)];
    this.render();
  }

  render() {
    const { data, kind } = this, { size, middle, text } = data, half = data.halves[kind];
    this.grow = clamp(this.grow, data.least[kind], data.most);
    Object.assign(this.slider, { min: String(data.least[kind]), max: String(data.most), value: String(this.grow) });
    this.$("output").textContent = fill(text.pixels, { n: signed(this.grow) });
    const truth = shape(kind, half, middle, 0, size), prediction = shape(kind, half, this.at, this.grow, size);
    const area = areas(truth, prediction), lines = outlines(truth, prediction, size, data.distance);
    const scores = { iou: three(area.iou), boundary: three(lines.f1) };
    for (const button of this.$(".modes").children) {
      button.lastChild.textContent = scores[button.dataset.name];
    }
    for (const button of this.root.querySelectorAll("button[data-name]"))
      button.setAttribute("aria-pressed", String([this.mode, kind].includes(button.dataset.name)));
    Object.assign(this.hold.style, {
      left: share(this.at[0] + 0.5, size[0]),
      top: share(this.at[1] + 0.5, size[1]),
      width: share(2 * (half[0] + this.grow) + 1, size[0]),
      height: share(2 * (half[1] + this.grow) + 1, size[1]),
    });
    Object.assign(this.root.dataset, { at: this.at.join(), ...scores });
    if (this.mode === "iou") this.showAreas(truth, prediction, area);
    else this.showOutlines(lines);
  }

  // -------------------------------------------------------------------------------------------- the two modes

  showAreas(truth, prediction, area) {
    const { text } = this.data, numbers = { both: whole(area.both), either: whole(area.either), share: three(area.iou) };
    this.say([["sum", fill(text.sum, numbers)]]);
    this.legend(["both", "missed", "extra"].map((name) => [name, fill(text[name], { count: whole(area[name]) })]));
    this.paint((i, x, y) => {
      if (truth[i] && prediction[i]) return BOTH.full;
      // stripes that lean to the left and to the right, on a faint ground
      if (truth[i]) return (x + y) % 10 < 4 ? TRUTH.full : TRUTH.faint;
      if (prediction[i]) return (x + 9 * y) % 10 < 4 ? PREDICTION.full : PREDICTION.faint;
      return 0;
    });
  }

  showOutlines({ true: truth, predicted, trueBand, predictedBand, precision, recall, f1 }) {
    const { text, distance } = this.data;
    const counted = ({ hits, all, share: part }) => ({ hits: whole(hits), all: whole(all), share: three(part) });
    this.say([
      ["", fill(text.precision, counted(precision))],
      ["", fill(text.recall, counted(recall))],
      ["sum", fill(f1 ? text.f1 : text.none, { precision: three(precision.share), recall: three(recall.share), share: three(f1) })],
    ]);
    this.legend(["truth", "prediction", "counts", "lost"].map((name) => [name, fill(text[name], { distance })]));
    // two of five pixels, in whatever direction a line runs: dots
    const dot = (x, y) => (Math.floor(x / SCALE) + 2 * Math.floor(y / SCALE)) % 5 < 2;
    this.paint((i, x, y) => {
      // where both lines run through one pixel, each has a half of it
      const own = truth[i] && (!predicted[i] || (x % SCALE) + (y % SCALE) < SCALE);
      if (own || predicted[i]) {
        const colour = own ? TRUTH : PREDICTION, counts = own ? predictedBand[i] : trueBand[i];
        return counts || dot(x, y) ? colour.full : colour.faint;
      }
      if (trueBand[i]) return TRUTH.band;
      return predictedBand[i] ? PREDICTION.band : 0;
    });
  }

  say(lines) {
    const { text, middle } = this.data, [x, y] = this.at.map((v, i) => signed(v - middle[i]));
    const all = [...lines, ["offset", fill(text.offset, { x, y })]];
    this.$(".says").replaceChildren(...all.map(([name, textContent]) => make("p", name, null, { textContent })));
  }

  legend(entries) {
    this.$(".legend").replaceChildren(
      ...entries.map(([name, words]) => {
        const entry = make("li");
        make("i", name, entry, { ariaHidden: "true" });
        entry.append(words);
        return entry;
      }),
    );
  }

  /** @param {(i: number, x: number, y: number) => number} colour of the canvas's pixel (x, y), in the masks' pixel i */
  paint(colour) {
    const [width, height] = this.data.size.map((side) => side * SCALE), canvas = this.$("canvas"), image = new ImageData(width, height);
    if (canvas.width !== width) Object.assign(canvas, { width, height });
    const words = new Uint32Array(image.data.buffer);
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) words[at] = colour(Math.floor(y / SCALE) * this.data.size[0] + Math.floor(x / SCALE), x, y);
    context(canvas).putImageData(image, 0, 0);
  }
}

export default mounted(TwoShapes);
