// Copy the address of this view, say what Reset did, list the keys.
import { mounted } from "./mount.js";
import { make } from "./text.js";

/**
 * What tools.py sends.
 * @typedef {{
 *   copy: string,
 *   copied: string,
 *   own: boolean,
 *   stays: string,
 *   anyway: string,
 *   by_hand: string,
 *   close: string,
 *   keys: string,
 *   list: [string, string][],
 *   resets: number,
 *   reset: string,
 * }} Data
 */

const SAID = 5000; // milliseconds that a line stays
const TAKES_LETTERS = "input, textarea, select, [contenteditable]";

class Tools {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    const $ = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (parent.querySelector(selector));
    this.root = $(".page-tools");
    this.copyButton = $(".tool-copy");
    this.keysButton = $(".tool-keys");
    this.said = $(".tool-said");
    this.dialog = /** @type {HTMLDialogElement} */ ($("dialog"));
    this.note = $(".tool-note");
    this.input = /** @type {HTMLInputElement} */ ($("input"));
    this.table = $("table");
    this.anyway = $(".tool-anyway");
    this.close = $(".tool-close");
    this.copyButton.addEventListener("click", () => (this.data?.own ? this.warn() : this.copy()));
    this.anyway.addEventListener("click", () => this.copy());
    this.close.addEventListener("click", () => this.dialog.close());
    this.keysButton.addEventListener("click", () => this.listKeys());
    this.dialog.addEventListener("close", () => this.keysButton.setAttribute("aria-expanded", "false"));
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  /** @param {Data} data */
  show(data) {
    const again = this.data && data.resets > this.data.resets;
    this.data = data;
    /** @type {HTMLElement} */ (this.copyButton.querySelector("span")).textContent = data.copy;
    this.copyButton.ariaLabel = this.copyButton.title = data.copy;
    this.keysButton.ariaLabel = this.keysButton.title = data.keys;
    this.close.textContent = data.close;
    this.anyway.textContent = data.anyway;
    if (!again) return;
    document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
    this.say(data.reset);
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.said.textContent = ""), SAID);
  }

  // What the dialogue shows: a sentence, and one of its parts.
  /**
   * @param {string} text
   * @param {HTMLElement | null} part
   */
  open(text, part) {
    this.note.textContent = text;
    for (const each of [this.input, this.table, this.anyway]) each.hidden = each !== part;
    if (!this.dialog.open) this.dialog.showModal();
  }

  warn() {
    this.open(this.data?.stays ?? "", this.anyway);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      this.input.value = location.href;
      this.open(this.data?.by_hand ?? "", this.input);
      this.input.select();
      return;
    }
    this.dialog.close();
    this.say(this.data?.copied ?? "");
  }

  listKeys() {
    if (!this.data) return;
    const rows = this.data.list.map(([key, does]) => {
      const row = document.createElement("tr");
      make("th", "", row, { scope: "row", textContent: key });
      make("td", "", row, { textContent: does });
      return row;
    });
    this.table.querySelector("tbody")?.replaceChildren(...rows);
    this.open(this.data.keys, this.table);
    this.keysButton.setAttribute("aria-expanded", "true");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const at = /** @type {Element} */ (event.composedPath()[0] ?? event.target);
    if (event.key !== "?" || event.defaultPrevented || at.closest?.(TAKES_LETTERS)) return;
    event.preventDefault();
    this.listKeys();
  }

  gone() {
    document.removeEventListener("keydown", this.onKey);
    clearTimeout(this.timer);
  }
}

export default mounted(Tools);
