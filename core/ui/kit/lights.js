// One part of a figure is lit at a time, wherever it was touched. A player marks its parts with `data-part="name"`, a page
// with a container whose key is `part-name`; mount.js gives every player this file.

const EVENT = "segscope-light";

/** How a lit part looks in every player; document.css says the same of containers. */
export const LIT = "[data-part][data-lit] { outline: 3px solid var(--st-primary-color); outline-offset: 3px; }";

/**
 * Light the part called so, on the whole page; `null` for none.
 * @param {string | null} part
 */
export const light = (part) => void document.dispatchEvent(new CustomEvent(EVENT, { detail: part }));

/**
 * Hear which part is lit.
 * @param {(part: string | null) => void} hear
 * @returns {() => void} ends it
 */
export function onLight(hear) {
  const listen = (/** @type {Event} */ event) => hear(/** @type {CustomEvent} */ (event).detail);
  document.addEventListener(EVENT, listen);
  return () => document.removeEventListener(EVENT, listen);
}

// Parts that are no player's: containers of the page.
onLight((part) => {
  for (const lit of document.querySelectorAll("[data-lit]")) lit.removeAttribute("data-lit");
  if (part) for (const place of document.querySelectorAll(`.st-key-part-${part}`)) place.setAttribute("data-lit", "");
});

/**
 * Parts inside `root` are lit with the page's, and light it when they are touched, until `root` has left the page.
 * @param {HTMLElement} root
 */
export function lights(root) {
  const mark = (/** @type {string | null} */ part) => {
    if (!root.isConnected) return end();
    for (const place of root.querySelectorAll("[data-part]")) place.toggleAttribute("data-lit", place.getAttribute("data-part") === part);
  };
  const over = (/** @type {Event} */ event) => {
    const place = /** @type {Element} */ (event.target).closest?.("[data-part]");
    const part = place?.getAttribute("data-part") ?? null;
    if (part !== here) light((here = part));
  };
  const out = () => here && light((here = null));
  /** @type {string | null} */
  let here = null;
  root.addEventListener("pointerover", over);
  root.addEventListener("focusin", over);
  root.addEventListener("pointerleave", out);
  root.addEventListener("focusout", out);
  const end = onLight(mark);
}
