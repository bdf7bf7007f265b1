// One photo, one window, one grid of answers. Everything below happens in the browser: moving the window, hovering a
// cell and guessing send nothing to the server, because each cell's answer came with the picture.

import { bytes, words } from "./bytes.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { note } from "./in_address.js";
import { percent, ScorePictures, TALLEST } from "./score_pictures.js";
import { fill } from "./text.js";
import { Told } from "./told.js";

/**
 * What score_explorer.py sends.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   crop: string,
 *   cropIds: number[],
 *   cropShares: number[],
 *   rows: number,
 *   columns: number,
 *   native: number,
 *   stride: number,
 *   heat: string,
 *   pin: number[] | null,
 *   begin: { cell: number[], resets: number },
 *   top: number,
 *   bestIds: string,
 *   bestShares: string,
 *   names: Record<string, string>,
 *   targets: number[],
 *   target: string,
 *   palette: string,
 *   compact: boolean,
 *   classifierShape: string,
 *   convertedShape: string,
 *   legend: string,
 *   text: Record<"classifierTitle" | "classifierNote" | "cropAlt" | "convertedTitle" | "photoLabel" | "photoAlt" |
 *     "gridLabel" | "cellLabel" | "readout" | "opacity" | "hottest" | "predict" | "predictStop" | "predictHow" |
 *     "verdictHit" | "verdictMiss", string>,
 * }} Data
 */

class View extends ScorePictures {
  /** @type {number[]} */ cell; // [row, column]
  /** @type {Data | null} */ lit;
  started = false; // not while the page begins: that is not written into the address
  /** @type {number | undefined} */ resets;
  /** @type {import("./mount.js").Send | undefined} */ send;

  constructor(root) {
    super();
    this.root = root.querySelector(".explorer");
    this.$ = (selector) => this.root.querySelector(selector);
    this.told = new Told();
    this.photo = this.$(".photo");
    this.cells = this.$(".cells");
    this.listen();
  }

