// Copy the address of this view, take a figure of it away, say what Reset did, list the keys.
import { mounted } from "./mount.js";
import { figures, take, viewOf } from "./take.js";
import { fill, make } from "./text.js";

/**
 * What tools.py sends.
 * @typedef {{
 *   copy: string,
 *   copied: string,
 *   own: boolean,
 *   stays: string,
 *   anyway: string,
 *   by_hand: string,
 *   take: string,
 *   what: string,
 *   taken: string,
 *   none: string,
 *   lost: string,
 *   embed: string,
 *   embedded: string,
 *   credit: string,
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
    this.takeButton = $(".tool-take");
    this.keysButton = $(".tool-keys");
    this.said = $(".tool-said");
    this.dialog = /** @type {HTMLDialogElement} */ ($("dialog"));
    this.note = $(".tool-note");
    this.input = /** @type {HTMLInputElement} */ ($("input"));
    this.figures = $(".tool-figures");
    this.table = $("table");
    this.anyway = $(".tool-anyway");
    this.close = $(".tool-close");
    this.copyButton.addEventListener("click", () => (this.data?.own ? this.warn() : this.copy()));
    this.anyway.addEventListener("click", () => this.copy());
    this.takeButton.addEventListener("click", () => this.listFigures());
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
    /** @type {HTMLElement} */ (this.takeButton.querySelector("span")).textContent = data.take;
    this.takeButton.ariaLabel = this.takeButton.title = data.take;
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
    for (const each of [this.input, this.figures, this.table, this.anyway]) each.hidden = each !== part;
    if (!this.dialog.open) this.dialog.showModal();
  }

  warn() {
    this.open(this.data?.stays ?? "", this.anyway);
  }

  copy(text = location.href, said = this.data?.copied) {
    return this.put(text, said ?? "");
  }

  /**
   * @param {string} text for the clipboard
   * @param {string} said then
   */
  async put(text, said) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      this.input.value = text;
      this.open(this.data?.by_hand ?? "", this.input);
      this.input.select();
      return;
    }
    this.dialog.close();
    this.say(said);
  }

  // The figures in sight, each to be taken as a file or, where the server lets others show it, as code for an iframe.
  listFigures() {
    const { data } = this;
    if (!data) return;
    const found = figures();
    this.figures.replaceChildren(
      ...found.map((figure) => {
        const row = make("li"), own = (/** @type {string} */ text) => make("button", "", row, { type: "button", textContent: text, ariaLabel: `${text}: ${figure.title}` });
        make("span", "", row, { textContent: figure.title });
        own(data.take).addEventListener("click", async () => {
          const name = await take(figure, data.credit).catch(() => "");
          this.dialog.close();
          this.say(name ? fill(data.taken, { file: name }) : data.lost);
        });
        const frame = `<iframe src="${viewOf(figure).replaceAll("&", "&amp;")}" title="${figure.title.replaceAll('"', "&quot;")}" width="100%" height="${Math.ceil(figure.host.getBoundingClientRect().height) + 60}" style="border: 0"></iframe>`;
        if (data.embed) own(data.embed).addEventListener("click", () => this.put(frame, data.embedded));
        return row;
      }),
    );
    this.open(found.length ? data.what : data.none, this.figures);
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
