// A row of a weight matrix becomes a kernel: cut into channels, folded into squares, stacked. Every square on the canvas
// is one weight, and it keeps its colour all the way, because nothing about it changes except where it stands.

import { bytes } from "./bytes.js";
import { ease, still } from "./motion.js";
import { mounted } from "./mount.js";
import { placeOf } from "./photo.js";
import { fill } from "./text.js";

/**
 * What fold.py sends.
 * @typedef {{
 *   values: string,
 *   extent: number,
 *   channels: number,
 *   size: number,
 *   palette: string,
 *   numbers: { layer: string, row: number, count: string, channels: number, size: number, area: number },
 *   text: { label: string, first: string, back: string, play: string, pause: string, forward: string,
 *     last: string, scrub: string, hoverHint: string, hover: string, stages: string[] },
 * }} Data
 */

const WIDTH = 960; // the canvas's own units
const HEIGHT = 420;
const LAST = 3; // stages 0 to 3

// Where value i stands at each stage: [x, y, side] of its square. Stages: row, pieces, tiles, stack.
export function layouts(channels, size) {
  const area = size * size;
  const count = channels * area;
  const fit = (columns, rows) => Math.min((WIDTH - 40) / columns, (HEIGHT - 40) / rows);

  let line = { cell: 0 };
  for (let length = 1; length <= count; length++) {
    const lines = Math.ceil(count / length);
    const cell = fit(length, lines * 1.9);
    if (cell > line.cell) line = { cell, length, lines };
  }
  const { cell: a, length: lineLength, lines } = line;
  const left = (WIDTH - lineLength * a) / 2;
  const topA = (HEIGHT - lines * 1.9 * a) / 2;
  const row = (i) => [left + (i % lineLength) * a, topA + Math.floor(i / lineLength) * 1.9 * a, a * 0.94];

  let best = { cell: 0 };
  for (let columns = 1; columns <= channels; columns++) {
    const rows = Math.ceil(channels / columns);
    const cell = fit(columns * (area + 1.2), rows * 1.7);
    if (cell > best.cell) best = { cell, columns, rows };
  }
  const b = best;
  const leftB = (WIDTH - b.columns * (area + 1.2) * b.cell) / 2;
  const topB = (HEIGHT - b.rows * 1.7 * b.cell) / 2;
  const pieces = (i) => {
    const channel = Math.floor(i / area);
    const x = (channel % b.columns) * (area + 1.2) + (i % area);
    return [leftB + x * b.cell, topB + Math.floor(channel / b.columns) * 1.7 * b.cell, b.cell * 0.94];
  };

  let tile = { cell: 0 };
  for (let columns = 1; columns <= channels; columns++) {
    const rows = Math.ceil(channels / columns);
    const cell = fit(columns * (size + 0.8), rows * (size + 0.8));
    if (cell > tile.cell) tile = { cell, columns, rows };
  }
  const c = tile;
  const leftC = (WIDTH - c.columns * (size + 0.8) * c.cell) / 2;
  const topC = (HEIGHT - c.rows * (size + 0.8) * c.cell) / 2;
  const tiles = (i) => {
    const channel = Math.floor(i / area);
    const within = i % area;
    const x = (channel % c.columns) * (size + 0.8) + (within % size);
    const y = Math.floor(channel / c.columns) * (size + 0.8) + Math.floor(within / size);
    return [leftC + x * c.cell, topC + y * c.cell, c.cell * 0.94];
  };

  // Channel 0 lies in front, at the lower left; the others recede to the upper right.
  const face = Math.min(170, size * 28);
  const d = face / size;
  const depthX = (WIDTH - 240 - face) / channels;
  const depthY = (HEIGHT - 80 - face) / channels;
  const stack = (i) => {
    const channel = Math.floor(i / area);
    const within = i % area;
    return [
      120 + channel * depthX + (within % size) * d,
      HEIGHT - 40 - face - channel * depthY + Math.floor(within / size) * d,
      d * 0.94,
    ];
  };
  return [row, pieces, tiles, stack].map((place) => Float32Array.from({ length: count * 3 }, (_, k) => place(Math.floor(k / 3))[k % 3]));
}

