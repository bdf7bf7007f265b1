// Four maps in a row. Pointing at a cell of one lights the cells of the others that it is made of, and writes the sum.

import { Board, watchBoards } from "./grid_board.js";
import { Links } from "./grid_links.js";
import { mounted } from "./mount.js";
import { decimal, exact, fill } from "./text.js";

/**
 * What round_trip.py sends.
 * @typedef {{
 *   rows: { size: number, out: number, stride: number, before: number, after: number, links: number[][] },
 *   taps: number,
 *   denominator: number,
 *   kernel: number[],
 *   start: number[],
 *   middle: number[],
 *   back: number[],
 *   difference: number[],
 *   text: Record<"start" | "middle" | "back" | "difference" | "hint" | "cell" | "place" | "toStart", string>,
 * }} Data
 */

const SIDE = 240;
const TERMS = 12; // of a sum that are written out

class Trip {
  /** @type {any} */ key;
  /** @type {Links} */ links;
  /** @type {{ start: Board; middle: Board; back: Board; difference: Board; }} */ boards;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".trip");
    watchBoards(this.root, (board, i) => this.point(board, i), () => {});
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const key = JSON.stringify(data);
    if (this.key === key) return;
    this.key = key;
    this.data = data;
    this.links = new Links({ ...data, input: data.middle, output: "" });
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    const { rows, denominator: d } = data;
    const columns = rows;
    const biggest = Math.max(rows.out, rows.size, 6);
    const make = (name, r, c, look, values, unit) => {
      const svg = this.root.querySelector(`svg.${name}`);
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
      const cell = (SIDE - 4) / biggest;
      const [x, y] = [(SIDE - c * cell) / 2, (SIDE - r * cell) / 2];
      const board = new Board(svg, { x, y, cell, rows: r, columns: c, name: look, label: data.text[name] });
      board.kind = name;
      const most = Math.max(1, ...values.map(Math.abs));
      values.forEach((value, i) => {
        const shown = decimal(value, unit);
        const place = { row: Math.floor(i / c) + 1, column: (i % c) + 1, value: shown };
        board.write(i, shown, fill(data.text.cell, place));
        const shade = board.cells[i].firstChild.style;
        if (name === "difference") shade.fill = `color-mix(in srgb, ${value < 0 ? "#4292c6" : "#fd8d3c"} ${(100 * Math.abs(value)) / most}%, #f7f7f7)`;
        else shade.fillOpacity = 0.18 + (0.82 * Math.abs(value)) / most;
      });
      return board;
    };
    this.boards = {
      start: make("start", rows.out, columns.out, "output plain full", data.start, 1),
      middle: make("middle", rows.size, columns.size, "input", data.middle, d),
      back: make("back", rows.out, columns.out, "output plain full", data.back, d * d),
      difference: make("difference", rows.out, columns.out, "signed", data.difference, d * d),
    };
    for (const name of ["start", "back"]) for (const cell of this.boards[name].cells) cell.classList.add("stamps4");
    this.point(null);
  }

  point(board, i) {
    const { boards, links, data } = this;
    const { text, denominator: d } = data;
    const line = this.root.querySelector(".sum");
    for (const other of Object.values(boards)) other.unmark();
    if (!board) return line.replaceChildren(text.hint);
    board.mark(i, "spot");
    const place = { row: Math.floor(i / board.columns) + 1, column: (i % board.columns) + 1 };
    const chip = (name, value) => Object.assign(document.createElement("b"), { className: name, textContent: value });
    const sum = (terms, name, value, total, totalName, unit) => {
      const parts = /** @type {(string | Node)[]} */ ([fill(text.place, place), " "]);
      terms.slice(0, TERMS).forEach((term, n) => {
        if (n) parts.push(" + ");
        parts.push(chip("weight", decimal(data.kernel[term.tap], d, 4)), " × ", chip(name, value(term)));
      });
      if (terms.length > TERMS) parts.push(" + …");
      if (!terms.length) parts.push("0");
      else parts.push(exact(total, unit, 4) ? " = " : " ≈ ", chip(totalName, decimal(total, unit, 4)));
      line.replaceChildren(...parts);
    };
    if (board.kind === "middle") {
      const terms = links.stamp(i);
      for (const { output } of terms) {
        boards.start.mark(output, "lit");
        boards.back.mark(output, "lit");
      }
      return sum(terms, "large", ({ output }) => decimal(data.start[output]), data.middle[i], "small", d);
    }
    for (const name of ["start", "back", "difference"]) if (boards[name] !== board) boards[name].mark(i, "spot");
    const terms = links.terms(i);
    for (const { input } of terms) boards.middle.mark(input, "lit");
    if (board.kind === "start") return line.replaceChildren(fill(text.toStart, { ...place, value: decimal(data.start[i]) }));
    if (board.kind === "back") return sum(terms, "small", ({ input }) => decimal(data.middle[input], d, 4), data.back[i], "large", d * d);
    const parts = /** @type {(string | Node)[]} */ ([fill(text.place, place), " ", chip("large", decimal(data.back[i], d * d, 4)), " − ", chip("large", decimal(data.start[i]))]);
    parts.push(exact(data.difference[i], d * d, 4) ? " = " : " ≈ ", chip("", decimal(data.difference[i], d * d, 4)));
    line.replaceChildren(...parts);
  }
}

export default mounted(Trip);
