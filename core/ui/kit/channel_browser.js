// All channels of a stage: thumbnails to sort and scale, and one of them large over the photo (core/ui/kit/feature_sheets.py).

import { clamp, share } from "./photo.js";
import { SpriteSheet } from "./sprite_sheet.js";
import { fill, make, three } from "./text.js";

// A stage as Gallery.describe() tells it, with its sheets fetched once, when asked for.
/** @typedef {{ channels: number[], columns: number, width: number, height: number }} SheetLayout */

/**
 * @typedef {{
 *   name: string, address: string, place: [number, number, number], width: number, height: number, channels: number, parameters: number, milliseconds: number,
 *   low: number[], high: number[], figure: SheetLayout, browse: SheetLayout,
 *   orders: { strength: number[], variance: number[], effect?: (number | null)[] },
 *   channel?: number, images?: Record<string, string>,
 * }} StageData - `channel` is the one to begin with; `images` are the maps in a file of one figure, which can fetch none
 */

export class FeatureStage {
  /** @type {string} */ name;
  /** @type {string} where its sheets are */ address;
  /** @type {[number, number, number]} left, top, jump */ place;
  /** @type {number} */ width;
  /** @type {number} */ height;
  /** @type {number} */ channels;
  /** @type {number} */ parameters;
  /** @type {number} */ milliseconds;
  /** @type {number[]} */ low;
  /** @type {number[]} */ high;
  /** @type {SheetLayout} */ figure;
  /** @type {SheetLayout} */ browse;
  /** @type {StageData["orders"]} */ orders;
  /** @type {Record<string, string> | undefined} */ images;
  /** @type {number} */ channel;

  /** @param {StageData} data */
  constructor(data) {
    Object.assign(this, data);
    this.sheets = new Map();
    this.signed = Math.min(...this.low) < 0;
    this.reach = [Math.min(...this.low), Math.max(...this.high)];
    this.channel ??= this.figure.channels[0];
  }

  sheet(kind) {
    if (!this.sheets.has(kind)) {
      const layout = typeof kind === "number" ? { channels: [kind], columns: 1, height: this.height, width: this.width } : this[kind];
      const pick = (values) => layout.channels.map((channel) => values[channel]);
      if (this.images && !this.images[kind]) return Promise.reject(new Error(`${this.name} came without ${kind}`));
      const sheet = new SpriteSheet({
        ...layout, count: layout.channels.length, image: this.images?.[kind] ?? `${this.address}${kind}.png`, low: pick(this.low), high: pick(this.high),
      });
      this.sheets.set(kind, sheet.loaded.then(() => sheet));
    }
    return this.sheets.get(kind);
  }

  // Ends of the palette: of one channel, or of the whole stage. Signed maps keep zero in the middle.
  range(channel, common) {
    const [low, high] = common ? this.reach : [this.low[channel], this.high[channel]];
    const most = Math.max(Math.abs(low), Math.abs(high));
    return this.signed ? [-most, most] : [Math.min(0, low), high];
  }

  // Cell that lies over a point of the input, in pixels.
  cell(x, y) {
    const [left, top, jump] = this.place;
    return [clamp(Math.floor((y - top) / jump), 0, this.height - 1), clamp(Math.floor((x - left) / jump), 0, this.width - 1)];
  }

  // Where the maps lie on a photo of this size, in percent.
  box(width, height) {
    const [left, top, jump] = this.place;
    return { left: share(left, width), top: share(top, height), width: share(this.width * jump, width), height: share(this.height * jump, height) };
  }
}

export class ChannelBrowser {
  /** @type {any} */ text;
  /** @type {any} */ palettes;
  /** @type {any} */ size;
  /** @type {number | undefined} */ x;
  /** @type {number | undefined} */ y;
  /** @type {FeatureStage} */ stage; // what is shown; there is one before anything is asked of it