class View {
  /** @type {Int16Array} */ weights;
  /** @type {Uint8Array} */ lut;
  /** @type {Float32Array[]} */ places;
  /** @type {any} */ shape;
  /** @type {string[]} */ colours;
  /** @type {Float32Array} */ drawn;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".fold");
    this.canvas = this.root.querySelector("canvas");
    this.caption = this.root.querySelector(".caption");
    this.hover = this.root.querySelector(".hover");
    this.scrub = this.root.querySelector("input");
    this.at = 0;
    this.timer = 0;
    this.listen();
  }

  gone() {
    cancelAnimationFrame(this.timer);
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const same = this.data && this.data.values === data.values;
    this.data = data;
    this.weights = new Int16Array(bytes(data.values).buffer);
    this.lut = bytes(data.palette);
    this.root.setAttribute("aria-label", data.text.label);
    for (const node of this.root.querySelectorAll("[data-label]")) {
      node.setAttribute("aria-label", data.text[node.dataset.label]);
      if (node.tagName === "BUTTON") node.title = data.text[node.dataset.label];
    }
    const shape = `${data.channels}/${data.size}`;
    if (this.shape !== shape) this.places = layouts(data.channels, data.size);
    this.shape = shape;
    const colours = Array.from({ length: 256 }, (_, i) => `rgb(${this.lut.slice(3 * i, 3 * i + 3)})`);
    this.colours = Array.from(this.weights, (w) => colours[Math.round((w / 32767 + 1) * 127.5)]);
    this.drawLegend(colours);
    if (!same) this.hover.textContent = data.text.hoverHint;
    this.playing(Boolean(this.timer));
    this.jump(this.at);
  }

  drawLegend(colours) {
    const pen = this.root.querySelector(".legend canvas").getContext("2d");
    colours.forEach((colour, i) => {
      pen.fillStyle = colour;
      pen.fillRect(i, 0, 1, 1);
    });
    this.root.querySelector(".low").textContent = "−" + this.data.extent.toPrecision(2);
    this.root.querySelector(".high").textContent = "+" + this.data.extent.toPrecision(2);
  }

  // Draw the state between two stages; `at` runs from 0 to 3.
  jump(at) {
    this.at = Math.min(LAST, Math.max(0, at));
    this.scrub.value = this.at;
    const stage = Math.round(this.at);
    const text = fill(this.data.text.stages[stage], this.data.numbers);
    if (this.caption.textContent !== text) this.caption.textContent = text;
    this.scrub.setAttribute("aria-valuetext", text);
    this.canvas.setAttribute("aria-label", text);
    this.draw();
  }

  draw() {
    const scale = Math.min(2, window.devicePixelRatio || 1);
    this.canvas.width = WIDTH * scale;
    this.canvas.height = HEIGHT * scale;
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const from = this.places[Math.min(LAST - 1, Math.floor(this.at))];
    const to = this.places[Math.min(LAST, Math.floor(this.at) + 1)];
    const t = ease(Math.min(1, this.at - Math.min(LAST - 1, Math.floor(this.at))));
    const count = this.weights.length;
    this.drawn = new Float32Array(count * 3);
    for (let k = 0; k < count * 3; k++) this.drawn[k] = from[k] + (to[k] - from[k]) * t;
    for (let i = count - 1; i >= 0; i--) { // from the back to the front
      pen.fillStyle = this.colours[i];
      pen.fillRect(this.drawn[3 * i], this.drawn[3 * i + 1], this.drawn[3 * i + 2], this.drawn[3 * i + 2]);
    }
  }

  playing(on) {
    const button = this.root.querySelector('[data-act="play"]');
    button.querySelector("span").textContent = on ? this.data.text.pause : this.data.text.play;
    button.querySelector("path").setAttribute("d", on ? "M4 3h3v10H4zM9 3h3v10H9z" : "M4 3l9 5-9 5z");
    button.setAttribute("aria-label", on ? this.data.text.pause : this.data.text.play);
  }

  stop() {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
    this.playing(false);
  }

  // Move to `target` over time; at once for those who asked their system for less motion.
  glide(target, then = () => {}) {
    cancelAnimationFrame(this.timer);
    if (still()) {
      this.jump(target);
      this.timer = 0;
      return then();
    }
    const start = this.at;
    const duration = Math.abs(target - start) * 1600;
    let began = -1;
    const frame = (now) => {
      if (!this.root.isConnected) return;
      if (began < 0) began = now;
      const t = duration ? Math.min(1, (now - began) / duration) : 1;
      this.jump(start + (target - start) * t);
      if (t < 1) this.timer = requestAnimationFrame(frame);
      else {
        this.timer = 0;
        then();
      }
    };
    this.timer = requestAnimationFrame(frame);
  }

  act(name) {
    if (name === "play") {
      if (this.timer) return this.stop();
      if (this.at >= LAST) this.jump(0);
      this.glide(LAST, () => this.playing(false));
      return this.playing(Boolean(this.timer));
    }
    this.stop();
    if (name === "first") this.jump(0);
    if (name === "last") this.jump(LAST);
    if (name === "back") this.glide(Math.max(0, Math.ceil(this.at - 0.001) - 1));
    if (name === "forward") this.glide(Math.min(LAST, Math.floor(this.at + 0.001) + 1));
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button.dataset.act);
    });
    this.scrub.addEventListener("input", () => {
      this.stop();
      this.jump(Number(this.scrub.value));
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.target === this.scrub || event.ctrlKey || event.metaKey || event.altKey) return;
      const action = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" }[event.key];
      if (!action || (event.key === " " && event.target.tagName === "BUTTON")) return;
      event.preventDefault();
      this.act(action);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const [across, down] = placeOf(event, this.canvas), x = across * WIDTH, y = down * HEIGHT;
      const { channels, size, extent, text } = this.data;
      for (let i = 0; i < channels * size * size; i++) {
        const side = this.drawn[3 * i + 2];
        const dx = x - this.drawn[3 * i];
        const dy = y - this.drawn[3 * i + 1];
        if (dx < 0 || dy < 0 || dx > side || dy > side) continue;
        this.hover.textContent = fill(text.hover, {
          index: i,
          channel: Math.floor(i / (size * size)),
          row: Math.floor((i % (size * size)) / size),
          column: i % size,
          weight: ((this.weights[i] / 32767) * extent).toFixed(5).replace("-", "−"),
        });
        return;
      }
    });
  }
}

export default mounted(View);
