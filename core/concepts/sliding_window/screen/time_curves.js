// Seconds against answers, both axes in powers of ten: medians with their spread, and published figures as hollow marks.

import { mounted } from "./mount.js";
import { fill } from "./text.js";

/**
 * What time_curves.py sends.
 * @typedef {{
 *   series: { title: string, shape: string, colour: string, points: { answers: number, seconds: number,
 *     low: number, high: number, says: string }[] }[],
 *   published: { title: string, answers: number, seconds: number, says: string }[],
 *   text: Record<"label" | "answers" | "published" | "hint" | "seconds", string>,
 * }} Data
 */

const SVG = "http://www.w3.org/2000/svg";
const SIZE = { width: 640, height: 360, left: 62, right: 16, top: 12, bottom: 46 };
const SHAPES = { // a way is told by its shape as well as by its colour
  square: "M-5-5h10v10h-10z", circle: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z", triangle: "M0-6.5L6 5H-6z", diamond: "M0-7L7 0L0 7L-7 0z",
};

function node(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent?.append(made);
  return made;
}

class Curves {
  /** @type {any} */ key;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".curves");
    this.svg = this.root.querySelector("svg");
    this.spot = this.root.querySelector(".spot");
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const key = JSON.stringify(data);
    if (this.key === key) return;
    this.key = key;
    const { svg } = this, { left, right, top, bottom, width, height } = SIZE;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-label", data.text.label);
    /** @type {{ answers: number, seconds: number, low?: number, high?: number }[]} */
    const all = [...data.series.flatMap((s) => s.points), ...data.published];
    const log = Math.log10;
    const powers = (values) => [Math.floor(log(Math.min(...values)) + 1e-9), Math.ceil(log(Math.max(...values)) - 1e-9)];
    const [x0, x1] = powers([1, 100, ...all.map((p) => p.answers)]);
    const [y0, y1] = powers(all.flatMap((p) => [p.low ?? p.seconds, p.high ?? p.seconds]));
    const x = (v) => left + ((log(v) - x0) / (x1 - x0)) * (width - left - right);
    const y = (v) => height - bottom - ((log(v) - y0) / (y1 - y0 || 1)) * (height - top - bottom);
    for (let i = x0; i <= x1; i++) {
      node("line", { class: "grid", x1: x(10 ** i), x2: x(10 ** i), y1: top, y2: height - bottom }, svg);
      node("text", { x: x(10 ** i), y: height - bottom + 18, "text-anchor": "middle" }, svg, 10 ** i);
    }
    for (let i = y0; i <= y1; i++) {
      node("line", { class: "grid", x1: left, x2: width - right, y1: y(10 ** i), y2: y(10 ** i) }, svg);
      node("text", { x: left - 8, y: y(10 ** i) + 4, "text-anchor": "end" }, svg, i < 0 ? `${1000 * 10 ** i} ms` : fill(data.text.seconds, { seconds: 10 ** i }));
    }
    node("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, svg, data.text.answers);
    for (const series of data.series) {
      const group = node("g", { stroke: series.colour, fill: series.colour }, svg);
      const path = series.points.map((p, i) => `${i ? "L" : "M"}${x(p.answers)} ${y(p.seconds)}`).join("");
      node("path", { class: "line", d: path }, group);
      for (const p of series.points) {
        node("line", { class: "spread", x1: x(p.answers), x2: x(p.answers), y1: y(p.low), y2: y(p.high) }, group);
        this.mark(group, SHAPES[series.shape], x(p.answers), y(p.seconds), p.says);
      }
    }
    const published = node("g", { class: "published" }, svg);
    for (const p of data.published) {
      const far = x(p.answers) > width / 2;
      node("text", { x: x(p.answers) + (far ? -12 : 12), y: y(p.seconds) + 4, "text-anchor": far ? "end" : "start" }, published, p.title);
      this.mark(published, SHAPES.diamond, x(p.answers), y(p.seconds), p.says);
    }
    this.legend(data);
    this.spot.textContent = data.text.hint;
  }

  mark(group, d, x, y, says) {
    const mark = node("path", { class: "mark", d, transform: `translate(${x} ${y})`, tabindex: 0, role: "img", "aria-label": says }, group);
    const tell = () => (this.spot.textContent = says);
    for (const event of ["pointerenter", "focus", "click"]) mark.addEventListener(event, tell);
  }

  legend(data) {
    const entries = data.series.map((s) => [s.shape, s.colour, s.colour, s.title]);
    if (data.published.length) entries.push(["diamond", "none", "currentColor", data.text.published]);
    this.root.querySelector(".legend").replaceChildren(
      ...entries.map(([shape, fill, stroke, title]) => {
        const span = document.createElement("span");
        const icon = node("svg", { viewBox: "-9 -9 18 18", "aria-hidden": "true" }, span);
        node("path", { d: SHAPES[shape], fill, stroke, "stroke-width": 2 }, icon);
        span.append(title);
        return span;
      }),
    );
  }
}

export default mounted(Curves);
