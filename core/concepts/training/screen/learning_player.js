// A run that learns on the server, and all that it has learned here: frames arrive as they are made, and stay.

import { context, grey } from "./bytes.js";
import { Transport } from "./grid_transport.js";
import { curves } from "./learning_curves.js";
import { mounted } from "./mount.js";
import { still } from "./motion.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill, make, three } from "./text.js";
import { turn } from "./turns.js";

/**
 * What learning_player.py sends.
 * @typedef {{
 *   task: string,
 *   photo: string,
 *   credit: string,
 *   truth: string,
 *   side: number,
 *   shown: number,
 *   classes: string[],
 *   colours: string[],
 *   runs: { name: string, title: string, steps: number[], frames: Frame[] }[],
 *   running: boolean,
 *   over: boolean,
 *   slow: boolean,
 *   ready: boolean,
 *   news: string,
 *   text: Record<string, string>,
 * }} Data
 * @typedef {{ step: number, loss: number | null, taught: number, iou: number[], said: string }} Frame
 * @typedef {{ name: string, title: string, steps: number[], frames: Map<number, Frame>, tiles: HTMLElement[], head: HTMLElement }} Run
 */

const ROOM = 1_500_000; // characters of frames that a file may hold
const GRID = 16; // places along a side of which the probabilities are known

