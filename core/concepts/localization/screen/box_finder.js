// From a heatmap to boxes: threshold, connected regions, boxes, IoU. The same arithmetic as core/maths/boxes.py, which is
// what the tests compare it with. Boxes are half-open [left, top, right, bottom], in pixels of the network's input.

import { grey } from "./bytes.js";
import { draw } from "./grid_board.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What box_finder.py sends.
 * @typedef {{
 *   photo: string,
 *   size: number[],
 *   subject: string,
 *   sources: { code: string, title: string, heat: string }[],
 *   source: string,
 *   level: number,
 *   given: number[] | null,
 *   text: Record<"drag" | "close" | "apart" | "hint" | "stage" | "threshold" | "all" | "skip" | "clear" | "ready" | "found" | "none" |
 *     "heatmap" | "box" | "mine" | "given" | "copy" | "copied", string>,
 * }} Data
 */

const SHOWN = 6; // boxes written out in a cell of the table; copying takes all

// Regions where heat >= level, largest first, of equal ones the first in reading order: [left, top, right, bottom, area].
export function regionsOf(heat, width, height, level) {
  const seen = new Uint8Array(heat.length), stack = new Int32Array(heat.length), out = [];
  for (let start = 0; start < heat.length; start++) {
    if (seen[start] || heat[start] < level) continue;
    let top = 0, box = [width, height, 0, 0, 0];
    stack[top++] = start;
    seen[start] = 1;
    while (top) {
      const i = stack[--top], x = i % width, y = (i - x) / width;
      box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1), box[4] + 1];
      for (const [j, inside] of [[i - 1, x > 0], [i + 1, x < width - 1], [i - width, y > 0], [i + width, y < height - 1]])
        if (inside && !seen[j] && heat[j] >= level) {
          seen[j] = 1;
          stack[top++] = j;
        }
    }
    out.push(box);
  }
  return out.sort((a, b) => b[4] - a[4]);
}

export function iouOf(a, b) {
  const area = ([left, top, right, bottom]) => Math.max(0, right - left) * Math.max(0, bottom - top);
  const both = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const union = area(a) + area(b) - both;
  return union ? both / union : 0;
}

/**
 * @param {number[]} box
 * @param {number[]} size
 */
export function formatsOf([left, top, right, bottom], [width, height]) {
  const [w, h] = [right - left, bottom - top];
  return {
    xyxy: [left, top, right, bottom],
    xywh: [left, top, w, h],
    cxcywh: [left + w / 2, top + h / 2, w, h],
    normalised: [left / width, top / height, right / width, bottom / height].map((v) => Number(v.toFixed(4))),
  };
}

