// Samples as real buttons: Tab reaches the chosen one, arrow keys move, Enter or Space chooses.

/**
 * What picker.py sends.
 * @typedef {{
 *   label: string,
 *   chosen: string,
 *   samples: { key: string, title: string, image: string }[],
 * }} Data
 */

/** @param {import("./mount.js").Component & { data: Data }} component */
export default function ({ parentElement, data, setTriggerValue }) {
  const list = /** @type {HTMLElement} */ (parentElement.querySelector(".samples"));
  list.setAttribute("aria-label", data.label);
  const old = [...list.querySelectorAll("button")];
  const buttons = data.samples.map((sample, i) => {
    const button = old[i] ?? document.createElement("button");
    if (!old[i]) {
      button.type = "button";
      button.append(document.createElement("img"), document.createElement("span"));
      list.append(button);
    }
    const [image, title] = /** @type {[HTMLImageElement, HTMLElement]} */ (/** @type {unknown} */ ([...button.children]));
    image.alt = "";
    if (image.getAttribute("src") !== sample.image) image.src = sample.image;
    title.textContent = sample.title;
    button.dataset.key = sample.key;
    const chosen = sample.key === data.chosen;
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(chosen));
    button.tabIndex = chosen || (!data.chosen && i === 0) ? 0 : -1;
    return button;
  });
  for (const surplus of old.slice(buttons.length)) surplus.remove();
  // The popover stands at the end of the document: without this, Tab would have to cross the whole page to get here.
  if (!old.length) buttons.find((button) => button.tabIndex === 0)?.focus({ preventScroll: true });

  list.onclick = (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) setTriggerValue("chosen", button.dataset.key);
  };
  list.onkeydown = (event) => {
    const here = buttons.indexOf(/** @type {Element} */ (event.target).closest("button"));
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    let next = -1;
    if (event.key in steps) next = (here + steps[event.key] + buttons.length) % buttons.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = buttons.length - 1;
    if (here < 0 || next < 0) return;
    event.preventDefault();
    buttons[here].tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  };
}
