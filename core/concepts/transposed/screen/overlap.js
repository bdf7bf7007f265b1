// Two boards: stamps on each output cell, and even or uneven for every kernel and stride.

import { Board, draw, watchBoards } from "./grid_board.js";
import { mounted } from "./mount.js";
import { fill } from "./text.js";

/**
 * What overlap.py sends.
 * @typedef {{
 *   counts: number[],
 *   side: number,
 *   kernels: number[],
 *   phases: number[][][],
 *   even: boolean[][],
 *   current: number[],
 *   text: Record<"map" | "table" | "kernel" | "stride" | "mapCell" | "evenCell" | "unevenCell", string>,
 * }} Data
 */

const LEFT = 96; // room for the name of the rows, in any language

class Overlap {
  /** @type {any} */ key;
  /** @type {Board} */ map;
  /** @type {Board} */ table;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".overlap");
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
    const { text, side, counts, kernels, phases, even, current } = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    const svg = this.root.querySelector(".map");
    svg.replaceChildren();
    svg.setAttribute("viewBox", "0 0 240 240");
    const cell = Math.min(30, 238 / side);
    this.map = new Board(svg, { x: 1, y: 1, cell, rows: side, columns: side, name: "output", label: text.map, look: (i) => `stamps${Math.min(4, counts[i])}` });
    svg.setAttribute("viewBox", `0 0 240 ${side * cell + 2}`);
    counts.forEach((value, i) => {
      const place = { row: Math.floor(i / side) + 1, column: (i % side) + 1, value };
      this.map.write(i, String(value), fill(text.mapCell, place));
    });
    const table = this.root.querySelector(".table");
    table.replaceChildren();
    table.setAttribute("viewBox", `0 0 ${LEFT + kernels.length * 36} ${44 + phases.length * 30}`);
    draw("text", { class: "title", x: LEFT, y: 13 }, table, text.kernel);
    draw("text", { class: "title", x: 0, y: 34 }, table, text.stride);
    const flat = (i) => [Math.floor(i / kernels.length), i % kernels.length];
    const look = (i) => (even[flat(i)[0]][flat(i)[1]] ? "even" : "uneven");
    this.table = new Board(table, { x: LEFT + 2, y: 40, cell: 30, rows: phases.length, columns: kernels.length, name: "table", label: text.table, look });
    kernels.forEach((k, c) => draw("text", { class: "title", x: LEFT + 2 + c * 30 + 15, y: 33, "text-anchor": "middle" }, table, k));
    phases.forEach((row, r) => {
      draw("text", { class: "title", x: LEFT - 8, y: 60 + r * 30, "text-anchor": "end" }, table, r + 1);
      row.forEach((phase, c) => {
        const [low, high] = [Math.min(...phase), Math.max(...phase)];
        this.table.write(r * kernels.length + c, low === high ? String(low) : `${low}–${high}`, this.words(r, c));
      });
    });
    this.point(null);
    if (current[0] < phases.length && current[1] < kernels.length) this.table.enter(current[0] * kernels.length + current[1]);
  }

  words(row, column) {
    const { text, phases, even, kernels } = this.data;
    const values = { k: kernels[column], s: row + 1, counts: phases[row][column].join(", ") };
    return fill(even[row][column] ? text.evenCell : text.unevenCell, values);
  }

  point(board, i) {
    const { kernels, current, side, counts, text } = this.data;
    this.table.unmark();
    this.map.unmark();
    const line = this.root.querySelector(".sum");
    if (board === this.map) {
      board.mark(i, "spot");
      line.textContent = fill(text.mapCell, { row: Math.floor(i / side) + 1, column: (i % side) + 1, value: counts[i] });
      return;
    }
    const at = board ? i : current[0] * kernels.length + current[1];
    if (this.table.cells[at]) this.table.mark(at, "spot");
    line.textContent = this.words(Math.floor(at / kernels.length), at % kernels.length);
  }
}

export default mounted(Overlap);
