// What runs in a file of one figure (take.js, core/ui/takeaway.py): it fills the page with what the file was given, sets
// the player up as it stood, and says where something can be asked that only SegScope itself computes.

import { restore } from "./controls.js";
import { make } from "./text.js";

/**
 * @typedef {{
 *   page: string, question: string, title: string, notes: string[], credit: string, address: string, data: any,
 *   settings: (string | boolean)[] | null, words: any,
 * }} Given
 */

const $ = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

/**
 * A component as Streamlit would mount it, in a root of its own.
 * @param {HTMLElement} host
 * @param {import("./mount.js").Render} mount
 * @param {any} data
 * @param {(event: string) => void} told
 */
function place(host, mount, data, told) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" }), parentElement = make("div");
  root.replaceChildren(parentElement);
  mount({ parentElement, data: new TextEncoder().encode(JSON.stringify(data)), setTriggerValue: told });
  return parentElement;
}

/** Light and dark: the system's, until the reader chooses. */
function themes() {
  const root = document.documentElement, button = $(".theme");
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
}

/**
 * Tell the page around it, where there is one, how high this one stands.
 * @param {Element} page
 */
function measured(page) {
  if (window.parent === window) return;
  new ResizeObserver(() => window.parent.postMessage({ segscope: "height", height: Math.ceil(page.getBoundingClientRect().height) }, "*")).observe(page);
}

/**
 * @param {import("./mount.js").Render} figure
 * @param {import("./mount.js").Render} pointing
 */
export async function begin(figure, pointing) {
  /** @type {Given} */
  const given = JSON.parse($("#given").textContent ?? ""), link = /** @type {HTMLAnchorElement} */ ($(".live"));
  document.title = `${given.title} · SegScope`;
  for (const name of ["page", "title", "question", "credit"]) {
    const place = $(`[data-given="${name}"]`);
    place.textContent = given[/** @type {"page"} */ (name)];
    place.hidden = !place.textContent;
  }
  for (const note of given.notes) make("p", "", $(".notes"), { textContent: note });
  $(".few").hidden = !given.data.stages?.some((/** @type {any} */ stage) => stage.images);
  link.hidden = !given.address;
  link.href = given.address;
  themes();
  measured($("main"));
  $(".words").hidden = !given.words;
  if (given.words) place($(".words"), pointing, given.words, () => {});
  const host = $(".figure"), anew = async () => {
    const root = place(host, figure, given.data, (event) => {
      if (!figure.asks?.includes(event)) return;
      $(".asked").hidden = false;
      setTimeout(anew); // it stands again as it was computed
    });
    if (given.settings) await restore(root, given.settings);
  };
  await anew();
  document.documentElement.dataset.ready = "";
}
