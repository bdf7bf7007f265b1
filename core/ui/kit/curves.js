// Lines over one axis. Everything is in the data; pointing and arrow keys read it.

import { draw } from "./grid_board.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill, make, three } from "./text.js";

/**
 * What curves.py sends.
 * @typedef {{
 *   lines: { title: string, points: number[][], faint: boolean, mark: number[] }[],
 *   title: string,
 *   x: string,
 *   y: string,
 *   span: number[],
 *   high: number,
 *   level: number[],
 *   percent: boolean,
 *   whole: boolean,
 *   text: Record<"plot" | "at", string>,
 * }} Data
 */

const HUES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#56B4E9", "#7A5195", "#8A8A8A"];
const DASHES = ["", "7 3", "2 3", "10 3 2 3", "5 5", "12 4", "1 4", "8 2 2 2 2 2"];
const [LEFT, TOP, BOTTOM, HEIGHT] = [48, 10, 44, 300];

/**
 * The line's value at x, linear between its points; `null` beside them.
 * @param {number[][]} points
 * @param {number} x
 */
export function valueAt(points, x) {
  if (!points.length || x < points[0][0] || x > points[points.length - 1][0]) return null;
  const i = points.findIndex((point) => point[0] >= x), [x1, y1] = points[i];
  if (x1 === x || i === 0) return y1;
  const [x0, y0] = points[i - 1];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/** Round numbers from low to high, at most six. */
export function ticks(low, high) {
  const rough = (high - low) / 5, unit = 10 ** Math.floor(Math.log10(rough || 1));
  const step = unit * ([1, 2, 2.5, 5, 10].find((factor) => factor * unit >= rough - 1e-9) ?? 10);
  const found = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-6; value += step) found.push(Number(value.toFixed(6)));
  return found;
}

class Curves {
  /** @type {number} */ width;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".curves");
    this.$ = (selector) => this.root.querySelector(selector);
    this.svg = this.root.querySelector(":scope > svg");
    this.svg.addEventListener("pointermove", (event) => {
      const at = (placeOf(event, this.svg)[0] * this.width - LEFT) / (this.width - LEFT - 12);
      this.point(clamp(at, 0, 1));
    });
    this.svg.addEventListener("pointerleave", () => this.point(null));
    this.svg.addEventListener("keydown", (event) => {
      const step = arrow(event);
      const to = event.key === "Home" ? 0 : event.key === "End" ? 1 : step ? clamp((this.at ?? 0) + step[0] * 0.05, 0, 1) : null;
      if (to === null || (step && !step[0])) return;
      event.preventDefault();
      this.point(to);
    });
    this.observer = new ResizeObserver(() => this.data && this.render());
    this.observer.observe(this.root);
  }

  gone() {
    this.observer.disconnect();
  }

  /** @param {Data} data */
  show(data) {
    this.data = data;
    this.svg.setAttribute("aria-label", fill(data.text.plot, { title: data.title }));
    this.render();
  }

  x(value) {
    const [low, high] = this.data.span;
    return LEFT + ((value - low) / (high - low || 1)) * (this.width - LEFT - 12);
  }

  y(value) {
    return TOP + (1 - value / this.data.high) * (HEIGHT - TOP - BOTTOM);
  }

  words(value, percent) {
    return percent ? `${Math.round(100 * value)}%` : three(value);
  }

  render() {
    const { data, svg } = this;
    this.width = Math.max(280, Math.round(this.root.clientWidth || 640));
    svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    svg.replaceChildren();
    for (const value of ticks(0, data.high)) {
      draw("line", { class: "axis", x1: LEFT, x2: this.width - 12, y1: this.y(value), y2: this.y(value) }, svg);
      draw("text", { x: LEFT - 6, y: this.y(value) + 4, "text-anchor": "end" }, svg, this.words(value, data.percent));
    }
    for (const value of ticks(data.span[0], data.span[1])) draw("text", { x: this.x(value), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, svg, this.words(value, data.whole));
    draw("text", { x: (LEFT + this.width) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, svg, data.x);
    if (data.level.length) draw("line", { class: "level", x1: LEFT, x2: this.width - 12, y1: this.y(data.level[0]), y2: this.y(data.level[0]) }, svg);
    const look = (i) => ({ stroke: HUES[i % HUES.length], "stroke-dasharray": DASHES[Math.floor(i / 2 + i) % DASHES.length] });
    data.lines.forEach(({ points, faint, mark }, i) => {
      draw("polyline", { class: faint ? "line faint" : "line", points: points.map(([a, b]) => `${this.x(a)},${this.y(b)}`).join(" "), ...look(i) }, svg);
      if (points.length === 1) draw("circle", { class: "dot", cx: this.x(points[0][0]), cy: this.y(points[0][1]), r: 4, fill: HUES[i % HUES.length] }, svg);
      const high = mark.length ? valueAt(points, mark[0]) : null;
      if (high !== null) draw("circle", { class: "dot", cx: this.x(mark[0]), cy: this.y(high), r: 5, fill: HUES[i % HUES.length] }, svg);
    });
    this.now = draw("line", { class: "now", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" }, svg);
    this.$(".legend").replaceChildren(
      make("b", "", null, { textContent: data.y }),
      ...data.lines.map(({ title, faint }, i) => {
        const item = make("span"), key = draw("svg", { viewBox: "0 0 32 12", "aria-hidden": "true" }, item);
        draw("line", { class: faint ? "line faint" : "line", x1: 0, x2: 32, y1: 6, y2: 6, ...look(i) }, key);
        item.append(title);
        return item;
      }),
    );
    this.point(this.at ?? null);
  }

  /** @param {number | null} share of the axis */
  point(share) {
    const { data } = this;
    this.at = share;
    this.now.setAttribute("visibility", share === null ? "hidden" : "visible");
    if (share === null) {
      this.$(".says").textContent = "";
      return;
    }
    const [low, high] = data.span, value = low + share * (high - low);
    this.now.setAttribute("x1", this.x(value));
    this.now.setAttribute("x2", this.x(value));
    const found = data.lines.map((line) => [line.title, valueAt(line.points, value)]).filter((pair) => pair[1] !== null);
    const values = found.map(([title, height]) => `${title} ${this.words(height, data.percent)}`).join(", ");
    this.$(".says").textContent = fill(data.text.at, { x: this.words(value, data.whole), values });
  }
}

export default mounted(Curves);
