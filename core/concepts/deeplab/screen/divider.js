// Two masks on either side of a divider. Dragging, the loupe and the band's width happen here alone.

import { bytes, grey } from "./bytes.js";
import { draw } from "./grid_board.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { decimal, fill } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What divider.py sends.
 * @typedef {{
 *   photo: string,
 *   size: number[],
 *   colours: string,
 *   names: string[],
 *   at: number[],
 *   detail: number,
 *   shown: string[],
 *   reference: string,
 *   distance: string,
 *   versions: { code: string, title: string, mask: string, yardstick: boolean, scores: (number | null)[] }[],
 *   text: Record<"stage" | "split" | "left" | "right" | "opacity" | "band" | "whole" | "chart" | "axis" | "score" |
 *     "none" | "loupe" | "yardstick", string>,
 * }} Data
 */

const SIDES = ["left", "right"];

class Divider {
  /** @type {any} */ at; // centre of the loupe, in pixels of the photo
  /** @type {import("./mount.js").Send} */ send;
  /** @type {string[]} */ shown;
  /** @type {any} */ masks;
  /** @type {any} */ painted;
  /** @type {any} */ bandMap;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".divider");
    this.$ = (selector) => this.root.querySelector(selector);
    this.split = 0.5;
    this.told = new Told();
    this.listen();
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    this.send = send;
    const before = this.data;
    this.data = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    this.$(".stage").setAttribute("aria-label", `${data.text.stage}. ${data.text.loupe}`);
    this.$(".chart").setAttribute("aria-label", data.text.chart);
    this.$(".reference").textContent = data.reference;
    for (const side of SIDES) {
      const select = this.$(`select.${side}`);
      select.replaceChildren(...data.versions.map(({ code, title }) => new Option(title, code)));
    }
    if (this.told.news(data.shown)) this.shown = [...data.shown];
    for (const [i, side] of SIDES.entries()) this.$(`select.${side}`).value = this.shown[i];
    const image = this.$(".stage img"), stage = this.$(".stage");
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.style.aspectRatio = data.size.join(" / ");
    stage.style.maxWidth = `${(36 * data.size[0]) / data.size[1]}rem`;
    if (before?.photo !== data.photo) this.at = null;
    const colours = bytes(data.colours);
    const same = before && before.photo === data.photo && before.versions.every((v, i) => v.mask === data.versions[i]?.mask);
    this.masks = same ? this.masks : data.versions.map(() => new OffscreenCanvas(1, 1));
    this.painted = same ? this.painted : Promise.all(data.versions.map(({ mask }, i) => drawMask(this.masks[i], mask, colours, 255, true)));
    this.bandMap = before?.distance === data.distance ? this.bandMap : grey(data.distance).then(({ values }) => values);
    const wanted = turn(this), shown = image.decode().catch(() => {}); // it fails where another photo took its place
    await Promise.all([this.painted, shown]);
    if (!wanted()) return;
    this.at ??= data.at;
    this.draw();
  }

  index(side) {
    return Math.max(0, this.data.versions.findIndex(({ code }) => code === this.shown[SIDES.indexOf(side)]));
  }

  draw() {
    for (const side of SIDES) {
      const from = this.masks[this.index(side)], canvas = this.$(`.stage canvas.${side}`);
      Object.assign(canvas, { width: from.width, height: from.height });
      canvas.getContext("2d").drawImage(from, 0, 0);
    }
    this.slide();
    this.look();
    this.band();
  }

  slide() {
    const share = `${100 * this.split}%`;
    this.$(".stage canvas.left").style.clipPath = `inset(0 ${100 - 100 * this.split}% 0 0)`;
    this.$(".stage canvas.right").style.clipPath = `inset(0 0 0 ${share})`;
    this.$(".bar").style.left = share;
    this.$("input.split").value = Math.round(1000 * this.split);
    this.$("input.split").setAttribute("aria-valuetext", `${Math.round(100 * this.split)}%`);
    const opacity = Number(this.$("input.opacity").value) / 100;
    for (const canvas of this.root.querySelectorAll(".stage canvas.mask")) canvas.style.opacity = opacity;
  }

  look() {
    const { size, versions, detail } = this.data, image = this.$(".stage img");
    const corner = this.at.map((v, i) => clamp(Math.round(v - detail / 2), 0, Math.max(0, size[i] - detail)));
    Object.assign(this.$(".frame").style, {
      left: `${(100 * corner[0]) / size[0]}%`, top: `${(100 * corner[1]) / size[1]}%`,
      width: `${(100 * detail) / size[0]}%`, height: `${(100 * detail) / size[1]}%`,
    });
    for (const side of SIDES) {
      const canvas = this.$(`.glass.${side}`), index = this.index(side);
      Object.assign(canvas, { width: detail, height: detail });
      const context = canvas.getContext("2d"), [sx, sy] = [image.naturalWidth / size[0], image.naturalHeight / size[1]];
      context.drawImage(image, corner[0] * sx, corner[1] * sy, detail * sx, detail * sy, 0, 0, detail, detail);
      context.globalAlpha = Number(this.$("input.opacity").value) / 100;
      context.drawImage(this.masks[index], ...corner, detail, detail, 0, 0, detail, detail);
      canvas.nextElementSibling.textContent = versions[index].title;
    }
  }

  async band() {
    const { size, versions, text } = this.data, width = Number(this.$("input.width").value);
    this.$("output.width").textContent = width || text.whole;
    this.$("input.width").setAttribute("aria-valuetext", width ? `${width} px` : text.whole);
    const canvas = this.$("canvas.band"), wanted = turn(canvas), distance = await this.bandMap;
    if (!wanted()) return;
    if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    const context = canvas.getContext("2d"), image = context.createImageData(...size);
    if (width) for (let i = 0; i < distance.length; i++) image.data[4 * i + 3] = distance[i] <= width ? 0 : 175;
    context.putImageData(image, 0, 0);
    const at = width || 1, lines = SIDES.map((side) => {
      const { title, scores, yardstick } = versions[this.index(side)];
      const found = scores[at - 1], score = found === null ? null : `${decimal(Math.round(1000 * found), 10, 1)}%`;
      return score && Object.assign(document.createElement("span"), { className: side, textContent: fill(yardstick ? text.yardstick : text.score, { title, score, width: at }) });
    });
    if (lines.every(Boolean)) this.$(".scores").replaceChildren(...lines);
    else this.$(".scores").textContent = text.none;
    this.chart(at);
  }

  chart(at) {
    const svg = this.$(".chart"), { versions, text } = this.data;
    const all = versions.flatMap(({ scores }) => scores).filter((score) => score !== null);
    svg.replaceChildren();
    if (!all.length) return;
    const low = Math.min(0.9, Math.floor(10 * Math.min(...all)) / 10), count = versions[0].scores.length;
    const x = (width) => 40 + ((width - 1) / (count - 1)) * 305, y = (score) => 10 + ((1 - score) / (1 - low)) * 112;
    for (const score of [low, (1 + low) / 2, 1]) {
      draw("line", { class: "axis", x1: 40, x2: 345, y1: y(score), y2: y(score) }, svg);
      draw("text", { x: 35, y: y(score) + 4, "text-anchor": "end" }, svg, `${Math.round(100 * score)}%`);
    }
    svg.nextElementSibling.textContent = `${text.chart}. ${fill(text.axis, { low: Math.round(100 * low) })}`;
    for (const width of [1, 5, 10, 15, 20]) draw("text", { x: x(width), y: 140, "text-anchor": "middle" }, svg, width);
    draw("line", { class: "now", x1: x(at), x2: x(at), y1: 10, y2: 122 }, svg);
    versions.forEach(({ scores, yardstick }, i) => {
      const side = SIDES.find((name) => this.index(name) === i); // what is on neither side is not drawn
      if (side && !yardstick && !scores.includes(null)) draw("polyline", { class: side, points: scores.map((score, n) => `${x(n + 1)},${y(score)}`).join(" ") }, svg);
    });
  }

  listen() {
    const stage = this.$(".stage");
    const follow = (event, drag) => {
      const share = placeOf(event, stage).map((v) => clamp(v, 0, 1));
      if (!this.data || !this.at) return;
      this.at = share.map((v, i) => v * this.data.size[i]);
      if (drag) {
        this.split = share[0];
        this.slide();
      }
      this.look();
    };
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      follow(event, true);
    });
    stage.addEventListener("pointermove", (event) => follow(event, event.buttons > 0));
    stage.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step || !this.at) return;
      event.preventDefault();
      this.at = this.at.map((v, i) => clamp(v + 4 * step[i], 0, this.data.size[i]));
      this.look();
    });
    this.$("input.split").addEventListener("input", (event) => {
      this.split = Number(event.target.value) / 1000;
      this.slide();
    });
    this.$("input.width").addEventListener("input", () => this.band());
    this.$("input.opacity").addEventListener("input", () => {
      this.slide();
      this.look();
    });
    for (const side of SIDES)
      this.$(`select.${side}`).addEventListener("change", (event) => {
        this.shown[SIDES.indexOf(side)] = event.target.value;
        this.draw();
        this.told.tell(this.shown);
        this.send("shown", [...this.shown]);
      });
  }
}

export default mounted(Divider);
