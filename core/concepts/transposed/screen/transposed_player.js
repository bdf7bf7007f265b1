// The transposed-convolution player: one clock drives three pictures. Stepping, scrubbing, pointing and guessing happen
// here alone; only an edited cell is sent to Python, which computes everything anew.

import { editCell } from "./cell_editor.js";
import { watchBoards } from "./grid_board.js";
import { save } from "./grid_export.js";
import { Links } from "./grid_links.js";
import { Transport } from "./grid_transport.js";
import { note } from "./in_address.js";
import { mounted } from "./mount.js";
import { clamp, placeOf } from "./photo.js";
import { decimal, exact, fill } from "./text.js";
import { MatrixPicture } from "./transposed_matrix.js";
import { PaintPicture, SlidePicture } from "./transposed_views.js";

/**
 * What transposed_player.py sends.
 * @typedef {{
 *   rows: { size: number, out: number, stride: number, before: number, after: number, links: number[][] },
 *   taps: number,
 *   dilation: number,
 *   padding: number,
 *   input: number[],
 *   kernel: number[],
 *   denominator: number,
 *   output: string,
 *   wide: boolean,
 *   forward: string,
 *   backward: string,
 *   text: Record<"label" | "paintTitle" | "slideTitle" | "matrixTitle" | "paintAlt" | "slideAlt" | "matrixAlt" |
 *     "order" | "byInput" | "byOutput" | "first" | "back" | "play" | "pause" | "forward" | "last" | "scrub" |
 *     "speed" | "step" | "outputTitle" | "inputTitle" | "kernelTitle" | "wideTitle" | "convolutionMatrix" |
 *     "transposedMatrix" | "output" | "input" | "kernel" | "wide" | "insertedZero" | "outputCell" | "inputCell" |
 *     "kernelCell" | "hint" | "outputSum" | "noStamp" | "stampSum" | "stampNowhere" | "ask" | "stopGuess" |
 *     "reveal" | "guessHow" | "verdictHit" | "verdictMiss" | "save" | "ways", string>,
 *   ways: Record<string, string>,
 *   begin: { at: number, order: string, way: string, resets: number },
 *   id: string,
 * }} Data
 */

const FIGURES = ["paint", "slide", "matrix"];
const USUAL = { order: "paint", way: "paint" };

class Player {
  static asks = ["edit"];
  /** @type {{ kind: string, i: number, pointed?: boolean } | null} */ pointed = null; // what the pointer or the focus is on
  /** @type {{ i: number, chosen: Set<number>, truth: Set<number> | null, version: number } | null} */ guess = null; // a running prediction
  /** @type {import("./mount.js").Send} */ send;
  /** @type {any} */ delivered;
  /** @type {Links} */ links;
  /** @type {Uint16Array} */ allStamps;
  /** @type {any} */ last;
  /** @type {Uint16Array} */ stamps;
  /** @type {ArrayLike<number | null>} */ shown;
  /** @type {Data & { columns: Data["rows"], alone: boolean }} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".player");
    this.$ = (selector) => this.root.querySelector(selector);
    this.pictures = [new PaintPicture(this.$(".paint")), new SlidePicture(this.$(".slide")), new MatrixPicture(this.$(".matrix"))];
    this.order = "paint";
    this.way = "paint"; // the picture in sight, or all of them
    this.transport = new Transport(this.root, this.$(".controls"), (at) => this.render(at));
    this.listen();
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
    const anew = this.resets !== data.begin.resets; // at first, and after a reset
    if (this.delivered === data.id && !anew) return;
    this.delivered = data.id;
    this.resets = data.begin.resets;
    if (anew) Object.assign(this, { order: data.begin.order, way: data.begin.way });
    const { text } = (this.data = { columns: data.rows, ...data, alone: this.way !== "all" });
    this.links = new Links(this.data);
    this.allStamps = this.links.painted(this.links.inputs).stamps.slice();
    this.root.setAttribute("aria-label", text.label);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    this.$(".forward").textContent = data.forward;
    this.$(".backward").textContent = data.backward;
    this.$(".choice.order").setAttribute("aria-label", text.order);
    const held = this.held();
    for (const picture of this.pictures) picture.layout(this.data, this.links);
    this.pointed = null;
    this.guess = null;
    this.orders();
    this.look();
    this.asking();
    this.$(".verdict").textContent = "";
    this.restart(anew ? data.begin.at : -1);
    if (held) this.regain(held);
  }

  // The pictures of the way that is chosen.
  look() {
    const { way } = this;
    FIGURES.forEach((name) => (this.$(`svg.${name}`).parentElement.hidden = way !== "all" && way !== name));
    this.$(".views").dataset.way = way;
  }

  // One way to see the sum, or all side by side.
  choose(way) {
    if (way === this.way) return;
    this.way = way;
    this.data.alone = way !== "all";
    for (const picture of this.pictures) picture.layout(this.data, this.links);
    this.pointed = null;
    this.last = null;
    this.orders();
    this.look();
    this.render(this.transport.at);
    note("way", way, USUAL.way);
  }

  // Which cell has the focus, so that new data does not take it away.
  /** @returns {[string, string, number] | null} */
  held() {
    const node = this.root.getRootNode().activeElement?.closest?.(".cell");
    return node ? [node.closest("svg").classList[0], node.closest(".board").board.kind, Number(node.dataset.i)] : null;
  }

