// One photo several times, each under a map of its own. Maps arrive as grey pictures and are decoded once; sliding,
// fading and pointing read and colour bytes that are here already.

import { bytes, context, grey } from "./bytes.js";
import { drawEdge } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf, share } from "./photo.js";
import { fill, make, three } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";

/**
 * What panes.py sends.
 * @typedef {{
 *   photos: string[],
 *   size: number[],
 *   panes: { title: string, note: string, photo: number[], layers: Layer[] }[],
 *   pin: number[],
 *   pins: boolean,
 *   box: number[],
 *   slider: string,
 *   at: number,
 *   opacity: number,
 *   names: string[],
 *   colours: string,
 *   heat: string,
 *   signed: string,
 *   text: Record<"tint" | "stage" | "plain" | "here" | "void" | "marked" | "unmarked" | "none", string>,
 * }} Data
 * @typedef {{ kind: string, image: string, label: string, note: string, place: number[], most: number }} Layer
 */

/**
 * RGBA of a layer's bytes.
 * @param {Layer} layer
 * @param {{ width: number, height: number, values: Uint8Array }} map
 * @param {{ colours: Uint8Array, heat: Uint8Array, signed: Uint8Array }} palettes
 * @returns {ImageData}
 */
export function coloured(layer, { width, height, values }, palettes) {
  const picture = new ImageData(width, height), { data } = picture;
  if (layer.kind === "marks") {
    values.forEach((value, i) => {
      const dark = ((i % width) + Math.floor(i / width)) & 4;
      if (value) data.set(dark ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * i);
    });
    return picture;
  }
  const ids = layer.kind === "ids", palette = ids ? palettes.colours : layer.kind === "heat" ? palettes.heat : palettes.signed;
  values.forEach((value, i) => data.set([palette[3 * value], palette[3 * value + 1], palette[3 * value + 2], ids && value === 0 ? 0 : 255], 4 * i));
  return picture;
}

// Middle of each class's largest row of pixels, for its name: [id, x, y] in pixels, where the class is large enough.
export function middles({ width, height, values }) {
  const sums = new Map();
  values.forEach((id, i) => {
    if (!id || id === 255) return;
    const sum = sums.get(id) ?? [0, 0, 0];
    sums.set(id, [sum[0] + 1, sum[1] + (i % width), sum[2] + Math.floor(i / width)]);
  });
  const found = [];
  for (const [id, [count, xs, ys]] of sums) {
    if (count * 200 < width * height) continue;
    const y0 = ys / count, x0 = xs / count;
    let best = Infinity, at = [0, 0];
    values.forEach((other, i) => {
      if (other !== id) return;
      const x = i % width, y = Math.floor(i / width), far = (x - x0) ** 2 + (y - y0) ** 2;
      if (far < best) [best, at] = [far, [x, y]];
    });
    found.push([id, at[0] + 0.5, at[1] + 0.5]);
  }
  return found;
}

