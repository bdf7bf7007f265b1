// A decoder's parts as maps with switches. Pointing happens here alone; a switch and a new pin go to Python, which runs
// the decoder again.

import { bytes } from "./bytes.js";
import { draw } from "./grid_board.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { SpriteSheet } from "./sprite_sheet.js";
import { decimal, fill } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What parts.py sends.
 * @typedef {{
 *   photo: string,
 *   mask: string,
 *   size: number[],
 *   input: number[],
 *   stride: number,
 *   edges: number[][],
 *   colours: string,
 *   palette: string,
 *   names: string[],
 *   pin: number[],
 *   bars: { name: string, all: number, now: number }[],
 *   active: number,
 *   parts: { title: string, note: string, on: boolean, sheet: import("./sprite_sheet.js").SheetData,
 *     decoded?: import("./sprite_sheet.js").SpriteSheet, kind: "point" | "taps" | "whole" | "bins",
 *     readout: string, rate: number, rows: number[][], columns: number[][], changes: number[][] }[],
 *   text: Record<"photo" | "opacity" | "on" | "off" | "maps" | "mean" | "channel" | "hint" | "scale" | "all" |
 *     "now" | "pinned", string>,
 * }} Data
 */

const middle = (pin) => (Math.min(pin, 999) + 0.5) / 1000; // of a thousandth, as a share: state.to_shares in Python

