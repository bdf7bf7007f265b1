// Strokes by mouse, finger, pen or keys. They stay here; each time the brush is lifted Python is told all of them.

import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { make } from "./text.js";
import { Told } from "./told.js";

/**
 * What stroke_brush.py sends.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   strokes: Stroke[],
 *   most: number,
 *   names: string[],
 *   colours: string[],
 *   mask: string,
 *   news: string,
 *   text: Record<string, string>,
 * }} Data
 * @typedef {{ label: number, radius: number, points: number[][] }} Stroke
 */

const ERASER = 255, MOST_POINTS = 1500;
const SVG = "http://www.w3.org/2000/svg";

class Brush {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Data} */ data;
  /** @type {Stroke[]} */ strokes = [];
  /** @type {Stroke[][]} what redo brings back */ undone = [];
  /** @type {Stroke[][]} what undo brings back */ before = [];
  /** @type {Stroke | null} */ open = null;
  label = 1;

  constructor(parent) {
    this.root = parent.querySelector(".brush");
    this.$ = (selector) => this.root.querySelector(selector);
    this.told = new Told();
    this.keys = false;
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.send = send;
    const other = this.data?.subject !== data.subject;
    if (other) {
      this.told.forget();
      Object.assign(this, { undone: [], before: [], open: null, at: [data.width / 2, data.height / 2], keys: false });
    }
    this.data = data;
    if (this.told.news(data.strokes) && !this.open) {
      if (!other) Object.assign(this, { undone: [], before: [] });
      this.strokes = data.strokes;
    }
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    const image = this.$("img"), stage = this.$(".stage");
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = data.text.photoAlt;
    image.style.aspectRatio = `${data.width} / ${data.height}`;
    stage.style.maxWidth = `${(34 * data.width) / data.height}rem`;
    stage.setAttribute("aria-label", data.text.stage);
    this.classes();
    this.mask();
    this.draw();
    if (this.$(".news").textContent !== data.news) this.$(".news").textContent = data.news;
  }

  classes() {
    const { names, colours, text } = this.data, box = this.$(".classes");
    if (this.label !== ERASER && this.label >= names.length) this.label = 1;
    box.setAttribute("aria-label", text.brush);
    const held = box.contains(/** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement);
    box.replaceChildren();
    for (const [label, name] of [...names.entries(), [ERASER, text.erase]]) {
      const button = make("button", "", box, { type: "button" }), on = label === this.label;
      button.dataset.label = String(label);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(on));
      if (label !== ERASER) make("i", "", button).style.background = colours[Number(label)] || "#000";
      button.append(String(name));
      if (held && on) button.focus();
    }
  }

  mask() {
    const canvas = this.$("canvas"), { mask, colours } = this.data;
    canvas.style.opacity = String(Number(this.$(".fade").value) / 100);
    canvas.hidden = !mask;
    if (!mask) return;
    const rgb = Uint8Array.from(colours.flatMap((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2) || "0", 16))));
    drawMask(canvas, mask, rgb, 255, true).catch(() => {});
  }

  draw() {
    const { width, height, colours, most } = this.data, svg = this.$("svg"), parts = [];
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const line = (points, colour, thick, dash) => {
      const node = document.createElementNS(SVG, "polyline"), all = points.length > 1 ? points : [points[0], points[0]];
      const more = { points: all.map((p) => p.join()).join(" "), stroke: colour, "stroke-width": thick };
      for (const [name, value] of Object.entries(more)) node.setAttribute(name, String(value));
      if (dash) node.setAttribute("stroke-dasharray", dash);
      parts.push(node);
    };
    for (const { label, radius, points } of [...this.strokes, ...(this.open ? [this.open] : [])]) {
      line(points, "#fff", 2 * radius + 2);
      line(points, label === ERASER ? "#999" : colours[label] || "#000", 2 * radius, label === ERASER ? "4 6" : "");
    }
    if (this.keys) {
      const [x, y] = this.at, d = Math.max(width, height) / 40;
      for (const [colour, thick] of [["#000", d / 4], ["#fff", d / 8]]) {
        line([[x - d, y], [x + d, y]], colour, thick);
        line([[x, y - d], [x, y + d]], colour, thick);
      }
    }
    svg.replaceChildren(...parts);
    this.$('[data-act="undo"]').disabled = !this.before.length && !this.strokes.length;
    this.$('[data-act="redo"]').disabled = !this.undone.length;
    this.$('[data-act="clear"]').disabled = !this.strokes.length;
    this.root.dataset.strokes = String(this.strokes.length);
    this.full = this.strokes.length >= most;
  }

  // ------------------------------------------------------------------------------------------------------ one stroke

  place(event) {
    const [x, y] = placeOf(event, this.$(".stage")), { width, height } = this.data;
    return [clamp(Math.round(x * width), 0, width), clamp(Math.round(y * height), 0, height)];
  }

  begin(point) {
    if (this.full) {
      this.$(".news").textContent = this.data.text.full;
      return;
    }
    // The brush is as wide on the screen as it says, whatever the photo's size.
    const radius = Math.round((10 * Number(this.$(".size").value) * Math.max(this.data.width, this.data.height)) / 768) / 10;
    this.open = { label: this.label, radius: Math.max(0.5, radius / 1), points: [point] };
    this.draw();
  }

  go(point) {
    const points = this.open?.points, [x, y] = points?.at(-1) ?? [];
    if (!points || points.length >= MOST_POINTS || Math.hypot(point[0] - x, point[1] - y) < 2) return;
    points.push(point);
    this.draw();
  }

  lift() {
    if (!this.open) return;
    const stroke = this.open;
    this.open = null;
    this.change([...this.strokes, stroke]);
  }

  change(strokes) {
    this.before.push(this.strokes);
    this.undone = [];
    this.settle(strokes);
  }

  settle(strokes) {
    this.strokes = strokes;
    this.draw();
    if (this.told.tell(strokes)) this.send("strokes", strokes);
  }

  act(name) {
    if (name === "undo" && (this.before.length || this.strokes.length)) {
      this.undone.push(this.strokes);
      this.settle(this.before.pop() ?? this.strokes.slice(0, -1));
    }
    if (name === "redo" && this.undone.length) {
      this.before.push(this.strokes);
      this.settle(this.undone.pop());
    }
    if (name === "clear" && this.strokes.length) this.change([]);
  }

  choose(label) {
    if (label !== ERASER && !(label < this.data.names.length)) return;
    this.label = label;
    this.classes();
  }

  listen() {
    const stage = this.$(".stage");
    stage.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      stage.setPointerCapture?.(event.pointerId);
      this.keys = false;
      this.begin(this.place(event));
    });
    stage.addEventListener("pointermove", (event) => this.open && !this.keys && this.go(this.place(event)));
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, () => !this.keys && this.lift());
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("blur", () => this.keys && this.lift());
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act) this.act(button.dataset.act);
      else if (button) this.choose(Number(button.dataset.label));
    });
    this.$(".fade").addEventListener("input", () => this.mask());
  }

  key(event) {
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
      event.preventDefault();
      return this.act(letter === "y" || event.shiftKey ? "redo" : "undo");
    }
    const steps = arrow(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (steps) {
      const { width, height } = this.data, step = event.shiftKey ? 2 : Math.max(width, height) / 50;
      this.at = [clamp(Math.round(this.at[0] + steps[0] * step), 0, width), clamp(Math.round(this.at[1] + steps[1] * step), 0, height)];
      this.keys = true;
      if (this.open) this.go(this.at);
      this.draw();
    } else if (letter === "enter" || letter === " ") {
      this.keys = true;
      if (this.open) this.lift();
      else this.begin(this.at);
      if (this.open) this.$(".news").textContent = this.data.text.down;
    } else if (/^[1-9]$/.test(letter)) this.choose(Number(letter) - 1);
    else if (letter === "e") this.choose(ERASER);
    else if (letter === "backspace") this.act("undo");
    else return;
    event.preventDefault();
  }
}

export default mounted(Brush);