class Panes {
  static asks = ["pin"];
  /** @type {import("./mount.js").Send} */ send;
  /** @type {number[] | null} */ pin;
  /** @type {number} */ at;
  /** @type {number} */ opacity;
  /** @type {{ colours: Uint8Array, heat: Uint8Array, signed: Uint8Array }} */ palettes;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".panes");
    this.$ = (selector) => this.root.querySelector(selector);
    this.maps = new Map(); // address -> decoded
    this.told = { pin: new Told(), at: new Told() };
    this.figures = [];
    this.listen();
  }

  gone() {
    clearTimeout(this.later);
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    this.send = send;
    const addresses = data.panes.flatMap((pane) => pane.layers.map((layer) => layer.image));
    const wanted = turn(this);
    const loaded = await Promise.all(addresses.map(async (a) => [a, this.maps.get(a) ?? (await grey(a))]));
    if (!wanted()) return; // newer data has come meanwhile
    this.maps = new Map(/** @type {any} */ (loaded));
    const first = !this.data;
    this.data = data;
    if (first) this.opacity = data.opacity;
    if (this.told.pin.news(data.pin)) this.pin = data.pin.length ? data.pin : null;
    if (this.told.at.news(data.at)) this.at = data.at;
    this.palettes = { colours: bytes(data.colours), heat: bytes(data.heat), signed: bytes(data.signed) };
    this.root.classList.toggle("pins", data.pins);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = data.text[node.dataset.text];
    this.build();
    this.slide();
  }

  build() {
    const { data } = this, [width, height] = data.size, row = this.$(".row");
    this.figures = data.panes.map((pane) => {
      const figure = make("figure"), caption = make("figcaption", "", figure);
      make("b", "", caption, { textContent: pane.title });
      const value = make("span", "value", caption), stage = make("div", "stage", figure, { tabIndex: 0 });
      stage.setAttribute("role", "group");
      stage.setAttribute("aria-label", fill(data.pins ? data.text.stage : data.text.plain, { title: pane.title }));
      stage.style.aspectRatio = `${width} / ${height}`;
      const photo = make("img", "", stage, { alt: pane.title, draggable: false }), canvas = make("canvas", "", stage);
      const names = make("div", "names", stage);
      if (data.box.length) {
        const [left, top, right, bottom] = data.box;
        Object.assign(make("i", "box", stage).style, { left: share(left, 1), top: share(top, 1), width: share(right - left, 1), height: share(bottom - top, 1) });
      }
      const look = make("i", "look", stage, { hidden: true }), cross = make("i", "cross", stage);
      const legend = make("div", "legend", figure), note = make("p", "note", figure);
      return { pane, figure, value, stage, photo, canvas, names, look, cross, legend, note };
    });
    const focused = [...row.children].findIndex((node) => node.querySelector(".stage:focus"));
    row.replaceChildren(...this.figures.map((each) => each.figure));
    if (focused >= 0) this.figures[focused]?.stage.focus();
    const most = Math.max(1, ...data.panes.map((pane) => pane.layers.length)), slide = this.$(".slide");
    slide.hidden = !data.slider || most < 2;
    this.$(".slide .name").textContent = data.slider;
    this.$(".slide input").max = String(most - 1);
    this.$(".tint input").value = String(this.opacity);
  }

  layer(pane) {
    return pane.layers[Math.min(this.at, pane.layers.length - 1)];
  }

  // Draw the layer at the slider's place in every pane.
  slide() {
    const { data } = this, longest = data.panes.reduce((a, b) => (b.layers.length > a.layers.length ? b : a));
    this.at = clamp(this.at, 0, Math.max(longest.layers.length - 1, 0));
    const label = this.layer(longest)?.label ?? "";
    const input = this.$(".slide input");
    input.value = String(this.at);
    input.setAttribute("aria-valuetext", label);
    this.$(".slide output").textContent = label;
    for (const each of this.figures) {
      const { pane, canvas, photo, names, legend, note } = each, layer = this.layer(pane);
      const address = data.photos[pane.photo[Math.min(this.at, pane.photo.length - 1)]];
      if (photo.getAttribute("src") !== address) photo.src = address;
      note.textContent = [pane.note, layer?.note].filter(Boolean).join(" ");
      names.replaceChildren();
      legend.replaceChildren();
      canvas.hidden = !layer;
      if (!layer) continue;
      const map = this.maps.get(layer.image), picture = coloured(layer, map, this.palettes);
      if (layer.kind === "ids") this.outline(picture, map);
      Object.assign(canvas, { width: map.width, height: map.height });
      canvas.getContext("2d").putImageData(picture, 0, 0);
      const [left, top, wide, high] = layer.place;
      Object.assign(canvas.style, { left: share(left, 1), top: share(top, 1), width: share(wide, 1), height: share(high, 1) });
      const warm = layer.kind === "heat" || layer.kind === "signed";
      canvas.classList.toggle("cells", warm);
      photo.classList.toggle("grey", warm);
      if (layer.kind === "ids") {
        for (const [id, x, y] of middles(map)) {
          const name = make("span", "", names, { textContent: data.names[id] });
          Object.assign(name.style, { left: share(x, map.width), top: share(y, map.height) });
        }
      }
      if (warm) this.scale(layer, legend);
    }
    this.fade();
    this.read(null);
  }

  outline(picture, { width, height, values }) {
    const lines = new Uint32Array(width * height), words = new Uint32Array(picture.data.buffer);
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (x + 1 < width) drawEdge(lines, values, i, i + 1);
        if (y + 1 < height) drawEdge(lines, values, i, i + width);
      }
    lines.forEach((line, i) => line && (words[i] = line));
  }

  scale(layer, legend) {
    if (!layer.most) return legend.append(this.data.text.none);
    const bar = Object.assign(make("canvas"), { width: 256, height: 1 }), palette = this.palettes[layer.kind];
    const picture = new ImageData(256, 1);
    for (let i = 0; i < 256; i++) picture.data.set([palette[3 * i], palette[3 * i + 1], palette[3 * i + 2], 255], 4 * i);
    context(bar).putImageData(picture, 0, 0);
    legend.append(layer.kind === "signed" ? three(-layer.most) : "0", bar, three(layer.most));
  }

  fade() {
    for (const { canvas, pane } of this.figures) {
      const layer = this.layer(pane), part = this.opacity / 100;
      canvas.style.opacity = layer?.kind === "ids" ? String(0.75 * part) : String(part);
    }
  }

  /** What the layers say at `at` ([x, y] from 0 to 1), or at the pinned pixel. */
  read(at) {
    const { data } = this, [width, height] = data.size, pin = this.pin?.map((v) => (v + 0.5) / 1000);
    const place = at ?? pin;
    for (const { look, cross, value, pane } of this.figures) {
      cross.hidden = !pin;
      if (pin) Object.assign(cross.style, { left: share(pin[0], 1), top: share(pin[1], 1) });
      look.hidden = !at;
      if (at) Object.assign(look.style, { left: share(at[0], 1), top: share(at[1], 1) });
      value.textContent = place ? this.says(this.layer(pane), place) : "";
    }
    this.$(".here").textContent = place ? fill(data.text.here, { x: Math.floor(place[0] * width), y: Math.floor(place[1] * height) }) : "";
  }

  says(layer, [x, y]) {
    if (!layer) return "";
    const { text, names } = this.data, map = this.maps.get(layer.image), [left, top, wide, high] = layer.place;
    const column = clamp(Math.floor(((x - left) / wide) * map.width), 0, map.width - 1), row = clamp(Math.floor(((y - top) / high) * map.height), 0, map.height - 1);
    const value = map.values[row * map.width + column];
    if (layer.kind === "marks") return value ? text.marked : text.unmarked;
    if (layer.kind === "ids") return value === 255 ? text.void : names[value];
    return three(layer.kind === "heat" ? (value / 255) * layer.most : (value / 127.5 - 1) * layer.most);
  }

  // ------------------------------------------------------------------------------------------------- events

  settle(x, y) {
    this.pin = [x, y].map((v) => clamp(Math.floor(1000 * v), 0, 999));
    this.cursor = null;
    this.read(null);
    if (this.told.pin.tell(this.pin)) this.send("pin", this.pin);
  }

  listen() {
    const row = this.$(".row");
    row.addEventListener("pointermove", (event) => {
      const stage = event.target.closest(".stage");
      this.read(stage ? placeOf(event, stage).map((v) => clamp(v, 0, 0.999)) : null);
    });
    row.addEventListener("pointerleave", () => this.data && this.read(null));
    row.addEventListener("click", (event) => {
      const stage = event.target.closest(".stage");
      if (!stage || !this.data?.pins) return;
      const [x, y] = placeOf(event, stage);
      this.settle(x, y);
    });
    row.addEventListener("keydown", (event) => {
      if (!event.target.closest(".stage")) return;
      const step = arrow(event);
      if (event.key === "Enter" && this.cursor && this.data.pins) return this.settle(this.cursor[0], this.cursor[1]);
      if (event.key === "Escape") {
        this.cursor = null;
        return this.read(null);
      }
      if (!step) return;
      event.preventDefault();
      const from = this.cursor ?? this.pin?.map((v) => (v + 0.5) / 1000) ?? [0.5, 0.5], unit = event.shiftKey ? 0.002 : 0.02;
      this.cursor = from.map((v, i) => clamp(v + step[i] * unit, 0, 0.999));
      this.read(this.cursor);
    });
    this.$(".slide input").addEventListener("input", (event) => {
      this.at = Number(event.target.value);
      this.slide();
      clearTimeout(this.later);
      this.later = setTimeout(() => this.told.at.tell(this.at) && this.send("at", this.at), 400); // a drag tells once
    });
    this.$(".tint input").addEventListener("input", (event) => {
      this.opacity = Number(event.target.value);
      this.fade();
    });
  }
}

export default mounted(Panes);
