// Sentences that point at the live figure: touching a phrase lights the part that it speaks of, and the other way round.
import { light, onLight } from "./lights.js";
import { mounted } from "./mount.js";
import { make } from "./text.js";

/**
 * What pointing.py sends.
 * @typedef {{
 *   pieces: [string, string][],
 * }} Data
 */

class Pointing {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = make("p", "", parent);
    this.gone = onLight((part) => {
      for (const phrase of this.root.querySelectorAll("button")) phrase.classList.toggle("lit", phrase.dataset.points === part);
    });
  }

  /** @param {Data} data */
  show({ pieces }) {
    const text = JSON.stringify(pieces);
    if (text === this.drawn) return;
    this.drawn = text;
    this.root.replaceChildren();
    for (const [words, part] of pieces) {
      if (!part) {
        this.root.append(words);
        continue;
      }
      const phrase = make("button", "", this.root, { type: "button", textContent: words });
      phrase.dataset.points = part;
      const on = () => light(part), off = () => light(null);
      for (const event of ["pointerenter", "focus", "click"]) phrase.addEventListener(event, on);
      for (const event of ["pointerleave", "blur"]) phrase.addEventListener(event, off);
    }
  }
}

export default mounted(Pointing);