  /** @param {[string, string, number]} held */
  regain([name, kind, i]) {
    const boards = [...this.root.querySelectorAll(`svg.${name} .board`)].map((group) => group.board);
    boards.find((board) => board.kind === kind)?.enter(i).focus({ preventScroll: true });
  }

  // From the middle on, or from step `at` where the address says so.
  restart(at = -1) {
    const length = this.order === "paint" ? this.links.inputs : this.links.outputs;
    this.last = null;
    this.middle = Math.ceil(length / 2);
    if (at >= 0) this.transport.length = 0;
    this.transport.show(this.data.text, length, at >= 0 && at <= length ? at : this.middle);
  }

  // Two groups of choices: the order of the steps, and the way to see the sum.
  orders() {
    const { text, ways } = this.data;
    const words = { paint: text.byInput, slide: text.byOutput };
    for (const { part, names, now } of [{ part: "order", names: words, now: this.order }, { part: "way", names: ways, now: this.way }]) {
      const box = this.$(`.choice.${part}`);
      if (!box.children.length)
        for (const name of Object.keys(names)) {
          const button = Object.assign(document.createElement("button"), { type: "button" });
          button.dataset[part] = name;
          button.setAttribute("role", "radio");
          box.append(button);
        }
      for (const button of box.children) {
        const name = button.dataset[part];
        button.textContent = names[name];
        button.setAttribute("aria-checked", name === now);
        button.tabIndex = name === now ? 0 : -1;
      }
    }
    this.$(".choice.way").setAttribute("aria-label", text.ways);
  }

  // ---------------------------------------------------------------------------------------------- a moment in time

  render(at) {
    const { order } = this;
    const active = Math.ceil(at - 1e-9) - 1;
    const part = at - active;
    const done = active + (part > (order === "paint" ? 0.75 : 0.5) ? 1 : 0);
    const spot = this.pointed ?? (active < 0 ? null : { kind: order === "paint" ? "input" : "output", i: active });
    const key = [order, active, done, spot?.kind, spot?.i, Boolean(this.pointed), this.guess?.version].join();
    const changed = key !== this.last;
    if (changed) {
      this.last = key;
      this.state(done);
      if (this.middle !== undefined) note("at", Math.ceil(at - 1e-9), this.middle);
    }
    const moment = { order, active, part, spot, changed, hidden: this.guess, shown: this.shown, stamps: this.stamps };
    for (const picture of this.pictures) picture.render(moment);
    if (changed) this.say(spot);
  }

  // What the output shows after `done` steps.
  state(done) {
    const { links, order } = this;
    if (order === "slide") {
      this.stamps = this.allStamps.map((count, i) => (i < done ? Math.max(1, count) : 0));
      this.shown = Array.from(links.output, (value, i) => (i < done ? value : null));
    } else if (done >= links.inputs) {
      this.stamps = this.allStamps;
      this.shown = links.output;
    } else {
      const { sums, stamps } = links.painted(done);
      this.stamps = stamps;
      this.shown = Array.from(sums, (value, i) => (stamps[i] ? value : null));
    }
  }

  // The sum, written out and announced.
  say(spot) {
    const { links, data } = this;
    const { text } = data;
    const line = this.$(".sum");
    if (this.guess && !this.guess.truth) return line.replaceChildren(text.guessHow);
    if (!spot || spot.kind === "kernel") return line.replaceChildren(text.hint);
    const columns = spot.kind === "output" ? data.columns.out : data.columns.size;
    const place = { row: Math.floor(spot.i / columns) + 1, column: (spot.i % columns) + 1 };
    if (spot.kind === "input") {
      const cells = links.stamp(spot.i).length;
      const value = decimal(links.input[spot.i]);
      return line.replaceChildren(fill(cells ? text.stampSum : text.stampNowhere, { ...place, value, cells }));
    }
    const terms = links.terms(spot.i);
    const parts = /** @type {(string | Node)[]} */ ([fill(text.outputSum, place), " "]);
    if (!terms.length) parts.push(text.noStamp);
    const chip = (name, value) => Object.assign(document.createElement("b"), { className: name, textContent: value });
    terms.forEach(({ input, tap }, i) => {
      if (i) parts.push(" + ");
      parts.push(chip("weight", decimal(links.kernel[tap], links.denominator, 4)), " × ", chip("value", decimal(links.input[input])));
    });
    const rounded = terms.some(({ tap }) => !exact(links.kernel[tap], links.denominator, 4)) || !exact(links.output[spot.i], links.denominator, 4);
    parts.push(rounded ? " ≈ " : " = ", chip("total", decimal(links.output[spot.i], links.denominator, 4)));
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
    const past = this.guess?.i ?? -1;
    let i = past;
    for (let tries = 0; i === past && tries < 20; tries++) i = Math.floor(Math.random() * this.links.outputs);
    this.guess = { i, chosen: new Set(), truth: null, version: 0 };
    this.$(".verdict").textContent = "";
    this.asking();
    this.render(this.transport.at);
  }