  // ------------------------------------------------------------------------------------------------- new data

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    const before = /** @type {ScorePictures} */ (this).data;
    this.send = send;
    this.data = data;
    this.heat = words(data.heat);
    this.bestIds = words(data.bestIds);
    this.bestShares = words(data.bestShares);
    this.lut = bytes(data.palette);
    this.root.classList.toggle("compact", data.compact);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    for (const node of this.root.querySelectorAll("[data-bind]")) node.textContent = data[node.dataset.bind];
    this.photo.setAttribute("aria-label", data.text.photoLabel);
    this.cells.setAttribute("aria-label", data.text.gridLabel);
    const image = this.photo.querySelector("img");
    if (!before || before.photo !== data.photo) image.src = data.photo;
    image.alt = data.text.photoAlt;
    image.style.aspectRatio = `${data.width} / ${data.height}`;
    this.root.style.setProperty("--photo", `${(TALLEST * data.width) / data.height}rem`); // a tall photo must still fit a screen
    const crop = this.$(".crop");
    if (data.crop) crop.src = data.crop;
    crop.alt = data.text.cropAlt;
    this.drawBars(this.$('[data-bars="crop"]'), data.cropIds, data.cropShares);
    this.drawLegend();
    this.drawHeat();
    const sameGrid = before && before.rows === data.rows && before.columns === data.columns;
    if (!sameGrid) this.buildCells();
    this.paintCells();
    if (!before || before.subject !== data.subject) this.endPrediction();
    const pin = this.told.news(data.pin) ? data.pin : null;
    const [row, column] = data.begin.cell, anew = this.resets !== data.begin.resets;
    this.resets = data.begin.resets;
    this.started = false; // what the page begins with is not written into the address
    if (anew && row < data.rows && column < data.columns && row >= 0) this.go(row, column);
    else if (anew && !pin) this.go(...this.peak());
    else if (pin) this.go(...this.nearest(pin[0] + 0.5, pin[1] + 0.5));
    else if (!sameGrid || !this.cell || before.subject !== data.subject) this.go(...this.peak());
    else this.go(...this.cell);
    this.started = true;
  }

  asShown() {
    return { ...this.data, begin: { ...this.data.begin, cell: this.cell } };
  }

  // ------------------------------------------------------------------------------------------ the current cell

  // Light cell (row, column). `corner` is where the window really stands, which may lie between two cells.
  go(row, column, corner) {
    const { rows, columns, stride, native, width, height, text, target } = this.data;
    row = clamp(row, 0, rows - 1);
    column = clamp(column, 0, columns - 1);
    const moved = !this.cell || this.cell[0] !== row || this.cell[1] !== column;
    this.cell = [row, column];
    const [left, top] = corner ?? [column * stride, row * stride];
    const frame = this.$(".window");
    Object.assign(frame.style, {
      left: `${(left / width) * 100}%`,
      top: `${(top / height) * 100}%`,
      width: `${(native / width) * 100}%`,
      height: `${(native / height) * 100}%`,
    });
    if (!moved && this.lit === this.data) return;
    this.lit = this.data;
    if (moved && this.started && !this.predicting) note("cell", `${row}.${column}`, this.peak().join("."));
    const index = row * columns + column;
    this.buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", i === index);
      button.tabIndex = i === index ? 0 : -1;
    });
    const ids = this.bestIds.slice(index * 5, index * 5 + 5);
    const shares = Array.from(this.bestShares.slice(index * 5, index * 5 + 5), (share) => share / 65535);
    this.drawBars(this.$('[data-bars="cell"]'), ids, shares);
    this.$(".readout").textContent = this.predicting
      ? ""
      : fill(text.readout, {
          row: row + 1,
          column: column + 1,
          left: column * stride,
          right: column * stride + native,
          top: row * stride,
          bottom: row * stride + native,
          target,
          share: percent(this.heat[index] / 65535),
          name: this.data.names[ids[0]],
          best: percent(shares[0]),
        });
  }

  // The cell whose window is centred nearest to a point of the input, in pixels.
  nearest(x, y) {
    const { stride, native, rows, columns } = this.data;
    const at = (v, count) => clamp(Math.round((v - native / 2) / stride), 0, count - 1);
    return [at(y, rows), at(x, columns)];
  }

  // ------------------------------------------------------------------------------------------------ predicting

  startPrediction() {
    this.predicting = true;
    this.root.classList.add("predicting");
    this.$(".predict").setAttribute("aria-pressed", "true");
    this.$(".predict").textContent = this.data.text.predictStop;
    this.$(".verdict").textContent = this.data.text.predictHow;
    this.$(".guess").hidden = true;
    this.paintCells();
    this.go(0, 0); // the window must not stand on the answer
    this.$(".readout").textContent = "";
  }

  endPrediction() {
    this.predicting = false;
    this.root.classList.remove("predicting");
    this.$(".predict").setAttribute("aria-pressed", "false");
    this.$(".predict").textContent = this.data.text.predict;
    this.$(".verdict").textContent = "";
    this.$(".guess").hidden = true;
    this.lit = null;
    this.paintCells();
  }

  reveal(row, column) {
    const { columns, stride, native, width, height, text, target } = this.data;
    const [r, c] = this.peak();
    this.endPrediction();
    const guess = this.$(".guess");
    guess.hidden = false;
    guess.style.left = `${((column * stride + native / 2) / width) * 100}%`;
    guess.style.top = `${((row * stride + native / 2) / height) * 100}%`;
    const values = {
      target,
      row: r + 1,
      column: c + 1,
      yours: percent(this.heat[row * columns + column] / 65535),
      hottest: percent(this.heat[r * columns + c] / 65535),
      cells: Math.hypot(r - row, c - column).toFixed(1),
      pixels: Math.round(Math.hypot(r - row, c - column) * stride),
    };
    const hit = r === row && c === column;
    this.send?.("guess", hit);
    this.$(".verdict").textContent = fill(hit ? text.verdictHit : text.verdictMiss, values);
    this.go(r, c);
  }

  // --------------------------------------------------------------------------------------------------- input

  choose(row, column) {
    if (this.predicting) this.reveal(row, column);
    else this.go(row, column);
  }

  listen() {
    const inputPoint = (event) => {
      const [x, y] = placeOf(event, this.photo);
      return [x * this.data.width, y * this.data.height];
    };
    /** @type {number[] | null} */
    let grip = null; // where inside the window the pointer holds it
    const drag = (event, grip) => {
      const { native, width, height } = this.data;
      const [x, y] = inputPoint(event);
      const left = clamp(x - grip[0], 0, width - native);
      const top = clamp(y - grip[1], 0, height - native);
      this.go(...this.nearest(left + native / 2, top + native / 2), [left, top]);
    };
    this.photo.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const [x, y] = inputPoint(event);
      if (this.predicting) return this.reveal(...this.nearest(x, y));
      const { native, width, height } = this.data;
      const frame = this.$(".window").style;
      const left = (parseFloat(frame.left) / 100) * width;
      const top = (parseFloat(frame.top) / 100) * height;
      const inside = x >= left && x <= left + native && y >= top && y <= top + native;
      grip = inside ? [x - left, y - top] : [native / 2, native / 2];
      this.photo.setPointerCapture(event.pointerId);
      drag(event, grip);
    });
    this.photo.addEventListener("pointermove", (event) => grip && drag(event, grip));
    for (const end of ["pointerup", "pointercancel"])
      this.photo.addEventListener(end, () => {
        if (grip) this.go(...this.cell); // let the window snap to the cell that is lit
        grip = null;
      });

    const cellOf = (event) => event.target.closest("button")?.dataset.at?.split(",").map(Number);
    this.cells.addEventListener("pointerover", (event) => {
      const at = cellOf(event);
      if (at && !this.predicting && event.pointerType !== "touch") this.go(...at);
    });
    this.cells.addEventListener("click", (event) => {
      const at = cellOf(event);
      if (at) this.choose(...at);
    });
    this.cells.addEventListener("focusin", (event) => {
      const at = cellOf(event);
      if (at && !this.predicting) this.go(...at);
    });

    const onKey = (focusCell) => (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const [row, column] = this.cell;
      const { rows, columns } = this.data;
      const step = arrow(event);
      /** @type {number[] | null} */
      let target = null;
      if (step) target = [row + step[1], column + step[0]];
      else if (event.key === "Home") target = [0, 0];
      else if (event.key === "End") target = [rows - 1, columns - 1];
      else if (event.key === "Escape" && this.predicting) {
        this.endPrediction();
        this.go(...this.cell);
      } else if (event.key === "Enter" && this.predicting && !focusCell) this.reveal(row, column);
      else return;
      event.preventDefault();
      if (!target) return;
      this.go(...target);
      if (focusCell) this.buttons[this.cell[0] * columns + this.cell[1]].focus();
    };
    this.photo.addEventListener("keydown", onKey(false));
    this.cells.addEventListener("keydown", onKey(true));

    this.$(".opacity input").addEventListener("input", (event) => {
      this.$(".heat").style.opacity = event.target.value / 100;
    });
    this.$(".hottest").addEventListener("click", () => {
      if (this.predicting) this.endPrediction();
      this.go(...this.peak());
    });
    this.$(".predict").addEventListener("click", () => {
      if (!this.predicting) return this.startPrediction();
      this.endPrediction();
      this.go(...this.cell);
    });
  }
}

export default mounted(View);
