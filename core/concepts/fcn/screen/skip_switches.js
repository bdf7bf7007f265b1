// Three networks and their additions as switches. Every mask came with the photo: nothing here asks the server.

import { bytes } from "./bytes.js";
import { note } from "./in_address.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";
import { arrow } from "./photo.js";
import { fill, make } from "./text.js";

/**
 * What skip_switches.py sends.
 * @typedef {{
 *   id: string,
 *   photo: string,
 *   size: number[],
 *   colours: string,
 *   names: string[],
 *   nets: { name: string, title: string, additions: number,
 *     masks: Record<string, { mask: string, cells: string, changed: string, boundary: string, miou: string }> }[],
 *   strides: number[],
 *   coarse: string,
 *   begin: { fcn: string, on: string, resets: number },
 *   text: Record<"label" | "alt" | "coarse" | "twice" | "add" | "enlarge" | "on" | "off" | "opacity" | "cells" |
 *     "changed" | "boundary" | "miou" | "unknown", string>,
 * }} Data
 */

const TALLEST = 20; // height of the photo in rem
const ALPHA = 2.55;

class SkipSwitches {
  /** @type {string} */ name;
  /** @type {boolean[]} */ on;
  /** @type {Data["nets"][0]["masks"][string]} */ now;
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".skips");
    this.$ = (selector) => this.root.querySelector(selector);
    this.$(".opacity input").addEventListener("input", () => this.paint());
    const choice = this.$(".choice");
    choice.addEventListener("click", (event) => event.target.dataset.net && this.choose(event.target.dataset.net));
    choice.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      event.preventDefault();
      const names = this.data.nets.map((net) => net.name), by = step[0] + step[1];
      this.choose(names[(names.indexOf(this.name) + by + names.length) % names.length]);
      choice.querySelector('[tabindex="0"]').focus();
    });
    this.$(".way").addEventListener("click", (event) => {
      const at = event.target.dataset.at;
      if (at === undefined) return;
      this.on[at] = !this.on[at];
      this.draw();
      this.root.querySelector(`[data-at="${at}"]`).focus();
      this.noted();
    });
  }

  /**
   * @param {Data} data
   */
  show(data) {
    const { begin, text, size } = data, anew = this.resets !== begin.resets;
    if (this.data?.id === data.id && !anew) return;
    this.data = data;
    this.resets = begin.resets;
    if (anew) {
      this.name = begin.fcn;
      this.on = this.all().map((_, i) => (begin.on[i] ?? "1") === "1");
    }
    const image = this.$("img");
    Object.assign(image, { src: data.photo, alt: text.alt });
    image.style.aspectRatio = `${size[0]} / ${size[1]}`;
    this.root.style.setProperty("--photo", `${Math.min((TALLEST * size[0]) / size[1], 32)}rem`);
    this.$(".choice").setAttribute("aria-label", text.label);
    this.$(".opacity span").textContent = text.opacity;
    this.draw();
  }

  get net() {
    return /** @type {Data["nets"][0]} */ (this.data.nets.find((net) => net.name === this.name));
  }

  // All additions of the network, on.
  all() {
    return Array.from({ length: this.net.additions }, () => true);
  }

  choose(name) {
    this.name = name;
    this.on = this.all();
    this.draw();
    this.noted();
  }

  noted() {
    note("fcn", this.name, this.data.nets[0].name);
    note("on", this.on.every(Boolean) ? "" : this.on.map(Number).join(""), "");
  }

  draw() {
    const { data, net, on } = this, { text, strides } = data;
    const box = this.$(".choice");
    box.replaceChildren(
      ...data.nets.map(({ name, title }) => {
        const button = make("button", "", null, { type: "button", textContent: title }), here = name === this.name;
        button.dataset.net = name;
        button.setAttribute("role", "radio");
        button.setAttribute("aria-checked", String(here));
        button.tabIndex = here ? 0 : -1;
        return button;
      }),
    );
    const way = this.$(".way");
    way.replaceChildren();
    const piece = (words) => make("span", "", make("li", "", way), { textContent: words });
    piece(fill(text.coarse, { cells: data.coarse }));
    on.forEach((speaks, i) => {
      piece(text.twice);
      const words = fill(text.add, { stride: strides[i] });
      const button = make("button", "", make("li", "", way), { type: "button", textContent: words });
      button.dataset.at = String(i);
      button.setAttribute("aria-pressed", String(speaks));
      button.title = speaks ? text.on : text.off;
    });
    piece(fill(text.enlarge, { factor: 32 / 2 ** on.length }));
    this.now = net.masks[on.map(Number).join("")];
    const list = this.$("dl");
    list.replaceChildren();
    const facts = [["cells", this.now.cells], ["boundary", this.now.boundary], ["miou", this.now.miou]];
    if (on.length) facts.push(["changed", this.now.changed]);
    for (const [name, value] of facts) {
      make("dt", "", list, { textContent: text[name] });
      make("dd", "", list, { textContent: value || text.unknown }).dataset.fact = name;
    }
    this.paint();
  }

  async paint() {
    const { data, now } = this, colours = bytes(data.colours);
    const ids = await drawMask(this.$("canvas"), now.mask, colours, Math.round(this.$(".opacity input").value * ALPHA), true);
    if (!ids) return;
    const list = this.$(".legend");
    list.replaceChildren();
    for (const id of ids) {
      const item = make("li", "", list);
      make("i", "", item).style.background = `rgb(${colours.slice(3 * id, 3 * id + 3)})`;
      item.append(data.names[id]);
    }
  }
}

export default mounted(SkipSwitches);
