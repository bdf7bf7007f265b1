// Corners set by mouse, finger or keys; the shapes stay in the browser until they are handed over.

import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill } from "./text.js";

/**
 * What polygon_pen.py sends.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   names: string[],
 *   colours: string,
 *   label: number,
 *   corners: number,
 *   shapes: number,
 *   text: Record<"class" | "photoAlt" | "stage" | "how" | "close" | "undo" | "clear" | "use" | "state", string>,
 * }} Data
 */

const SVG = "http://www.w3.org/2000/svg";
const shape = (tag, attributes) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

class Pen {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {number} */ label;
  /** @type {boolean} */ keys;
  /** @type {any} */ at;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".pen");
    this.$ = (selector) => this.root.querySelector(selector);
    this.done = []; // {label, corners}
    this.open = []; // [x, y]
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.send = send;
    if (this.data?.subject !== data.subject) {
      Object.assign(this, { done: [], open: [], at: [data.width / 2, data.height / 2], keys: false });
      this.label = data.label;
    }
    this.data = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    const select = this.$("select");
    select.replaceChildren(...data.names.map((name, id) => Object.assign(document.createElement("option"), { value: id, textContent: name })));
    select.value = this.label;
    const image = this.$("img"), stage = this.$(".stage");
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = data.text.photoAlt;
    image.style.aspectRatio = `${data.width} / ${data.height}`;
    stage.style.maxWidth = `${(34 * data.width) / data.height}rem`;
    stage.setAttribute("aria-label", data.text.stage);
    this.draw();
  }

  colour(label) {
    return label ? `#${[...atob(this.data.colours)].slice(3 * label, 3 * label + 3).map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("")}` : "#000000";
  }

  draw() {
    const { width, height, names, text } = this.data, svg = this.$("svg"), thick = Math.max(width, height) / 260;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const parts = [];
    const points = (corners) => corners.map((c) => c.join()).join(" ");
    for (const { label, corners } of this.done) {
      parts.push(shape("polygon", { points: points(corners), fill: this.colour(label), "fill-opacity": 0.5, stroke: "#fff", "stroke-width": thick }));
      const middle = [0, 1].map((i) => corners.reduce((sum, c) => sum + c[i], 0) / corners.length);
      const name = shape("text", { x: middle[0], y: middle[1], "font-size": 9 * thick, "stroke-width": 2 * thick });
      name.textContent = names[label];
      parts.push(name);
    }
    if (this.open.length) parts.push(shape("polyline", { points: points(this.open), fill: "none", stroke: "#000", "stroke-width": 2.2 * thick }));
    if (this.open.length) parts.push(shape("polyline", { points: points(this.open), fill: "none", stroke: "#fff", "stroke-width": thick }));
    for (const [x, y] of this.open) parts.push(shape("circle", { cx: x, cy: y, r: 2 * thick, fill: "#fff", stroke: "#000", "stroke-width": thick / 2 }));
    if (this.keys) {
      const [x, y] = this.at, d = 6 * thick;
      for (const [colour, w] of [["#000", 2 * thick], ["#fff", thick]])
        parts.push(shape("path", { d: `M${x - d} ${y}H${x + d}M${x} ${y - d}V${y + d}`, stroke: colour, "stroke-width": w }));
    }
    svg.replaceChildren(...parts);
    this.$('[data-act="close"]').disabled = this.open.length < 3;
    this.$('[data-act="undo"]').disabled = this.$('[data-act="clear"]').disabled = !this.open.length && !this.done.length;
    this.$('[data-act="use"]').disabled = !this.done.length && this.open.length < 3;
    this.$(".state").textContent = fill(text.state, { shapes: this.done.length, corners: this.open.length });
  }

  add(x, y) {
    const { width, height, corners } = this.data;
    if (this.open.length >= corners) return;
    this.open.push([clamp(Math.round(x), 0, width), clamp(Math.round(y), 0, height)]);
    this.draw();
  }

  act(name) {
    if (name === "close" || (name === "use" && this.open.length > 2)) {
      if (this.open.length > 2 && this.done.length < this.data.shapes) this.done.push({ label: this.label, corners: this.open });
      this.open = [];
    }
    if (name === "undo") {
      if (this.open.length) this.open.pop();
      else this.open = this.done.pop()?.corners ?? [];
    }
    if (name === "clear") Object.assign(this, { done: [], open: [] });
    this.draw();
    if (name === "use" && this.done.length) this.send("drawn", this.done.map((s) => ({ ...s })));
  }

  listen() {
    const stage = this.$(".stage");
    stage.addEventListener("click", (event) => {
      const [x, y] = placeOf(event, stage);
      this.keys = false;
      this.add(x * this.data.width, y * this.data.height);
    });
    stage.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (steps) {
        const { width, height } = this.data, step = event.shiftKey ? 1 : Math.max(width, height) / 50;
        this.at = [clamp(this.at[0] + steps[0] * step, 0, width), clamp(this.at[1] + steps[1] * step, 0, height)];
        this.keys = true;
        this.draw();
      } else if (event.key === "Enter" || event.key === " ") {
        this.keys = true;
        this.add(...this.at);
      } else if (event.key === "Backspace") this.act("undo");
      else return;
      event.preventDefault();
    });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button.dataset.act);
    });
    this.$("select").addEventListener("change", (event) => (this.label = Number(event.target.value)));
  }
}

export default mounted(Pen);
