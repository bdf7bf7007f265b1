// The unpooling player: one pooling, its switches, the way back, and the transposed convolution that fills in. Stepping,
// pointing and guessing happen here alone; an edited cell is sent to Python, which computes everything anew.

import { editCell } from "./cell_editor.js";
import { Board, draw, watchBoards } from "./grid_board.js";
import { Links } from "./grid_links.js";
import { Transport } from "./grid_transport.js";
import { mounted } from "./mount.js";
import { clamp } from "./photo.js";
import { decimal, fill } from "./text.js";

/**
 * What unpool_player.py sends.
 * @typedef {{
 *   rows: { size: number, out: number, stride: number, before: number, after: number, links: number[][] },
 *   taps: number,
 *   input0: number[],
 *   pooled: number[],
 *   switches: number[],
 *   remember: boolean,
 *   input: number[],
 *   kernel: number[],
 *   denominator: number,
 *   output: string,
 *   wide: boolean,
 *   text: { label: string, mapTitle: string, pooledTitle: string, unpooledTitle: string, kernelTitle: string,
 *     denseTitle: string, first: string, back: string, play: string, pause: string, forward: string, last: string,
 *     scrub: string, speed: string, step: string, mapCell: string, pooledCell: string, unpooledCell: string,
 *     emptyCell: string, kernelCell: string, denseCell: string, notYet: string, hint: string, corners: string[],
 *     wins: string, loses: string, pools: string, returns: string, zero: string, cornered: string,
 *     zeroCorner: string, denseSum: string, empties: string, ask: string, stopGuess: string, reveal: string,
 *     guessHow: string, verdictHit: string, verdictMiss: string },
 *   id: string,
 * }} Data
 */

const UNIT = 60; // side of a cell in the pictures' own units
const CORNERS = [[-1, -1], [1, -1], [-1, 1], [1, 1]]; // of a window: where switch 0, 1, 2, 3 points

