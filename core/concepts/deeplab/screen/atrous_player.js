// An atrous convolution: the nine taps, `rate` cells apart, glide over the padded input and fill the output.

import { Board, draw, watchBoards } from "./grid_board.js";
import { Links } from "./grid_links.js";
import { Transport } from "./grid_transport.js";
import { ease, still } from "./motion.js";
import { mounted } from "./mount.js";
import { decimal, fill } from "./text.js";

/**
 * What atrous_player.py sends.
 * @typedef {{
 *   rows: { size: number, out: number, links: number[][] },
 *   rate: number,
 *   taps: number,
 *   input: number[],
 *   kernel: number[],
 *   denominator: number,
 *   output: string,
 *   wide: boolean,
 *   text: Record<"label" | "inputTitle" | "outputTitle" | "input" | "output" | "first" | "back" | "play" |
 *     "pause" | "forward" | "last" | "scrub" | "speed" | "step" | "inputCell" | "outputCell" | "zero" |
 *     "outputSum" | "inside" | "uses" | "hint", string>,
 *   id: string,
 * }} Data
 */

const SPAN = 380; // width of each picture in SVG units

class AtrousPlayer {
  /** @type {any} */ delivered;
  /** @type {Links} */ links;
  /** @type {Board} */ padded;
  /** @type {(i: number) => number | null} */ source;
  /** @type {(i: number) => number} */ place;
  /** @type {Board} */ output;
  /** @type {any} */ window;
  /** @type {any} */ last;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".player");
    this.$ = (selector) => this.root.querySelector(selector);
    this.pointed = null;
    this.transport = new Transport(this.root, this.$(".controls"), (at) => this.render(at));
    watchBoards(this.$(".views"), (board, i) => this.point(board, i), () => {});
  }

  gone() {
    this.transport.gone();
  }

  /**
   * @param {Data} data
   */
  show(data) {
    if (this.delivered === data.id) return;
    this.delivered = data.id;
    const { text, rate, rows } = (this.data = data);
    this.links = new Links(data);
    this.root.setAttribute("aria-label", text.label);
    this.$(".input-title").textContent = text.inputTitle;
    this.$(".output-title").textContent = text.outputTitle;
    const size = rows.size, whole = size + 2 * rate;
    const from = this.$(".from"), to = this.$(".to");
    from.replaceChildren();
    to.replaceChildren();
    for (const svg of [from, to]) svg.setAttribute("viewBox", `0 0 ${SPAN} ${SPAN}`);
    const outside = (i) => [Math.floor(i / whole), i % whole].some((v) => v < rate || v >= rate + size);
    this.padded = new Board(from, {
      x: 0, y: 0, cell: SPAN / whole, rows: whole, columns: whole, name: "padded", label: text.input,
      look: (i) => (outside(i) ? "border" : "value"),
    });
    this.source = (i) => (outside(i) ? null : (Math.floor(i / whole) - rate) * size + (i % whole) - rate);
    this.place = (i) => (Math.floor(i / size) + rate) * whole + (i % size) + rate;
    for (let i = 0; i < whole * whole; i++) {
      const cell = this.source(i);
      if (cell === null) this.padded.write(i, "0", text.zero);
      else this.padded.write(i, decimal(data.input[cell]), fill(text.inputCell, { ...this.at(cell), value: decimal(data.input[cell]) }));
    }
    this.output = new Board(to, { x: 0, y: 0, cell: SPAN / size, rows: size, columns: size, name: "output plain", label: text.output });
    this.window = draw("g", { class: "window" }, from);
    const { cell } = this.padded;
    draw("rect", { class: "frame", x: 0, y: 0, width: (2 * rate + 1) * cell, height: (2 * rate + 1) * cell }, this.window);
    for (let t = 0; t < 9; t++)
      draw("rect", { class: "tap", x: (t % 3) * rate * cell, y: Math.floor(t / 3) * rate * cell, width: cell, height: cell }, this.window);
    this.pointed = null;
    this.last = null;
    this.transport.show(text, this.links.outputs, Math.ceil(this.links.outputs / 2));
  }

  at(i) {
    return { row: Math.floor(i / this.data.rows.size) + 1, column: (i % this.data.rows.size) + 1 };
  }

  render(at) {
    const active = Math.ceil(at - 1e-9) - 1, part = at - active;
    const focus = this.pointed?.kind === "output" ? this.pointed.i : this.pointed ? null : active;
    this.window.style.display = focus === null || focus < 0 ? "none" : "";
    if (focus !== null && focus >= 0) {
      const [x, y] = this.corner(focus);
      const [x0, y0] = this.pointed || active < 1 ? [x, y] : this.corner(active - 1);
      const glide = this.pointed || still() ? 1 : ease(Math.min(1, part / 0.5));
      const row = Math.abs(y - y0) > 1e-6; // a new row begins at once
      this.window.setAttribute("transform", `translate(${row ? x : x0 + (x - x0) * glide} ${y})`);
    }
    const done = active + (part > 0.5 ? 1 : 0);
    const key = [active, done, this.pointed?.kind, this.pointed?.i].join();
    if (key === this.last) return;
    this.last = key;
    const { text, denominator } = this.data;
    for (let i = 0; i < this.links.outputs; i++) {
      const shown = i < done, value = decimal(this.links.output[i], denominator, 2);
      this.output.write(i, shown ? value : "", fill(text.outputCell, { ...this.at(i), value: shown ? value : "–" }));
      this.output.cells[i].classList.toggle("stamps1", shown);
    }
    this.output.unmark();
    this.padded.unmark();
    if (this.pointed?.kind === "input") this.readers(this.pointed.i);
    else if (focus !== null && focus >= 0) this.sum(focus);
    else this.$(".sum").replaceChildren(text.hint);
  }

  corner(output) {
    const { cell } = this.padded, size = this.data.rows.size;
    return [(output % size) * cell, Math.floor(output / size) * cell]; // padded by `rate`, and the first tap is `rate` before
  }

  sum(i) {
    const { text, denominator, kernel } = this.data, terms = this.links.terms(i);
    this.output.mark(i, "spot");
    const parts = /** @type {(string | Node)[]} */ ([fill(text.outputSum, this.at(i)), " "]);
    const chip = (name, value) => Object.assign(document.createElement("b"), { className: name, textContent: value });
    terms.forEach(({ input, tap }, n) => {
      this.padded.mark(this.place(input), "lit");
      if (n) parts.push(" + ");
      parts.push(chip("weight", decimal(kernel[tap], denominator)), " × ", chip("value", decimal(this.data.input[input])));
    });
    parts.push(" = ", chip("total", decimal(this.links.output[i], denominator, 4)), " ", fill(text.inside, { count: terms.length }));
    this.$(".sum").replaceChildren(...parts);
  }

  readers(i) {
    const outputs = this.links.stamp(i);
    this.padded.mark(this.place(i), "spot");
    for (const { output } of outputs) this.output.mark(output, "lit");
    this.$(".sum").replaceChildren(fill(this.data.text.uses, { ...this.at(i), count: outputs.length }));
  }

  point(board, i) {
    const cell = board === this.padded ? this.source(i) : i;
    this.pointed = board && cell !== null ? { kind: board === this.padded ? "input" : "output", i: cell } : null;
    this.render(this.transport.at);
  }
}

export default mounted(AtrousPlayer);