class Parts {
  static asks = ["switch", "pin"];
  /** @type {{ part: number, row: number, column: number }} */ spot;
  /** @type {import("./mount.js").Send} */ send;
  /** @type {Uint8Array} */ palette;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".parts");
    this.$ = (selector) => this.root.querySelector(selector);
    this.at = null; // where the arrow keys are, as shares of width and height, between two pins
    this.told = new Told();
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    const before = this.data;
    this.data = data;
    this.send = send;
    this.palette = bytes(data.palette);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    const photo = this.$(".photo"), image = photo.querySelector("img");
    photo.setAttribute("aria-label", data.text.photo);
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.style.aspectRatio = data.size.join(" / ");
    photo.style.maxWidth = `${(32 * data.size[0]) / data.size[1]}rem`;
    this.$(".places").setAttribute("viewBox", `0 0 ${data.input.join(" ")}`);
    Object.assign(this.$(".pin").style, { left: `${100 * middle(data.pin[0])}%`, top: `${100 * middle(data.pin[1])}%` });
    if (!before || before.parts.length !== data.parts.length) this.build();
    const asked = this.told.news(data.pin);
    if (asked) this.at = null;
    if (!this.spot || before?.photo !== data.photo) this.spot = this.pinned(data.active);
    else if (asked) this.spot = this.pinned(this.spot.part);
    this.bars();
    this.rows(before);
    this.places();
    if (before?.mask === data.mask && before.names.join() === data.names.join()) return;
    const seen = await drawMask(this.$(".mask"), data.mask, bytes(data.colours), 255, true);
    if (!seen) return;
    const colours = bytes(data.colours);
    this.$(".legend").replaceChildren(
      ...seen.map((id) => {
        const item = Object.assign(document.createElement("span"), { textContent: data.names[id] });
        item.style.setProperty("--colour", `rgb(${colours.slice(3 * id, 3 * id + 3).join()})`);
        return item;
      }),
    );
  }

  build() {
    this.$(".rows").replaceChildren(
      ...this.data.parts.map((_, i) => {
        const row = Object.assign(document.createElement("div"), { className: "row" });
        row.dataset.part = String(i);
        const head = document.createElement("div"), maps = Object.assign(document.createElement("div"), { className: "maps" });
        const button = Object.assign(document.createElement("button"), { type: "button", className: "switch" });
        button.setAttribute("role", "switch");
        button.append(document.createElement("i"), Object.assign(document.createElement("span"), { className: "title" }));
        head.append(button, document.createElement("small"));
        row.append(head, maps);
        return row;
      }),
    );
  }

  rows(before) {
    this.data.parts.forEach(async (part, i) => {
      const row = this.$(".rows").children[i], maps = row.querySelector(".maps");
      row.classList.toggle("off", !part.on);
      const button = row.querySelector(".switch");
      button.setAttribute("aria-checked", part.on);
      button.querySelector(".title").textContent = part.title;
      button.title = part.on ? this.data.text.on : this.data.text.off;
      row.querySelector("small").textContent = part.note;
      const words = ["mean", "channel", "maps"].every((name) => before?.text[name] === this.data.text[name]);
      if (words && before?.parts[i]?.sheet.image === part.sheet.image && part.decoded === undefined && before.parts[i].decoded) {
        part.decoded = before.parts[i].decoded;
        return;
      }
      const sheet = (part.decoded = new SpriteSheet(part.sheet)), wanted = turn(maps);
      await sheet.loaded;
      if (!wanted()) return;
      if (this.spot.part === i) this.places();
      maps.setAttribute("role", "img");
      maps.setAttribute("aria-label", fill(this.data.text.maps, { title: part.title }));
      // Maps that are one number each would all be at the end of their own scale: they share one, and say the number.
      const flat = sheet.low.every((low, index) => low === sheet.high[index]), top = Math.max(...sheet.high);
      maps.replaceChildren(
        ...Array.from({ length: sheet.count }, (_, index) => {
          const figure = document.createElement("figure"), canvas = document.createElement("canvas");
          sheet.draw(canvas, index, this.palette, [0, Math.max(flat ? top : sheet.high[index], 1e-6)]);
          const channel = sheet.channels[index];
          const caption = Object.assign(document.createElement("figcaption"), {
            textContent: (index ? fill(this.data.text.channel, { channel }) : this.data.text.mean) + (flat ? `: ${decimal(Math.round(100 * sheet.high[index]), 100, 2)}` : ""),
          });
          figure.append(canvas, caption);
          return figure;
        }),
      );
    });
  }

  bars() {
    const { text, bars } = this.data, percent = (share) => `${decimal(Math.round(1000 * share), 10, 1)}%`;
    const line = (className, ...cells) => {
      const item = Object.assign(document.createElement("li"), { className });
      cells.forEach((cell, i) => item.append(Object.assign(document.createElement(i ? "b" : "span"), { textContent: cell })));
      return item;
    };
    this.$(".bars").replaceChildren(
      line("head", "", `| ${text.all}`, `■ ${text.now}`),
      ...bars.map(({ name, all, now }) => {
        const item = line("", name, percent(all), percent(now));
        const track = Object.assign(document.createElement("span"), { className: "track" });
        const fillNow = Object.assign(document.createElement("span"), { className: "now" });
        const mark = Object.assign(document.createElement("span"), { className: "all" });
        fillNow.style.width = `${100 * now}%`;
        mark.style.left = `calc(${100 * all}% - 1.5px)`;
        track.append(fillNow, mark);
        item.append(track);
        return item;
      }),
    );
  }

  // Rectangles of the picture that a cell of a part hangs on, in input pixels: the pixels that cells own, between
  // `edges` from Python. `null` where a tap misses the map.
  regions({ part, row, column }) {
    const [down, across] = this.data.edges, { kind, rate, rows, columns } = this.data.parts[part];
    const box = (top, left, bottom = top + 1, right = left + 1) => [across[left], down[top], across[right] - across[left], down[bottom] - down[top]];
    if (kind === "whole") return [[0, 0, ...this.data.input]];
    if (kind === "point") return [box(row, column)];
    if (kind === "bins") {
      const [top, bottom] = rows[row], [left, right] = columns[column];
      return [box(top, left, bottom, right)];
    }
    return Array.from({ length: 9 }, (_, t) => {
      const [r, c] = [row + (Math.floor(t / 3) - 1) * rate, column + ((t % 3) - 1) * rate];
      return r >= 0 && c >= 0 && r < down.length - 1 && c < across.length - 1 ? box(r, c) : null;
    });
  }

  places() {
    const svg = this.$(".places"), { part, row, column } = this.spot;
    const chosen = this.data.parts[part];
    svg.replaceChildren();
    for (const node of this.$(".rows").children) node.classList.toggle("active", Number(node.dataset.part) === part);
    /** @type {(box: number[], name: string) => void} */
    const put = ([x, y, width, height], name) => draw("rect", { x, y, width, height, class: name }, svg);
    if (chosen.kind === "bins")
      for (let r = 0; r < chosen.rows.length; r++)
        for (let c = 0; c < chosen.columns.length; c++) put(/** @type {number[]} */ (this.regions({ part, row: r, column: c })[0]), "bin");
    const found = this.regions(this.spot);
    found.forEach((box, t) => box && put(box, t === 4 ? "lit middle" : "lit"));
    if (chosen.kind === "point" || chosen.kind === "taps") this.stands(found.length > 1 ? chosen.rate : 0);
    const sheet = chosen.decoded, values = { row: row + 1, column: column + 1, taps: found.filter(Boolean).length };
    if (sheet?.bytes) values.value = decimal(Math.round(1000 * sheet.value(0, Math.min(row, sheet.height - 1), Math.min(column, sheet.width - 1))), 1000, 3);
    if (chosen.kind === "bins") {
      const [[top, bottom], [left, right]] = [chosen.rows[row], chosen.columns[column]];
      values.cells = `${bottom - top} × ${right - left}`;
      const change = Math.round(1000 * (chosen.changes[row]?.[column] ?? 0));
      values.change = (change > 0 ? "+" : "") + decimal(change, 10, 1);
    }
    this.$(".readout").textContent = `${chosen.title}: ${fill(chosen.readout, values)}`;
  }

  // The pixels at which the cells stand that the pointed cell hangs on.
  stands(rate) {
    const { stride, input } = this.data, { row, column } = this.spot;
    for (const r of new Set([row - rate, row, row + rate]))
      for (const c of new Set([column - rate, column, column + rate])) {
        const [x, y] = [c * stride, r * stride];
        if (x >= 0 && y >= 0 && x < input[0] && y < input[1]) draw("circle", { cx: x + 0.5, cy: y + 0.5, r: stride / 8 }, this.$(".places"));
      }
  }

  // The pinned pixel's cell of a part.
  pinned(part) {
    return this.cellAt(...this.data.pin.map(middle), part);
  }

  // The cell of the active part at a place of the picture, given as shares of width and height.
  cellAt(x, y, part = this.spot.part) {
    const { input, edges } = this.data, { kind, rows, columns } = this.data.parts[part];
    const [row, column] = [y * input[1], x * input[0]].map((at, axis) => edges[axis].findIndex((_, i) => Math.floor(at) < edges[axis][i + 1]));
    if (kind !== "bins") return { part, row, column };
    const within = (edges, cell) => edges.findIndex(([from, to]) => cell >= from && cell < to);
    return { part, row: within(rows, row), column: within(columns, column) };
  }

  listen() {
    const photo = this.$(".photo"), rows = this.$(".rows");
    const share = (event) => {
      return placeOf(event, photo).map((v) => clamp(v, 0, 0.9999));
    };
    photo.addEventListener("pointermove", (event) => {
      this.spot = this.cellAt(...share(event));
      this.places();
    });
    photo.addEventListener("click", (event) => this.pin(...share(event)));
    photo.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step && (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey)) return;
      event.preventDefault();
      const { input, stride, pin } = this.data;
      this.at ??= pin.map(middle);
      if (!step) return this.pin(...this.at);
      this.at = this.at.map((v, i) => clamp(v + (step[i] * stride) / input[i], 0, 0.9999));
      this.spot = this.cellAt(...this.at);
      this.places();
    });
    const over = (event) => {
      const canvas = event.target.closest?.(".maps canvas");
      if (!canvas) return;
      const part = Number(canvas.closest(".row").dataset.part), [x, y] = placeOf(event, canvas);
      this.spot = { part, row: clamp(Math.floor(y * canvas.height), 0, canvas.height - 1), column: clamp(Math.floor(x * canvas.width), 0, canvas.width - 1) };
      this.places();
    };
    rows.addEventListener("pointermove", over);
    rows.addEventListener("pointerdown", over);
    const activate = (event) => {
      const row = event.target.closest?.(".row");
      if (!row || Number(row.dataset.part) === this.spot.part) return;
      this.spot = this.pinned(Number(row.dataset.part));
      this.places();
    };
    rows.addEventListener("focusin", activate);
    rows.addEventListener("click", (event) => {
      const button = event.target.closest(".switch");
      if (button) this.send("switch", Number(button.closest(".row").dataset.part));
    });
    this.$(".opacity input").addEventListener("input", (event) => this.opacity(Number(event.target.value)));
    this.opacity(55);
  }

  opacity(value) {
    this.$(".mask").style.opacity = value / 100;
  }

  pin(x, y) {
    const pin = [Math.floor(1000 * x), Math.floor(1000 * y)];
    this.at = [x, y];
    this.told.tell(pin);
    this.send("pin", pin);
  }
}

export default mounted(Parts);
