// What a mask looks like: tints, outlines and names on canvases, the grid of small pictures, and where they differ.

import { context } from "./bytes.js";
import { drawEdge } from "./mask_canvas.js";
import { clamp } from "./photo.js";
import { fill, make } from "./text.js";

const TILE = 420; // longer side of a small picture's canvas: thinner than the mask, as thin as it is shown

export const percent = (v) => (100 * v).toFixed(v > 0 && v < 0.001 ? 2 : 1) + "%";

// The half that paints. It wants `root`, `$`, `data`, `bytes`, `tiles`, `colours`, `viridis`, `opacity` and `shown`.
export class MaskPainter {
  /** @type {any} */ root;
  /** @type {(selector: string) => any} */ $;
  /** @type {import("./mask_grid.js").Data} */ data;
  /** @type {Map<string, Uint8Array>} address -> decoded bytes */ bytes;
  /** @type {Map<string, any>} name -> its figure */ tiles;
  /** @type {Uint8Array} */ colours;
  /** @type {Uint8Array} */ viridis;
  /** @type {number} percent */ opacity;
  /** @type {string} "answers" or "entropy" */ shown;
  /** @type {any} */ differTile;

  mask(name) {
    return this.data.masks.find((m) => m.name === name);
  }

  ids(mask) {
    return this.bytes.get(mask?.mask);
  }

  name(id) {
    return id === 255 ? this.data.text.void : this.data.names[id];
  }

