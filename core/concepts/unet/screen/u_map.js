// A U-Net as its paper draws it, each box the live activation; a fader on every skip connection. Pointing, pinning,
// opening boxes and sorting happen here; a moved fader asks the server for a new path up.

import { bytes } from "./bytes.js";
import { ChannelBrowser, FeatureStage } from "./channel_browser.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf, share } from "./photo.js";
import { fill, make, three } from "./text.js";
import { Told } from "./told.js";
import { turn } from "./turns.js";
import { Skips } from "./u_skips.js";

/**
 * What u_map.py sends.
 * @typedef {{
 *   view: "cut" | "depths",
 *   subject: string,
 *   layout: string,
 *   photo: { address: string, width: number, height: number },
 *   place: number[],
 *   mask: string,
 *   colours: string,
 *   opacities: string | null,
 *   named: string[],
 *   score: number[] | null,
 *   milliseconds: number,
 *   stages: import("./channel_browser.js").StageData[],
 *   fields: Record<string, number[][][]>,
 *   gains: number[],
 *   worth: number[][] | null,
 *   box: string,
 *   pin: number[] | null,
 *   magnitude: string,
 *   signed: string,
 *   text: Record<string, any>,
 * }} Data
 */

const SETTLED = 250; // ms after the last arrow key until the pin counts as settled: a held key tells it once

class UMap extends Skips {
  static asks = ["gains", "effect"];
  /** @type {any} */ open_;
  /** @type {Map<any, any>} */ boxes;
  /** @type {any} */ shown;
  /** @type {number} */ x;
  /** @type {number} */ y;
  /** @type {number} */ settling;
  /** @type {{ magnitude: Uint8Array, signed: Uint8Array }} */ palettes;