  reveal() {
    const { guess } = this;
    if (!guess) return;
    const truth = (guess.truth = new Set(this.links.terms(guess.i).map(({ input }) => input)));
    guess.version += 1;
    const right = [...guess.chosen].filter((i) => truth.has(i)).length;
    const values = { right, all: truth.size, wrong: guess.chosen.size - right };
    const hit = right === truth.size && !values.wrong;
    this.$(".verdict").textContent = fill(this.data.text[hit ? "verdictHit" : "verdictMiss"], values);
    this.send("guess", hit);
    this.pointed = { kind: "output", i: guess.i, pointed: true };
    this.asking();
    this.render(this.transport.at);
  }

  endGuess() {
    this.guess = null;
    this.pointed = null;
    this.$(".verdict").textContent = "";
    this.asking();
    this.render(this.transport.at);
  }

  // --------------------------------------------------------------------------------------------------------- input

  point(board, i) {
    if (this.guess) return;
    /** @type {{ kind: string, i: number } | null} */
    let spot = null;
    if (board?.kind === "wide") {
      const source = board.source(i);
      spot = typeof source === "number" ? { kind: "input", i: source } : null;
    } else if (board) spot = { kind: board.kind, i };
    this.pointed = spot && { ...spot, pointed: true };
    this.render(this.transport.at);
  }

  press(board, i, event) {
    const { guess } = this;
    if (guess && !guess.truth) {
      const cell = board.kind === "wide" ? board.source(i) : board.kind === "input" ? i : null;
      if (typeof cell !== "number" || (event.type === "keydown" && event.key !== "Enter")) return;
      guess.chosen[guess.chosen.has(cell) ? "delete" : "add"](cell);
      guess.version += 1;
      return this.render(this.transport.at);
    }
    if (board.kind === "input" || board.kind === "kernel") this.edit(board, i, event);
  }

  edit(board, i, event) {
    this.transport.stop();
    const input = board.kind === "input", [scale, most] = input ? [1, 99] : [100, 999];
    const [value, denominator] = input ? [this.links.input[i], 1] : [this.links.kernel[i], this.links.denominator];
    editCell(this, { board, i, shown: decimal(value, denominator), scale, most }, event, (units) => {
      if (units * denominator !== value * scale) this.send("edit", { board: board.kind, cell: i, units });
    });
  }

  listen() {
    const views = this.$(".views");
    watchBoards(views, (board, i) => this.point(board, i), (board, i, event) => this.press(board, i, event));
    views.addEventListener("pointermove", (event) => {
      const kind = event.target.closest?.(".entries")?.dataset.kind;
      if (!kind || this.guess) return;
      const [, y] = placeOf(event, event.target);
      const [name, count] = kind === "c" ? ["input", this.links.inputs] : ["output", this.links.outputs];
      this.pointed = { kind: name, i: clamp(Math.floor(y * count), 0, count - 1), pointed: true };
      this.render(this.transport.at);
    });
    const order = (name) => {
      this.order = name;
      this.transport.stop();
      this.orders();
      this.restart();
      note("order", name, USUAL.order);
    };
    for (const { part, take } of [{ part: "order", take: order }, { part: "way", take: (name) => this.choose(name) }]) {
      const box = this.$(`.choice.${part}`);
      box.addEventListener("click", (event) => event.target.dataset[part] && take(event.target.dataset[part]));
      box.addEventListener("keydown", (event) => {
        if (!/^Arrow/.test(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        const names = [...box.children].map((button) => button.dataset[part]), by = /Right|Down/.test(event.key) ? 1 : -1;
        take(names[(names.indexOf(this[part]) + by + names.length) % names.length]);
        box.querySelector('[tabindex="0"]').focus();
      });
    }
    this.$(".ask").addEventListener("click", () => (this.guess ? this.endGuess() : this.ask()));
    this.$(".reveal").addEventListener("click", () => this.reveal());
    this.$(".save").addEventListener("click", (event) => {
      if (event.target.dataset.save) save(this, event.target.dataset.save, event.target);
    });
  }
}

export default mounted(Player);
