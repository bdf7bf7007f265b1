// The dense map of every network and the curves: context rises with the window, what the stride permits falls.

import { bytes } from "./bytes.js";
import { draw } from "./grid_board.js";
import { drawMask } from "./mask_canvas.js";
import { mounted } from "./mount.js";

/**
 * What trade_off.py sends.
 * @typedef {{
 *   photo: string,
 *   colours: string,
 *   maps: { title: string, ids: string, note: string }[],
 *   ticks: string[],
 *   lines: { title: string, values: number[] }[],
 *   text: Record<"plot" | "across", string>,
 * }} Data
 */

const LINES = [["#0072B2", "solid", ""], ["#D55E00", "solid", ""], ["#D55E00", "dashed", "6 4"]];

class TradeOff {
  /** @type {Data} */ data;

  constructor(parent) {
    this.root = parent.querySelector(".trade");
  }

  /**
   * @param {Data} data
   */
  async show(data) {
    const { root } = this;
    const percent = (share) => `${(100 * share).toFixed(1)}%`;
    const jobs = [];
    root.querySelector(".maps").replaceChildren(
      ...data.maps.map(({ title, ids, note }) => {
        const figure = document.createElement("figure"), shot = Object.assign(document.createElement("div"), { className: "shot" });
        const canvas = document.createElement("canvas"), caption = document.createElement("figcaption");
        shot.append(Object.assign(document.createElement("img"), { src: data.photo, alt: title }), canvas);
        jobs.push(drawMask(canvas, ids, bytes(data.colours)));
        caption.append(Object.assign(document.createElement("b"), { textContent: title }), note);
        figure.append(shot, caption);
        return figure;
      }),
    );
    root.classList.toggle("bare", !data.lines.length);
    const svg = root.querySelector("svg"), [width, height, left] = [560, 220, 46];
    svg.setAttribute("viewBox", `0 0 ${width} ${height + 48}`);
    svg.setAttribute("aria-label", data.text.plot);
    svg.replaceChildren();
    const x = (i) => left + 30 + (i * (width - left - 70)) / (data.ticks.length - 1), y = (share) => 10 + (1 - share) * (height - 10);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      draw("line", { class: "axis", x1: left, x2: width, y1: y(share), y2: y(share) }, svg);
      draw("text", { x: left - 6, y: y(share) + 4, "text-anchor": "end" }, svg, `${100 * share}%`);
    }
    data.ticks.forEach((tick, i) => draw("text", { x: x(i), y: height + 20, "text-anchor": "middle" }, svg, tick));
    draw("text", { x: (left + width) / 2, y: height + 40, "text-anchor": "middle" }, svg, data.text.across);
    data.lines.forEach(({ values }, l) => {
      const [stroke, , dash] = LINES[l], last = values.length - 1; // the last point is U-Net: no line leads there
      draw("polyline", { stroke, "stroke-dasharray": dash, points: values.slice(0, last).map((v, i) => `${x(i)},${y(v)}`).join(" ") }, svg);
      values.forEach((v, i) => {
        const dot = draw("circle", { cx: x(i), cy: y(v), r: i === last ? 7 : 4.5, fill: l === 2 ? "none" : stroke, stroke, "stroke-width": 2 }, svg);
        draw("title", {}, dot, `${data.ticks[i]}: ${percent(v)}`);
      });
    });
    root.querySelector(".legend").replaceChildren(
      ...data.lines.map(({ title }, l) => {
        const item = Object.assign(document.createElement("span"), { textContent: title });
        item.style.setProperty("--colour", LINES[l][0]);
        item.style.setProperty("--dash", LINES[l][1]);
        return item;
      }),
    );
    await Promise.all(jobs);
  }
}

export default mounted(TradeOff);
