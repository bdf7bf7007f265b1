// One picture under five questions. All answers came with it: choosing a question and pointing send nothing.

import { bytes, grey } from "./bytes.js";
import { note } from "./in_address.js";
import { drawEdge } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill, make } from "./text.js";
import { turn } from "./turns.js";

/**
 * What five_tasks.py sends.
 * @typedef {{
 *   photo: string,
 *   credit: string,
 *   size: number[],
 *   ids: string,
 *   objects: string,
 *   boxes: number[][],
 *   kinds: number[],
 *   labels: number[],
 *   names: string[],
 *   colours: string,
 *   palette: string,
 *   counts: Record<string, string>,
 *   begin: { task: string, resets: number },
 *   text: { label: string, stage: string, alt: string, titles: Record<string, string>, says: Record<string, string>,
 *     answers: Record<string, string>, hint: string, whole: string, inBoxes: string, noBox: string, pixel: string,
 *     object: string, noObject: string, numbered: string, void: string },
 * }} Data
 */

const VOID = 255, USUAL = "semantic", STEP = 12; // pixels that an arrow key moves

class FiveTasks {
  /** @type {Data} */ data;
  /** @type {Uint8Array} class of each pixel */ ids;
  /** @type {Uint8Array} object of each pixel */ objects;
  /** @type {HTMLElement} around the pixel that is pointed at */ mark;

