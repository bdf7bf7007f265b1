// One photo under many masks. A mask arrives as a grey picture of class ids and is decoded once; from then on hovering,
// swiping and fading read and colour bytes that are here already.

import { bytes, grey } from "./bytes.js";
import { MaskPainter, percent } from "./mask_painter.js";
import { mounted } from "./mount.js";
import { arrow, clamp, placeOf } from "./photo.js";
import { fill, make } from "./text.js";
import { turn } from "./turns.js";

/**
 * What mask_grid.py sends.
 * @typedef {{
 *   subject: string,
 *   photo: string,
 *   width: number,
 *   height: number,
 *   names: string[],
 *   colours: string,
 *   palette: string,
 *   masks: { name: string, title: string, note: string, mask: string, labels: number[][], kind?: string }[],
 *   votes: { answers: string, entropy: string, most: number, bits: number, agreement: number } | null,
 *   setting: { pin: number[], opacity: number, left: string, right: string, serial: number },
 *   questions: { text: string, values: Record<string, number>, hit: string, miss: string }[],
 *   text: Record<"opacity" | "left" | "right" | "divider" | "stage" | "tile" | "photoAlt" | "waiting" | "void" |
 *     "pixel" | "vote" | "differ" | "answers" | "entropy" | "answersHere" | "entropyHere" | "agreement" |
 *     "guess" | "stopGuess" | "another", string>,
 * }} Data
 */

class Masks extends MaskPainter {
  /** @type {import("./mount.js").Send} */ send;
  /** @type {number} the setting's serial */ told;
  /** @type {boolean} */ guessing;
  /** @type {number | undefined} */ later;
  /** @type {boolean} */ hovered;
  /** @type {boolean} */ dragging;
  /** @type {number[]} */ pin;
  /** @type {string} */ left;
  /** @type {string} */ right;

  constructor(parent) {
    super();
    this.root = parent.querySelector(".masks");
    this.$ = (selector) => this.root.querySelector(selector);
    this.bytes = new Map(); // address -> decoded bytes
    this.tiles = new Map(); // name -> its figure
    this.cut = 0.5;
    this.shown = "answers";
    this.asked = 0;
    this.listen();
  }

  // ------------------------------------------------------------------------------------------------- new data

