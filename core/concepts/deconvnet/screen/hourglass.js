// The hourglass: every depth of one pass, and for each depth the way from a small map to a large one. The maps came as
// sprite sheets; stepping, scrubbing, looking closer and choosing maps happen here alone. Unpooled maps are not sent:
// they are made here from the values and the switches.

import { bytes } from "./bytes.js";
import { ChannelBrowser, FeatureStage } from "./channel_browser.js";
import { draw } from "./grid_board.js";
import { Transport } from "./grid_transport.js";
import { drawSquare, LENS, LevelMaps, sizeOf, UNIT, VIEW } from "./hourglass_maps.js";
import { note } from "./in_address.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { SpriteSheet } from "./sprite_sheet.js";
import { fill, make } from "./text.js";
import { turn } from "./turns.js";

/**
 * What hourglass.py sends.
 * @typedef {{
 *   shared: boolean,
 *   photo: string,
 *   mask: string,
 *   size: number[],
 *   place: number[],
 *   begin: { depth: number, resets: number },
 *   palette: string,
 *   signed: string,
 *   levels: { depth: number, size: number[], small: number[], channels: number, own: number, outputs: number,
 *     before: import("./sprite_sheet.js").SheetData, switches: string, empty: string, denseEmpty: string }[],
 *   boxes: { kind: string, size: number[], at: number, channels?: number, open?: number, parameters?: string,
 *     ms?: string, depth?: number, stride?: number, sheet?: import("./sprite_sheet.js").SheetData, code?: string,
 *     up?: number }[],
 *   stages: import("./channel_browser.js").StageData[],
 *   rising: import("./sprite_sheet.js").SheetData[],
 *   id: string,
 *   text: Record<string, any>,
 * }} Data
 */

const PANELS = ["before", "incoming", "unpooled", "dense"];

class Hourglass {
  /** @type {Record<string, any>} */ panels;
  /** @type {any} */ delivered;
  /** @type {LevelMaps} */ maps;
  /** @type {number[]} */ picks;
  /** @type {FeatureStage[]} */ stages;
  /** @type {ResizeObserver} */ observer;
  /** @type {number[]} */ first;
  /** @type {Data} */ data;
  /** @type {SpriteSheet[]} of the way down, finest first */ before;
  /** @type {SpriteSheet[]} of the way up, finest first, one more */ rising;
  /** @type {Map<any, SpriteSheet>} of boxes that no level has */ others;
  /** @type {string | null} what is drawn */ last;

  constructor(parent) {
    this.root = parent.querySelector(".glass-house");
    this.$ = (selector) => this.root.querySelector(selector);
    this.place = [-1, -1]; // centre of the lenses, as shares of the picture's width and height
    this.pointed = null; // a window under the pointer: [row, column] of the small map
    this.transport = new Transport(this.$(".walk"), this.$(".controls"), () => this.render());
    this.build();
    const point = (event, photo) => {
      const [x, y] = placeOf(event, photo), [height, width] = this.data.size;
      this.browser.pin(clamp(x * width, 0, width - 1), clamp(y * height, 0, height - 1));
    };
    this.browser = new ChannelBrowser(this.$(".browser"), { channel: () => {}, wanted: () => {}, point });
  }

