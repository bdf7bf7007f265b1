// Looks at a file before Streamlit's uploader does, and reads what it would only show to a mouse.
import { fill } from "./text.js";

/**
 * What file_gate.py sends.
 * @typedef {{
 *   watched: string,
 *   accepted: string,
 *   limit: number,
 *   large: string,
 *   empty: string,
 *   several: string,
 *   lost: string,
 * }} Data
 */

/** @type {Map<string, { data: Data, say: (text: string) => void }>} key of an uploader, without the number at its end */
const gates = new Map();

function gateOf(node) {
  for (const [name, gate] of gates) if (node?.closest?.(`[class*="st-key-${name}-"]`)) return gate;
}

function why(files, data) {
  if (files.length > 1) return fill(data.several, { count: files.length });
  if (!files[0].size) return data.empty;
  // Rounded up: a file that is a byte too large must not read like one that fits.
  const size = (Math.ceil((files[0].size / 2 ** 20) * 10) / 10).toFixed(1);
  return files[0].size > data.limit ? fill(data.large, { size }) : "";
}

function look(event) {
  const gate = gateOf(event.target);
  const files = event.type === "drop" ? event.dataTransfer?.files : event.target.files;
  if (!gate || !files?.length) return;
  const reason = why(files, gate.data);
  gate.say(reason);
  if (!reason) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // Streamlit listens further down
  if (event.type === "change") event.target.value = ""; // so that the same file can be chosen again
  else event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true }));
}
window.addEventListener("change", look, true);
window.addEventListener("drop", look, true);

// What the server refuses stands in a line that only screen readers find, behind Streamlit's own English word.
function read(chip, { data, say }) {
  const text = chip.querySelector("[role=alert]")?.textContent.replace(/^Error:/, "").trim() ?? "";
  say(text && !/status code|Network Error|Unexpected error|timeout/i.test(text) ? text : data.lost);
}

function tidy() {
  for (const [name, gate] of gates) {
    const uploader = document.querySelector(`[class*="st-key-${name}-"]`);
    if (!uploader) continue;
    /** @type {HTMLInputElement | null} */
    const input = uploader.querySelector("input[type=file]");
    if (input && input.accept !== gate.data.accepted) input.accept = gate.data.accepted;
    for (const icon of uploader.querySelectorAll("[data-testid=stFileChipIconError]")) {
      const chip = icon.closest("[data-testid=stFileChip]");
      if (!chip) continue;
      read(chip, gate);
      /** @type {HTMLElement | null} */
      const gone = chip.querySelector("[data-testid=stFileChipDeleteBtn] button, button[data-testid=stFileChipDeleteBtn]");
      gone?.click();
    }
  }
}
new MutationObserver(tidy).observe(document.body, { subtree: true, childList: true });

/** @param {import("./mount.js").Component & { data: Data }} component */
export default function ({ parentElement, data }) {
  const line = /** @type {HTMLElement} */ (parentElement.querySelector("p"));
  gates.set(data.watched, { data, say: (text) => (line.textContent = text) });
  tidy();
}
