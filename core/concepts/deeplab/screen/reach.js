// Gridding: from one output cell back through three layers, the ways to every cell of the field counted on a grid.

import { Board, watchBoards } from "./grid_board.js";
import { Transport } from "./grid_transport.js";
import { mounted } from "./mount.js";
import { decimal, fill } from "./text.js";
import { Told } from "./told.js";

/**
 * What reach.py sends.
 * @typedef {{
 *   stacks: { code: string, title: string, note: string, layers: { ways: number[], rate: number, field: number,
 *     used: number }[] }[],
 *   text: Record<"label" | "stacks" | "grid" | "cell" | "hole" | "start" | "sum" | "first" | "back" | "play" |
 *     "pause" | "forward" | "last" | "scrub" | "speed" | "step", string>,
 *   id: string,
 *   chosen: string,
 * }} Data
 */

const GRID = 480;

class Reach {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {any} */ delivered;
  /** @type {any} */ chosen;
  /** @type {{ code: string; title: string; note: string; layers: { ways: number[]; rate: number; field: number; used: number; }[]; }} */ stack;
  /** @type {Board} */ board;
  /** @type {any} */ last;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".player");
    this.$ = (selector) => this.root.querySelector(selector);
    this.transport = new Transport(this.root, this.$(".controls"), (at) => this.render(at));
    watchBoards(this.$(".grid"), () => {}, () => {});
    this.told = new Told();
    const box = this.$(".stacks");
    box.addEventListener("click", (event) => {
      const code = event.target.closest("button")?.dataset.code;
      if (code) this.choose(code, true);
    });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const codes = this.data.stacks.map((stack) => stack.code);
      this.choose(codes[(codes.indexOf(this.chosen) + step + codes.length) % codes.length], true);
      box.querySelector('[tabindex="0"]').focus();
    });
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
    const asked = this.told.news(data.chosen);
    if (this.delivered === data.id && !asked) return;
    this.delivered = data.id;
    this.data = data;
    this.root.setAttribute("aria-label", data.text.label);
    const box = this.$(".stacks");
    box.setAttribute("aria-label", data.text.stacks);
    if (box.children.length !== data.stacks.length)
      box.replaceChildren(
        ...data.stacks.map(({ code }) => {
          const button = Object.assign(document.createElement("button"), { type: "button" });
          button.dataset.code = code;
          button.setAttribute("role", "radio");
          button.append(document.createElement("span"), document.createElement("small"));
          return button;
        }),
      );
    data.stacks.forEach(({ title, note }, i) => {
      box.children[i].firstChild.textContent = title;
      box.children[i].lastChild.textContent = note;
    });
    this.choose(asked ? data.chosen : this.chosen, false);
  }

  choose(code, tell) {
    this.chosen = code;
    for (const button of this.$(".stacks").children) {
      const on = button.dataset.code === code;
      button.setAttribute("aria-checked", on);
      button.tabIndex = on ? 0 : -1;
    }
    this.stack = this.data.stacks.find((stack) => stack.code === code) ?? this.data.stacks[0];
    const { layers } = this.stack, side = layers[layers.length - 1].ways.length;
    const svg = this.$(".grid");
    svg.setAttribute("viewBox", `0 0 ${GRID} ${GRID}`);
    svg.replaceChildren();
    this.board = new Board(svg, { x: 0, y: 0, cell: GRID / side, rows: side, columns: side, name: "field", label: this.data.text.grid });
    this.last = null;
    const begin = layers.length - 1;
    if (this.transport.text) this.transport.stop();
    this.transport.show(this.data.text, layers.length - 1, begin);
    if (!tell) return;
    this.told.tell(code);
    this.send("stack", code);
  }

  render(at) {
    const depth = Math.round(at), { layers } = this.stack, { text } = this.data;
    if (this.last === depth) return;
    this.last = depth;
    const { ways, rate, field, used } = layers[depth], side = layers[layers.length - 1].ways.length, edge = (side - ways.length) / 2;
    const most = Math.max(...ways) ** 2;
    this.board.unmark();
    for (let i = 0; i < side * side; i++) {
      const [row, column] = [Math.floor(i / side) - edge, (i % side) - edge];
      const inField = [row, column].every((v) => v >= 0 && v < ways.length);
      const count = inField ? ways[row] * ways[column] : 0;
      const place = { row: Math.floor(i / side) + 1, column: (i % side) + 1, ways: count };
      this.board.write(i, count ? String(count) : "", fill(count ? text.cell : text.hole, place));
      if (count) this.board.mark(i, count > most / 2 ? "often" : "read");
      else if (inField) this.board.mark(i, "skipped");
    }
    const share = `${decimal(Math.round(used * 1000), 10, 1)}%`;
    this.$(".sum").textContent = depth ? fill(text.sum, { depth, rate, field, used: share }) : text.start;
  }
}

export default mounted(Reach);
