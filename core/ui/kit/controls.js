// How a player's controls are set, so that a copy of it can be set the same way: sliders, choices, switches, what is
// unfolded. What else a player knows comes with its data.

const CONTROLS = "input, select, details, [aria-checked], [aria-pressed], [aria-selected]";
const TRIES = 40, PAUSE = 75; // a player that decodes pictures first is there after a moment

/** @typedef {string | boolean} Setting */

/**
 * @param {Element} control
 * @returns {Setting}
 */
function setting(control) {
  if (control instanceof HTMLDetailsElement) return control.open;
  if (control instanceof HTMLInputElement) return control.type === "checkbox" || control.type === "radio" ? control.checked : control.value;
  if (control instanceof HTMLSelectElement) return control.value;
  return ["aria-checked", "aria-pressed", "aria-selected"].some((name) => control.getAttribute(name) === "true");
}

/**
 * @param {Element} control
 * @param {Setting} value
 */
function set(control, value) {
  if (control instanceof HTMLDetailsElement) control.open = Boolean(value);
  else if (typeof value === "string" && (control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) {
    control.value = value;
    for (const name of ["input", "change"]) control.dispatchEvent(new Event(name, { bubbles: true }));
  } else if (value || !/^(radio|option|tab)$/.test(control.getAttribute("role") ?? "")) /** @type {HTMLElement} */ (control).click(); // of several one is on
}

/**
 * The settings of all controls below `root`, in their order.
 * @param {Element} root
 */
export const settings = (root) => [...root.querySelectorAll(CONTROLS)].map(setting);

/**
 * Set the controls below `root` so, once there are as many; choices first, because they may bring other sliders.
 * @param {Element} root
 * @param {Setting[]} wanted
 */
export async function restore(root, wanted) {
  for (let tries = 0; tries < TRIES; tries++) {
    const controls = [...root.querySelectorAll(CONTROLS)];
    if (controls.length === wanted.length) {
      const differ = controls.map((_, i) => i).filter((i) => setting(controls[i]) !== wanted[i]);
      if (!differ.length) return;
      const choices = differ.filter((i) => typeof wanted[i] === "boolean");
      for (const i of choices.length ? choices : differ) set(controls[i], wanted[i]);
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}
