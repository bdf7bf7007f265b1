// What the score explorer draws: the map of heat, its legend, a grid of cells to point at, and bars of the best answers.

import { clamp } from "./photo.js";
import { fill } from "./text.js";

/** Height of the photo in rem. */
export const TALLEST = 17;

export const percent = (share) => (share >= 0.9995 ? "100%" : share < 0.0005 ? "<0.1%" : (share * 100).toFixed(1) + "%");

export class ScorePictures {
  /** @type {any} */ root;
  /** @type {(selector: string) => any} */ $;
  /** @type {any} */ photo;
  /** @type {any} */ cells;
  /** @type {import("./score_explorer.js").Data} */ data;
  /** @type {Uint16Array} */ heat;
  /** @type {Uint16Array} */ bestIds;
  /** @type {Uint16Array} */ bestShares;
  /** @type {Uint8Array} */ lut;
  /** @type {any[]} */ buttons;
  predicting = false;

  peak() {
    let best = 0;
    for (let i = 1; i < this.heat.length; i++) if (this.heat[i] > this.heat[best]) best = i;
    return [Math.floor(best / this.data.columns), best % this.data.columns];
  }

  colour(index) {
    const top = this.data.top * 65535;
    const step = top > 0 ? Math.round(clamp(this.heat[index] / top, 0, 1) * 255) * 3 : 0;
    return [this.lut[step], this.lut[step + 1], this.lut[step + 2]];
  }

  // -------------------------------------------------------------------------------------------------- drawing

  drawLegend() {
    const canvas = this.$(".legend canvas");
    const picture = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) picture.data.set([this.lut[3 * i], this.lut[3 * i + 1], this.lut[3 * i + 2], 255], 4 * i);
    canvas.getContext("2d").putImageData(picture, 0, 0);
    this.$(".legend .high").textContent = percent(this.data.top);
  }

  // A cell is drawn where it speaks for: at the centre of its window. The border, where no window is centred, stays bare.
  drawHeat() {
    const { width, height, rows, columns, stride, native } = this.data;
    const canvas = this.$(".heat");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    const margin = (native - stride) / 2;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        pen.fillStyle = `rgb(${this.colour(r * columns + c)})`;
        pen.fillRect(margin + c * stride, margin + r * stride, stride, stride);
      }
    canvas.style.opacity = this.$(".opacity input").value / 100;
  }

  buildCells() {
    const { rows, columns } = this.data;
    this.cells.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.cells.style.maxWidth = `${columns * Math.min(2.5, (0.56 * TALLEST) / rows)}rem`; // so that what it says fits below
    this.buttons = [];
    const lines = [];
    for (let r = 0; r < rows; r++) {
      const line = document.createElement("div");
      line.setAttribute("role", "row");
      for (let c = 0; c < columns; c++) {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("role", "gridcell");
        button.tabIndex = -1;
        button.dataset.at = `${r},${c}`;
        line.append(button);
        this.buttons.push(button);
      }
      lines.push(line);
    }
    this.cells.replaceChildren(...lines);
  }

  paintCells() {
    const { columns, text, target } = this.data;
    const [row, column] = this.peak();
    this.buttons.forEach((button, i) => {
      button.style.background = `rgb(${this.colour(i)})`;
      button.classList.toggle("peak", i === row * columns + column);
      const place = { row: Math.floor(i / columns) + 1, column: (i % columns) + 1, target };
      button.setAttribute(
        "aria-label",
        fill(text.cellLabel, { ...place, share: this.predicting ? "?" : percent(this.heat[i] / 65535) }),
      );
    });
  }

  drawBars(list, ids, shares) {
    const { names, targets } = this.data;
    list.replaceChildren(
      ...Array.from(ids, (id, i) => {
        const item = document.createElement("li");
        item.classList.toggle("hit", targets.includes(id));
        const name = Object.assign(document.createElement("span"), { className: "name", textContent: names[id] });
        const value = Object.assign(document.createElement("span"), { className: "value", textContent: percent(shares[i]) });
        const track = Object.assign(document.createElement("span"), { className: "track" });
        const bar = Object.assign(document.createElement("span"), { className: "fill" });
        bar.style.width = `${shares[i] * 100}%`;
        track.append(bar);
        item.append(name, value, track);
        return item;
      }),
    );
  }
}