class Finder {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {HTMLImageElement & { src: string; }} */ image;
  /** @type {{ [k: string]: Uint8Array; }} */ heats;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".finder");
    this.$ = (selector) => this.root.querySelector(selector);
    this.mine = null;
    this.open = false;
    this.told = { level: new Told(), source: new Told() };
    const stage = this.$(".stage");
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      stage.focus({ preventScroll: true });
      this.from = this.place(event);
    });
    stage.addEventListener("pointermove", (event) => {
      if (!this.from) return;
      const [a, b] = [this.from, this.place(event)];
      const box = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
      if (box[2] > box[0] && box[3] > box[1]) this.own(box);
    });
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, () => {
      this.from = null;
      if (this.mine) this.reveal();
    });
    stage.addEventListener("keydown", (event) => this.key(event));
    this.$('input[type="range"]').addEventListener("input", (event) => {
      this.level = Number(event.target.value);
      this.render();
    });
    this.$('input[type="range"]').addEventListener("change", () => this.settle("level", this.level));
    this.$('input[type="checkbox"]').addEventListener("change", () => this.render());
    this.$(".skip").addEventListener("click", () => this.reveal());
    this.$(".clear").addEventListener("click", () => {
      this.mine = null;
      this.open = false;
      this.render();
    });
    this.$(".sources").addEventListener("click", (event) => {
      const code = event.target.closest("button")?.dataset.code;
      if (!code) return;
      this.source = code;
      this.render();
      this.settle("source", code);
    });
    this.$(".formats").addEventListener("click", async (event) => {
      const text = event.target.closest("button")?.dataset.copy;
      if (!text) return;
      try {
        await navigator.clipboard.writeText(text);
        this.$(".copied").textContent = fill(this.data.text.copied, { text });
      } catch {
        this.$(".copied").textContent = text; // no permission: it can be marked and copied by hand
      }
    });
  }

  place(event) {
    return placeOf(event, this.$(".stage")).map((v, i) => clamp(Math.round(v * this.data.size[i]), 0, this.data.size[i]));
  }

  own(box) {
    this.mine = box;
    this.render();
  }

  reveal() {
    this.open = true;
    this.render();
  }

  // Arrow keys move the own box, with Shift its right lower corner; the first key puts one in the middle.
  key(event) {
    const step = arrow(event)?.map((v) => 4 * v);
    const [width, height] = this.data.size;
    if (event.key === "Enter" && this.mine) return this.reveal();
    if (!step) return;
    event.preventDefault();
    if (!this.mine) return this.own([Math.round(width / 4), Math.round(height / 4), Math.round((3 * width) / 4), Math.round((3 * height) / 4)]);
    const [dx, dy] = step, [left, top, right, bottom] = this.mine;
    if (event.shiftKey) return this.own([left, top, clamp(right + dx, left + 1, width), clamp(bottom + dy, top + 1, height)]);
    const [x, y] = [clamp(dx, -left, width - right), clamp(dy, -top, height - bottom)];
    this.own([left + x, top + y, right + x, bottom + y]);
  }

  settle(name, value) {
    this.told[name].tell(value);
    this.send(name, value);
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
    if (before?.subject !== data.subject) [this.mine, this.open] = [null, false];
    if (this.told.level.news(data.level)) this.level = data.level;
    if (this.told.source.news(data.source)) this.source = data.source;
    const wanted = turn(this), image = Object.assign(new Image(), { src: data.photo });
    const heats = await Promise.all(data.sources.map(({ heat }) => grey(heat)));
    await image.decode();
    if (!wanted()) return;
    this.image = image;
    this.heats = Object.fromEntries(data.sources.map(({ code }, i) => [code, heats[i].values]));
    if (!(this.source in this.heats)) this.source = data.source;
    this.$(".sources").replaceChildren(
      ...data.sources.map(({ code, title }) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
        button.dataset.code = code;
        return button;
      }),
    );
    this.render();
  }

  render() {
    if (!this.heats) return;
    const { size, text, given, sources } = this.data, [width, height] = size, heat = this.heats[this.source];
    const every = this.$('input[type="checkbox"]').checked, regions = regionsOf(heat, width, height, this.level);
    const boxes = every ? regions : regions.slice(0, 1);
    const slider = this.$('input[type="range"]');
    slider.value = this.level;
    const share = `${Math.round((100 * this.level) / 255)}%`;
    slider.setAttribute("aria-valuetext", share);
    this.$(".level").textContent = share;
    for (const button of this.$(".sources").children) button.setAttribute("aria-pressed", button.dataset.code === this.source);
    const canvas = this.$("canvas");
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.image, 0, 0, width, height);
    if (this.open) {
      const pixels = context.getImageData(0, 0, width, height);
      for (let i = 0; i < heat.length; i++)
        if (heat[i] < this.level) for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = 0.3 * pixels.data[4 * i + c];
      context.putImageData(pixels, 0, 0);
    }
    const svg = this.$("svg");
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.replaceChildren();
    /** @type {(name: string, box: number[]) => void} */
    const outline = (name, [x, y, right, bottom]) => draw("rect", { class: name, x, y, width: right - x, height: bottom - y }, svg);
    if (this.open) {
      for (const box of boxes) for (const name of ["under", "found"]) outline(name, box);
      if (given) outline("given", given);
    }
    if (this.mine) outline("mine", this.mine);
    this.$(".skip").hidden = this.open;
    const other = given ?? boxes[0], met = this.mine && other ? iouOf(this.mine, other) : null;
    const closes = { iou: met?.toFixed(2) ?? "", name: given ? text.given : text.box };
    this.$(".hint").textContent = !this.open ? text.hint : fill(met === null ? text.drag : met >= 0.75 ? text.close : text.apart, closes);
    for (const part of [".sources", ".tables", ".all"]) this.$(part).hidden = !this.open;
    slider.parentElement.hidden = !this.open;
    const found = boxes[0], said = this.$(".said");
    this.root.dataset.box = this.open && found ? found.join() : "";
    if (!this.open) return void (said.textContent = this.mine ? text.ready : "");
    said.textContent = found
      ? fill(text.found, { left: found[0], top: found[1], right: found[2], bottom: found[3], count: regions.length, area: found[4] })
      : text.none;
    this.compare(sources, given, width, height);
    this.formats(boxes);
  }

  compare(sources, given, width, height) {
    const { text } = this.data, row = (cells, kind) => {
      const line = document.createElement("tr");
      line.append(...cells.map((cell) => Object.assign(document.createElement(kind), { textContent: cell })));
      return line;
    };
    const score = (box, other) => (box && other ? iouOf(box, other).toFixed(3) : "–");
    this.$(".scores").replaceChildren(
      row([text.heatmap, text.box, text.mine, ...(given ? [text.given] : [])], "th"),
      ...sources.map(({ code, title }) => {
        const box = regionsOf(this.heats[code], width, height, this.level)[0];
        return row([title, box ? box.slice(0, 4).join(", ") : "–", score(box, this.mine), ...(given ? [score(box, given)] : [])], "td");
      }),
      row([text.mine, this.mine ? this.mine.join(", ") : "–", "", ...(given ? [score(this.mine, given)] : [])], "td"),
    );
  }

  // One box alone, or with all components a list of boxes, largest first.
  formats(boxes) {
    const table = this.$(".formats");
    if (!boxes.length) return table.replaceChildren();
    const ways = boxes.map((box) => formatsOf(box.slice(0, 4), this.data.size)), every = this.$('input[type="checkbox"]').checked;
    const list = (values) => `[${values.join(", ")}]`;
    table.replaceChildren(
      ...Object.keys(ways[0]).map((name) => {
        const line = document.createElement("tr"), each = ways.map((way) => list(way[name]));
        const written = every ? list(each) : each[0], shown = every && each.length > SHOWN ? `[${each.slice(0, SHOWN).join(", ")}, …]` : written;
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: this.data.text.copy });
        button.dataset.copy = written;
        button.setAttribute("aria-label", `${this.data.text.copy} ${name}`);
        const cell = document.createElement("td");
        cell.append(button);
        line.append(...[this.data.text[name] ?? name, shown].map((text) => Object.assign(document.createElement("td"), { textContent: text })), cell);
        return line;
      }),
    );
  }
}

export default mounted(Finder);