  constructor(parent) {
    super();
    this.root = parent.querySelector(".u");
    this.$ = (selector) => this.root.querySelector(selector);
    this.stages = new Map();
    this.told = { gains: new Told(), pin: new Told(), box: new Told() };
    this.browser = new ChannelBrowser(this.$(".browser"), {
      channel: () => this.pin(this.x, this.y),
      wanted: (stage) => this.send("effect", stage.name),
      point: (event, element) => this.point(event, element),
    });
    const photo = this.$(".in .photo");
    photo.addEventListener("pointermove", (event) => !this.held && this.point(event, photo));
    photo.addEventListener("click", (event) => {
      this.held = false;
      this.point(event, photo);
      this.held = true;
      this.settle(0);
    });
    photo.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (event.key === "Escape") this.held = false;
      if (!steps) return;
      event.preventDefault();
      const stride = event.shiftKey ? 16 : 1;
      this.held = true;
      this.pin(this.x + stride * steps[0], this.y + stride * steps[1]);
      this.settle(SETTLED);
    });
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} trigger
   */
  show(data, trigger) {
    const before = /** @type {Skips} */ (this).data;
    this.trigger = trigger;
    this.data = data;
    this.root.dataset.view = data.view;
    this.whole = data.view === "depths";
    const { text, photo } = data;
    for (const image of this.root.querySelectorAll(".ends img")) if (image.src !== photo.address) image.src = photo.address;
    this.$(".in img").alt = text.photoAlt;
    this.$(".in .photo").setAttribute("aria-label", text.photoLabel);
    this.$(".in figcaption").textContent = text.photoNote;
    this.$(".out figcaption").textContent = data.named.join(", ") || text.nothing;
    this.palettes ??= { magnitude: bytes(data.magnitude), signed: bytes(data.signed) };
    this.browser.texts(text, this.palettes, photo);
    for (const described of data.stages) {
      const old = this.stages.get(described.name);
      if (old?.address === described.address) Object.assign(old, { orders: described.orders });
      else {
        const fresh = new FeatureStage(described);
        if (old && before.subject === data.subject) fresh.channel = old.channel;
        this.stages.set(described.name, fresh);
      }
    }
    if (!before || before.subject !== data.subject) {
      this.guessed = null;
      for (const told of Object.values(this.told)) told.forget();
    }
    if (this.told.pin.news(data.pin)) {
      clearTimeout(this.settling);
      this.held = data.pin !== null;
      [this.x, this.y] = data.pin ? data.pin.map((v) => v + 0.5) : [photo.width / 2, photo.height * 0.45];
    }
    if (this.told.gains.news(data.gains)) {
      clearTimeout(this.later);
      this.gains = [...data.gains];
    }
    if (this.told.box.news(data.box)) this.open_ = data.box;
    this.build(!before || before.layout !== data.layout);
    this.drawAnswer();
    this.drawGuess();
    this.open(this.open_, false);
    this.pin(this.x, this.y);
  }

  // With the channel that is chosen of each stage; where the U is out of sight, its maps stay out too.
  asShown() {
    const { data } = this, place = data.stages.map((stage) => ({ ...stage, ...(this.whole ? { channel: this.stages.get(stage.name).channel } : { address: "" }) }));
    return { ...data, stages: place };
  }

  // ------------------------------------------------------------------------------------------------- the figure

  build(anew) {
    const { text } = this.data, depth = 4;
    if (anew) {
      this.boxes = new Map();
      this.skips = [];
      this.$(".rows").replaceChildren(
        ...Array.from({ length: depth + 1 }, (_, level) => {
          const rows = [];
          if (level) {
            const between = make("div", "between", null, { ariaHidden: "true" });
            between.style.setProperty("--depth", String(level - 0.5));
            for (const side of ["pool", "up"]) make("span", "", between).dataset.step = side;
            rows.push(between);
          }
          const row = make("div", level === depth ? "row last" : "row", null);
          row.style.setProperty("--depth", String(level));
          if (level === depth) row.append(this.box("bottom"));
          else row.append(this.box(`down${level + 1}`), this.skip(level), this.box(`up${level + 1}`));
          return [...rows, row];
        }).flat(),
      );
      const acts = this.$(".acts");
      acts.replaceChildren();
      for (const gain of [0, 100])
        make("button", "", acts, { type: "button" }).addEventListener("click", () => this.fade(this.gains.map(() => gain), true));
      if (!this.whole) this.$(".score").append(this.$(".rows"), this.$(".guess"));
    }
    for (const [i, name] of [text.allOff, text.allOn].entries()) this.$(".acts").children[i].textContent = name;
    for (const step of this.root.querySelectorAll("[data-step]")) step.textContent = text[step.dataset.step];
    for (const [name, box] of this.boxes) this.drawBox(name, box);
    this.drawFaders();
  }

  box(name) {
    const box = make("button", "box", null, { type: "button" });
    box.dataset.stage = name;
    box.dataset.part = name.startsWith("up") ? "up" : "down";
    make("span", "strip", box);
    make("span", "name", box);
    box.addEventListener("click", () => {
      this.open(name, true);
      this.send("box", name);
    });
    this.boxes.set(name, box);
    return box;
  }

  async drawBox(name, box) {
    if (!this.whole) return; // out of sight
    const { text } = this.data, stage = this.stages.get(name), [strip, label] = box.children;
    const values = { height: stage.height, width: stage.width, channels: stage.channels, parameters: stage.parameters.toLocaleString("en"), ms: stage.milliseconds };
    const said = [text.titles[name], fill(text.shape, values), fill(text.parameters, values), fill(text.time, values)];
    label.replaceChildren(...said.map((words, i) => make(i ? "span" : "b", "", null, { textContent: words })), make("em", "value", null));
    if (box.drawn === stage.address) return;
    const wanted = turn(box);
    const sheet = await stage.sheet("figure").catch(() => null);
    if (!wanted() || this.stages.get(name) !== stage) return;
    if (!sheet) return this.send("missing", this.data.subject);
    box.drawn = stage.address;
    const palette = this.palettes[stage.signed ? "signed" : "magnitude"];
    const thumbs = stage.figure.channels.map((channel, index) => {
      const thumb = make("span", "thumb", null);
      const canvas = make("canvas", "", thumb);
      sheet.draw(canvas, index, palette, stage.range(channel, false));
      canvas.dataset.channel = channel;
      make("i", "seen", thumb);
      make("i", "cross", thumb);
      return thumb;
    });
    strip.replaceChildren(...thumbs);
    this.pin(this.x, this.y);
  }

  open(name, scroll) {
    this.open_ = name;
    for (const [key, box] of this.boxes) box.setAttribute("aria-pressed", key === name);
    const { text } = this.data, stage = this.stages.get(name);
    const key = `${stage.address}${Object.keys(stage.orders)}${text.sort}`;
    if (this.whole && this.shown !== key) this.browser.show(stage, fill(text.opened, { title: text.titles[name], channels: stage.channels }));
    this.shown = key;
    if (scroll) this.$(".browser").scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    this.pin(this.x, this.y);
  }

  // ------------------------------------------------------------------------------------------------- the answer

  async drawAnswer() {
    const { data } = this, { text, mask, place, photo, score } = data, canvas = this.$(".mask");
    const [left, top, width, height] = place, at = { left: share(left, photo.width), top: share(top, photo.height), width: share(width, photo.width), height: share(height, photo.height) };
    Object.assign(canvas.style, at);
    Object.assign(this.$(".place").style, at);
    this.$(".place").hidden = width === photo.width && height === photo.height;
    // The answer's part of the photo, and nothing beside it.
    Object.assign(this.$(".crop").style, { left: share(-left, width), top: share(-top, height), width: share(photo.width, width) });
    this.$(".out .photo").style.aspectRatio = `${width} / ${height}`;
    canvas.setAttribute("aria-label", fill(text.maskAlt, { classes: data.named.join(", ") || text.nothing }));
    const numbers = score ? [[text.miou, score[0]], [text.boundary, score[1]]] : [];
    this.$(".numbers").replaceChildren(...numbers.map(([name]) => make("span", "", null, { textContent: `${name} ` })).flatMap((node, i) => [node, make("b", "", null, { textContent: `${(100 * numbers[i][1]).toFixed(1)}%` })]));
    this.$(".against").textContent = fill(text.against, { ms: data.milliseconds });
    const opacity = data.opacities ? bytes(data.opacities) : 190;  // nuclei: a colour and an opacity for each
    if (await drawMask(canvas, mask, bytes(data.colours), opacity, !data.opacities)) canvas.dataset.gains = data.gains.join(".");
  }

  // ------------------------------------------------------------------------------------------------- the pixel

  point(event, element) {
    const [x, y] = placeOf(event, element), { width, height } = this.data.photo;
    this.pin(x * width, y * height);
  }

  // Square of the input that cell (row, column) of a stage sees: left, top, right, bottom, the last two exclusive.
  seen(name, row, column) {
    const [rows, columns] = this.data.fields[name];
    return [columns[0][column], rows[0][row], columns[1][column] + 1, rows[1][row] + 1];
  }

  pin(x, y) {
    const { photo, text } = this.data;
    this.x = clamp(x, 0, photo.width - 0.01);
    this.y = clamp(y, 0, photo.height - 0.01);
    const at = { left: `${(100 * this.x) / photo.width}%`, top: `${(100 * this.y) / photo.height}%` };
    for (const cross of this.root.querySelectorAll(".ends .cross")) Object.assign(cross.style, at);
    for (const [name, box] of this.boxes) this.pinBox(name, box);
    const stage = this.stages.get(this.open_), [left, top, right, bottom] = this.seen(this.open_, ...stage.cell(this.x, this.y));
    Object.assign(this.$(".in .seen").style, { left: `${(100 * left) / photo.width}%`, top: `${(100 * top) / photo.height}%`, width: `${(100 * (right - left)) / photo.width}%`, height: `${(100 * (bottom - top)) / photo.height}%` });
    const values = { x: Math.floor(this.x), y: Math.floor(this.y), title: text.titles[this.open_], width: right - left, height: bottom - top };
    this.$(".pinned").textContent = fill(text.pinned, values);
    this.$(".pinned").dataset.seen = [left, top, right, bottom];
    if (this.browser.stage) this.browser.pin(this.x, this.y);
  }

  async pinBox(name, box) {
    const stage = this.stages.get(name), [jump, cell] = [stage.place[2], stage.cell(this.x, this.y)], [row, column] = cell;
    const square = this.seen(name, row, column), wide = stage.width * jump, high = stage.height * jump;
    const [left, top] = stage.place;
    for (const mark of box.querySelectorAll(".cross")) Object.assign(mark.style, { left: share(column + 0.5, stage.width), top: share(row + 0.5, stage.height) });
    for (const mark of box.querySelectorAll(".seen")) Object.assign(mark.style, { left: share(square[0] - left, wide), top: share(square[1] - top, high), width: share(square[2] - square[0], wide), height: share(square[3] - square[1], high) });
    if (!this.whole || (!this.held && this.open_ !== name)) return; // a passing pointer fetches nothing
    const { channel } = stage, sheet = await stage.sheet(channel).catch(() => null), value = box.querySelector(".value");
    if (sheet && this.stages.get(name) === stage && stage.channel === channel && value)
      value.textContent = fill(this.data.text.value, { channel, value: three(sheet.value(0, ...stage.cell(this.x, this.y))) });
  }

  // Tell the server where the pin is, `wait` ms after it was last moved.
  settle(wait) {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.send("pin", [Math.floor(this.x), Math.floor(this.y)]), wait);
  }

  gone() {
    clearTimeout(this.settling);
    clearTimeout(this.later);
  }
}

export default mounted(UMap);