class Player {
  static asks = ["train", "pause", "step", "again", "slow"];
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Data} */ data;
  /** @type {Run[]} */ runs = [];

  constructor(parent) {
    this.root = parent.querySelector(".watch");
    this.$ = (selector) => this.root.querySelector(selector);
    this.pixel = { picture: 0, row: 8, column: 8 };
    this.known = new Map(); // frames' pictures, decoded
    this.truth = null;
    this.transport = new Transport(this.root, this.$(".transport"), () => this.data && this.draw());
    this.transport.speed.value = "8";
    this.listen();
  }

  gone() {
    this.transport.gone();
  }

  // Frames came as they were made, and stay here: all of them at rest, or every n-th where they are too many for a file.
  asShown() {
    const { data } = this, all = this.runs.map((run) => this.frames(run));
    const every = Math.max(1, Math.ceil(all.flat().reduce((sum, { said }) => sum + said.length, 0) / ROOM));
    const runs = data.runs.map((run, i) => {
      const frames = all[i].filter((_, at) => at % every === 0 || at === all[i].length - 1);
      return { ...run, steps: frames.map(({ step }) => step), frames };
    });
    return { ...data, runs, running: false };
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    const { text } = data, other = !this.data || this.data.task !== data.task || this.data.runs.length !== data.runs.length;
    const worded = this.data?.text.train !== text.train, before = this.data?.text.pictures;
    this.send = send;
    this.data = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    const follows = this.transport.at >= this.transport.length;
    if (other || before !== text.pictures) this.build();
    const anew = this.take();
    const steps = this.runs[0]?.steps ?? [];
    if (worded || other) this.transport.show(text, Math.max(0, steps.length - 1), 0);
    this.buttons();
    const length = Math.max(0, steps.length - 1);
    this.transport.scrub.max = String((this.transport.length = length));
    this.$('[data-act="play"]').disabled = !length; // nothing has been learned yet that could be seen again
    if (anew || follows || this.transport.at > length) {
      // Those who asked for less motion see every tenth of what is learned.
      const at = still() && data.running ? length - (length % 10) : length;
      this.transport.jump(anew ? length : at);
    } else this.draw();
    if (this.lacks()) this.send("missing", true);
  }

  buttons() {
    const { data } = this, { text } = data, train = this.$(".train");
    train.textContent = data.running ? text.pauseTraining : text.train;
    train.disabled = !data.ready || (data.over && !data.running);
    this.$(".one").disabled = !data.ready || data.running || data.over;
    this.$(".again").disabled = !data.ready;
    this.$(".slow").checked = data.slow;
    if (this.$(".news").textContent !== data.news) this.$(".news").textContent = data.news;
  }

  // The rows: the pictures, the truth, and what each run says.
  build() {
    const { data } = this, rows = this.$(".rows"), { shown, text } = data;
    rows.replaceChildren();
    const row = (title, label) => {
      const box = make("div", "row", rows), head = make("h3", "", box, { textContent: title }), strip = make("div", "strip", box);
      const tiles = Array.from({ length: shown }, (_, i) => {
        const tile = make("div", "tile", strip);
        make("canvas", "", tile, { width: data.side, height: data.side });
        if (label) {
          tile.tabIndex = i ? -1 : 0;
          tile.setAttribute("role", "img");
          tile.setAttribute("aria-label", fill(text.maskAlt, { title: `${title} ${i + 1}` }));
          this.choosing(tile, i);
        }
        return tile;
      });
      return { head, tiles };
    };
    const pictures = row(text.pictures, false), truth = row(text.truth, false);
    this.runs = data.runs.map(({ title }) => ({ name: "", title, steps: [], frames: new Map(), ...row(title || text.network, true) }));
    const wanted = turn(this.root), image = new Image();
    image.src = data.photo;
    image.decode().then(() => {
      if (!wanted()) return;
      pictures.tiles.forEach((tile, i) => context(canvasOf(tile)).drawImage(image, -i * data.side, 0));
    });
    this.truth = null;
    grey(data.truth).then((sheet) => {
      if (!wanted()) return;
      this.truth = sheet.values;
      truth.tiles.forEach((tile, i) => this.paint(canvasOf(tile), sheet.values, i));
      this.bars();
    });
  }

  // New frames into their runs, and out those that have given way. Whether a run has begun anew.
  take() {
    let anew = false;
    this.data.runs.forEach((sent, i) => {
      const run = this.runs[i];
      if (run.name !== sent.name) {
        run.frames.clear();
        anew = true;
      }
      Object.assign(run, { name: sent.name, steps: sent.steps });
      for (const frame of sent.frames) run.frames.set(frame.step, frame);
      const kept = new Set(sent.steps);
      for (const step of run.frames.keys()) if (!kept.has(step)) run.frames.delete(step);
      run.steps = sent.steps.filter((step) => run.frames.has(step));
    });
    return anew;
  }

  lacks() {
    return this.data.runs.some((sent, i) => sent.steps.length !== this.runs[i].steps.length);
  }

  /** @param {Run} run */
  frame(run) {
    const step = this.runs[0].steps[Math.round(this.transport.at)] ?? -1;
    return run.frames.get(run.steps.filter((each) => each <= step).at(-1) ?? -1);
  }

  /**
   * All of a run's frames, in their order.
   * @param {Run} run
   */
  frames(run) {
    return run.steps.flatMap((step) => run.frames.get(step) ?? []);
  }

  draw() {
    const { data } = this, { text } = data;
    for (const run of this.runs) {
      const frame = this.frame(run);
      if (!frame) continue;
      run.head.replaceChildren(make("b", "", null, { textContent: run.title || text.network }));
      data.classes.forEach((name, id) => {
        if (!id) return;
        const item = make("span", "", run.head), mark = make("i", "", item);
        mark.style.background = data.colours[id];
        item.append(`${name} ${Math.round(100 * (frame.iou[id] ?? 0))} %`);
      });
      this.said(frame).then((values) => {
        if (this.frame(run) === frame) run.tiles.forEach((tile, i) => this.paint(canvasOf(tile), values, i));
        this.bars();
      });
    }
    const step = this.runs[0]?.steps[Math.round(this.transport.at)] ?? 0;
    this.transport.count.textContent = fill(text.step, { step, of: this.runs[0]?.steps.at(-1) ?? 0 });
    this.transport.scrub.setAttribute("aria-valuetext", this.transport.count.textContent);
    this.curve(step);
  }

  // A frame's bytes; the last sixty that were drawn are kept decoded.
  async said(frame) {
    if (!this.known.has(frame)) {
      const { values } = await grey(frame.said);
      this.known.set(frame, values);
      if (this.known.size > 60) this.known.delete(this.known.keys().next().value);
    }
    return this.known.get(frame);
  }

  // Mask number `i` of a sheet on a canvas.
  paint(canvas, ids, i) {
    const { side, shown, colours } = this.data, pen = context(canvas), image = pen.createImageData(side, side);
    for (let y = 0, to = 0; y < side; y++)
      for (let x = 0; x < side; x++, to += 4) {
        const id = ids[y * side * shown + i * side + x], colour = colours[id];
        if (colour) image.data.set([1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)).concat(255), to);
      }
    pen.putImageData(image, 0, 0);
  }

  // The chosen pixel's probabilities in each run, as bars, and the mark on its tile.
  bars() {
    const { data, pixel } = this, { text, side, shown } = data, wide = side * shown;
    const at = (2 + 4 * pixel.row) * wide + pixel.picture * side + 2 + 4 * pixel.column;
    const true_ = this.truth ? this.truth[at] : 0, box = this.$(".bars"), parts = [];
    this.$(".which").textContent = fill(text.pixel, { picture: pixel.picture + 1, name: data.classes[true_] });
    for (const run of this.runs) {
      const frame = this.frame(run), values = frame && this.known.get(frame);
      for (const tile of run.tiles) tile.querySelector("b")?.remove();
      const mark = make("b", "", run.tiles[pixel.picture]);
      Object.assign(mark.style, { left: `${6.25 * pixel.column}%`, top: `${6.25 * pixel.row}%` });
      if (!values) continue;
      if (run.title) parts.push(make("p", "", null, { textContent: run.title }));
      data.classes.forEach((name, id) => {
        const share = values[side * wide + ((id * shown + pixel.picture) * GRID + pixel.row) * GRID + pixel.column] / 255;
        const line = make("div", "share", null), label = make(id === true_ ? "em" : "span", "", line);
        label.textContent = fill(text.share, { name, share: Math.round(100 * share) });
        const bar = make("b", "", make("div", "", line));
        bar.style.width = `${100 * share}%`;
        if (data.colours[id]) bar.style.background = data.colours[id];
        parts.push(line);
      });
    }
    box.replaceChildren(...parts);
  }

  curve(step) {
    const { text } = this.data, svg = this.$(".curve svg"), rows = this.runs.map((run) => this.frames(run));
    curves(svg, rows, step, text);
    const number = (value) => (value === null || value === undefined ? text.notNumber : three(value));
    const mean = (iou) => iou.slice(1).reduce((sum, value) => sum + value, 0) / (iou.length - 1);
    const said = this.runs.flatMap((run) => {
      const frame = this.frame(run);
      if (!frame) return [];
      const loss = frame.step ? number(frame.loss) : "–"; // before the first step nothing was measured
      return `${run.title ? `${run.title}. ` : ""}${fill(text.chartSaid, { step: frame.step, loss, iou: mean(frame.iou).toFixed(2), taught: frame.taught.toFixed(2) })}`;
    });
    svg.setAttribute("aria-label", `${text.chart}. ${said.join(" ")}`);
    this.$("figcaption").textContent = said.join(" · ");
    if (this.$("details").open) this.table(mean, number);
  }

  table(mean, number) {
    const { text } = this.data, table = this.$("table"), head = make("tr", "");
    for (const name of [text.steps, text.loss, text.held, text.taught]) make("th", "", head, { textContent: name, scope: "col" });
    const lines = this.runs.flatMap((run) => this.frames(run).filter((_, i) => i % Math.ceil(run.steps.length / 20) === 0).map((frame) => {
      const { step } = frame, line = make("tr", "");
      for (const value of [step, step ? number(frame.loss) : "–", mean(frame.iou).toFixed(2), frame.taught.toFixed(2)]) make("td", "", line, { textContent: value });
      return line;
    }));
    table.replaceChildren(head, ...lines);
  }

  // -------------------------------------------------------------------------------------------------- what is chosen

  choosing(tile, picture) {
    const choose = (row, column) => {
      this.pixel = { picture, row: clamp(row, 0, GRID - 1), column: clamp(column, 0, GRID - 1) };
      this.bars();
    };
    tile.addEventListener("pointerdown", (event) => {
      const [x, y] = placeOf(event, tile);
      choose(Math.floor(y * GRID), Math.floor(x * GRID));
    });
    tile.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const { pixel } = this, here = pixel.picture === picture ? pixel : { row: 8, column: 8 };
      const column = here.column + step[0], tiles = [...tile.parentElement.children];
      const next = column < 0 ? tiles[picture - 1] : column >= GRID ? tiles[picture + 1] : null;
      if (!next) return choose(here.row + step[1], column);
      this.pixel = { picture: picture + step[0], row: here.row, column: column < 0 ? GRID - 1 : 0 };
      tile.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      this.bars();
    });
  }

  listen() {
    this.$(".train").addEventListener("click", () => this.send(this.data.running ? "pause" : "train", true));
    this.$(".one").addEventListener("click", () => this.send("step", true));
    this.$(".again").addEventListener("click", () => this.send("again", true));
    this.$(".slow").addEventListener("change", (event) => this.send("slow", event.target.checked));
    this.$("details").addEventListener("toggle", () => this.data && this.draw());
    const svg = this.$(".curve svg");
    svg.addEventListener("pointermove", (event) => {
      if (event.buttons !== 1 && event.type !== "pointerdown") return;
      this.jumpTo(event, svg);
    });
    svg.addEventListener("pointerdown", (event) => this.jumpTo(event, svg));
  }

  // To the frame that the curve has under the pointer.
  jumpTo(event, svg) {
    const steps = this.runs[0]?.steps ?? [], wanted = Number(svg.dataset.left) + placeOf(event, svg)[0] * Number(svg.dataset.span);
    if (!steps.length) return;
    this.transport.stop();
    this.transport.jump(steps.reduce((best, step, i) => (Math.abs(step - wanted) < Math.abs(steps[best] - wanted) ? i : best), 0));
  }
}

/** @param {Element} tile */
const canvasOf = (tile) => /** @type {HTMLCanvasElement} */ (tile.firstChild);

export default mounted(Player);