  constructor(parent) {
    this.root = parent.querySelector(".tasks-of-vision");
    this.$ = (selector) => this.root.querySelector(selector);
    this.at = null; // the pixel that is pointed at
    const photo = this.$(".photo");
    const point = (event) => {
      const [x, y] = placeOf(event, photo), [width, height] = this.data.size;
      this.point(x * width, y * height);
    };
    photo.addEventListener("pointermove", point);
    photo.addEventListener("pointerdown", point);
    photo.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      const [x, y] = this.at ?? this.data.size.map((side) => side / 2);
      this.point(x + STEP * step[0], y + STEP * step[1]);
    });
    const choice = this.$(".choice");
    choice.addEventListener("click", (event) => event.target.dataset.task && this.choose(event.target.dataset.task));
    choice.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      const names = Object.keys(this.data.text.titles), by = step[0] + step[1];
      this.choose(names[(names.indexOf(this.task) + by + names.length) % names.length]);
      choice.querySelector('[tabindex="0"]').focus();
    });
  }

  /**
   * @param {Data} data
   */
  async show(data) {
    const { text } = (this.data = data);
    const anew = this.resets !== data.begin.resets;
    this.resets = data.begin.resets;
    if (anew) this.task = data.begin.task;
    const image = this.$("img");
    if (image.src !== data.photo) image.src = data.photo;
    image.alt = text.alt;
    image.style.aspectRatio = `${data.size[0]} / ${data.size[1]}`;
    this.$(".choice").setAttribute("aria-label", text.label);
    this.$(".photo").setAttribute("aria-label", text.stage);
    this.buttons();
    const wanted = turn(this);
    const [ids, objects] = await Promise.all([grey(data.ids), grey(data.objects)]);
    if (!wanted()) return;
    Object.assign(this, { ids: ids.values, objects: objects.values });
    this.draw();
  }

  buttons() {
    const { titles } = this.data.text, box = this.$(".choice");
    if (!box.children.length)
      for (const task of Object.keys(titles)) make("button", "", box, { type: "button" }).dataset.task = task;
    for (const button of box.children) {
      const here = button.dataset.task === this.task;
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", here);
      button.tabIndex = here ? 0 : -1;
      button.textContent = titles[button.dataset.task];
    }
  }

  choose(task) {
    this.task = task;
    this.buttons();
    this.draw();
    note("task", task, USUAL);
  }

  // What an object is called: its class and its number.
  called(number) {
    const { kinds, names, text } = this.data;
    return fill(text.numbered, { name: names[kinds[number - 1]], number });
  }

  draw() {
    const { data, task } = this, { text, names, size, boxes } = data;
    const list = data.labels.map((id) => names[id]).join(", ");
    this.$(".says").textContent = text.says[task];
    this.$(".answers").textContent = fill(text.answers[task], { count: data.counts[task], names: list });
    this.paint();
    const over = this.$(".over"), share = (v, axis) => `${(100 * v) / size[axis]}%`;
    over.replaceChildren();
    if (task === "classification") make("b", "all", over, { textContent: list });
    if (task === "detection")
      boxes.forEach(([left, top, right, bottom], i) => {
        const frame = make("i", "", over);
        Object.assign(frame.style, { left: share(left, 0), top: share(top, 1), width: share(right - left, 0), height: share(bottom - top, 1) });
        make("b", "", frame, { textContent: this.called(i + 1) });
      });
    if (task === "semantic") this.name(names[data.labels[0]], (i) => this.ids[i] === data.labels[0], over, share);
    if (task === "instance" || task === "panoptic")
      data.kinds.forEach((_, i) => this.name(this.called(i + 1), (at) => this.objects[at] === i + 1, over, share));
    if (task === "panoptic") {
      const ground = make("b", "", over, { textContent: names[0] });
      Object.assign(ground.style, { left: "50%", top: "92%" });
    }
    this.mark = make("u", "", over);
    this.point(...(this.at ?? [-1, -1]));
  }

  // A name in the middle of the pixels that it belongs to.
  name(words, inside, over, share) {
    const [width] = this.data.size;
    let count = 0, x = 0, y = 0;
    this.ids.forEach((_, i) => {
      if (!inside(i)) return;
      count += 1;
      x += i % width;
      y += Math.floor(i / width);
    });
    const label = make("b", "", over, { textContent: words });
    Object.assign(label.style, { left: share(x / count, 0), top: share(y / count, 1) });
  }

  // The mask of the task over the photo: a colour for each class, or for each object.
  paint() {
    const { data, task, ids, objects } = this, [width, height] = data.size;
    const canvas = Object.assign(this.$("canvas"), { width, height });
    if (task === "classification" || task === "detection") return;
    const classes = bytes(data.colours), palette = bytes(data.palette), single = task !== "semantic";
    const pixels = new ImageData(width, height), lines = new Uint32Array(width * height);
    const values = single ? objects : ids;
    values.forEach((value, i) => {
      if (value === VOID) return;
      const ground = single ? value === 0 : ids[i] === 0;
      if (ground && task !== "panoptic") return;
      const colours = single && !ground ? palette : classes, at = 3 * (single && !ground ? value - 1 : ids[i]);
      pixels.data.set([colours[at], colours[at + 1], colours[at + 2], ground ? 110 : 150], 4 * i);
    });
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (x + 1 < width) drawEdge(lines, values, i, i + 1);
        if (y + 1 < height) drawEdge(lines, values, i, i + width);
      }
    const words = new Uint32Array(pixels.data.buffer);
    lines.forEach((line, i) => line && (words[i] = line));
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  }

  // What the task says of a pixel.
  point(x, y) {
    const { data, task } = this, { text, names, size, boxes } = data, line = this.$(".here");
    if (!this.ids) return;
    this.mark.hidden = x < 0;
    if (x < 0) return void (line.textContent = text.hint);
    this.at = [clamp(Math.floor(x), 0, size[0] - 1), clamp(Math.floor(y), 0, size[1] - 1)];
    const [column, row] = this.at, i = row * size[0] + column;
    Object.assign(this.mark.style, { left: `${(100 * (column + 0.5)) / size[0]}%`, top: `${(100 * (row + 0.5)) / size[1]}%` });
    if (task === "classification") return void (line.textContent = fill(text.whole, { name: data.labels.map((id) => names[id]).join(", ") }));
    if (task === "detection") {
      const inside = boxes.flatMap(([left, top, right, bottom], n) => (column >= left && column < right && row >= top && row < bottom ? [this.called(n + 1)] : []));
      return void (line.textContent = inside.length ? fill(text.inBoxes, { objects: inside.join(", ") }) : text.noBox);
    }
    if (this.ids[i] === VOID) return void (line.textContent = text.void);
    if (task === "semantic") return void (line.textContent = fill(text.pixel, { name: names[this.ids[i]] }));
    if (this.objects[i]) return void (line.textContent = fill(text.object, { object: this.called(this.objects[i]) }));
    line.textContent = task === "panoptic" ? fill(text.pixel, { name: names[0] }) : text.noObject;
  }
}

export default mounted(FiveTasks);