  // told: { channel(stage), wanted(stage): effect is asked for, point(event, element) }.
  constructor(host, told) {
    this.told = told;
    this.order = "strength";
    this.common = false;
    this.head = make("div", "browse-head", host);
    this.title = make("h3", "", this.head);
    this.sorts = make("div", "choices", this.head, { role: "group" });
    this.scales = make("div", "choices", this.head, { role: "group" });
    this.note = make("p", "note", host);
    this.note.setAttribute("role", "status");
    const body = make("div", "browse-body", host);
    this.grid = make("div", "thumbs", body, { role: "listbox", tabIndex: -1 });
    const side = make("div", "large", body);
    this.photo = make("div", "over", side);
    this.image = make("img", "", this.photo, { alt: "" });
    this.canvas = make("canvas", "", this.photo);
    this.cross = make("i", "cross", this.photo);
    const fade = make("label", "fade", side);
    this.faded = make("span", "", fade);
    this.opacity = make("input", "", fade, { type: "range", min: 0, max: 100, value: 75 });
    this.legend = make("div", "scale", side);
    this.said = make("p", "said", side);
    this.said.setAttribute("aria-live", "polite");
    this.opacity.addEventListener("input", () => (this.canvas.style.opacity = String(Number(this.opacity.value) / 100)));
    this.grid.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      if (button) this.choose(Number(button.dataset.channel), true);
    });
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.photo.addEventListener("pointermove", (event) => told.point(event, this.photo));
  }

  texts(text, palettes, photo) {
    this.text = text;
    this.palettes = palettes;
    if (this.image.src !== photo.address) this.image.src = photo.address;
    this.image.alt = text.largeAlt;
    this.size = photo;
    this.opacity.setAttribute("aria-label", text.opacity);
    this.grid.setAttribute("aria-label", text.channels);
    this.faded.textContent = text.opacity;
    this.buttons(this.sorts, text.sort, { strength: text.strength, variance: text.variance, effect: text.effect }, this.order, (code) => {
      this.order = code;
      if (code === "effect" && !this.stage.orders.effect) this.told.wanted(this.stage);
      this.draw();
    });
    this.buttons(this.scales, text.scale, { own: text.own, common: text.common }, this.common ? "common" : "own", (code) => {
      this.common = code === "common";
      this.draw();
    });
  }

  buttons(host, label, choices, chosen, act) {
    host.setAttribute("aria-label", label);
    host.replaceChildren(make("span", "", null, { textContent: label }));
    for (const [code, name] of Object.entries(choices)) {
      const button = make("button", "", host, { type: "button", textContent: name });
      button.dataset.code = code;
      button.setAttribute("aria-pressed", String(code === chosen));
      button.addEventListener("click", () => {
        for (const other of host.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
        act(code);
      });
    }
  }

  show(stage, title) {
    this.stage = stage;
    this.title.textContent = title;
    return this.draw();
  }

  sorted() {
    const values = this.stage.orders[this.order] ?? this.stage.orders.strength, order = [...values.keys()];
    const known = (i) => (values[i] === null ? -1 : values[i]), { images } = this.stage;
    return (images ? order.filter((channel) => images[channel]) : order).sort((a, b) => known(b) - known(a) || a - b);
  }

  // Taking a channel away costs a pass of the way up, so only the strongest ones are tried.
  tried() {
    const values = this.order === "effect" ? this.stage.orders.effect : [];
    if (!values) return this.text.measuring;
    const count = values.filter((value) => value !== null).length;
    return count < values.length ? fill(this.text.measured, { count, all: values.length }) : "";
  }

  palette() {
    return this.palettes[this.stage.signed ? "signed" : "magnitude"];
  }

  async draw() {
    const { stage, text } = this, order = this.sorted();
    this.grid.replaceChildren(
      ...order.map((channel) => {
        const button = make("button", "", null, { type: "button", tabIndex: channel === stage.channel ? 0 : -1 });
        button.dataset.channel = channel;
        button.setAttribute("role", "option");
        button.setAttribute("aria-selected", String(channel === stage.channel));
        const value = stage.orders[this.order]?.[channel];
        const shown = value === null || value === undefined ? "" : this.order === "effect" ? `${three(100 * value)}%` : three(value);
        button.setAttribute("aria-label", fill(text.channelLabel, { channel, value: shown }));
        make("canvas", "", button);
        make("span", "", button, { textContent: channel });
        return button;
      }),
    );
    this.note.textContent = this.tried();
    this.large();
    const all = stage.images ? null : await stage.sheet("browse").catch(() => null);
    for (const button of this.thumbs()) {
      const channel = Number(button.dataset.channel), sheet = all ?? (stage.images && (await stage.sheet(channel)));
      if (!sheet || this.stage !== stage) return;
      sheet.draw(button.firstChild, all ? channel : 0, this.palette(), stage.range(channel, this.common));
    }
  }

  thumbs() {
    return /** @type {HTMLButtonElement[]} */ ([...this.grid.children]);
  }

  choose(channel, focus) {
    this.stage.channel = channel;
    for (const button of this.thumbs()) {
      const on = Number(button.dataset.channel) === channel;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      if (on && focus) button.focus();
    }
    this.told.channel(this.stage);
    this.large();
  }

  key(event) {
    const all = this.thumbs(), at = all.findIndex((b) => b.getAttribute("aria-selected") === "true");
    if (!all.length) return;
    const across = Math.max(1, Math.round(this.grid.clientWidth / (all[0].offsetWidth + 4)));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.choose(Number(all[clamp(to, 0, all.length - 1)].dataset.channel), true);
  }

  async large() {
    const { stage } = this, { channel } = stage, range = stage.range(channel, this.common);
    Object.assign(this.canvas.style, stage.box(this.size.width, this.size.height), { opacity: Number(this.opacity.value) / 100 });
    const ends = range.map(three), stops = [];
    for (let i = 0; i <= 16; i++) stops.push(`rgb(${[0, 1, 2].map((c) => this.palette()[3 * Math.round((255 * i) / 16) + c])})`);
    this.legend.replaceChildren(make("b", "", null, { textContent: ends[0] }), make("i", "", null), make("b", "", null, { textContent: ends[1] }));
    /** @type {HTMLElement} */ (this.legend.children[1]).style.background = `linear-gradient(to right, ${stops})`;
    const sheet = await stage.sheet(channel).catch(() => null);
    if (!sheet || this.stage !== stage || stage.channel !== channel) return;
    sheet.draw(this.canvas, 0, this.palette(), range);
    this.canvas.dataset.channel = String(channel);
    this.pin(this.x ?? this.size.width / 2, this.y ?? this.size.height / 2);
  }

  // The pinned pixel: the crosshair, and the value of the large channel there.
  async pin(x, y) {
    Object.assign(this, { x, y });
    Object.assign(this.cross.style, { left: `${(100 * x) / this.size.width}%`, top: `${(100 * y) / this.size.height}%` });
    const { stage } = this, { channel } = stage, [row, column] = stage.cell(x, y);
    const sheet = await stage.sheet(channel).catch(() => null);
    if (!sheet || this.stage !== stage || stage.channel !== channel || this.x !== x || this.y !== y) return;
    const values = { channel, row: row + 1, column: column + 1, value: three(sheet.value(0, row, column)) };
    const { strength, variance } = stage.orders;
    this.said.textContent = fill(this.text.said, { ...values, strength: three(strength[channel]), variance: three(variance[channel]) });
  }
}