  // Tint and outline of a mask on two canvases of at most `limit` pixels.
  paint(stage, mask, limit) {
    const { data } = this, ids = this.ids(mask);
    const [tint, edge, names] = [".fill", ".edge", ".names"].map((s) => stage.querySelector(s));
    const scale = Math.min(1, limit / Math.max(data.width, data.height));
    const width = Math.max(1, Math.round(data.width * scale)), height = Math.max(1, Math.round(data.height * scale));
    const key = `${mask?.mask.length}:${mask?.mask.slice(-40)}:${width}x${height}:${data.names[0]}`;
    if (stage.dataset.painted === key) return;
    stage.dataset.painted = key;
    for (const canvas of [tint, edge]) Object.assign(canvas, { width, height });
    names.replaceChildren();
    if (!ids) return;
    const at = new Uint8Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      const row = Math.min(data.height - 1, Math.floor((y + 0.5) / height * data.height)) * data.width;
      for (let x = 0; x < width; x++, i++) at[i] = ids[row + Math.min(data.width - 1, Math.floor((x + 0.5) / width * data.width))];
    }
    const colour = new ImageData(width, height), line = new ImageData(width, height);
    const tints = new Uint32Array(colour.data.buffer), lines = new Uint32Array(line.data.buffer);
    const words = new Uint32Array(256);
    for (let id = 1; id < 256; id++) words[id] = (255 << 24) | (this.colours[3 * id + 2] << 16) | (this.colours[3 * id + 1] << 8) | this.colours[3 * id];
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        tints[i] = words[at[i]];
        if (x + 1 < width) drawEdge(lines, at, i, i + 1);
        if (y + 1 < height) drawEdge(lines, at, i, i + width);
      }
    tint.getContext("2d").putImageData(colour, 0, 0);
    edge.getContext("2d").putImageData(line, 0, 0);
    names.replaceChildren(
      ...mask.labels.map(([id, x, y]) => {
        const label = make("span", "", null, { textContent: this.name(id) });
        Object.assign(label.style, { left: `${clamp((100 * (x + 0.5)) / data.width, 8, 92)}%`, top: `${clamp((100 * (y + 0.5)) / data.height, 5, 95)}%` });
        return label;
      }),
    );
  }

  drawSides() {
    for (const [selector, side] of [[".side.a", "left"], [".side.b", "right"]]) {
      const stage = this.$(selector), mask = this.mask(this[side]);
      this.paint(stage, mask, 1024);
      stage.querySelector(".who").textContent = mask?.title ?? "";
    }
  }

  drawGrid() {
    const { data } = this, grid = this.$(".grid"), wanted = [];
    for (const mask of data.masks) {
      /** @type {any} */
      let figure = this.tiles.get(mask.name);
      if (!figure) {
        figure = make("figure");
        figure.dataset.net = mask.name;
        const stage = make("div", "stage");
        stage.append(make("img", "photo"), make("canvas", "fill"), make("canvas", "edge"), make("div", "names"), make("i", "cross"), make("span", "wait"));
        const caption = make("figcaption");
        caption.append(make("b"), make("span", "class"), make("span", "note"));
        figure.append(stage, caption);
        this.tiles.set(mask.name, figure);
      }
      wanted.push(figure);
      const stage = figure.querySelector(".stage"), image = figure.querySelector(".photo");
      stage.style.aspectRatio = `${data.width} / ${data.height}`;
      if (image.getAttribute("src") !== data.photo) image.src = data.photo;
      image.alt = fill(data.text.tile, { title: mask.title });
      stage.classList.toggle("empty", !mask.mask);
      figure.querySelector(".wait").textContent = mask.mask || mask.note ? "" : data.text.waiting;
      figure.querySelector("b").textContent = mask.title;
      figure.querySelector(".note").textContent = mask.note;
      this.paint(stage, mask, TILE);
    }
    if (data.votes) wanted.push(this.differ());
    const now = [...grid.children];
    if (now.length !== wanted.length || now.some((node, i) => node !== wanted[i])) grid.replaceChildren(...wanted);
  }

  // The tile that shows where the masks differ.
  differ() {
    const { data } = this, { text } = data, votes = /** @type {NonNullable<typeof data.votes>} */ (data.votes);
    /** @type {any} */
    const figure = (this.differTile ??= make("figure", "differ"));
    if (!figure.firstChild) {
      const stage = make("div", "stage"), caption = make("figcaption"), legend = make("div", "legend"), toggle = make("span", "switch");
      stage.append(make("img", "photo"), make("canvas", "fill"), make("i", "cross"));
      caption.append(make("b"), make("span", "class"));
      for (const kind of ["answers", "entropy"]) {
        const button = Object.assign(make("button"), { type: "button" });
        button.dataset.kind = kind;
        toggle.append(button);
      }
      figure.append(stage, caption, toggle, legend, make("p", "note"));
    }
    const stage = figure.querySelector(".stage"), canvas = /** @type {HTMLCanvasElement} */ (figure.querySelector(".fill")), image = figure.querySelector(".photo");
    stage.style.aspectRatio = `${data.width} / ${data.height}`;
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = text.differ;
    figure.querySelector("b").textContent = text.differ;
    figure.querySelector(".note").textContent = fill(text.agreement, { share: percent(votes.agreement) });
    for (const button of figure.querySelectorAll("button")) {
      button.textContent = text[button.dataset.kind];
      button.setAttribute("aria-pressed", String(button.dataset.kind === this.shown));
    }
    const values = this.bytes.get(votes[this.shown]) ?? new Uint8Array(0), word = new ImageData(data.width, data.height);
    const step = (v) => 3 * (this.shown === "entropy" ? v : votes.most > 1 ? Math.round((255 * (v - 1)) / (votes.most - 1)) : 0);
    for (let i = 0; i < values.length; i++) {
      const at = step(values[i]);
      word.data.set([this.viridis[at], this.viridis[at + 1], this.viridis[at + 2], 235], 4 * i);
    }
    Object.assign(canvas, { width: data.width, height: data.height });
    context(canvas).putImageData(word, 0, 0);
    const legend = figure.querySelector(".legend");
    const chip = (v) => {
      const node = make("i", "chip");
      node.style.background = `rgb(${this.viridis.slice(step(v), step(v) + 3)})`;
      return node;
    };
    if (this.shown === "answers")
      legend.replaceChildren(...Array.from({ length: votes.most }, (_, i) => {
        const key = make("span", "key");
        key.append(chip(i + 1), String(i + 1));
        return key;
      }));
    else {
      const ramp = Object.assign(make("canvas"), { width: 256, height: 1 }), strip = new ImageData(256, 1);
      for (let i = 0; i < 256; i++) strip.data.set([...this.viridis.slice(3 * i, 3 * i + 3), 255], 4 * i);
      context(ramp).putImageData(strip, 0, 0);
      legend.replaceChildren("0", ramp, `${votes.bits.toFixed(2)} bits`);
    }
    return figure;
  }

  fade() {
    for (const canvas of this.root.querySelectorAll(".side .fill, figure:not(.differ) .fill")) canvas.style.opacity = this.opacity / 100;
    for (const canvas of this.root.querySelectorAll(".edge")) canvas.style.opacity = this.opacity ? 0.9 : 0;
  }
}