  build() {
    this.panels = {};
    for (const name of PANELS) {
      const figure = document.createElement("figure");
      figure.dataset.panel = name;
      const make = (tag, className, into) => into.appendChild(Object.assign(document.createElement(tag), { className }));
      const caption = make("figcaption", "", figure), lens = make("canvas", "lens", figure), under = make("div", "under", figure);
      lens.width = lens.height = LENS;
      const whole = make("div", "whole", under), map = make("canvas", "", whole), frame = make("i", "", whole), facts = make("div", "facts", under);
      const select = name === "before" || name === "dense" ? make("select", "", facts) : null;
      const lines = [make("span", "", facts), make("span", "", facts)];
      this.panels[name] = { figure, caption, lens, whole, map, frame, select, lines };
      this.$(".panels").append(figure);
      lens.addEventListener("pointermove", (event) => this.point(this.windowAt(lens, event)));
      lens.addEventListener("pointerleave", () => this.point(null));
      lens.addEventListener("click", (event) => this.point(this.windowAt(lens, event)));
      const look = (event) => {
        this.look(...placeOf(event, whole));
      };
      whole.addEventListener("pointerdown", look);
      whole.addEventListener("pointermove", (event) => event.buttons && look(event));
      select?.addEventListener("change", () => {
        this.picks[this.index() + (name === "before" ? 1 : 0)] = Number(select.value);
        this.last = null;
        this.render();
      });
    }
    const { whole } = this.panels.before;
    whole.tabIndex = 0;
    whole.setAttribute("role", "group");
    whole.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (!steps) return;
      event.preventDefault();
      event.stopPropagation(); // the player's own arrows step through time
      const [height, width] = this.level().size;
      this.look(this.place[0] + (2 * steps[0]) / width, this.place[1] + (2 * steps[1]) / height);
    });
  }

  gone() {
    this.observer?.disconnect();
    this.transport.gone();
  }

  /**
   * @param {Data} data
   */
  async show(data) {
    if (this.delivered === data.id && this.resets === data.begin.resets) return;
    this.delivered = data.id;
    const before = data.levels.map((level) => new SpriteSheet(level.before));
    const rising = data.rising.map((sheet) => new SpriteSheet(sheet));
    const others = new Map(data.boxes.flatMap((box) => (box.sheet ? [[box, new SpriteSheet(box.sheet)]] : [])));
    const wanted = turn(this);
    await Promise.all([...before, ...rising, ...others.values()].map((sheet) => sheet.loaded));
    if (!wanted()) return; // another picture came meanwhile
    const { text } = data;
    Object.assign(this, { data, before, rising, others, last: null, pointed: null });
    this.maps = new LevelMaps(data, before, rising);
    this.picks = rising.map(() => 0); // of each map of the way up, finest first: which channel is shown
    this.stages = data.stages.map((stage) => new FeatureStage(stage));
    this.browser.texts(text.browser, this.maps.palettes, { address: data.photo, width: data.size[1], height: data.size[0] });
    this.$(".browser").hidden = true;
    this.$(".walk").setAttribute("aria-label", text.label);
    this.panels.before.whole.setAttribute("aria-label", text.move);
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    this.strip();
    if (this.place[0] < 0 || this.looked !== data.id.split("/")[0]) this.place = data.place;
    this.looked = data.id.split("/")[0]; // another picture begins where most happens on it
    this.$(".sizes").replaceChildren(...text.sides.map((words) => make("span", "", null, { textContent: words })));
    const anew = this.resets !== data.begin.resets;
    this.resets = data.begin.resets;
    if (anew) this.transport.length = 0;
    this.transport.show(text, 2 * data.levels.length, Math.min(data.begin.depth, 2 * data.levels.length));
    this.root.dataset.ready = data.id;
  }

  asShown() {
    return { ...this.data, stages: this.data.stages.map((stage, i) => ({ ...stage, channel: this.stages[i].channel })) };
  }

  // ------------------------------------------------------------------------------------------------- the hourglass

  strip() {
    const { data } = this, { text } = data, host = this.$(".boxes");
    const widths = data.boxes.map(({ size }) => 12 + 11 * Math.log2(Math.max(...size)));
    const sum = widths.reduce((a, b) => a + b, 0) + 60;
    host.setAttribute("aria-label", text.strip);
    host.replaceChildren(
      ...data.boxes.map((box, i) => {
        const name = fill(text[box.kind], { ...box, size: sizeOf(box.size) });
        const button = Object.assign(document.createElement("button"), { type: "button", title: name });
        button.setAttribute("aria-label", name);
        const [height, width] = box.size;
        Object.assign(button.style, { width: `${(100 * widths[i] * width) / Math.max(height, width) / sum}%`, aspectRatio: `${width} / ${height}` });
        Object.assign(button.dataset, { at: box.at, kind: box.kind, size: sizeOf(box.size) });
        if (box.kind === "down") button.dataset.down = String(box.depth);
        if (box.kind === "up") button.dataset.up = String(box.up);
        this.fillBox(button, box);
        button.addEventListener("click", () => {
          this.transport.stop();
          this.transport.jump(box.at);
          if (box.open !== undefined) this.open(box.open, name);
        });
        return button;
      }),
    );
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => this.tie());
    this.observer.observe(host);
  }

  // The picture of a box: the photo or the mask, or its strongest map.
  fillBox(button, box) {
    const { data, maps, before, rising } = this, count = data.levels.length;
    if (box.kind === "photo" || box.kind === "mask") return button.append(Object.assign(new Image(), { src: data[box.kind], alt: "" }));
    const canvas = button.appendChild(document.createElement("canvas"));
    if (box.kind === "pooled") return maps.pool(canvas);
    if (box.kind === "code") return drawSquare(canvas, bytes(box.code), maps.palettes.magnitude);
    maps.draw(canvas, this.others.get(box) ?? (box.kind === "down" ? before[box.depth - 1] : rising[count - box.up]), 0);
  }

  // All maps of a stage, below; its sheets are fetched now.
  open(number, name) {
    this.$(".browser").hidden = false;
    this.$(".browser").dataset.stage = this.stages[number].name;
    this.browser.show(this.stages[number], name);
  }

  // Arcs below the boxes: which pooling hands its switches to which unpooling.
  tie() {
    const svg = this.$(".ties"), frame = svg.getBoundingClientRect();
    if (!frame.width) return;
    svg.replaceChildren();
    const count = this.before.length;
    for (let down = 1; down <= count; down++) {
      const [left, right] = [this.$(`[data-down="${down}"]`), this.$(`[data-up="${count + 1 - down}"]`)].map((node) => node.getBoundingClientRect());
      const [x1, x2] = [left.left + left.width / 2 - frame.left, right.left + right.width / 2 - frame.left];
      const low = left.bottom - frame.top + 2, deep = frame.height + 6 + 5 * (count - down);
      draw("path", { d: `M${x1} ${low}V${deep}H${x2}V${low}`, "data-tie": down }, svg);
    }
    this.mark();
  }

  mark() {
    const at = Math.ceil(this.transport.at - 1e-9), { depth } = this.level();
    for (const button of this.root.querySelectorAll(".boxes button")) {
      button.setAttribute("aria-current", button.dataset.up !== undefined && Number(button.dataset.up) === Math.floor(at / 2));
      button.classList.toggle("partner", Number(button.dataset.down) === depth && at > 0);
    }
    for (const path of this.root.querySelectorAll(".ties path")) path.classList.toggle("on", Number(path.dataset.tie) === depth && at > 0);
  }

  // ---------------------------------------------------------------------------------------------- a moment in time

  // Level that is looked at: its small map is rising[index + 1], its large one rising[index].
  index() {
    return this.data.levels.length - Math.max(1, Math.ceil((this.transport.at - 1e-9) / 2));
  }

  level() {
    return this.data.levels[this.index()];
  }

  render() {
    if (!this.data) return;
    const step = Math.ceil(this.transport.at - 1e-9), i = this.index(), level = this.level(), { text } = this.data;
    const stage = step === 0 ? "incoming" : step % 2 ? "unpooled" : "dense";
    const reached = PANELS.indexOf(stage);
    const key = [step, JSON.stringify(this.picks)].join();
    if (key === this.last) return;
    this.last = key;
    note("depth", step, 1);
    PANELS.forEach((name, number) => {
      const { figure } = this.panels[name];
      figure.classList.toggle("active", name === stage);
      figure.classList.toggle("waiting", number > reached);
      figure.dataset.later = number > reached ? text.later : "";
    });
    const { parameters, ms } = this.data.boxes.find((box) => box.up === Math.ceil(step / 2)) ?? this.data.boxes[0];
    const values = { small: sizeOf(level.small), large: sizeOf(level.size), depth: level.depth, empty: level.empty, dense: level.denseEmpty, into: level.channels, out: level.outputs, parameters, ms };
    this.$(".now").textContent = fill(text[step === 0 ? "start" : stage], values);
    for (const name of PANELS) this.panels[name].caption.textContent = fill(text[`${name}Title`], values);
    const options = (select, sheet, pick) => {
      select.replaceChildren(...sheet.channels.map((channel, n) => new Option(fill(text.map, { channel }), n, false, n === pick)));
      select.setAttribute("aria-label", text.choose);
      select.disabled = sheet.count < 2;
    };
    const own = this.before[i], low = this.rising[i + 1], high = this.rising[i], [chosen, made] = [this.picks[i + 1], this.picks[i]];
    options(this.panels.before.select, own, chosen);
    options(this.panels.dense.select, high, made);
    const range = (sheet, pick) => {
      const [, ends] = this.maps.colours(sheet, pick);
      const [least, most] = ends ?? [sheet.low[pick], sheet.high[pick]];
      return fill(ends ? text.signedRange : text.range, { low: this.number(least), high: this.number(most) });
    };
    const set = (name, ...lines) => lines.forEach((line, n) => (this.panels[name].lines[n].textContent = line));
    set("before", range(own, chosen), fill(text.size, { size: values.large, channels: level.own }));
    set("incoming", range(low, chosen), fill(text.size, { size: values.small, channels: level.channels }));
    set("unpooled", range(low, chosen), fill(text.emptyShare, { share: level.empty }));
    set("dense", range(high, made), fill(text.emptyShare, { share: level.denseEmpty }));
    this.wholes();
    this.look(...this.place);
    this.mark();
  }

  number(value) {
    return Number(value.toPrecision(3)).toString().replace("-", "−");
  }

  wholes() {
    const i = this.index(), pick = this.picks[i + 1];
    this.maps.draw(this.panels.before.map, this.before[i], pick);
    this.maps.draw(this.panels.incoming.map, this.rising[i + 1], pick);
    this.maps.draw(this.panels.dense.map, this.rising[i], this.picks[i]);
    this.maps.unpool(this.panels.unpooled.map, i, pick);
    const [height, width] = this.data.levels[0].size; // one shape at all depths: nothing jumps
    for (const name of PANELS) {
      const { map, lens, caption } = this.panels[name];
      map.style.aspectRatio = `${width} / ${height}`;
      for (const canvas of [map, lens]) canvas.setAttribute("role", "img");
      map.setAttribute("aria-label", caption.textContent);
      lens.setAttribute("aria-label", `${caption.textContent} (${this.data.text.closer})`);
    }
  }

  // ------------------------------------------------------------------------------------------------- looking closer

  look(x, y) {
    const { size, small } = this.level(), windows = VIEW / 2;
    this.place = [x, y].map((v) => clamp(v, 0, 1));
    this.first = [this.place[1], this.place[0]].map((v, axis) => clamp(Math.round((v * size[axis]) / 2 - windows / 2), 0, Math.max(0, small[axis] - windows)));
    const percent = (cells, axis) => `${(100 * cells) / size[axis]}%`, [top, left] = this.first.map((window) => 2 * window);
    const [high, wide] = [top, left].map((start, axis) => Math.min(VIEW, size[axis] - start));
    for (const name of PANELS)
      Object.assign(this.panels[name].frame.style, { left: percent(left, 1), top: percent(top, 0), width: percent(wide, 1), height: percent(high, 0) });
    this.lenses();
  }

  lenses() {
    const i = this.index(), [top, left] = this.first, style = getComputedStyle(this.root);
    const accent = style.getPropertyValue("--accent").trim(), empty = style.getPropertyValue("--st-secondary-background-color").trim();
    const contexts = Object.fromEntries(PANELS.map((name) => [name, this.panels[name].lens.getContext("2d")]));
    this.maps.lenses(contexts, i, this.picks[i + 1], this.picks[i], this.first, { accent, empty });
    if (!this.pointed) return;
    const [row, column] = this.pointed;
    for (const context of Object.values(contexts)) {
      Object.assign(context, { strokeStyle: accent, lineWidth: 4 });
      context.strokeRect(2 * (column - left) * UNIT, 2 * (row - top) * UNIT, 2 * UNIT - 1, 2 * UNIT - 1);
    }
  }

  windowAt(lens, event) {
    const [x, y] = placeOf(event, lens), { small } = this.level();
    const at = (share, axis) => clamp(this.first[axis] + Math.floor((share * VIEW) / 2), 0, Math.min(small[axis], this.first[axis] + VIEW / 2) - 1);
    return [at(y, 0), at(x, 1)];
  }

  point(window) {
    if (String(window) === String(this.pointed)) return;
    this.pointed = window;
    this.lenses();
    const line = this.$(".readout"), { text } = this.data;
    if (!window) return (line.textContent = "");
    const i = this.index(), pick = this.picks[i + 1], [row, column] = window;
    const { turn, y, x } = this.maps.winner(i, pick, row, column);
    const four = this.maps.window(i, pick, row, column).map((value) => this.number(value)).join(", ");
    const values = { row: row + 1, column: column + 1, four, best: this.number(this.before[i].value(pick, y, x)), corner: text.corners[turn], value: this.number(this.rising[i + 1].value(pick, row, column)), y: y + 1, x: x + 1 };
    line.textContent = fill(text.readout, values);
  }
}

export default mounted(Hourglass);
