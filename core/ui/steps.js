// The strip of a page's steps: choose one, or go on and back by a key or by a swipe.
import { mounted } from "./mount.js";
import { make } from "./text.js";
import { Told } from "./told.js";

/**
 * What steps.py sends.
 * @typedef {{
 *   label: string,
 *   titles: string[],
 *   names: string[],
 *   now: string,
 *   all: string,
 *   forward: string,
 *   back: string,
 * }} Data
 */

const SWIPE = 48; // pixels to the side before a touch counts as one
const TAKES_LETTERS = "input, textarea, select, [contenteditable]";

class Strip {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = /** @type {HTMLElement} */ (parent.querySelector("nav"));
    this.heading = /** @type {HTMLElement} */ (parent.querySelector("h2"));
    this.list = /** @type {HTMLElement} */ (parent.querySelector("ol"));
    this.told = new Told();
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.shown = "";
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.list.addEventListener("pointerdown", (event) => (this.from = event.clientX));
    this.list.addEventListener("pointerup", (event) => this.swiped(event.clientX - (this.from ?? event.clientX)));
  }

  /**
   * @param {Data} data
   * @param {import("./mount.js").Send} send
   */
  show(data, send) {
    this.data = data;
    this.send = send;
    const text = JSON.stringify([data.titles, data.names, data.all]);
    if (text !== this.drawn) this.draw(data);
    this.drawn = text;
    if (this.told.news(data.now) || !this.shown) this.mark(data.now);
  }

  /** @param {Data} data */
  draw(data) {
    this.root.ariaLabel = data.label;
    this.list.replaceChildren();
    this.buttons = [...data.names, "all"].map((name, i) => {
      const button = make("button", name === "all" ? "step-all" : "", make("li", "", this.list), { type: "button" });
      if (name !== "all") make("span", "step-number", button, { textContent: String(i + 1) });
      make("span", "step-title", button, { textContent: data.titles[i] ?? data.all });
      button.title = data.titles[i] ?? data.all; // where its words do not fit
      button.ariaLabel = data.titles[i] ? `${i + 1}. ${data.titles[i]}` : data.all;
      button.addEventListener("click", () => this.go(name));
      return button;
    });
  }

  // What the strip shows at once; the page follows when Python has answered.
  /** @param {string} name */
  mark(name) {
    const { names, titles, all } = /** @type {Data} */ (this.data), at = names.indexOf(name), moved = this.shown && this.shown !== name;
    this.buttons.forEach((button, i) => {
      const here = i === (at < 0 ? names.length : at);
      if (here) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      if (here) this.list.scrollTo?.({ left: button.offsetLeft - this.list.offsetLeft - 40 });
    });
    this.heading.textContent = titles[at] ?? all;
    this.shown = name;
    if (moved) for (const wait of [0, 250]) setTimeout(() => this.toTop(), wait); // and once the new step has come
  }

  // The new step begins at its beginning: under the strip, where the reader went on from the foot of the old one.
  toTop() {
    const main = document.querySelector('[data-testid="stMain"]');
    const above = this.root.getBoundingClientRect().top - 76;
    if (main && above < 0) main.scrollTop += above;
    if (document.activeElement === document.body) this.heading.focus({ preventScroll: true });
  }

  /** @param {string} name */
  go(name) {
    if (name === this.shown || !this.told.tell(name)) return;
    this.mark(name);
    this.send?.("chosen", name);
  }

  /** @param {number} by one on or one back */
  walk(by) {
    const { names } = /** @type {Data} */ (this.data), to = names[names.indexOf(this.shown) + by];
    if (to && this.shown !== "all") this.go(to);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { code, target, altKey, ctrlKey, metaKey, defaultPrevented } = event;
    const at = /** @type {Element} */ (event.composedPath?.()[0] ?? target);
    if (defaultPrevented || altKey || ctrlKey || metaKey || at.closest?.(TAKES_LETTERS)) return;
    if (code === this.data?.forward) this.walk(1);
    if (code === this.data?.back) this.walk(-1);
  }

  /** @param {number} across */
  swiped(across) {
    this.from = undefined;
    if (Math.abs(across) >= SWIPE) this.walk(across < 0 ? 1 : -1);
  }

  gone() {
    document.removeEventListener("keydown", this.onKey);
  }
}

export default mounted(Strip);