  gone() {
    clearTimeout(this.later);
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  async show(data, send) {
    this.send = send;
    const before = /** @type {MaskPainter} */ (this).data, first = !before, other = Boolean(before && before.subject !== data.subject);
    // What was settled here is newer than what the server says, until a reset or the browser's back button; a grid that
    // Streamlit has put on the page anew begins with what the server was told last.
    const told = data.setting.serial;
    if (first || other || told !== this.told) {
      Object.assign(this, { pin: data.setting.pin, opacity: data.setting.opacity, left: data.setting.left, right: data.setting.right });
      this.told = told;
    }
    this.data = data;
    if (other) {
      this.bytes.clear();
      this.endGuess();
    }
    this.colours = bytes(data.colours);
    this.viridis = bytes(data.palette);
    const wanted = turn(this);
    const addresses = data.masks.map((m) => m.mask).filter(Boolean);
    if (data.votes) addresses.push(data.votes.answers, data.votes.entropy);
    await Promise.all(addresses.map(async (a) => this.bytes.has(a) || this.bytes.set(a, (await grey(a)).values)));
    if (!wanted()) return; // newer data has come meanwhile
    for (const address of this.bytes.keys()) if (!addresses.includes(address)) this.bytes.delete(address);
    this.draw();
  }

  // -------------------------------------------------------------------------------------------------- drawing

  draw() {
    const { data } = this, { text } = data;
    for (const node of this.root.querySelectorAll("[data-text]")) node.textContent = text[node.dataset.text];
    const swipe = this.$(".swipe"), image = swipe.querySelector(".photo");
    if (image.getAttribute("src") !== data.photo) image.src = data.photo;
    image.alt = text.photoAlt;
    swipe.style.aspectRatio = `${data.width} / ${data.height}`;
    swipe.style.maxWidth = `${(24 * data.width) / data.height}rem`;
    swipe.setAttribute("aria-label", text.stage);
    this.$(".divider").setAttribute("aria-label", text.divider);
    this.$(".tint input").value = this.opacity;
    const ready = data.masks.filter((m) => m.mask);
    for (const [fallback, side] of ["left", "right"].entries()) {
      if (!this.mask(this[side])) this[side] = data.masks[Math.min(fallback, data.masks.length - 1)]?.name;
      const select = this.$(`.${side}-net`), names = data.masks.map((m) => m.name + m.title).join();
      if (select.dataset.names !== names) {
        select.replaceChildren(...data.masks.map((m) => Object.assign(document.createElement("option"), { value: m.name, textContent: m.title })));
        select.dataset.names = names;
      }
      select.value = this[side];
    }
    const guess = this.$(".guess");
    guess.hidden = !data.questions.length;
    if (!data.questions.length || !ready.length) this.endGuess();
    guess.textContent = this.guessing ? text.stopGuess : text.guess;
    this.drawGrid();
    this.drawSides();
    this.fade();
    this.setCut(this.cut);
    this.look(null);
    this.root.classList.add("drawn");
  }

  setCut(share) {
    this.cut = clamp(share, 0, 1);
    const at = `${(100 * this.cut).toFixed(2)}%`;
    this.$(".side.a").style.clipPath = `inset(0 calc(100% - ${at}) 0 0)`;
    this.$(".side.b").style.clipPath = `inset(0 0 0 ${at})`;
    const divider = this.$(".divider");
    divider.style.left = at;
    divider.setAttribute("aria-valuenow", Math.round(100 * this.cut));
    divider.setAttribute("aria-valuetext", `${this.mask(this.left)?.title} ${Math.round(100 * this.cut)}% / ${this.mask(this.right)?.title}`);
  }

  // Show what stands at `at` ([x, y] in pixels of the mask), or at the pinned pixel.
  look(at) {
    const { data } = this, { text } = data;
    const [x, y] = (at ?? this.pin).map((v, i) => clamp(Math.floor(v), 0, [data.width, data.height][i] - 1));
    for (const cross of this.root.querySelectorAll(".cross"))
      Object.assign(cross.style, { left: `${(100 * (x + 0.5)) / data.width}%`, top: `${(100 * (y + 0.5)) / data.height}%` });
    const i = y * data.width + x, tally = new Map();
    const chip = (id) => {
      const node = make("i", "chip");
      node.style.visibility = id ? "" : "hidden"; // background has no colour
      node.style.background = id ? `rgb(${this.colours.slice(3 * id, 3 * id + 3)})` : "transparent";
      return node;
    };
    for (const mask of data.masks) {
      const ids = this.ids(mask), place = this.tiles.get(mask.name)?.querySelector(".class");
      if (!ids) {
        place?.replaceChildren();
        continue;
      }
      place.replaceChildren(chip(ids[i]), this.name(ids[i]));
      if (mask.kind !== "reference") tally.set(ids[i], [...(tally.get(ids[i]) ?? []), mask.title]);
    }
    const all = [...tally.values()].reduce((sum, who) => sum + who.length, 0);
    this.$(".here").textContent = this.guessing ? "" : fill(text.pixel, { x, y });
    this.$(".tally").replaceChildren(
      ...[...tally].sort((a, b) => b[1].length - a[1].length).map(([id, who]) => {
        const line = make("li"), track = make("span", "track"), bar = make("i");
        bar.style.width = `${(100 * who.length) / all}%`;
        track.append(bar);
        line.append(chip(id), make("span", "", null, { textContent: fill(text.vote, { name: this.name(id), count: who.length, all, who: who.join(", ") }) }), track);
        return line;
      }),
    );
    if (!data.votes) return;
    const value = this.bytes.get(data.votes[this.shown])[i];
    const shown = this.shown === "answers" ? value : ((value / 255) * data.votes.bits).toFixed(2);
    this.differTile.querySelector(".class").textContent = fill(text[`${this.shown}Here`], { value: shown });
  }

  // ----------------------------------------------------------------------------------------------- predicting

  startGuess() {
    const { questions, masks, text } = this.data, question = questions[this.asked % questions.length];
    this.guessing = true;
    this.root.classList.add("guessing");
    this.$(".guess").setAttribute("aria-pressed", "true");
    this.$(".guess").textContent = text.stopGuess;
    this.$(".verdict").textContent = "";
    this.$(".question").hidden = false;
    this.$(".ask").textContent = question.text;
    this.$(".options").replaceChildren(
      ...masks.filter((m) => m.name in question.values).map((m) => {
        const button = Object.assign(make("button", "", null, { textContent: m.title }), { type: "button" });
        button.dataset.net = m.name;
        return button;
      }),
    );
    this.$(".options button")?.focus();
  }

  endGuess() {
    if (!this.guessing) return;
    this.guessing = false;
    this.root.classList.remove("guessing");
    this.$(".guess").setAttribute("aria-pressed", "false");
    this.$(".guess").textContent = this.asked ? this.data.text.another : this.data.text.guess;
    this.$(".question").hidden = true;
    this.look(null);
  }

  answer(name) {
    const { questions } = this.data, question = questions[this.asked % questions.length];
    const best = Object.keys(question.values).reduce((a, b) => (question.values[b] > question.values[a] ? b : a));
    const words = { best: this.mask(best)?.title, value: percent(question.values[best]), yours: this.mask(name)?.title, other: percent(question.values[name]) };
    this.asked += 1;
    this.endGuess();
    this.$(".verdict").textContent = fill(question.values[name] === question.values[best] ? question.hit : question.miss, words);
    this.$(".guess").focus();
  }

  // --------------------------------------------------------------------------------------------------- events

  // Tell the server what was settled, a moment later, so that a held key tells it once.
  tell() {
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      const { pin, opacity, left, right } = this;
      this.send("setting", { pin, opacity, left, right });
    }, 350);
  }

  place(event) {
    const stage = event.target.closest(".stage");
    if (!stage || !this.data) return null;
    const [x, y] = placeOf(event, stage);
    return [x * this.data.width, y * this.data.height];
  }

  listen() {
    const root = this.root, divider = this.$(".divider"), swipe = this.$(".swipe");
    root.addEventListener("pointermove", (event) => {
      if (this.dragging) return this.setCut(placeOf(event, swipe)[0]);
      const at = this.place(event);
      if (at) this.look(at);
      else if (this.hovered) this.look(null);
      this.hovered = Boolean(at);
    });
    root.addEventListener("pointerleave", () => this.data && this.look(null));
    divider.addEventListener("pointerdown", (event) => {
      this.dragging = true;
      divider.setPointerCapture(event.pointerId);
    });
    for (const end of ["pointerup", "pointercancel"]) divider.addEventListener(end, () => setTimeout(() => (this.dragging = false)));
    root.addEventListener("click", (event) => {
      if (event.target.closest(".divider")) return;
      const at = this.place(event), kind = event.target.closest(".switch button")?.dataset.kind;
      const option = event.target.closest(".options button");
      if (option) return this.answer(option.dataset.net);
      if (kind) {
        this.shown = kind;
        this.differ();
        return this.look(null);
      }
      if (event.target.closest(".guess")) return this.guessing ? this.endGuess() : this.startGuess();
      if (!at) return;
      this.pin = at.map((v, i) => clamp(Math.floor(v), 0, [this.data.width, this.data.height][i] - 1));
      this.look(null);
      this.tell();
    });
    root.addEventListener("input", (event) => {
      if (!event.target.closest(".tint")) return;
      this.opacity = Number(event.target.value);
      this.fade();
    });
    root.addEventListener("change", (event) => {
      if (event.target.closest(".left-net")) this.left = event.target.value;
      else if (event.target.closest(".right-net")) this.right = event.target.value;
      this.drawSides();
      this.fade();
      this.setCut(this.cut);
      this.tell();
    });
    divider.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: this.cut - 0.02, ArrowDown: this.cut - 0.02, ArrowRight: this.cut + 0.02, ArrowUp: this.cut + 0.02, Home: 0, End: 1 }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      this.setCut(to);
    });
    swipe.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (!steps || event.target !== swipe) return;
      event.preventDefault();
      const size = [this.data.width, this.data.height], step = event.shiftKey ? 1 : Math.max(1, Math.round(Math.max(...size) / 60));
      this.pin = this.pin.map((v, i) => clamp(v + steps[i] * step, 0, size[i] - 1));
      this.look(null);
      this.tell();
    });
  }
}

export default mounted(Masks);
