// The resolution meter: a dot on the picture, and what each pooling keeps of it. The browser computes what
// core/concepts/deconvnet/resolution.py computes; only a dot that has come to rest is told to Python, for the address.

import { grey } from "./bytes.js";
import { mounted } from "./mount.js";
import { arrow, placeOf } from "./photo.js";
import { fill } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What dot_meter.py sends.
 * @typedef {{
 *   id: string,
 *   grey: string,
 *   dot: { row: number, column: number, side: number, value: number },
 *   smallest: number[][],
 *   text: Record<"label" | "stage" | "side" | "shade" | "pixels" | "title" | "kept" | "gone" | "voted" |
 *     "outvoted" | "limit" | "invisible" | "lasts" | "vanishes" | "maskLasts" | "maskLoses", string>,
 * }} Data
 */

class Meter {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {any} */ dot;
  /** @type {any} */ delivered;
  /** @type {number} */ size;
  /** @type {Uint8Array} */ grey;
  /** @type {any[]} */ plain;
  /** @type {number} */ waiting;
  /** @type {any[]} */ maps;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".meter");
    this.$ = (selector) => this.root.querySelector(selector);
    this.told = new Told();
    const stage = this.$(".stage");
    const place = (event) => {
      const [column, row] = placeOf(event, stage).map((v) => Math.round(v * this.size - this.dot.side / 2));
      this.set({ column, row });
    };
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      place(event);
    });
    stage.addEventListener("pointermove", (event) => event.buttons && place(event));
    stage.addEventListener("pointerup", () => this.settle());
    stage.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (!steps) return;
      event.preventDefault();
      const far = event.shiftKey ? 8 : 1;
      this.set({ row: this.dot.row + far * steps[1], column: this.dot.column + far * steps[0] });
    });
    stage.addEventListener("keyup", () => this.settle());
    for (const [name, field] of [["size", "side"], ["shade", "value"]]) {
      this.$(`.${name}`).addEventListener("input", (event) => this.set({ [field]: Number(event.target.value) }));
      this.$(`.${name}`).addEventListener("change", () => this.settle());
    }
  }

  gone() {
    cancelAnimationFrame(this.waiting);
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    this.send = send;
    this.data = data;
    if (this.delivered !== data.id) await this.load(data);
    if (this.root.dataset.ready !== this.data.id || !this.told.news(this.data.dot)) return;
    this.dot = { ...this.data.dot };
    this.set({});
  }

  // Another picture or language.
  async load(data) {
    this.delivered = data.id;
    const wanted = turn(this), { width, values } = await grey(data.grey);
    if (!wanted()) return;
    this.size = width;
    this.grey = values;
    this.plain = this.pyramid(this.grey);
    const { text } = data;
    this.root.setAttribute("aria-label", text.label);
    this.$(".stage").setAttribute("aria-label", text.stage);
    this.$(".stage").setAttribute("role", "application");
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    this.cards();
    this.told.forget();
    this.root.dataset.ready = data.id;
  }

  cards() {
    for (const old of this.root.querySelectorAll("figure")) old.remove();
    this.$(".depths").append(
      ...this.data.smallest.slice(1).map((_, i) => {
        const figure = document.createElement("figure"), canvas = document.createElement("canvas"), caption = document.createElement("figcaption");
        canvas.width = canvas.height = this.size;
        canvas.setAttribute("role", "img");
        caption.append(...["b", "span", "span", "span"].map((tag) => document.createElement(tag)));
        figure.append(canvas, caption);
        figure.dataset.depth = String(i + 1);
        return figure;
      }),
    );
  }

  // The map and its poolings, finest first.
  pyramid(map) {
    const maps = [map];
    for (let depth = 1, side = this.size; depth < this.data.smallest.length; depth++, side /= 2) {
      const from = maps.at(-1), half = side / 2, to = new Uint8Array(half * half);
      for (let row = 0; row < half; row++)
        for (let column = 0; column < half; column++) {
          const i = 2 * row * side + 2 * column;
          to[row * half + column] = Math.max(from[i], from[i + 1], from[i + side], from[i + side + 1]);
        }
      maps.push(to);
    }
    return maps;
  }

  set(change) {
    const dot = { ...this.dot, ...change };
    if (change.side) for (const axis of ["row", "column"]) dot[axis] += Math.round((this.dot.side - change.side) / 2); // grows around its middle
    for (const axis of ["row", "column"]) dot[axis] = Math.min(this.size - dot.side, Math.max(0, dot[axis]));
    this.dot = dot;
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.draw());
  }

  settle() {
    if (this.told.tell(this.dot)) this.send("dot", this.dot);
  }

  overlap(start, side, cell) {
    let best = 0;
    for (let i = Math.floor(start / cell); i * cell < start + side; i++) best = Math.max(best, Math.min(start + side, (i + 1) * cell) - Math.max(start, i * cell));
    return best;
  }

  readings() {
    const { row, column, side, value } = this.dot, map = this.grey.slice();
    for (let y = row; y < row + side; y++) map.fill(value, y * this.size + column, y * this.size + column + side);
    this.maps = this.pyramid(map);
    return this.maps.map((after, depth) => {
      const cell = 2 ** depth, before = this.plain[depth];
      let changed = 0;
      after.forEach((v, i) => (changed += Number(v !== before[i])));
      return { cell, changed, cover: (this.overlap(row, side, cell) * this.overlap(column, side, cell)) / cell ** 2 };
    });
  }

  draw() {
    const { text, smallest } = this.data, { dot } = this;
    const readings = this.readings();
    Object.assign(this.$(".size"), { value: dot.side });
    Object.assign(this.$(".shade"), { value: dot.value });
    this.$(".side").textContent = text.pixels.replaceAll("{n}", dot.side);
    this.$(".value").textContent = dot.value;
    this.paint(this.$(".stage"), 0);
    for (const figure of this.root.querySelectorAll("figure")) {
      const depth = Number(figure.dataset.depth), { cell, changed, cover } = readings[depth];
      this.paint(figure.querySelector("canvas"), depth);
      const [title, map, mask, limit] = figure.querySelector("figcaption").children;
      const values = { depth, side: this.size / cell, cell, changed, share: Math.round(100 * cover), best: smallest[depth][0], anywhere: smallest[depth][1] };
      title.textContent = fill(text.title, values);
      map.textContent = fill(changed ? text.kept : text.gone, values);
      map.className = changed ? "here" : "gone";
      mask.textContent = fill(cover >= 0.5 ? text.voted : text.outvoted, values);
      mask.className = cover >= 0.5 ? "here" : "gone";
      limit.textContent = fill(text.limit, values);
      limit.className = "limit";
      figure.querySelector("canvas").setAttribute("aria-label", `${title.textContent} ${map.textContent}`);
    }
    const map = readings.findIndex(({ changed }) => !changed), mask = readings.findIndex(({ cover }) => cover < 0.5);
    const verdict = [map < 0 ? text.lasts : fill(map ? text.vanishes : text.invisible, { depth: map, side: this.size / 2 ** map }), mask < 0 ? text.maskLasts : fill(text.maskLoses, { depth: mask, side: this.size / 2 ** mask })].join(" ");
    if (this.$(".verdict").textContent !== verdict) this.$(".verdict").textContent = verdict;
  }

  // The map of a depth, enlarged; cells that the dot changed are framed.
  paint(canvas, depth) {
    const side = this.size / 2 ** depth, cell = 2 ** depth, context = canvas.getContext("2d"), map = this.maps[depth];
    const image = context.createImageData(this.size, this.size);
    for (let i = 0; i < this.size ** 2; i++) {
      const value = map[Math.floor(i / this.size / cell) * side + Math.floor((i % this.size) / cell)];
      image.data.set([value, value, value, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
    context.lineWidth = 2;
    context.strokeStyle = "#e8590c";
    if (depth === 0) return context.strokeRect(this.dot.column - 1.5, this.dot.row - 1.5, this.dot.side + 3, this.dot.side + 3);
    const changed = (r, c) => r >= 0 && c >= 0 && r < side && c < side && map[r * side + c] !== this.plain[depth][r * side + c];
    context.beginPath();
    for (let r = 0; r < side; r++)
      for (let c = 0; c < side; c++) {
        if (!changed(r, c)) continue;
        const [x, y] = [c * cell, r * cell];
        for (const [dr, dc, x1, y1, x2, y2] of [[-1, 0, 0, 0, 1, 0], [1, 0, 0, 1, 1, 1], [0, -1, 0, 0, 0, 1], [0, 1, 1, 0, 1, 1]])
          if (!changed(r + dr, c + dc)) {
            context.moveTo(x + x1 * cell, y + y1 * cell);
            context.lineTo(x + x2 * cell, y + y2 * cell);
          }
      }
    context.stroke();
  }
}

export default mounted(Meter);