class UnpoolPlayer {
  static asks = ["edit"];
  /** @type {{ kind: string, i: number } | null} */ pointed = null;
  /** @type {{ chosen: Set<number>, truth: Set<number> | null, version: number } | null} */ guess = null;
  /** @type {import("./mount.js").Send} */ send;
  /** @type {any} */ delivered;
  /** @type {Links} */ links;
  /** @type {number} */ side;
  /** @type {number} */ half;
  /** @type {number} */ count;
  /** @type {any} */ last;
  /** @type {{ map: Board; pooled: Board; unpooled: Board; kernel: Board; dense: Board; }} */ boards;
  /** @type {any[]} */ arrows;
  /** @type {Data & { columns: Data["rows"] }} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".player");
    this.$ = (selector) => this.root.querySelector(selector);
    this.transport = new Transport(this.root, this.$(".controls"), (at) => this.render(at));
    watchBoards(
      this.$(".views"),
      (board, i) => this.point(board, i),
      (board, i, event) => this.press(board, i, event),
    );
    this.$(".ask").addEventListener("click", () => (this.guess ? this.endGuess() : this.ask()));
    this.$(".reveal").addEventListener("click", () => this.reveal());
  }

  gone() {
    this.transport.gone();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.send = send;
    if (this.delivered === data.id) return;
    const first = !this.delivered;
    this.delivered = data.id;
    this.data = { columns: data.rows, ...data };
    this.links = new Links(this.data);
    const { text, rows } = this.data;
    this.side = rows.size;
    this.half = rows.size / 2;
    this.count = this.half ** 2;
    this.root.setAttribute("aria-label", text.label);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    const active = this.root.getRootNode().activeElement?.closest?.(".cell");
    const held = active && [active.closest(".board").board.kind, Number(active.dataset.i)];
    this.layout();
    this.pointed = this.guess = this.last = null;
    this.asking();
    this.$(".verdict").textContent = "";
    const length = 2 * this.count + this.side ** 2;
    if (first || this.transport.length !== length) this.transport.length = 0; // another map begins at its end
    this.transport.show(text, length, length);
    if (held) this.boards[held[0]].enter(held[1]).focus({ preventScroll: true });
  }

  layout() {
    const { data, side, half } = this;
    const { text } = data;
    const make = (kind, cells, name, look) => {
      const svg = this.$(`svg.${kind}`);
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${cells * UNIT} ${cells * UNIT}`);
      const board = new Board(svg, { x: 0, y: 0, cell: UNIT, rows: cells, columns: cells, name, look, label: text[`${kind}Title`] });
      board.kind = kind;
      board.svg = svg;
      return board;
    };
    this.boards = {
      map: make("map", side, "input editable"),
      pooled: make("pooled", half, "input"),
      unpooled: make("unpooled", side, "wide"),
      kernel: make("kernel", 3, "kernel"),
      dense: make("dense", side, "output"),
    };
    for (const kind of ["map", "unpooled"]) {
      const frames = draw("g", { class: "frames" }, this.boards[kind].svg);
      for (let i = 0; i < this.count; i++) draw("rect", this.boards[kind].box(...this.corner(i), 2, 2), frames);
    }
    const { pooled, map } = this.boards;
    this.arrows = Array.from({ length: this.count }, (_, i) => {
      const [x, y] = pooled.centre(i), [dx, dy] = CORNERS[data.switches[i]];
      const group = draw("g", { class: "arrow-of-switch" }, pooled.svg);
      const at = (t) => [x + dx * t * UNIT, y + dy * t * UNIT];
      const [from, to] = [at(0.26), at(0.4)];
      draw("line", { class: "switch", x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, group);
      const tip = at(0.47), wing = 0.12 * UNIT;
      draw("path", { class: "head", d: `M${tip}L${tip[0] - dx * wing} ${tip[1]}L${tip[0]} ${tip[1] - dy * wing}z` }, group);
      return group;
    });
    data.input0.forEach((value, i) => map.write(i, decimal(value), this.spoken("mapCell", i, side, value)));
    data.kernel.forEach((value, i) => this.boards.kernel.write(i, decimal(value, data.denominator), this.spoken("kernelCell", i, 3, value, data.denominator)));
  }

  spoken(name, i, columns, value, denominator = 1) {
    return fill(this.data.text[name], { row: Math.floor(i / columns) + 1, column: (i % columns) + 1, value: decimal(value, denominator) });
  }

  // First row and column of window `i`.
  corner(i) {
    return [2 * Math.floor(i / this.half), 2 * (i % this.half)];
  }

  window(cell) {
    return Math.floor(cell / this.side / 2) * this.half + Math.floor((cell % this.side) / 2);
  }

  cells(i) {
    const [row, column] = this.corner(i);
    return [0, 1, this.side, this.side + 1].map((step) => row * this.side + column + step);
  }

  winner(i) {
    return this.cells(i)[this.data.switches[i]];
  }

  // Where value `i` of the pooled map goes: its switch, or the fixed corner.
  target(i) {
    return this.cells(i)[this.data.remember ? this.data.switches[i] : 0];
  }

  // ---------------------------------------------------------------------------------------------- a moment in time

  render(at) {
    const done = Math.floor(at + 1e-9), { count, guess, data } = this;
    const key = [done, this.pointed?.kind, this.pointed?.i, guess?.version].join();
    if (key === this.last) return;
    this.last = key;
    const steps = { pooled: clamp(done, 0, count), unpooled: clamp(done - count, 0, count), dense: clamp(done - 2 * count, 0, this.side ** 2) };
    const { text } = data, { boards } = this;
    const open = guess && !guess.truth;
    for (const board of Object.values(boards)) board.unmark();
    for (let i = 0; i < count; i++) {
      const shown = i < steps.pooled || guess;
      boards.pooled.write(i, shown ? decimal(data.pooled[i]) : "", shown ? this.spoken("pooledCell", i, this.half, data.pooled[i]) : text.notYet);
      if (!shown) boards.pooled.mark(i, "waiting");
      this.arrows[i].style.display = shown ? "" : "none";
      if (shown) boards.map.mark(this.winner(i), "won");
    }
    for (let i = 0; i < this.side ** 2; i++) {
      const back = !open && (this.window(i) < steps.unpooled || guess);
      const filled = this.target(this.window(i)) === i;
      boards.unpooled.write(i, back ? decimal(this.links.input[i]) : "", back ? this.spoken("unpooledCell", i, this.side, this.links.input[i]) : this.spoken("emptyCell", i, this.side, 0));
      boards.unpooled.mark(i, back ? (filled ? "value" : "zero") : "waiting");
      const dense = !open && i < steps.dense;
      boards.dense.write(i, dense ? decimal(this.links.output[i], data.denominator) : "", dense ? this.spoken("denseCell", i, this.side, this.links.output[i], data.denominator) : text.notYet);
      if (dense) boards.dense.mark(i, "stamps2");
    }
    if (guess) for (const i of guess.chosen) boards.unpooled.mark(i, "chosen");
    if (guess?.truth) for (const i of guess.truth) boards.unpooled.mark(i, "spot");
    const spot = this.pointed ?? this.active(done);
    if (spot && !open) this.light(spot);
    this.say(open ? null : spot);
  }

  // What the last step did.
  active(done) {
    const { count } = this;
    if (done < 1 || done >= this.transport.length) return null;
    if (done <= count) return { kind: "pooled", i: done - 1 };
    if (done <= 2 * count) return { kind: "unpooled", i: this.target(done - count - 1) };
    return { kind: "dense", i: done - 2 * count - 1 };
  }

  light({ kind, i }) {
    const { boards } = this;
    const window = kind === "pooled" ? i : this.window(i);
    if (kind === "dense") {
      boards.dense.mark(i, "spot");
      for (const { input, tap } of this.links.terms(i)) {
        boards.unpooled.mark(input, "lit");
        boards.kernel.mark(tap, "lit");
      }
    } else if (kind === "kernel") boards.kernel.mark(i, "spot");
    else {
      for (const cell of this.cells(window)) boards.map.mark(cell, "lit");
      boards.map.mark(this.winner(window), "spot");
      boards.pooled.mark(window, "spot");
      if (kind !== "map") boards.unpooled.mark(this.target(window), "spot");
      if (kind !== "pooled") boards[kind].mark(i, "spot");
    }
  }

  // What is looked at, in words and numbers, and announced.
  say(spot) {
    const { data } = this, { text } = data, line = this.$(".sum");
    if (this.guess && !this.guess.truth) return line.replaceChildren(text.guessHow);
    if (!spot) return line.replaceChildren(text.hint);
    const { kind, i } = spot;
    const columns = { pooled: this.half, kernel: 3 }[kind] ?? this.side;
    const place = { row: Math.floor(i / columns) + 1, column: (i % columns) + 1 };
    if (kind === "kernel") return line.replaceChildren(this.spoken("kernelCell", i, 3, data.kernel[i], data.denominator));
    if (kind === "dense") return this.sum(line, place, i);
    const window = kind === "pooled" ? i : this.window(i);
    const [row, column] = this.corner(window);
    const four = this.cells(window).map((cell) => decimal(data.input0[cell])).join(", ");
    const values = { ...place, value: decimal(data.pooled[window]), four, corner: text.corners[data.switches[window]], top: row + 1, left: column + 1 };
    if (kind === "map") return line.replaceChildren(fill(i === this.winner(window) ? text.wins : text.loses, { ...values, own: decimal(data.input0[i]) }));
    if (kind === "pooled") return line.replaceChildren(fill(text.pools, values));
    const filled = i === this.target(window);
    const how = data.remember ? (filled ? "returns" : "zero") : filled ? "cornered" : "zeroCorner";
    line.replaceChildren(fill(text[how], values));
  }

  sum(line, place, i) {
    const { data, links } = this, { text } = data;
    const chip = (name, value) => Object.assign(document.createElement("b"), { className: name, textContent: value });
    const terms = links.terms(i), filled = terms.filter(({ input }) => this.target(this.window(input)) === input);
    const parts = /** @type {(string | Node)[]} */ ([fill(text.denseSum, place), " "]);
    filled.forEach(({ input, tap }, n) => {
      if (n) parts.push(" + ");
      parts.push(chip("weight", decimal(data.kernel[tap], data.denominator, 4)), " × ", chip("value", decimal(links.input[input])));
    });
    if (!filled.length) parts.push("0");
    parts.push(" = ", chip("total", decimal(links.output[i], data.denominator, 4)));
    parts.push(" ", fill(text.empties, { empty: terms.length - filled.length, all: terms.length }));
    line.replaceChildren(...parts);
  }

  // ------------------------------------------------------------------------------------------------------ guessing

  asking() {
    this.$(".ask").textContent = this.guess ? this.data.text.stopGuess : this.data.text.ask;
    this.$(".reveal").hidden = !this.guess || Boolean(this.guess.truth);
    this.root.classList.toggle("guessing", Boolean(this.guess));
  }

  ask() {
    this.transport.stop();
    this.guess = { chosen: new Set(), truth: null, version: 0 };
    this.pointed = null;
    this.$(".verdict").textContent = "";
    this.asking();
    this.render(this.transport.at);
  }

  reveal() {
    const { guess, data } = this;
    if (!guess) return;
    const truth = (guess.truth = new Set(Array.from({ length: this.count }, (_, i) => this.target(i))));
    guess.version += 1;
    const right = [...guess.chosen].filter((i) => truth.has(i)).length;
    const values = { right, all: truth.size, wrong: guess.chosen.size - right };
    const hit = right === truth.size && !values.wrong;
    this.$(".verdict").textContent = fill(data.text[hit ? "verdictHit" : "verdictMiss"], values);
    this.send("guess", hit);
    this.asking();
    this.render(this.transport.at);
  }

  endGuess() {
    this.guess = null;
    this.$(".verdict").textContent = "";
    this.asking();
    this.render(this.transport.at);
  }

  // --------------------------------------------------------------------------------------------------------- input

  point(board, i) {
    if (this.guess && !this.guess.truth) return;
    this.pointed = board ? { kind: board.kind, i } : null;
    this.render(this.transport.at);
  }

  press(board, i, event) {
    const { guess } = this;
    if (event.type === "keydown" && event.key !== "Enter" && board.kind !== "map") return;
    if (guess && !guess.truth) {
      if (board.kind !== "unpooled") return;
      guess.chosen[guess.chosen.has(i) ? "delete" : "add"](i);
      guess.version += 1;
      return this.render(this.transport.at);
    }
    if (board.kind === "map") this.edit(board, i, event);
  }

  edit(board, i, event) {
    this.transport.stop();
    const before = this.data.input0[i];
    editCell(this, { board, i, shown: String(before), scale: 1, most: 99 }, event, (value) => {
      if (value !== before) this.send("edit", { cell: i, value });
    });
  }
}

export default mounted(UnpoolPlayer);
