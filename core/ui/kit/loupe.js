// Enlarged pictures side by side, a magnified detail below each. All details show the same place.

import { mounted } from "./mount.js";
import { arrow, placeOf } from "./photo.js";

/**
 * What loupe.py sends.
 * @typedef {{
 *   width: number,
 *   height: number,
 *   at: number[] | null,
 *   versions: { title: string, note: string, image: string, words: [number, number, string][] }[],
 *   label: string,
 * }} Data
 */

const DETAIL = 36; // pixels of the picture that a detail shows

class Loupe {
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".loupe");
    this.at = [0.5, 0.45];
    this.moved = false; // by the reader
    const follow = (event) => {
      const picture = event.target.closest(".picture");
      if (!picture) return;
      this.moved = true;
      this.look(...placeOf(event, picture));
    };
    this.root.addEventListener("pointermove", follow);
    this.root.addEventListener("pointerdown", follow);
    this.root.addEventListener("keydown", (event) => {
      const steps = arrow(event);
      if (!steps) return;
      event.preventDefault();
      this.moved = true;
      this.look(this.at[0] + (steps[0] * 4) / this.data.width, this.at[1] + (steps[1] * 4) / this.data.height);
    });
  }

  /**
   * @param {Data} data
   */
  show(data) {
    this.root.setAttribute("aria-label", data.label);
    const first = this.data?.versions.map((version) => version.image + version.note).join();
    this.data = data;
    if (first === data.versions.map((version) => version.image + version.note).join()) return;
    this.root.replaceChildren(
      ...data.versions.map(({ title, note, image, words }) => {
        const figure = document.createElement("figure");
        const picture = Object.assign(document.createElement("div"), { className: "picture" });
        const img = Object.assign(document.createElement("img"), { src: image, alt: title });
        img.style.aspectRatio = `${data.width} / ${data.height}`;
        picture.append(img, document.createElement("i"));
        for (const [x, y, word] of words) {
          const label = Object.assign(document.createElement("b"), { textContent: word });
          Object.assign(label.style, { left: `${(100 * x) / data.width}%`, top: `${(100 * y) / data.height}%` });
          picture.append(label);
        }
        const glass = Object.assign(document.createElement("div"), { className: "glass" });
        glass.style.backgroundImage = `url(${image})`;
        glass.style.backgroundSize = `${(100 * data.width) / DETAIL}% ${(100 * data.height) / DETAIL}%`;
        const caption = document.createElement("figcaption");
        caption.append(Object.assign(document.createElement("b"), { textContent: title }));
        caption.append(Object.assign(document.createElement("span"), { textContent: note }));
        figure.append(picture, glass, caption);
        return figure;
      }),
    );
    this.look(...(!this.moved && data.at ? data.at : this.at));
  }

  // Centre every detail on (x, y), given as shares of width and height.
  look(x, y) {
    const share = [DETAIL / this.data.width, DETAIL / this.data.height];
    this.at = [x, y].map((v, i) => Math.min(1 - share[i] / 2, Math.max(share[i] / 2, v)));
    const corner = this.at.map((v, i) => v - share[i] / 2);
    const place = corner.map((v, i) => `${(100 * v) / (1 - share[i])}%`).join(" ");
    for (const glass of this.root.querySelectorAll(".glass")) glass.style.backgroundPosition = place;
    for (const frame of this.root.querySelectorAll(".picture i"))
      Object.assign(frame.style, {
        left: `${100 * corner[0]}%`,
        top: `${100 * corner[1]}%`,
        width: `${100 * share[0]}%`,
        height: `${100 * share[1]}%`,
      });
  }
}

export default mounted(Loupe);
