// Loss and IoU over the steps, of one run or two, as lines with names beside them.

import { draw } from "./grid_board.js";

const LEFT = 40, RIGHT = 46, TOP = 18, LEGEND = 16;
const DASHES = ["", "6 4"];

/**
 * @param {SVGElement} svg
 * @param {{ step: number, loss: number | null, taught: number, iou: number[] }[][]} rows frames of each run
 * @param {number} step where the reader stands
 * @param {Record<string, string>} text
 */
export function curves(svg, rows, step, text) {
  // Letters stay as large as they are, however narrow the place is.
  const WIDTH = Math.min(560, Math.max(280, svg.clientWidth || 560)), levels = WIDTH < 420 ? 2 : 1;
  const BOTTOM = 18 + LEGEND * levels, HEIGHT = 196 + BOTTOM;
  const last = Math.max(100, ...rows.flatMap((row) => row.map((frame) => frame.step)));
  const losses = rows.flatMap((row) => row.map((frame) => frame.loss)).filter((value) => value !== null);
  const top = Math.max(...(losses.length ? losses : [1]), 1e-6), wide = WIDTH - LEFT - RIGHT, high = HEIGHT - TOP - BOTTOM;
  const x = (value) => LEFT + (wide * value) / last, y = (share) => TOP + high * (1 - share);
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.dataset.left = String((-LEFT * last) / wide);
  svg.dataset.span = String((WIDTH * last) / wide);
  svg.replaceChildren();
  const word = (content, more) => (draw("text", more, svg).textContent = content);
  for (const share of [0, 0.5, 1]) {
    draw("path", { d: `M${LEFT} ${y(share)}H${WIDTH - RIGHT}`, stroke: "var(--st-border-color)", style: "stroke-width: 1" }, svg);
    word(String(share), { x: WIDTH - RIGHT + 6, y: y(share) + 4 });
    word((top * share).toPrecision(2), { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" });
  }
  word(text.loss, { x: 2, y: 11, fill: "#d55e00" });
  word("IoU", { x: WIDTH - RIGHT + 6, y: 11 });
  for (const at of [0, last / 2, last]) word(String(Math.round(at)), { x: x(at), y: HEIGHT - BOTTOM + 15, "text-anchor": at ? (at === last ? "end" : "middle") : "start" });
  /** @type {[string, string, number, (frame: any) => number | null][]} name, colour, width, value */
  const lines = [
    [text.loss, "#d55e00", 2, (frame) => (frame.loss === null ? null : frame.loss / top)],
    [text.held, "#0072b2", 3, (frame) => mean(frame.iou)],
    [text.taught, "#56b4e9", 1.5, (frame) => frame.taught],
  ];
  rows.forEach((row, number) => {
    for (const [, stroke, thick, value] of lines) {
      const points = row.map((frame) => [frame.step, value(frame)]).filter(([, share]) => share !== null);
      const d = points.map(([at, share], i) => `${i ? "L" : "M"}${x(at).toFixed(1)} ${y(share).toFixed(1)}`).join("");
      if (d) draw("path", { d, stroke, style: `stroke-width: ${thick}`, "stroke-dasharray": DASHES[number] }, svg);
    }
  });
  draw("path", { d: `M${x(step)} ${TOP}V${HEIGHT - BOTTOM}`, stroke: "var(--st-text-color)", style: "stroke-width: 1" }, svg);
  let at = LEFT, below = HEIGHT - 3 - LEGEND * (levels - 1);
  for (const [name, stroke, thick] of lines) {
    const long = 36 + 8 * [...name].length * (/[가-힣]/.test(name) ? 1.35 : 0.8);
    if (at > LEFT && at + long > WIDTH) {
      at = LEFT;
      below += LEGEND;
    }
    draw("path", { d: `M${at} ${below - 4}h18`, stroke, style: `stroke-width: ${thick}` }, svg);
    word(name, { x: at + 22, y: below });
    at += long;
  }
}

const mean = (iou) => iou.slice(1).reduce((sum, value) => sum + value, 0) / (iou.length - 1);
